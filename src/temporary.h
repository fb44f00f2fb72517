/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * temporary.h - files and folders that have a name beside their place until they are whole.
 *
 * Does: make them, rename them into their places, remove them; also when a signal ends the
 * process. Does not: write into them.
 *
 * Threads: from any.
 */
#ifndef TEMPORARY_H
#define TEMPORARY_H

#include "err.h"

struct temporary {
	struct temporary *next;
	char name[]; /* it */
};

/*
 * A new file, or folder, whose name is PREFIX and six more characters; none but its owner may use
 * it. temporary_file() returns its descriptor. -EACCES, -ENOSPC and the like: negative errno,
 * the message does not name it, and *ret is untouched.
 */
int temporary_file(const char *prefix, struct temporary **ret, struct err *err);
int temporary_folder(const char *prefix, struct temporary **ret, struct err *err);

/* A new file NAME in the temporary folder that FOLDER is open on: its descriptor, or -errno. */
int temporary_within(int folder, const char *name);

/* Rename it to TARGET and free TEMPORARY; or a negative errno, and it is as before. */
int temporary_place(struct temporary *temporary, const char *target);

/* Remove it, a folder with the files in it, and free TEMPORARY; NULL is none. */
void temporary_remove(struct temporary *temporary);

/*
 * From now on SIGHUP, SIGINT and SIGTERM remove all that is not in its place before they end this
 * process, unless they are ignored or handled. To be called before other threads are there, which
 * would take such a signal themselves; more than once is once. A process that is killed in
 * another way (SIGKILL) leaves them behind.
 */
void temporary_guard(void);

#endif /* TEMPORARY_H */
