// SPDX-License-Identifier: BSD-2-Clause
#include "walk.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "util.h"

struct walker {
	int (*found)(void *arg, const char *path, struct err *err);
	void *arg;
	struct err *err;
	char path[PATH_MAX]; /* where the walk is; no folder can be deeper */
};

/* Names of a folder, until it is left. */
struct names {
	struct dirent **list;
	int nr;
};

static void names_free(struct names *names)
{
	for (int i = 0; i < names->nr; i++)
		free(names->list[i]);
	free(names->list);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk_folder(struct walker *walker);

/* What the path names now: a folder is walked, a file is found, anything else is passed over. */
static int visit(struct walker *walker)
{
	struct stat st;

	if (lstat(walker->path, &st) < 0)
		return errno == ENOENT ? 0 : walker->found(walker->arg, walker->path, walker->err);
	if (S_ISDIR(st.st_mode))
		return walk_folder(walker);
	return S_ISREG(st.st_mode) ? walker->found(walker->arg, walker->path, walker->err) : 0;
}

static int walk_folder(struct walker *walker)
{
	_cleanup_(names_free) struct names names = {0};
	size_t size = strlen(walker->path);
	const char *slash = walker->path[size - 1] == '/' ? "" : "/";
	int rc = 0;

	names.nr = scandir(walker->path, &names.list, not_dots, by_name);
	if (names.nr < 0) {
		names.nr = 0;
		return errno == ENOMEM ? err_nomem(walker->err)
				       : walker->found(walker->arg, walker->path, walker->err);
	}
	for (int i = 0; !rc && i < names.nr; i++) {
		if (snprintf(walker->path + size, PATH_MAX - size, "%s%s", slash,
			     names.list[i]->d_name) >= (int)(PATH_MAX - size))
			rc = err_set(walker->err, -ENAMETOOLONG,
				     "a name below this folder is too long");
		else
			rc = visit(walker);
		walker->path[size] = '\0';
	}
	return rc;
}

int walk(const char *folder, int (*found)(void *arg, const char *path, struct err *err), void *arg,
	 struct err *err)
{
	struct walker walker = {.found = found, .arg = arg, .err = err};

	if (!*folder || strlen(folder) >= sizeof(walker.path))
		return err_set(err, -ENAMETOOLONG, "not a name of a folder");
	strcpy(walker.path, folder);
	return walk_folder(&walker);
}
