/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - files in and out, whole or not at all.
 *
 * Does: read a regular file up to a limit that is checked before the first byte is read; replace
 * a file atomically (temporary file beside it, fsync, rename).
 * Does not: know any format, or write to stdout (report.h does).
 *
 * Threads: from any.
 */
#ifndef FILE_H
#define FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The largest input of any kind: a 16 MiB blob is 64 MiB of header text; twice that, rounded. */
#define FILE_SIZE_MAX ((size_t)192 << 20)

/*
 * Read PATH, which must be a regular file of at most LIMIT bytes. A pipe or a device is refused
 * (-EINVAL), a larger file too (-EFBIG), and one that changes its size while it is read (-EAGAIN).
 * *ret is owned by the caller and untouched on failure. The message does not name PATH.
 */
int file_read(const char *path, size_t limit, struct buf *ret, struct err *err);

/*
 * Call PIECE with the bytes of PATH, a piece of at most FILE_PIECE_MAX bytes after the other, until
 * it returns false; holes may be left out. A link is followed; what is not a regular file is
 * refused, -EINVAL, without waiting for it. Other errors: it cannot be read.
 */
#define FILE_PIECE_MAX ((size_t)256 << 10)
int file_scan(const char *path, bool (*piece)(void *arg, struct view bytes), void *arg);

/*
 * Make PATH hold exactly DATA, or leave it as it was. An existing file keeps its permissions, a
 * new one gets 0666 less the umask. A symbolic link is followed: its target is replaced. Anything
 * else that is not a regular file is refused, and so is what somebody else may have put there to
 * be written through: see target.h.
 */
int file_replace(const char *path, struct view data, struct err *err);

/*
 * The same step by step, for many files: file_new() for each, file_new_sync(), file_new_place(),
 * and file_sync_folder() for each folder. A place holds what it held before, or the new file whole,
 * at any moment, be it kill -9 or the loss of power; that it is the new one is certain behind the
 * last step. A process that is killed may leave a file behind whose name begins with
 * FILE_TEMPORARY; temporary.h says when it does not.
 */
#define FILE_TEMPORARY ".bpf-chainsign."

struct temporary;

/* A file that is written, and not in its place yet. */
struct file_new {
	char *target; /* its place: absolute, no link, the same for all names of it */
	struct temporary *temporary; /* beside it; NULL: it is in its place, or there is none */
	int fd;			     /* to be synced; -1: it is */
};

#define FILE_NEW_NONE ((struct file_new){.fd = -1})

/* Write DATA, for PATH. On failure there is no file, and *ret is untouched. */
int file_new(const char *path, struct view data, struct file_new *ret, struct err *err);

/* Whether PATH names the place of FILE, or a file that is there under another name. */
bool file_new_is_for(const struct file_new *file, const char *path);

/* Wait until the disk has it. */
int file_new_sync(struct file_new *file, struct err *err);

/* Put it into its place, by rename. */
int file_new_place(struct file_new *file, struct err *err);

/*
 * Put NR files into their places, all or none. -EIO and the like: file *ret_bad could not be moved,
 * and what was in the places is in them again. What a kill -9 in the middle can leave: see
 * temporary_place_all().
 */
int file_new_place_all(struct file_new *const files[], size_t nr, size_t *ret_bad, struct err *err);

/* Forget it; if it is not in its place, remove it. */
void file_new_drop(struct file_new *file);

/* Wait until the disk has the names in the folder of TARGET; best effort. */
void file_sync_folder(const char *target);

#endif /* FILE_H */
