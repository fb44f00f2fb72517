/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_confine.h - what the process that reads an object may still do.
 *
 * Does: limits, Landlock, and a seccomp filter for the architectures it knows. Does not: fork.
 */
#ifndef OBJECT_CONFINE_H
#define OBJECT_CONFINE_H

#include <stddef.h>

#include "err.h"

/*
 * From now on this process has SECONDS of processor time and MEMORY bytes of private memory, and
 * leaves no core file. Its standard streams are /dev/null; it opens no file but those that libbpf
 * asks of the host, and these for reading; its other system calls are those that compute and use
 * the descriptors it has. Anything else fails with EPERM or EACCES. Not undone. Where the kernel
 * has no Landlock (5.13) it can read any file; where it has no seccomp, or the architecture is not
 * known, the limits and Landlock alone hold; under a sanitizer there is more time, and memory has
 * no limit, and standard error stays. A negative errno with *err.
 */
int object_confine(unsigned int seconds, size_t memory, struct err *err);

#endif /* OBJECT_CONFINE_H */
