/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * btf.h - the little of BTF that the listing needs: names of functions and of maps, and whether
 * kernels take it.
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

/*
 * Whether every kernel refuses BTF (Linux 6.18 to 7.3, kernel/bpf/btf.c: btf_*_check_meta(),
 * btf_name_valid_identifier(), btf_parse_hdr()): a name in it is not one of C, an integer has an
 * encoding that kernels do not know, or its version is not 1. *ret: that name, the integer's, or
 * "BTF version"; a NUL follows it. It does not check what else kernels check.
 */
bool btf_is_refused(struct view btf, bool big, struct view *ret);

#endif /* LOADER_BTF_H */
