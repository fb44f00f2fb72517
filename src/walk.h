/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk.h - the files below a folder, in an order that depends on nothing but their names.
 *
 * Does: go through folders. Does not: follow symbolic links, read files, or choose among them.
 */
#ifndef WALK_H
#define WALK_H

#include "err.h"

/*
 * Call FOUND for each regular file below FOLDER, with its path, which starts with FOLDER. The
 * entries of each folder come in the order of their names' bytes. For a folder that cannot be read,
 * FOUND is called with its own path. A failure of FOUND ends the walk and is returned; so is
 * -ENOMEM. Needs memory for the names in the folders that lead to a file, no more.
 */
int walk(const char *folder, int (*found)(void *arg, const char *path, struct err *err), void *arg,
	 struct err *err);

#endif /* WALK_H */
