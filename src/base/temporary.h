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

#include <stddef.h>

#include "base/err.h"

struct temporary {
	struct temporary *next;
	int folder;  /* open, with O_PATH; its own */
	char name[]; /* in FOLDER */
};

/*
 * A new file, or folder, in the folder that FOLDER is open on; its name is PREFIX and six more
 * characters, and none but its owner may use it. FOLDER is taken on success. Both return a
 * descriptor. -EACCES, -ENOSPC and the like: negative errno, the message does not name it, and *ret
 * is untouched.
 */
int temporary_file(int folder, const char *prefix, struct temporary **ret, struct err *err);
int temporary_folder(int folder, const char *prefix, struct temporary **ret, struct err *err);

/* A new file NAME in the temporary folder that FOLDER is open on: its descriptor, or -errno. */
int temporary_within(int folder, const char *name);

/*
 * Rename it to NAME in its folder and free TEMPORARY; or a negative errno, and it is as before.
 */
int temporary_place(struct temporary *temporary, const char *name);

/* A file, and the name it is to get. */
struct temporary_move {
	struct temporary *temporary;
	const char *name;
};

/*
 * The same for NR files, all or none: where one cannot be renamed, *ret_bad is its number, and what
 * was in the places before is in them again. No signal of temporary_guard() comes in between. A
 * process that is killed meanwhile may leave some new files in their places and some old ones; each
 * is whole, and old ones whose places were taken may be left under names that begin with PREFIX.
 */
int temporary_place_all(const struct temporary_move moves[], size_t nr, const char *prefix,
			size_t *ret_bad);

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
