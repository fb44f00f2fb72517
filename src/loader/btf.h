/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * btf.h - the little of BTF that the listing needs: names of functions and of maps.
 *
 * Does: walk over the types, with every length checked.
 * Does not: verify BTF; what it cannot read has no name.
 */
#ifndef LOADER_BTF_H
#define LOADER_BTF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* The name of the function that is type ID in BTF; {NULL, 0} where there is none. */
struct view btf_func_name(struct view btf, uint32_t id, bool big);

/* The name of the data section that is type ID: ".rodata.more"; {NULL, 0} where there is none. */
struct view btf_section_name(struct view btf, uint32_t id, bool big);

/*
 * The name of map number INDEX of those that a program declares, which libbpf creates first and in
 * this order (libbpf.c: bpf_object__init_user_btf_maps); {NULL, 0} where there is none.
 */
struct view btf_map_name(struct view btf, size_t index, bool big);

#endif /* LOADER_BTF_H */
