/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - where a signed image goes: into a skeleton, or beside it.
 *
 * Does: the names of what is written, the skeleton around an image, files whole or not at all.
 * Does not: sign, write to stdout, or report what was written.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/stage.h"
#include "input.h"
#include "lskel/lskel.h"
#include "sign.h"

/*
 * Where the skeleton of INPUT, read from FILE, goes by default: an object's x.bpf.o or x.o to
 * x.lskel.h beside it, a header to where it came from. Owned by the caller; NULL: no memory.
 */
char *output_name(const struct input *input, const char *file);

/*
 * The text of the skeleton around INPUT's image, with the image's signatures; an object's image
 * becomes the skeleton's. It is known to read as what was signed. Errors as lskel_new(),
 * lskel_write() and lskel_check().
 */
int output_skeleton(struct input *input, enum lskel_runtime runtime, struct buf *ret,
		    struct err *err);

/*
 * The text of the header INPUT without its signatures: the loader as it is, unsigned, in shape S2.
 * An unsigned header is given back byte for byte. -EINVAL: not a header; else as
 * lskel_write() and lskel_check().
 */
int output_unsigned(struct input *input, struct buf *ret, struct err *err);

/* OUTPUT.SCHEME.p7s. Owned by the caller; NULL: no memory. */
char *output_signature_name(const char *output, enum scheme scheme);

/*
 * Add OUTPUT.SCHEME.p7s to STAGE for each of the NR signatures MADE over IMAGE, whose file member
 * becomes that name. Errors as stage_add().
 */
int output_signatures(const struct image *image, const char *output, struct sign_made *made,
		      size_t nr, struct stage *stage, struct err *err);

#endif /* OUTPUT_H */
