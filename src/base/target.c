// SPDX-License-Identifier: BSD-2-Clause
#include "base/target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/os.h"
#include "base/util.h"

/* The kernel's limit (MAXSYMLINKS, include/linux/namei.h). */
#define LINKS_MAX 40

/* The state of the walk along a path. */
struct way {
	int folder;	   /* open, with O_PATH */
	char at[PATH_MAX]; /* the path of FOLDER; "" is the root */
	char *left;	   /* the components that remain; owned */
	unsigned int nr_links;
	bool last_was_link; /* the remaining components come from a link in the last component */
};

static void way_end(struct way *way)
{
	os_close(&way->folder);
	free(way->left);
}

void target_free(struct target *target)
{
	os_close(&target->folder);
	free(target->path);
	*target = TARGET_NONE;
}

static int too_long(struct err *err)
{
	return err_set(err, -ENAMETOOLONG, "the name is too long");
}

/* NAME may have been planted by another user, so that others write to its target. */
static int refuse_stranger(const struct way *way, const char *name, const struct stat *st,
			   struct err *err)
{
	const mode_t shared = S_ISVTX | S_IWOTH;
	struct stat folder;

	if (fstat(way->folder, &folder) < 0)
		return os_error(err, "cannot stat its folder");
	if ((folder.st_mode & shared) != shared || st->st_uid == geteuid() ||
	    st->st_uid == folder.st_uid)
		return 0;
	return err_set(err, -EACCES,
		       "refused: %s/%s is a %s of another user (%u) in a folder to which "
		       "everybody may write; remove it, or choose another folder",
		       way->at, name, S_ISLNK(st->st_mode) ? "symbolic link" : "file",
		       (unsigned int)st->st_uid);
}

/* Move to FOLDER, which is taken over. */
static void enter(struct way *way, int folder)
{
	os_close(&way->folder);
	way->folder = folder;
}

static int enter_root(struct way *way, struct err *err)
{
	int folder = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return os_error(err, "cannot open /");
	enter(way, folder);
	*way->at = '\0';
	return 0;
}

static int enter_parent(struct way *way, struct err *err)
{
	char *slash = strrchr(way->at, '/');
	int folder = openat(way->folder, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return os_error(err, "cannot open the folder above");
	enter(way, folder);
	if (slash)
		*slash = '\0';
	return 0;
}

/* O_DIRECTORY also triggers automounts. */
static int enter_child(struct way *way, const char *name, struct err *err)
{
	size_t size = strlen(way->at);
	int folder;

	if (size + 1 + strlen(name) >= sizeof(way->at))
		return too_long(err);
	folder = openat(way->folder, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (folder < 0)
		return os_error(err, "cannot open its folder");
	snprintf(way->at + size, sizeof(way->at) - size, "/%s", name);
	enter(way, folder);
	return 0;
}

static bool is_last(const struct way *way)
{
	return !way->left[strspn(way->left, "/")];
}

/* Put the target of the open link LINK before the remaining components. */
static int follow(struct way *way, int link, struct err *err)
{
	char text[PATH_MAX];
	ssize_t size = readlinkat(link, "", text, sizeof(text));
	char *left;

	if (size < 0)
		return os_error(err, "cannot read the symbolic link");
	if (size == sizeof(text))
		return too_long(err);
	if (way->nr_links++ == LINKS_MAX)
		return err_set(err, -ELOOP, "cannot follow the symbolic link: %s", strerror(ELOOP));
	way->last_was_link |= is_last(way);
	if (asprintf(&left, "%.*s%s", (int)size, text, way->left) < 0)
		return err_nomem(err);
	free(way->left);
	way->left = left;
	if (strlen(left) >= PATH_MAX)
		return too_long(err);
	return *text == '/' ? enter_root(way, err) : 0;
}

/* Take the next component into NAME; false: none remains. */
static bool next_name(struct way *way, char name[NAME_MAX + 1], int *ret_rc, struct err *err)
{
	const char *begin = way->left + strspn(way->left, "/");
	size_t size = strcspn(begin, "/");

	*ret_rc = 0;
	if (!size)
		return false;
	if (size > NAME_MAX) {
		*ret_rc = too_long(err);
		return false;
	}
	memcpy(name, begin, size);
	name[size] = '\0';
	memmove(way->left, begin + size, strlen(begin + size) + 1);
	return true;
}

/* The result: the place is NAME in the current folder. */
static int arrive(struct way *way, const char *name, const struct stat *st, struct target *ret,
		  struct err *err)
{
	char *path;
	int size = asprintf(&path, "%s/%s", way->at, name);

	if (size < 0)
		return err_nomem(err);
	if (size >= PATH_MAX) {
		free(path);
		return too_long(err);
	}
	*ret = (struct target){
		.folder = way->folder,
		.path = path,
		.name = strrchr(path, '/') + 1,
		.exists = st != NULL,
	};
	if (st)
		ret->st = *st;
	way->folder = -1;
	return 0;
}

/* The result: the place is the current folder, as a name in its parent. */
static int arrive_in(struct way *way, struct target *ret, struct err *err)
{
	_cleanup_(freep) char *name = strdup(way->at);
	struct stat st;
	int rc;

	if (!name)
		return err_nomem(err);
	if (!*name)
		return err_set(err, -EISDIR, "a folder, not a file");
	if (fstat(way->folder, &st) < 0)
		return os_error(err, "cannot stat");
	rc = enter_parent(way, err);
	return rc ? rc : arrive(way, strrchr(name, '/') + 1, &st, ret, err);
}

/*
 * NAME does not exist: that is fine for a new file, but not for a folder on the way or a link's
 * target.
 */
static int arrive_new(struct way *way, const char *name, struct target *ret, struct err *err)
{
	if (errno != ENOENT)
		return os_error(err, "cannot stat");
	if (!is_last(way))
		return os_error(err, "cannot find its folder");
	if (*way->left)
		return err_set(err, -EISDIR, "a folder, not a file");
	if (way->last_was_link)
		return os_error(err, "cannot follow the symbolic link");
	return arrive(way, name, NULL, ret, err);
}

/* Follow one component. -EAGAIN: more remain. */
static int step(struct way *way, const char *name, struct target *ret, struct err *err)
{
	_cleanup_(os_close) int found = -1;
	struct stat st;
	int rc = 0;

	if (!strcmp(name, "."))
		return -EAGAIN;
	if (!strcmp(name, ".."))
		return enter_parent(way, err) ?: -EAGAIN;
	found = openat(way->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (found < 0)
		return arrive_new(way, name, ret, err);
	if (fstat(found, &st) < 0)
		return os_error(err, "cannot stat");
	if (!S_ISDIR(st.st_mode))
		rc = refuse_stranger(way, name, &st, err);
	if (rc)
		return rc;
	if (S_ISLNK(st.st_mode))
		return follow(way, found, err) ?: -EAGAIN;
	if (!S_ISDIR(st.st_mode) && *way->left)
		return err_set(err, -ENOTDIR, "cannot find its folder: %s", strerror(ENOTDIR));
	if (is_last(way))
		return arrive(way, name, &st, ret, err);
	return enter_child(way, name, err) ?: -EAGAIN;
}

static int way_begin(struct way *way, const char *path, struct err *err)
{
	if (!*path)
		return err_set(err, -ENOENT, "an empty name");
	if (strlen(path) >= PATH_MAX)
		return too_long(err);
	way->left = strdup(path);
	if (!way->left)
		return err_nomem(err);
	if (*path == '/')
		return enter_root(way, err);
	way->folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (way->folder < 0 || !getcwd(way->at, sizeof(way->at)))
		return os_error(err, "cannot find the working directory");
	if (!strcmp(way->at, "/"))
		*way->at = '\0';
	return 0;
}

int target_find(const char *path, struct target *ret, struct err *err)
{
	_cleanup_(way_end) struct way way = {.folder = -1};
	char name[NAME_MAX + 1];
	int rc = way_begin(&way, path, err);

	if (rc)
		return rc;
	while (next_name(&way, name, &rc, err)) {
		rc = step(&way, name, ret, err);
		if (rc != -EAGAIN)
			return rc;
	}
	return rc ? rc : arrive_in(&way, ret, err);
}
