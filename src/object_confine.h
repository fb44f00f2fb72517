/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_confine.h - what the process that reads an object may still do.
 *
 * Does: limits, and a seccomp filter for the architectures it knows. Does not: fork.
 */
#ifndef OBJECT_CONFINE_H
#define OBJECT_CONFINE_H

#include <stddef.h>

#include "err.h"

/*
 * From now on this process has SECONDS of processor time and MEMORY bytes of private memory,
 * leaves no core file, and its system calls are those that compute and use the descriptors it has;
 * any other, opening a file too, fails with EPERM. Not undone. Where the kernel has no seccomp, or
 * the architecture is not known, the limits alone hold; under a sanitizer memory has none. A
 * negative errno with *err.
 */
int object_confine(unsigned int seconds, size_t memory, struct err *err);

#endif /* OBJECT_CONFINE_H */
