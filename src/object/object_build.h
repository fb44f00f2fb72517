/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_build.h - run libelf and libbpf. For object_apart.c, which does so in a child, and
 * fuzzers.
 *
 * Does: build a loader in this process. Does not: protect it from crashes of libbpf.
 */
#ifndef OBJECT_BUILD_H
#define OBJECT_BUILD_H

#include "base/buf.h"
#include "base/err.h"
#include "skel.h"

struct bpf_object;

/* What libbpf made of an object. Zero-initialized, it is empty. */
struct object_built {
	struct bpf_object *object;
	struct view insns, data; /* of the loader, in the object's memory */
	uint64_t pinned;	 /* bit I: the I-th map asks to be pinned */
	struct skel skel;	 /* without the contents of sections */
};

#define _object_built_ _cleanup_(object_built_free)

void object_built_free(struct object_built *built);

/*
 * As object_build(), in this process and thread. Changes its environment, and libbpf's print
 * function. ELF is freed once libbpf has opened it, which copies what it needs. CHOICE: as
 * object_choose_encode() writes it.
 */
int object_build_here(struct buf *elf, const char *name, struct view choice,
		      struct object_built *ret, struct err *err);

#endif /* OBJECT_BUILD_H */
