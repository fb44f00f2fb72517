/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_refuse.h - what no loader can be made of, in words. For object.c.
 *
 * Does: say what an ELF file, a program or a map is that libbpf cannot put into a loader, and what
 * to do about it.
 * Does not: change anything, or know what libbpf only finds out while it generates.
 */
#ifndef OBJECT_REFUSE_H
#define OBJECT_REFUSE_H

#include <bpf/libbpf.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Whether the head of the ELF file ELF is that of a whole BPF object, of a byte order that this
 * libbpf reads. -EBADMSG: it is not for BPF, or is cut off; -ENOTSUP: another byte order.
 */
int object_refuse_file(struct view elf, struct err *err);

/* -ENOTSUP: libbpf does not know PROG's type or target, or cannot put a program of its type into a
 * loader. */
int object_refuse_prog(const struct bpf_program *prog, struct err *err);

/* The same for a map: struct_ops, an arena with contents, a map of maps without an inner map. */
int object_refuse_map(const struct bpf_map *map, struct err *err);

/* What to do about WARNING, in which libbpf says why it gave up; "" if only libbpf knows. Static.
 */
const char *object_remedy(const char *warning);

/* -ENOTSUP: there is nothing to load or create. */
int object_refuse_empty(struct err *err);

#endif /* OBJECT_REFUSE_H */
