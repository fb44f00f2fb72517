/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_confine.h - take rights away from the process that reads an object.
 *
 * Does: close descriptors; set limits, Landlock rules and, on known architectures, a seccomp
 * filter. Does not: fork.
 */
#ifndef OBJECT_CONFINE_H
#define OBJECT_CONFINE_H

#include <stddef.h>

#include "base/err.h"

/* Whether a sanitizer is built in: it needs address space and time, and writes reports. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OBJECT_SANITIZED 1
#else
#define OBJECT_SANITIZED 0
#endif

/*
 * Close all descriptors but *FD, whose number may change, and redirect the standard streams to
 * /dev/null (under a sanitizer, standard error stays). Returns 0, or a negative errno with *err.
 */
int object_isolate(int *fd, struct err *err);

/*
 * Confine this process for good. It may use SECONDS of processor time and MEMORY bytes more than
 * now; it leaves no core file, and opens and writes no file; and it may make only system calls that
 * compute or use open descriptors. Anything else fails with EPERM or EACCES.
 *
 * Where the kernel has no Landlock (new in Linux 5.13) or no seccomp (ENOSYS, EOPNOTSUPP), the
 * process is confined by the rest; on an unknown architecture it has no filter. Any other failure
 * is an error, so a kernel that has seccomp but not its filters (EINVAL; no distribution builds
 * one) cannot read objects. Under a sanitizer there is more time and no limit on memory. Returns 0,
 * or a negative errno with *err.
 */
int object_confine(unsigned int seconds, size_t memory, struct err *err);

#endif /* OBJECT_CONFINE_H */
