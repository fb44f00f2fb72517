// SPDX-License-Identifier: BSD-2-Clause
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/target.h"
#include "base/temporary.h"
#include "base/util.h"

static int check_size(const struct stat *st, size_t limit, struct err *err)
{
	if (!S_ISREG(st->st_mode))
		return err_set(err, -EINVAL, "is a %s: expected a regular file",
			       S_ISDIR(st->st_mode) ? "directory" : "pipe or device");
	if (st->st_size < 0 || (uintmax_t)st->st_size > limit)
		return err_set(err, -EFBIG,
			       "has %jd bytes, which is more than the limit of %zu "
			       "bytes",
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
		return err_set(err, -EAGAIN, "its size changed while it was read: try again");
	return 0;
}

int file_read(const char *path, size_t limit, struct buf *ret, struct err *err)
{
	_cleanup_(os_close) int fd = -1;
	_buf_ struct buf content = {0};
	struct stat st;
	int rc;

	/* O_NONBLOCK, so that a FIFO without a writer is refused instead of blocking. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return os_error(err, "cannot open");
	if (fstat(fd, &st) < 0)
		return os_error(err, "cannot stat");
	rc = check_size(&st, limit, err);
	if (rc)
		return rc;
	/* Not buf_space(), which would zero the bytes first: a header may have 64 MiB. */
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

int file_open(const char *path, struct stat *ret)
{
	_cleanup_(os_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int opened = fd;

	if (fd < 0 || fstat(fd, ret) < 0)
		return -errno;
	if (!S_ISREG(ret->st_mode))
		return -EINVAL;
	fd = -1;
	return opened;
}

/* Find the next piece after *AT. Returns its size; 0: the end; or a negative errno. */
static ssize_t read_piece(int fd, off_t *at, uint8_t *data)
{
	/* what comes after the first piece may be a hole */
	off_t begin = *at ? lseek(fd, *at, SEEK_DATA) : 0;
	ssize_t got;

	if (begin < 0 && errno == ENXIO)
		return 0;
	if (begin >= 0)
		*at = begin;
	do {
		got = pread(fd, data, FILE_PIECE_MAX, *at);
	} while (got < 0 && errno == EINTR);
	if (got > 0)
		*at += got;
	return got < 0 ? -errno : got;
}

int file_scan(int fd, off_t size, bool (*piece)(void *arg, struct view bytes), void *arg)
{
	uint8_t data[FILE_PIECE_MAX];
	ssize_t got = 1;
	off_t at = 0;

	/* a file that grows is read up to its first size; of one without a size, one piece */
	while (at < size || !at) {
		got = read_piece(fd, &at, data);
		if (got <= 0 || !piece(arg, view_of(data, (size_t)got)))
			break;
	}
	return got < 0 ? (int)got : 0;
}

void file_sync_folder(const char *target)
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

/*
 * Check the existing file, which must be a regular file. The new file gets its permissions except
 * set-user-ID and set-group-ID.
 */
static int check_target(const struct target *target, mode_t *ret_mode, struct err *err)
{
	if (!target->exists)
		return 0;
	if (!S_ISREG(target->st.st_mode))
		return err_set(err, -EINVAL, "exists and is not a regular file");
	*ret_mode = target->st.st_mode & 0777;
	return 0;
}

int file_new(const char *path, struct view data, struct file_new *ret, struct err *err)
{
	_cleanup_(file_new_drop) struct file_new file = FILE_NEW_NONE;
	_target_ struct target target = TARGET_NONE;
	mode_t mode = 0666 & ~os_umask();
	int rc;

	rc = target_find(path, &target, err);
	if (!rc)
		rc = check_target(&target, &mode, err);
	if (rc)
		return rc;
	file.fd = temporary_file(target.folder, FILE_TEMPORARY, &file.temporary, err);
	if (file.fd < 0)
		return file.fd;
	target.folder = -1;
	file.target = take_ptr(target.path);
	rc = os_write(file.fd, data, err);
	if (rc)
		return rc;
	if (fchmod(file.fd, mode) < 0)
		return os_error(err, "cannot set the permissions");
	*ret = file;
	file = FILE_NEW_NONE;
	return 0;
}

bool file_new_is_for(const struct file_new *file, const char *path)
{
	_target_ struct target target = TARGET_NONE;
	struct stat place, other;
	struct err ignored;
	bool exists = !stat(file->target, &place);

	if (!stat(path, &other))
		return exists && place.st_dev == other.st_dev && place.st_ino == other.st_ino;
	return !exists && !target_find(path, &target, &ignored) &&
	       !strcmp(target.path, file->target);
}

int file_new_sync(struct file_new *file, struct err *err)
{
	int failed = fsync(file->fd);

	if (failed)
		os_error(err, "cannot write to the disk");
	os_close(&file->fd);
	return failed ? err->code : 0;
}

/* The name of FILE in its folder. */
static const char *place_name(const struct file_new *file)
{
	return strrchr(file->target, '/') + 1;
}

int file_new_place(struct file_new *file, struct err *err)
{
	struct file_new *const one[] = {file};
	size_t ignored;

	return file_new_place_all(one, 1, &ignored, err);
}

int file_new_place_all(struct file_new *const files[], size_t nr, size_t *ret_bad, struct err *err)
{
	_cleanup_(freep) struct temporary_move *moves = calloc(nr, sizeof(*moves));
	int rc;

	*ret_bad = 0;
	if (!moves && nr)
		return err_nomem(err);
	for (size_t i = 0; i < nr; i++)
		moves[i] = (struct temporary_move){files[i]->temporary, place_name(files[i])};
	rc = temporary_place_all(moves, nr, FILE_TEMPORARY, ret_bad);
	if (rc)
		return err_set(err, rc, "cannot rename the new file into place: %s", strerror(-rc));
	for (size_t i = 0; i < nr; i++)
		files[i]->temporary = NULL;
	return 0;
}

void file_new_drop(struct file_new *file)
{
	temporary_remove(file->temporary);
	os_close(&file->fd);
	free(file->target);
	*file = FILE_NEW_NONE;
}

int file_replace(const char *path, struct view data, struct err *err)
{
	_cleanup_(file_new_drop) struct file_new file = FILE_NEW_NONE;
	int rc;

	rc = file_new(path, data, &file, err);
	if (!rc)
		rc = file_new_sync(&file, err);
	if (!rc)
		rc = file_new_place(&file, err);
	if (!rc)
		file_sync_folder(file.target);
	return rc;
}
