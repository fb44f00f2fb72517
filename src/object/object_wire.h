/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_wire.h - an image and its skeleton description as bytes, from one process to another.
 *
 * The two are the same program on the same host: numbers stand as they lie in memory, and nothing
 * is kept. What comes in was written by a process that has read hostile input, so it is judged as
 * if an attacker had written it, and what the reader knows itself is not in it.
 *
 * Does: encode, decode, judge. Does not: send anything, or compare the loader with the skeleton.
 */
#ifndef OBJECT_WIRE_H
#define OBJECT_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "image.h"
#include "skel.h"

/* Program file descriptors that a libbpf loader has room for (tools/lib/bpf/gen_loader.c, 0.5 on).
 */
#define OBJECT_PROGS_MAX 32

/* Append what object_build() makes: IMAGE's instructions and map, and SKEL. Failure sticks. */
void object_wire_encode(const struct image *image, const struct skel *skel, struct buf *ret);

/*
 * The same out of DATA, all of it, for an object called NAME. Then the image has instructions and
 * one map, "__loader.map"; and of SKEL each name is one in C, no two of the same kind are equal,
 * each number is within its limits, and members are declarations (members.h) with those variables.
 * -EBADMSG: not so; -E2BIG; -ENOMEM.
 */
int object_wire_decode(struct view data, const char *name, struct image *ret_image,
		       struct skel *ret_skel, struct err *err);

/* The last part of that, for SKEL; in object_judge.c. */
int object_judge(const struct skel *skel, struct err *err);

#endif /* OBJECT_WIRE_H */
