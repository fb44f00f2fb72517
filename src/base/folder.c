// SPDX-License-Identifier: BSD-2-Clause
#include "base/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/os.h"
#include "base/target.h"
#include "base/temporary.h"
#include "base/util.h"

static void dir_close(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* The next name in DIR except "." and ".."; NULL: the end. */
static const char *next_name(DIR *dir)
{
	const struct dirent *entry;

	do {
		entry = readdir(dir);
	} while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
	return entry ? entry->d_name : NULL;
}

static int check_empty(const struct target *target, struct err *err)
{
	_cleanup_(dir_close) DIR *dir = NULL;
	int fd = openat(target->folder, target->name,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		dir = fdopendir(fd);
	if (!dir) {
		os_error(err, "cannot read the folder");
		os_close(&fd);
		return err->code;
	}
	if (next_name(dir))
		return err_set(err, -EEXIST,
			       "the folder is not empty: choose a new or empty folder");
	return 0;
}

/* Another user could change what is to be signed. */
static int check_owner(const struct stat *st, struct err *err)
{
	if (st->st_uid != geteuid())
		return err_set(err, -EACCES,
			       "the folder belongs to another user (%u): choose a new folder",
			       (unsigned int)st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return err_set(err, -EACCES,
			       "other users can write to the folder (its mode is %04o): choose a "
			       "new folder, or run chmod go-w on it",
			       (unsigned int)st->st_mode & 07777);
	return 0;
}

/* Check an existing folder, or choose the permissions of a new one. */
static int check_target(const struct target *target, mode_t *ret_mode, struct err *err)
{
	int rc;

	*ret_mode = 0755 & ~os_umask();
	if (!target->exists)
		return 0;
	if (!S_ISDIR(target->st.st_mode))
		return err_set(err, -ENOTDIR, "exists and is not a folder");
	rc = check_owner(&target->st, err);
	if (rc)
		return rc;
	*ret_mode = target->st.st_mode & 07777;
	return check_empty(target, err);
}

/* PATH without trailing slashes. */
static int show(const char *path, char shown[PATH_MAX], struct err *err)
{
	size_t size = strlen(path);

	while (size > 1 && path[size - 1] == '/')
		size--;
	if (size >= PATH_MAX)
		return err_set(err, -ENAMETOOLONG, "the name is too long");
	memcpy(shown, path, size);
	shown[size] = '\0';
	return 0;
}

/* Make a temporary folder in the folder of TARGET. */
static int make_temporary(struct folder *folder, struct target *target, struct err *err)
{
	_cleanup_(freep) char *prefix = NULL;

	if (asprintf(&prefix, "%s.", target->name) < 0) {
		prefix = NULL;
		return err_nomem(err);
	}
	folder->fd = temporary_folder(target->folder, prefix, &folder->temporary, err);
	if (folder->fd < 0)
		return folder->fd;
	target->folder = -1;
	folder->target = take_ptr(target->path);
	return 0;
}

int folder_begin(struct folder *folder, const char *path, struct err *err)
{
	_target_ struct target target = TARGET_NONE;
	mode_t mode = 0;
	int rc;

	*folder = FOLDER_NONE;
	rc = show(path, folder->shown, err);
	if (!rc)
		rc = target_find(folder->shown, &target, err);
	if (rc == -ENOENT)
		rc = err_prefix(err, "cannot create a temporary folder next to it");
	if (!rc)
		rc = check_target(&target, &mode, err);
	if (!rc)
		rc = make_temporary(folder, &target, err);
	if (!rc && fchmod(folder->fd, mode))
		rc = os_error(err, "cannot use the temporary folder");
	if (rc)
		folder_end(folder);
	return rc;
}

int folder_add(struct folder *folder, const char *name, struct view data, struct err *err)
{
	_cleanup_(os_close) int fd = temporary_within(folder->fd, name);
	int rc;

	if (fd >= 0)
		rc = os_write(fd, data, err);
	else
		rc = err_set(err, fd, "cannot create it: %s", strerror(-fd));
	if (!rc && fsync(fd) < 0)
		rc = os_error(err, "cannot write to the disk");
	return rc ? err_prefix(err, "%s/%s", folder->shown, name) : 0;
}

int folder_publish(struct folder *folder, struct err *err)
{
	int rc;

	if (fsync(folder->fd) < 0)
		return os_error(err, "cannot write to the disk");
	/* this replaces an empty folder, but no other */
	rc = temporary_place(folder->temporary, strrchr(folder->target, '/') + 1);
	if (rc)
		return err_set(err, rc, "cannot rename the new folder into its place: %s",
			       strerror(-rc));
	folder->temporary = NULL;
	file_sync_folder(folder->target);
	folder_end(folder);
	return 0;
}

void folder_end(struct folder *folder)
{
	temporary_remove(folder->temporary);
	os_close(&folder->fd);
	free(folder->target);
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
