/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * whole_base.h - the loaders that whole_make.c changes, and headers of what came out.
 *
 * Does: make every form of the loader of an object; write the header that has given arrays.
 * Does not: sign, change anything, or know what a kernel answers.
 */
#ifndef WHOLE_BASE_H
#define WHOLE_BASE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/image.h"
#include "skel.h"
#include "whole.h"

/* What a loader's instructions may look like. */
enum whole_form {
	WHOLE_PLAIN,	/* sealed, without a check */
	WHOLE_CHECKED,	/* sealed, checks exclusivity and hash */
	WHOLE_HASH,	/* sealed, checks the hash */
	WHOLE_UNSEALED, /* as libbpf generated it */
	WHOLE_FORM_NR,
};

/* "plain", "exclusive", "hash-only", "unsealed". */
const char *whole_form_name(enum whole_form form);

/* An object, and its loader in each form. */
struct whole_base {
	struct skel skel;
	struct image forms[WHOLE_FORM_NR];
};

/* Read the object FILE; NAME: its name in the skeleton. Errors as input_file(), sealed_copy(). */
int whole_base_open(const char *file, const char *name, struct whole_base *ret, struct err *err);
void whole_base_close(struct whole_base *base);

/* The arrays of a header; one that is not there has data NULL. Borrowed. */
struct whole_parts {
	struct view list[WHOLE_PART_NR];
};

/*
 * Data and instructions of PARTS, in all forms that there are, as an image. -EINVAL: instructions
 * or data that no image has; -ENOMEM.
 */
int whole_image(const struct whole_parts *parts, struct image *ret, struct err *err);

/*
 * The header of BASE with PARTS instead of its own: what this tool would have written, but for
 * exclusive hashes that are not those of the instructions. Its copies of initial values are those
 * that the data has, where the loader can be read. Errors as whole_image(), lskel_write().
 */
int whole_header(const struct whole_base *base, const struct whole_parts *parts, struct buf *ret,
		 struct err *err);

#endif /* WHOLE_BASE_H */
