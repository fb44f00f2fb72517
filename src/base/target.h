/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * target.h - the place that is meant by the name of an output.
 *
 * The name is followed component by component, each in the folder that the one before it was. By
 * the rule of fs.protected_symlinks (Linux, Documentation/admin-guide/sysctl/fs.rst), whatever the
 * kernel's own setting is: in a sticky folder where everybody may write, a symbolic link is
 * followed only if it belongs to this process's user or to the owner of the folder. That holds for
 * each link on the way, not only for the last, and for a file that would be replaced
 * (fs.protected_regular).
 *
 * Does: find the folder of an output, and keep it open. Does not: create or change anything.
 *
 * Threads: from any.
 */
#ifndef TARGET_H
#define TARGET_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/err.h"

struct target {
	int folder; /* open, with O_PATH; -1: none */
	char *path; /* absolute, without links, "." and "..": the same for all names of this place
		     */
	const char *name; /* its last component, in FOLDER: the end of PATH */
	bool exists;
	struct stat st; /* of what is there, which is no symbolic link; if EXISTS */
};

#define TARGET_NONE ((struct target){.folder = -1})

#define _target_ _cleanup_(target_free)

void target_free(struct target *target);

/*
 * Find the place that PATH names; what is there is not opened. -EACCES: a link or a file of
 * somebody else, see above; -ENOENT: a folder on the way, or what a link leads to, is not there;
 * -ELOOP, -ENOTDIR, -ENAMETOOLONG, -ENOMEM and what the system says. The message does not name
 * PATH. *ret is owned by the caller, and untouched on failure.
 */
int target_find(const char *path, struct target *ret, struct err *err);

#endif /* TARGET_H */
