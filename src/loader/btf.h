/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * btf.h - the little of BTF that the listing needs: names of functions.
 *
 * Does: walk over the types, with every length checked.
 * Does not: verify BTF; what it cannot read has no name.
 */
#ifndef LOADER_BTF_H
#define LOADER_BTF_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* The name of the function that is type ID in BTF; {NULL, 0} where there is none. */
struct view btf_func_name(struct view btf, uint32_t id, bool big);

#endif /* LOADER_BTF_H */
