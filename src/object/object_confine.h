/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_confine.h - what the process that reads an object still has, and what it may still do.
 *
 * Does: descriptors, limits, Landlock, and a seccomp filter for the architectures it knows. Does
 * not: fork.
 */
#ifndef OBJECT_CONFINE_H
#define OBJECT_CONFINE_H

#include <stddef.h>

#include "base/err.h"

/* Under a sanitizer: its shadow counts as memory, its checks take time, and it has reports. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OBJECT_SANITIZED 1
#else
#define OBJECT_SANITIZED 0
#endif

/*
 * From now on this process has one descriptor of its caller's, *FD, whose number may change; all
 * others are closed, and its standard streams are /dev/null (under a sanitizer standard error
 * stays). A negative errno with *err.
 */
int object_isolate(int *fd, struct err *err);

/*
 * From now on this process has SECONDS of processor time and MEMORY bytes more than it has now; it
 * leaves no core file and writes to no file; it opens no file but those that libbpf asks of the
 * host, and these for reading; its other system calls are those that compute and use the
 * descriptors it has, with arguments that do no more than that. Anything else fails with EPERM or
 * EACCES. Not undone.
 *
 * A kernel that answers ENOSYS or EOPNOTSUPP has no Landlock (Linux 5.13, and switched on), or no
 * seccomp: the process is confined by the rest. So it is on an architecture that is not known,
 * without a filter. Every other answer is an error: a kernel with seccomp but without its filters
 * (EINVAL; no distribution's) reads no objects. Under a sanitizer there is more time, and memory
 * has no limit. A negative errno with *err.
 */
int object_confine(unsigned int seconds, size_t memory, struct err *err);

#endif /* OBJECT_CONFINE_H */
