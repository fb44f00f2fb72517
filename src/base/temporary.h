/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * temporary.h - temporary files and folders, next to their places until they are complete.
 *
 * Does: create them, rename them to their places, remove them, even when a signal ends the process.
 * Does not: write to them.
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
 * Create a file or folder in the folder with descriptor FOLDER, which is taken over on success. Its
 * name is PREFIX and six more characters, and only its owner may use it. Both return a descriptor,
 * or a negative errno (-EACCES, -ENOSPC and the like); then the message does not name it, and *ret
 * is untouched.
 */
int temporary_file(int folder, const char *prefix, struct temporary **ret, struct err *err);
int temporary_folder(int folder, const char *prefix, struct temporary **ret, struct err *err);

/* A new file NAME in the temporary folder that FOLDER is open on: its descriptor, or -errno. */
int temporary_within(int folder, const char *name);

/*
 * Rename it to NAME in its folder, and free TEMPORARY. After a failure (a negative errno) nothing
 * is changed.
 */
int temporary_place(struct temporary *temporary, const char *name);

/* A temporary file, and its future name. */
struct temporary_move {
	struct temporary *temporary;
	const char *name;
};

/*
 * The same for NR files, all or none: if one cannot be renamed, *ret_bad is its index, and the old
 * files are in their places again. The signals of temporary_guard() are held back meanwhile. If the
 * process is killed meanwhile, some places may have new files and some old ones, each of them
 * whole; old files that were replaced may remain under names that begin with PREFIX.
 */
int temporary_place_all(const struct temporary_move moves[], size_t nr, const char *prefix,
			size_t *ret_bad);

/* Remove it (a folder with its files), and free TEMPORARY, which may be NULL. */
void temporary_remove(struct temporary *temporary);

/*
 * From now on SIGHUP, SIGINT and SIGTERM remove all temporary files before they end this process,
 * unless they are ignored or handled. Call it before other threads are started, because these could
 * receive the signal; calling it again does nothing. Another signal (SIGKILL) leaves the files.
 */
void temporary_guard(void);

#endif /* TEMPORARY_H */
