/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.h - a new folder of files that appears whole or not at all.
 *
 * The files are written to a temporary folder beside it, which is renamed at the end.
 *
 * Does: files and their names, one level deep. Does not: know what is in them (twostep.h), or
 * change a folder that holds files.
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <limits.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct temporary;

struct folder {
	char shown[PATH_MAX];	     /* its name, for messages */
	char *target;		     /* its place, as of struct target */
	struct temporary *temporary; /* NULL: there is none */
	int fd;			     /* of it; -1: there is none */
};

#define FOLDER_NONE ((struct folder){.fd = -1})

/*
 * Begin PATH: a folder that is not there yet, but for its parent, or an empty one, which keeps its
 * permissions. -EEXIST: it holds files; -EACCES: it is somebody else's, or others than its owner
 * can write to it; -ENOTDIR; else as target_find(). The message does not name PATH.
 */
int folder_begin(struct folder *folder, const char *path, struct err *err);

/* Add the file NAME with DATA. Threads: from any. -EEXIST: it was added before. */
int folder_add(struct folder *folder, const char *name, struct view data, struct err *err);

/* All files are in the folder, on the disk. -EEXIST, -ENOTEMPTY: somebody else has filled it. */
int folder_publish(struct folder *folder, struct err *err);

/* Forget FOLDER, and the files in it if it was not published. */
void folder_end(struct folder *folder);

/* Whether the file PATH is there, into *ret. -EACCES and the like: it cannot be told. */
int folder_has(const char *path, bool *ret, struct err *err);

#endif /* FOLDER_H */
