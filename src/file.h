/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - files in and out, whole or not at all.
 *
 * Does: read a regular file up to a limit that is checked before the first byte is read; replace
 * a file atomically (temporary file beside it, fsync, rename).
 * Does not: know any format, or write to stdout (report.h does).
 */
#ifndef FILE_H
#define FILE_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

/* The largest input of any kind: a 16 MiB blob is 64 MiB of header text; twice that, rounded. */
#define FILE_SIZE_MAX ((size_t)192 << 20)

/*
 * Read PATH, which must be a regular file of at most LIMIT bytes. A pipe or a device is refused
 * (-EINVAL), a larger file too (-EFBIG), and one that changes its size while it is read (-EAGAIN).
 * *ret is owned by the caller and untouched on failure. The message does not name PATH.
 */
int file_read(const char *path, size_t limit, struct buf *ret, struct err *err);

/*
 * Make PATH hold exactly DATA, or leave it as it was. An existing file keeps its permissions, a
 * new one gets 0666 less the umask. A symbolic link is followed: its target is replaced. Anything
 * else that is not a regular file is refused.
 */
int file_replace(const char *path, struct view data, struct err *err);

#endif /* FILE_H */
