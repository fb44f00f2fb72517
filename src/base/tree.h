/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.h - what is below a folder, in an order that depends on nothing but names.
 *
 * Does: go through folders. Does not: follow symbolic links, read files, or choose among them.
 */
#ifndef TREE_H
#define TREE_H

#include <sys/stat.h>

#include "base/err.h"

/*
 * Call FOUND for FOLDER and for everything below it, of whatever kind, with its path, which starts
 * with FOLDER, and with ST of it, not of what a link leads to. The entries of each folder come in
 * the order of their names' bytes, and a folder before what is in it. ST is NULL for what cannot be
 * looked at, and for a folder, a second time, that cannot be read. A failure of FOUND ends the walk
 * and is returned; so is -ENOMEM. Needs memory for the names in the folders that lead to a file, no
 * more.
 */
typedef int tree_found(void *arg, const char *path, const struct stat *st, struct err *err);

int tree_walk(const char *folder, tree_found *found, void *arg, struct err *err);

#endif /* TREE_H */
