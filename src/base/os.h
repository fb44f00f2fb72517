/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os.h - wrappers of system calls that need more than one line.
 *
 * Does: close as a cleanup handler, write completely, describe errno, read the umask.
 * Does not: open or name files (file.h and folder.h do).
 *
 * Threads: from any.
 */
#ifndef OS_H
#define OS_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

/* A cleanup handler: close *FD if it is not negative, and set it to -1. */
void os_close(int *fd);

/* Fill *err with WHAT and the text of errno: "cannot open: No such file or directory". -errno. */
int os_error(struct err *err, const char *what);

/* Write all of DATA to FD. -ENOSPC and the like. */
int os_write(int fd, struct view data, struct err *err);

/* The process's umask. It is read once: reading it means to change it for a moment. */
mode_t os_umask(void);

#endif /* OS_H */
