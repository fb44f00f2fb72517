/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * subject.h - what is signed or judged: an image, the one reading of its loader, its contents.
 *
 * Does: keep the three together on their way through the pipeline.
 * Does not: own any of them, read, or compute.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include "image.h"
#include "loader/loader.h"
#include "scheme.h"

struct subject {
	struct image *image;   /* borrowed */
	struct loader *loader; /* of the image's first form; borrowed */
	struct scheme_contents contents;
};

/* A subject of IMAGE, which LOADER was read of, in RET. */
static inline void subject_begin(struct subject *ret, struct image *image, struct loader *loader)
{
	ret->image = image;
	ret->loader = loader;
	scheme_begin(&ret->contents, image);
}

#endif /* SUBJECT_H */
