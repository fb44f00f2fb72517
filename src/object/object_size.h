/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_size.h - sizes of maps that libbpf cannot be left to. It counts the host's processors for
 * a perf event array without max_entries; libbpf 1.1 leaves such a map at 0 if it is the inner map
 * of another, and no libbpf lets a caller set the size of that. libbpf 1.5 and later map an arena
 * into the process while they generate a loader, and the process for objects has no room for a
 * large one.
 *
 * Does: note and change the sizes in an object before that, and put them into the loader's data
 * after it.
 */
#ifndef OBJECT_SIZE_H
#define OBJECT_SIZE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "object/object_wire.h"

struct bpf_object;

/* Of map number I, or of its inner map; 0: it has the size that libbpf gives it. */
struct object_sizes {
	uint32_t own[OBJECT_MAPS_MAX], inner[OBJECT_MAPS_MAX];
};

/* Before libbpf generates a loader of OBJECT, which has at most OBJECT_MAPS_MAX maps. */
void object_size_take(struct bpf_object *object, struct object_sizes *ret);

/*
 * After that. DATA is the loader's, in libbpf's memory, and is changed in place. -EBADMSG: the
 * loader is not recognized; -ENOMEM.
 */
int object_size_put(const struct object_sizes *sizes, struct view insns, struct view data,
		    struct err *err);

#endif /* OBJECT_SIZE_H */
