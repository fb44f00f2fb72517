/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * folder.h - write a new folder of files that appears whole or not at all.
 *
 * The files are written to a temporary folder next to it, which is renamed at the end.
 *
 * Does: write files, one level deep. Does not: interpret them (twostep.h does), or change a folder
 * that has files in it.
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
	char *target;		     /* its place, as in struct target */
	struct temporary *temporary; /* NULL: not begun, or published */
	int fd;			     /* of the temporary folder; -1: none */
};

#define FOLDER_NONE ((struct folder){.fd = -1})

/*
 * Begin the folder PATH, which must not exist (its parent must) or be empty; an empty folder keeps
 * its permissions. -EEXIST: it has files in it; -EACCES: it belongs to another user, or other users
 * can write to it; -ENOTDIR; else as target_find(). The message does not name PATH.
 */
int folder_begin(struct folder *folder, const char *path, struct err *err);

/* Add the file NAME with DATA; may be called from several threads. -EEXIST: it was added before. */
int folder_add(struct folder *folder, const char *name, struct view data, struct err *err);

/*
 * Publish the folder when all files are added, and wait until it is on the disk. -EEXIST,
 * -ENOTEMPTY: meanwhile another process has put files there.
 */
int folder_publish(struct folder *folder, struct err *err);

/* Free FOLDER, and remove its files if it was not published. */
void folder_end(struct folder *folder);

/* Find out whether the file PATH exists. -EACCES and the like: unknown. */
int folder_has(const char *path, bool *ret, struct err *err);

#endif /* FOLDER_H */
