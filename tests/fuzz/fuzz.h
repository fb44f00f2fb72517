/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz.h - what the fuzz targets share.
 *
 * A target is one file fuzz_NAME.c with LLVMFuzzerTestOneInput(). It is linked with clang's
 * libFuzzer where LIBFUZZER=1 asks for it, else with main.c, which runs it over files. Targets
 * run in the top folder of the tree, where the test certificates are.
 *
 * Does: checks that end the program, the test keyring, mutations that keep a structure.
 * Does not: know what a target reads.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "image/image.h"
#include "kverify/kverify.h"
#include "skel.h"

/* What libFuzzer calls, and what it gives. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);

/* What must hold whatever the input is; if it does not, that is a finding. */
#define FUZZ_MUST(condition)                                             \
	do {                                                             \
		if (!(condition))                                        \
			fuzz_failed(__FILE__, __LINE__, #condition, ""); \
	} while (0)
__attribute__((noreturn)) void fuzz_failed(const char *file, int line, const char *what,
					   const char *detail);

/* TEXT is UTF-8 without control characters, but for newlines where LINES allows them. */
bool fuzz_is_printable(struct view text, bool lines);

/* What every signature in the seeds is over. */
#define FUZZ_CONTENT view_lit("signed content")

/* The certificates of keys/test that are trusted, with an end of size 0: all but those that a
 * chain in the message must lead to, and one that is never right. */
const struct buf *fuzz_trusted(void);

/* A keyring of LINE with them; CONFIG may be NULL. */
struct kv_keyring *fuzz_keyring(enum kv_line line, const struct kv_config *config);

/* A kernel that has every algorithm. */
extern const struct kv_config fuzz_all_algorithms;

/*
 * An image as a file: the size of the instructions in 4 bytes (little-endian), the instructions,
 * the contents of the only map. False: not one.
 */
bool fuzz_image(struct view file, struct image *ret);
void fuzz_image_file(const struct image *image, struct buf *ret);

/* What the process for objects answers, as fuzz_wire.c takes it: the data, after its size; the
 * wire. */
void fuzz_wire_file(const struct image *image, const struct skel *skel, struct buf *ret);

/* Mutate a few bytes and keep all others where they are: for formats that are full of offsets. */
size_t fuzz_mutate_in_place(uint8_t *data, size_t size, size_t max, unsigned int seed);

/* Mutate elements of DER and keep the lengths around them right. */
size_t fuzz_mutate_der(uint8_t *data, size_t size, size_t max, unsigned int seed);

#endif /* FUZZ_H */
