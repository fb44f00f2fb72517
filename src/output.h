/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - write a signed image: into a skeleton, or as detached signatures.
 *
 * Does: choose the names of output files, make the skeleton around an image, stage the files, and
 * protect files that this program does not make.
 * Does not: sign, write to stdout, or print what was written.
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

/* What a signed loader is written as. */
enum output_format {
	OUTPUT_AUTO,   /* by the name of the output, if one is given; else by the input */
	OUTPUT_HEADER, /* a light-skeleton header */
	OUTPUT_IMAGE,  /* a signed image */
};

/* The end of the names of signed images. */
#define OUTPUT_IMAGE_SUFFIX ".bpf.signed"

/*
 * What INPUT is written as to NAME (NULL: the default), where FORMAT was asked for: never
 * OUTPUT_AUTO.
 */
enum output_format output_format(const struct input *input, const char *name,
				 enum output_format format);

/*
 * The default output for INPUT, which was read from FILE and is written in FORMAT: FILE itself, if
 * it has that format; else x.lskel.h or x.bpf.signed in the same folder, for an object x.bpf.o or
 * x.o, or a header x.lskel.h. The caller frees it; NULL: no memory.
 */
char *output_name(const struct input *input, const char *file, enum output_format format);

/*
 * The text of the skeleton around INPUT's image, with the image's signatures. An object becomes an
 * INPUT_LSKEL, to which its image is moved. The text is checked to parse to what was signed. Errors
 * as lskel_new(), lskel_write() and lskel_check().
 */
int output_skeleton(struct input *input, enum lskel_runtime runtime, struct buf *ret,
		    struct err *err);

/*
 * A signed image of INPUT's loader with its signatures. -ENOTSUP: INPUT is raw, or a header of
 * which not all is known that belongs into an image; else as image_file_write().
 */
int output_image(struct input *input, struct buf *ret, struct err *err);

/*
 * The header or image INPUT without its signatures: the same loader, unsigned, a header in shape
 * S2. An unsigned input is not changed. -EINVAL: another input; else as lskel_write() and
 * lskel_check(), or output_image().
 */
int output_unsigned(struct input *input, struct buf *ret, struct err *err);

/* OUTPUT.SCHEME.p7s. Owned by the caller; NULL: no memory. */
char *output_signature_name(const char *output, enum scheme scheme);

/*
 * Whether an output may be written to FILE: it does not exist, is empty, or is what this program or
 * bpftool writes (a skeleton, a signed image, a signature, a record). 0; -EEXIST: it is something
 * else, and the message says what; other errors: it cannot be read. Messages name FILE. What is
 * not a regular file is left to file_new(), which refuses it.
 */
int output_may_replace(const char *file, struct err *err);

/*
 * Add OUTPUT.SCHEME.p7s to STAGE for each of the NR signatures SIGNATURES of IMAGE, and set their
 * file members to these names. Errors as output_may_replace() and stage_add().
 */
int output_signatures(const struct image *image, const char *output,
		      struct sign_signature *signatures, size_t nr, struct stage *stage,
		      struct err *err);

#endif /* OUTPUT_H */
