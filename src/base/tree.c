// SPDX-License-Identifier: BSD-2-Clause
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"

struct walker {
	tree_found *found;
	void *arg;
	struct err *err;
	char path[PATH_MAX]; /* the current path; folders cannot be deeper */
};

/* The names in a folder that is being visited. */
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

static int tell(struct walker *walker, const struct stat *st)
{
	return walker->found(walker->arg, walker->path, st, walker->err);
}

/* Visit the current path; it may have been removed meanwhile. */
static int visit(struct walker *walker)
{
	struct stat st;
	int rc;

	if (lstat(walker->path, &st) < 0)
		return errno == ENOENT ? 0 : tell(walker, NULL);
	rc = tell(walker, &st);
	return !rc && S_ISDIR(st.st_mode) ? walk_folder(walker) : rc;
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
		return errno == ENOMEM ? err_nomem(walker->err) : tell(walker, NULL);
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

int tree_walk(const char *folder, tree_found *found, void *arg, struct err *err)
{
	struct walker walker = {.found = found, .arg = arg, .err = err};
	struct stat st;
	int rc;

	if (!*folder || strlen(folder) >= sizeof(walker.path))
		return err_set(err, -ENAMETOOLONG, "not a valid name of a folder");
	strcpy(walker.path, folder);
	if (stat(folder, &st) < 0)
		return tell(&walker, NULL);
	rc = tell(&walker, &st);
	return rc ? rc : walk_folder(&walker);
}
