/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.h - from what the command line names to an image.
 *
 * Does: recognise a file by its content (BPF ELF object, light-skeleton header), put raw parts
 * together; read the loader, once, and compare the text around it.
 * Does not: parse a format itself (object.h, lskel.h), or decide what is done with it.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "image.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "object/object.h"
#include "skel.h"

enum input_kind {
	INPUT_OBJECT, /* BPF ELF object: a loader is generated; skel describes its skeleton */
	INPUT_LSKEL,  /* light-skeleton header */
	INPUT_RAW,    /* instructions and maps in files of their own */
};

/* What a file held when it was read. */
struct input_digest {
	bool known;
	uint8_t sha256[HASH_SHA256_SIZE];
};

/* All of it is owned; zero-initialised is empty. */
struct input {
	enum input_kind kind;
	struct buf content;   /* of the file; a header's text, which lskel points into */
	struct lskel lskel;   /* INPUT_LSKEL, with the image inside */
	struct skel skel;     /* INPUT_OBJECT */
	struct image image;   /* INPUT_OBJECT and INPUT_RAW */
	struct loader loader; /* of the image's first form, read once */
};

#define _input_ _cleanup_(input_free)

void input_free(struct input *input);

/* The image, wherever it lies; borrowed. */
struct image *input_image(struct input *input);

/*
 * Read FILE. NAME (a C identifier) is an object's name in its skeleton; NULL: from the name of
 * the file. CHOICE (or NULL): which programs of an object are loaded. DIGEST (or NULL) is filled as
 * soon as the file is read, also if it is refused then. Errors as file_read(), object_build(),
 * lskel_parse(), loader_read(); -EBADMSG for anything else.
 */
int input_file(const char *file, const char *name, const struct object_choice *choice,
	       struct input_digest *digest, struct input *ret, struct err *err);

/*
 * What FILE, or the target of a symbolic link, could be, by all of its content (skim.h). -ENOENT:
 * nothing that input_file() takes; -ENOMEM; other errors: it cannot be read whole. An INPUT_LSKEL
 * need not be one that can be read.
 */
int input_probe(const char *file, enum input_kind *ret);

/*
 * Instructions from the file INSNS, and one map of one element from each of NR files MAPS, in
 * chain order. DIGEST (or NULL) is that of INSNS. Messages name the map's file.
 */
int input_raw(const char *insns, const char *const *maps, size_t nr, struct input_digest *digest,
	      struct input *ret, struct err *err);

#endif /* INPUT_H */
