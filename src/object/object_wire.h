/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_wire.h - a loader's instructions and its skeleton description as bytes, to pass them
 * between processes. The loader's data is passed beside them, since it may be large, and is the
 * only copy of what variables contain.
 *
 * Both processes run the same program, so numbers have the form they have in memory. The bytes come
 * from a process that has read hostile input, so they are checked as if an attacker had written
 * them; what the receiver knows itself, such as the object's name, is not among them.
 *
 * Does: encode, decode, check. Does not: send anything, compare the loader with the skeleton, or
 * fill in the contents of sections (header_fill_object()).
 */
#ifndef OBJECT_WIRE_H
#define OBJECT_WIRE_H

#include "base/buf.h"
#include "base/err.h"
#include "image/image.h"
#include "skel.h"

/* The most programs of a skeleton, which also has those that are not loaded. */
#define OBJECT_PROGS_MAX 1024

/* Maps that a loader has room for: the first part of its fd_array (gen_loader.c: MAX_USED_MAPS). */
#define OBJECT_MAPS_MAX 64

/* Append INSNS and SKEL, without the contents of its sections, to *RET, which keeps a failure. */
void object_wire_encode(struct view insns, const struct skel *skel, struct buf *ret);

/*
 * Decode all of WIRE, for an object called NAME whose loader has DATA (taken over on success). On
 * success the image has instructions and one map, "__loader.map"; names in SKEL are C identifiers
 * and unique within their kind, numbers are within their limits, and members are declarations
 * (members.h) of SKEL's variables. -EBADMSG: not so; -E2BIG; -ENOMEM.
 */
int object_wire_decode(struct view wire, struct buf *data, const char *name,
		       struct image *ret_image, struct skel *ret_skel, struct err *err);

/* The checks of SKEL among these; in object_check.c. */
int object_check(const struct skel *skel, struct err *err);

#endif /* OBJECT_WIRE_H */
