// SPDX-License-Identifier: BSD-2-Clause
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static int os_error(struct err *err, const char *what)
{
	int code = errno;

	return err_set(err, -code, "%s: %s", what, strerror(code));
}

static int check_size(const struct stat *st, size_t limit, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, -EINVAL, "not a regular file: give a file, not a %s",
			       S_ISDIR(st->st_mode) ? "directory" : "pipe or device");
	if (st->st_size < 0 || (uintmax_t)st->st_size > limit)
		return err_set(err, -EFBIG, "%jd bytes, more than the limit of %zu bytes",
			       (intmax_t)st->st_size, limit);
	return 0;
}

/* Fill SIZE bytes at DATA from FD; -EAGAIN when the file ends early or goes on after them. */
static int read_exactly(int fd, uint8_t *data, size_t size, struct err *err)
{
	size_t done = 0;
	uint8_t more;
	ssize_t got;

	while (done < size) {
		got = read(fd, data + done, size - done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return os_error(err, "cannot read");
		if (!got)
			break;
		done += (size_t)got;
	}
	if (done != size || read(fd, &more, 1) > 0)
		return err_set(err, -EAGAIN, "changed its size while it was read: try again");
	return 0;
}

int file_read(const char *path, size_t limit, struct buf *ret, struct err *err)
{
	_cleanup_(fd_close) int fd = -1;
	_buf_ struct buf content = {0};
	struct stat st;
	int rc;

	/* O_NONBLOCK: a FIFO without a writer must be refused, not waited for. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return os_error(err, "cannot open");
	if (fstat(fd, &st) < 0)
		return os_error(err, "cannot stat");
	rc = check_size(&st, limit, err);
	if (rc)
		return rc;
	/* Not buf_space(): a header may have 64 MiB, which need not be zeroed first. */
	buf_reserve(&content, st.st_size ? (size_t)st.st_size : 1);
	rc = buf_done(&content, err);
	if (!rc)
		rc = read_exactly(fd, content.data, (size_t)st.st_size, err);
	if (rc)
		return rc;
	content.size = (size_t)st.st_size;
	*ret = buf_take(&content);
	return 0;
}

static int write_all(int fd, struct view data, struct err *err)
{
	size_t done = 0;
	ssize_t put;

	while (done < data.size) {
		put = write(fd, data.data + done, data.size - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return os_error(err, "cannot write");
		done += (size_t)put;
	}
	return 0;
}

/* The name the data ends up under: PATH, or the target of the symbolic link PATH. */
static int resolve_target(const char *path, char target[PATH_MAX], struct stat *ret_st,
			  bool *ret_exists, struct err *err)
{
	struct stat st;

	if (lstat(path, &st) < 0) {
		if (errno != ENOENT)
			return os_error(err, "cannot stat");
		if (snprintf(target, PATH_MAX, "%s", path) >= PATH_MAX)
			return err_set(err, -ENAMETOOLONG, "the name is too long");
		*ret_exists = false;
		return 0;
	}
	if (!realpath(path, target))
		return os_error(err, "cannot follow the symbolic link");
	if (stat(target, &st) < 0)
		return os_error(err, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "exists and is not a regular file");
	*ret_st = st;
	*ret_exists = true;
	return 0;
}

static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/* Best effort: the rename itself reaches the disk. */
static void sync_folder(const char *target)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(target, '/');
	int fd;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - target + 1) : 1,
		 slash ? target : ".");
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int fill_and_rename(int fd, const char *temporary, const char *target, mode_t mode,
			   struct view data, struct err *err)
{
	int rc = write_all(fd, data, err);

	if (rc)
		return rc;
	if (fchmod(fd, mode) < 0)
		return os_error(err, "cannot set the permissions");
	if (fsync(fd) < 0)
		return os_error(err, "cannot write to the disk");
	if (rename(temporary, target) < 0)
		return os_error(err, "cannot rename the new file into place");
	sync_folder(target);
	return 0;
}

int file_replace(const char *path, struct view data, struct err *err)
{
	char target[PATH_MAX], temporary[PATH_MAX];
	_cleanup_(fd_close) int fd = -1;
	struct stat st = {0};
	bool exists = false;
	int rc;

	rc = resolve_target(path, target, &st, &exists, err);
	if (rc)
		return rc;
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", target) >= (int)sizeof(temporary))
		return err_set(err, -ENAMETOOLONG, "the name is too long");
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return os_error(err, "cannot create a temporary file beside it");
	rc = fill_and_rename(fd, temporary, target, exists ? st.st_mode & 07777 : new_file_mode(),
			     data, err);
	if (rc)
		unlink(temporary);
	return rc;
}
