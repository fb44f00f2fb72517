/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare.h - what differs between two inputs: for the review of a release.
 *
 * Things are compared by their names, so that a map that was added does not make all programs
 * differ, which refer to maps by their numbers. What no row explains, because it is in bytes that
 * are not listed, is still a row: if there are none, the signed bytes are the same.
 *
 * Does: compare loaders, findings, signatures, and the text of headers.
 * Does not: read inputs, verify signatures, or print.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "compare_rows.h"
#include "image/image.h"
#include "listing.h"
#include "signers.h"

/* One of the two; all is borrowed. */
struct compare_side {
	const struct listing *listing;
	const struct image *image;
	const struct signers *signers;
	struct view header; /* the text of a header; {NULL, 0}: another kind of input */
	struct view name;   /* of its skeleton */
};

/* List the differences between OLD and NEW. -ENOMEM. */
int compare(const struct compare_side *old, const struct compare_side *new,
	    struct compare_rows *ret, struct err *err);

#endif /* COMPARE_H */
