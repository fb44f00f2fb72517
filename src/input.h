/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * input.h - read an input of the command line into an image.
 *
 * Does: recognize a file by its content (BPF ELF object, light-skeleton header, signed image),
 * read a signed image in a program, assemble raw input, read the loader, once, and compare with it
 * what is around it. Does not: parse a format itself (object.h, lskel.h and image.h do), or judge
 * the input.
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "image/image.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "object/object.h"
#include "program/program.h"
#include "skel.h"

enum input_kind {
	INPUT_OBJECT, /* a BPF ELF object: its loader was generated, and skel describes its skeleton
		       */
	INPUT_LSKEL,  /* a light-skeleton header */
	INPUT_IMAGE,  /* a signed image */
	INPUT_RAW,    /* instructions and maps in separate files */
};

/* The digest of a file as it was read. */
struct input_digest {
	bool known;
	uint8_t sha256[HASH_SHA256_SIZE];
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct input {
	enum input_kind kind;
	struct buf content;   /* of the file; lskel points into a header's text */
	struct lskel lskel;   /* INPUT_LSKEL; contains the image */
	struct skel skel;     /* INPUT_OBJECT and INPUT_IMAGE */
	struct image image;   /* all but INPUT_LSKEL */
	struct loader loader; /* of the image's first form, read once */
	struct err
		names_why; /* INPUT_IMAGE: why its names are not the loader's; code 0: they are */
	bool big;	   /* INPUT_IMAGE: its byte order */
	bool has_unknown;  /* INPUT_IMAGE: it has records that this program does not know */
	bool is_writable, has_namesake; /* of an image in a program, as in struct program_image */
};

#define _input_ _cleanup_(input_free)

void input_free(struct input *input);

/* The image of INPUT; borrowed. */
struct image *input_image(struct input *input);

/*
 * The names of maps and programs in INPUT, and how it attaches them; borrowed. NULL: raw input.
 * Empty: a header whose text is not a rendering.
 */
const struct skel *input_skel(const struct input *input);

/* The name of the object that INPUT is of: "execs_bpf" for raw input and unknown ones "". */
const char *input_object_name(const struct input *input);

/* Whether INPUT is a container with signatures. */
bool input_is_signed(const struct input *input);

/*
 * The first difference between the loader and what is around it in INPUT, its text or names, which
 * no signature covers; borrowed. NULL: there is none, or it cannot be told.
 */
const struct err *input_differs(const struct input *input);

/* In a name of an object, this stands for the name that is made from the file name. */
#define INPUT_NAME_PLACE "{}"

/*
 * Read FILE. NAME (a C identifier, in which INPUT_NAME_PLACE may stand once) is an object's name in
 * its skeleton; NULL: that of the file name (object_name()). CHOICE (or NULL): which programs of an
 * object are loaded. DIGEST (or NULL) is filled as soon as the file is read, even if the file is
 * refused then. Errors as file_read(), object_build(), lskel_parse(), loader_read(); -EBADMSG:
 * another kind of file.
 */
int input_file(const char *file, const char *name, const struct object_choice *choice,
	       struct input_digest *digest, struct input *ret, struct err *err);

/*
 * What kind of input FILE, or the target of a symbolic link, may be, by its whole content (skim.h).
 * ERR_NO_INPUT: not an input; -ENOMEM; other errors: it cannot be read completely. An INPUT_LSKEL
 * may still turn out to be malformed.
 */
int input_probe(const char *file, enum input_kind *ret);

/* The same of the regular file FILE, of SIZE bytes, that is open as FD. */
int input_probe_open(const char *file, int fd, off_t size, enum input_kind *ret);

/*
 * Read IMAGE, which was found in the program FILE. DIGEST (or NULL) is that of the image. Errors as
 * program_read(), and as input_file() for a signed image.
 */
int input_program(const char *file, const struct program_image *image, struct input_digest *digest,
		  struct input *ret, struct err *err);

/* List what is to be known about where INPUT was found: in a program. Returns how many. */
#define INPUT_FINDING_NR 2
size_t input_find(const struct input *input, struct loader_finding ret[INPUT_FINDING_NR]);

/* Fill RET with the digest of FILE. Errors as file_read(). */
int input_digest_file(const char *file, struct input_digest *ret, struct err *err);

/*
 * Read raw input: instructions from the file INSNS, and a map with one element from each of the NR
 * files MAPS, in chain order. DIGEST (or NULL) is that of INSNS. Messages name the map's file.
 */
int input_raw(const char *insns, const char *const *maps, size_t nr, struct input_digest *digest,
	      struct input *ret, struct err *err);

#endif /* INPUT_H */
