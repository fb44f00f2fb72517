/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject.h - what is signed or judged: an image, its loader (read once), and the bytes that
 * signatures cover.
 *
 * Does: keep the three together in the pipeline.
 * Does not: own any of them, read, or compute.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "image/image.h"
#include "loader/loader.h"
#include "scheme.h"

struct subject {
	struct image *image;   /* borrowed */
	struct loader *loader; /* of the image's first form; borrowed */
	struct scheme_contents contents;
};

/* Initialize RET with IMAGE and LOADER, which was read from it. */
static inline void subject_begin(struct subject *ret, struct image *image, struct loader *loader)
{
	ret->image = image;
	ret->loader = loader;
	scheme_begin(&ret->contents, image);
}

#endif /* SUBJECT_H */
