/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_wire.h - an image and its skeleton description as bytes, from one process to another.
 *
 * The two are the same program on the same host: numbers stand as they lie in memory, and nothing
 * is kept. What comes in was written by a process that has read hostile input, so it is judged like
 * any input.
 *
 * Does: encode, decode. Does not: send anything.
 */
#ifndef OBJECT_WIRE_H
#define OBJECT_WIRE_H

#include "buf.h"
#include "err.h"
#include "image.h"
#include "skel.h"

/* Append what object_build() makes: IMAGE's instructions and maps, and SKEL. Failure sticks. */
void object_wire_encode(const struct image *image, const struct skel *skel, struct buf *ret);

/* The same out of DATA, all of it. -EBADMSG: not what is encoded above; -E2BIG; -ENOMEM. */
int object_wire_decode(struct view data, struct image *ret_image, struct skel *ret_skel,
		       struct err *err);

#endif /* OBJECT_WIRE_H */
