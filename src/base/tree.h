/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tree.h - visit everything below a folder, in an order that depends only on names.
 *
 * Regular files are opened and looked at by several threads; all is told of in order, by one.
 *
 * Does: visit folders, open regular files. Does not: follow symbolic links, open a pipe or device,
 * read files, or select files.
 */
#ifndef TREE_H
#define TREE_H

#include <sys/stat.h>

#include "base/err.h"

/* A file or folder. */
struct tree_file {
	char *path;   /* it starts with the folder of tree_walk() */
	mode_t mode;  /* of its lstat() result; 0: this failed */
	dev_t device; /* what identifies it */
	ino_t inode;
	int seen; /* of a regular file: what LOOK returned, or the negative errno of opening it */
};

struct tree_visitor {
	/* Look at the regular file PATH, open for reading as FD. May be called in any thread. */
	int (*look)(void *arg, const char *path, int fd, const struct stat *st);
	/* Be told of FILE, in order. An error ends the walk. */
	int (*found)(void *arg, const struct tree_file *file, struct err *err);
	void *arg;
	unsigned int workers; /* how many threads may look at files at the same time */
};

/*
 * Visit FOLDER and everything below it. The entries of a folder are sorted by the bytes of their
 * names, and a folder comes before its entries; one that cannot be read is told of a second time
 * with MODE 0. What is removed meanwhile is left out. If FOUND fails, the walk ends and returns
 * that; -ENOMEM. In memory are only some thousand files, and the names in the folders above the
 * current one.
 */
int tree_walk(const char *folder, const struct tree_visitor *visitor, struct err *err);

#endif /* TREE_H */
