/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - read and write files, whole or not at all.
 *
 * Does: read a regular file, after checking its size; replace a file atomically (write a temporary
 * file in the same folder, fsync, rename).
 * Does not: parse any format, or write to stdout (report.h does).
 *
 * Threads: from any.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * The largest input of any kind: 16 MiB of data are 64 MiB of header text, and this is twice that.
 */
#define FILE_SIZE_MAX ((size_t)192 << 20)

/*
 * Read PATH, which must be a regular file of at most LIMIT bytes. -EINVAL: a pipe, a device or a
 * folder; -EFBIG: a larger file; -EAGAIN: its size changed while it was read. *ret is owned by the
 * caller and untouched on failure. The message does not name PATH.
 */
int file_read(const char *path, size_t limit, struct buf *ret, struct err *err);

/*
 * Open the regular file PATH, or the target of a link, for reading, and fill RET with what fstat()
 * says. Returns the descriptor. -EINVAL: not a regular file (this does not block); other errors: it
 * cannot be opened.
 */
int file_open(const char *path, struct stat *ret);

/*
 * Call PIECE with the bytes of the regular file FD, of SIZE bytes, in pieces of at most
 * FILE_PIECE_MAX bytes, until it returns false; holes may be skipped. A negative errno: it
 * cannot be read.
 */
#define FILE_PIECE_MAX ((size_t)64 << 10)
int file_scan(int fd, off_t size, bool (*piece)(void *arg, struct view bytes), void *arg);

/*
 * Replace the contents of PATH by DATA, or leave it unchanged. An existing file keeps its
 * permissions; a new one gets 0666 minus the umask. A symbolic link is followed, and its target
 * replaced. Refused are other kinds of files, and a link or file that another user may have planted
 * (see target.h).
 */
int file_replace(const char *path, struct view data, struct err *err);

/*
 * The same in steps, for many files: file_new(), file_new_sync() and file_new_place() for each
 * file, and file_sync_folder() for each folder. At any moment, even after kill -9 or a power
 * failure, a place holds the old file or the whole new one; after the last step it is certainly the
 * new one. A process that is killed may leave a file whose name begins with FILE_TEMPORARY (see
 * temporary.h).
 */
#define FILE_TEMPORARY ".bpf-chainsign."

struct temporary;

/* A file that is written, but not yet in its place. */
struct file_new {
	char *target; /* its place: an absolute path without links, the same for all names of the
			 place */
	struct temporary *temporary; /* the temporary file; NULL: it is in its place already */
	int fd;			     /* to be synced; -1: synced already */
};

#define FILE_NEW_NONE ((struct file_new){.fd = -1})

/*
 * Write DATA to a temporary file for PATH. After a failure there is no such file, and *ret is
 * untouched.
 */
int file_new(const char *path, struct view data, struct file_new *ret, struct err *err);

/* Whether PATH names the place of FILE, or another name of the file that is there. */
bool file_new_is_for(const struct file_new *file, const char *path);

/* Wait until FILE is on the disk. */
int file_new_sync(struct file_new *file, struct err *err);

/* Rename FILE to its place. */
int file_new_place(struct file_new *file, struct err *err);

/*
 * Rename NR files to their places, all or none. After a failure (-EIO and the like) *ret_bad is the
 * index of the file that could not be moved, and the old files are in their places again. See
 * temporary_place_all() about kill -9.
 */
int file_new_place_all(struct file_new *const files[], size_t nr, size_t *ret_bad, struct err *err);

/* Free FILE, and remove the temporary file if it is not in its place. */
void file_new_drop(struct file_new *file);

/* Wait until the names in the folder of TARGET are on the disk; errors are ignored. */
void file_sync_folder(const char *target);

#endif /* FILE_H */
