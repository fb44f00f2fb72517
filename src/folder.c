// SPDX-License-Identifier: BSD-2-Clause
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary.h"
#include "util.h"

static int os_error(struct err *err, const char *what)
{
	int code = errno;

	return err_set(err, -code, "%s: %s", what, strerror(code));
}

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The next name in DIR but for the two that every folder has, or NULL. */
static const char *next_name(DIR *dir)
{
	const struct dirent *entry;

	do {
		entry = readdir(dir);
	} while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
	return entry ? entry->d_name : NULL;
}

static int check_empty(const char *path, struct err *err)
{
	_cleanup_(dir_close) DIR *dir = opendir(path);

	if (!dir)
		return os_error(err, "cannot look into the folder");
	if (next_name(dir))
		return err_set(err, -EEXIST,
			       "there are files in it already: name a new folder, or an empty one");
	return 0;
}

static mode_t new_folder_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0777 & ~mask;
}

/* The name of a folder that is there, or is to be made, and its permissions. */
static int resolve(const char *path, char target[PATH_MAX], mode_t *ret_mode, struct err *err)
{
	size_t size = strlen(path);
	struct stat st;

	if (!stat(path, &st)) {
		if (!S_ISDIR(st.st_mode))
			return err_set(err, -ENOTDIR, "it is there, and is not a folder");
		if (!realpath(path, target))
			return os_error(err, "cannot follow the name");
		*ret_mode = st.st_mode & 07777;
		return check_empty(target, err);
	}
	if (errno != ENOENT || !size)
		return os_error(err, "cannot stat");
	while (size > 1 && path[size - 1] == '/')
		size--;
	if (snprintf(target, PATH_MAX, "%.*s", (int)size, path) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "the name is too long");
	*ret_mode = new_folder_mode();
	return 0;
}

int folder_begin(struct folder *folder, const char *path, struct err *err)
{
	char prefix[PATH_MAX];
	mode_t mode = 0;
	int rc;

	*folder = FOLDER_NONE;
	rc = resolve(path, folder->target, &mode, err);
	if (rc)
		return rc;
	if (snprintf(prefix, sizeof(prefix), "%s.", folder->target) >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "the name is too long");
	rc = temporary_folder(prefix, &folder->temporary, err);
	if (rc)
		return rc;
	folder->fd = open(folder->temporary->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->fd >= 0 && !fchmod(folder->fd, mode))
		return 0;
	rc = os_error(err, "cannot use the temporary folder");
	folder_end(folder);
	return rc;
}

static int write_all(int fd, struct view data, struct err *err)
{
	while (data.size) {
		ssize_t put = write(fd, data.data, data.size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return os_error(err, "cannot write");
		data = view_sub(data, (size_t)put, data.size - (size_t)put);
	}
	return fsync(fd) < 0 ? os_error(err, "cannot write to the disk") : 0;
}

int folder_add(struct folder *folder, const char *name, struct view data, struct err *err)
{
	_cleanup_(fd_close) int fd = temporary_within(folder->fd, name);
	int rc;

	if (fd >= 0)
		rc = write_all(fd, data, err);
	else
		rc = err_set(err, fd, "cannot create it: %s", strerror(-fd));
	return rc ? err_prefix(err, "%s/%s", folder->target, name) : 0;
}

/* Best effort: the rename itself reaches the disk. */
static void sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *parent = slash ? view_strdup(view_of(path, slash - path + 1)) : NULL;
	_cleanup_(fd_close) int fd = open(parent ?: ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		fsync(fd);
}

int folder_publish(struct folder *folder, struct err *err)
{
	int rc;

	if (fsync(folder->fd) < 0)
		return os_error(err, "cannot write to the disk");
	/* takes the place of an empty folder, of no other */
	rc = temporary_place(folder->temporary, folder->target);
	if (rc)
		return err_set(err, rc, "cannot rename the new folder into its place: %s",
			       strerror(-rc));
	sync_parent(folder->target);
	fd_close(&folder->fd);
	*folder = FOLDER_NONE;
	return 0;
}

void folder_end(struct folder *folder)
{
	temporary_remove(folder->temporary);
	fd_close(&folder->fd);
	*folder = FOLDER_NONE;
}

int folder_has(const char *path, bool *ret, struct err *err)
{
	struct stat st;
	bool has = !lstat(path, &st);

	if (!has && errno != ENOENT)
		return os_error(err, "cannot stat");
	*ret = has;
	return 0;
}
