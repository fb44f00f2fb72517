/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_size.h - sizes of arenas. libbpf 1.5 and later map an arena into the process while they
 * generate a loader, and the process for objects has no room for a large one.
 *
 * Does: take the sizes out of an object before that, and put them into the loader's data after it.
 */
#ifndef OBJECT_SIZE_H
#define OBJECT_SIZE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "object/object_wire.h"

struct bpf_object;

struct object_sizes {
	uint32_t pages[OBJECT_MAPS_MAX]; /* of map number I; 0: it has the size that it says */
};

/* Before libbpf generates a loader of OBJECT, which has at most OBJECT_MAPS_MAX maps. */
void object_size_hide(struct bpf_object *object, struct object_sizes *ret);

/*
 * After that. DATA is the loader's, in libbpf's memory, and is changed in place. -EBADMSG: the
 * loader is not recognized; -ENOMEM.
 */
int object_size_put(const struct object_sizes *sizes, struct view insns, struct view data,
		    struct err *err);

#endif /* OBJECT_SIZE_H */
