/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - write a signed image: into a skeleton, or as detached signatures.
 *
 * Does: choose the names of output files, make the skeleton around an image, stage the files.
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

/*
 * The default output for INPUT, which was read from FILE: x.lskel.h in the same folder for an
 * object x.bpf.o or x.o; FILE itself for a header. The caller frees it; NULL: no memory.
 */
char *output_name(const struct input *input, const char *file);

/*
 * The text of the skeleton around INPUT's image, with the image's signatures. An object's image is
 * moved into the skeleton. The text is checked to parse to what was signed. Errors as lskel_new(),
 * lskel_write() and lskel_check().
 */
int output_skeleton(struct input *input, enum lskel_runtime runtime, struct buf *ret,
		    struct err *err);

/*
 * The text of the header INPUT without its signatures: the same loader, unsigned, in shape S2. An
 * unsigned header is not changed. -EINVAL: not a header; else as lskel_write() and lskel_check().
 */
int output_unsigned(struct input *input, struct buf *ret, struct err *err);

/* OUTPUT.SCHEME.p7s. Owned by the caller; NULL: no memory. */
char *output_signature_name(const char *output, enum scheme scheme);

/*
 * Add OUTPUT.SCHEME.p7s to STAGE for each of the NR signatures SIGNATURES of IMAGE, and set their
 * file members to these names. Errors as stage_add().
 */
int output_signatures(const struct image *image, const char *output,
		      struct sign_signature *signatures, size_t nr, struct stage *stage,
		      struct err *err);

#endif /* OUTPUT_H */
