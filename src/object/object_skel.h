/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_skel.h - the skeleton description of an object, after libbpf has generated its loader; for
 * object.c.
 *
 * Does: names, typed sections (C text of their members through libbpf's BTF dumper), attachment.
 * Does not: generate the loader.
 */
#ifndef OBJECT_SKEL_H
#define OBJECT_SKEL_H

#include "base/err.h"
#include "skel.h"

struct bpf_object;

/*
 * Describe OBJECT. Call it after bpf_object__load(), which fixes the initial values. Programs that
 * are loaded come first, because slot k of the loader belongs to the k-th loaded program. PINNED:
 * bit I is set if the I-th map asked to be pinned, which libbpf does not know any more.
 */
int object_skel(struct bpf_object *object, const char *name, uint64_t pinned, struct skel *ret,
		struct err *err);

#endif /* OBJECT_SKEL_H */
