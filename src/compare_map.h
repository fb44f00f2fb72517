/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_map.h - differences between the maps that two loaders create, and their initial values.
 *
 * Does: compare maps and variables of the same names.
 * Does not: compare programs.
 */
#ifndef COMPARE_MAP_H
#define COMPARE_MAP_H

#include "compare_rows.h"
#include "listing.h"

/* Add differences between maps of the same name, and between the variables in them. */
void compare_maps(struct comparer *c, const struct listing *old, const struct listing *new);

#endif /* COMPARE_MAP_H */
