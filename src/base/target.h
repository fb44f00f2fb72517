/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target.h - find the place of an output, safely.
 *
 * The path is followed component by component. Whatever the kernel's setting, the rule of
 * fs.protected_symlinks applies (Linux, Documentation/admin-guide/sysctl/fs.rst): in a sticky
 * folder to which everybody may write, a symbolic link is followed only if it belongs to this
 * process's user or to the owner of the folder. This applies to each link on the way, and also to a
 * file that would be replaced (fs.protected_regular).
 *
 * Does: find the folder of an output, and keep it open. Does not: create or change anything.
 *
 * Threads: any function may be called from any thread.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

struct target {
	int folder; /* open, with O_PATH; -1: none */
	char *path; /* an absolute path without links, "." and "..", the same for all names of this
		       place */
	const char *name; /* the last component of PATH, in FOLDER */
	bool exists;
	struct stat st; /* if EXISTS: of the existing file, which is not a symbolic link */
};

#define TARGET_NONE ((struct target){.folder = -1})

#define _target_ _cleanup_(target_free)

void target_free(struct target *target);

/*
 * Find the place of PATH; an existing file is not opened. -EACCES: a link or file of another user,
 * see above; -ENOENT: a folder on the way, or a link's target, does not exist; -ELOOP, -ENOTDIR,
 * -ENAMETOOLONG, -ENOMEM and other errors of the system. The message does not name PATH. *ret is
 * owned by the caller, and untouched on failure.
 */
int target_find(const char *path, struct target *ret, struct err *err);

#endif /* TARGET_H */
