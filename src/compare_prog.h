/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_prog.h - differences between the programs that two loaders install.
 *
 * Does: compare programs, and the names that they take from the kernel.
 * Does not: compare maps.
 */
#ifndef COMPARE_PROG_H
#define COMPARE_PROG_H

#include "compare_rows.h"
#include "listing.h"

/*
 * Add differences between programs of the same name. Instructions are the same if they are equal
 * but for the numbers of maps, and offsets of variables, that have the same names.
 */
void compare_progs(struct comparer *c, const struct listing *old, const struct listing *new);

/* Add the kernel functions and symbols that only one of them uses. */
void compare_externs(struct comparer *c, const struct listing *old, const struct listing *new);

#endif /* COMPARE_PROG_H */
