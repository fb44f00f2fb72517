/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.h - visit everything below a folder, in an order that depends only on names.
 *
 * Does: visit folders. Does not: follow symbolic links, read files, or select files.
 */
#ifndef TREE_H
#define TREE_H

#include <sys/stat.h>

#include "base/err.h"

/*
 * Call FOUND for FOLDER and everything below it, with the path, which starts with FOLDER, and its
 * lstat() result ST. The entries of a folder are sorted by the bytes of their names, and a folder
 * comes before its entries. ST is NULL for a file whose lstat() fails; a folder that cannot be read
 * is reported a second time with ST NULL. If FOUND fails, the walk ends and returns that; -ENOMEM.
 * Only the names in the folders above the current file are in memory.
 */
typedef int tree_found(void *arg, const char *path, const struct stat *st, struct err *err);

int tree_walk(const char *folder, tree_found *found, void *arg, struct err *err);

#endif /* TREE_H */
