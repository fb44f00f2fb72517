/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_host.h - what libbpf would ask the build host, answered without it.
 *
 * libbpf looks at the build host even where it generates a loader, which another kernel runs: it
 * looks for a __ksym without a type in /proc/kallsyms, and counts processors for a perf event array
 * without max_entries. Neither belongs into a loader.
 *
 * Does: give libbpf answers that are the same on every host.
 * Does not: open or load objects.
 */
#ifndef OBJECT_HOST_H
#define OBJECT_HOST_H

#include "base/err.h"

struct bpf_object;

/*
 * The largest number of processors that a kernel can be built for, on any architecture: NR_CPUS of
 * x86 (MAXSMP) and powerpc. A perf event array of this size has an element for each; an element
 * takes 8 bytes.
 */
#define OBJECT_CPUS_MAX 8192

/*
 * Until object_host_end(), what this thread opens as /proc/kallsyms has all symbols of OBJECT's
 * section .ksyms, at the address 0, and nothing else. gen_loader.c has the loader look for each of
 * them, whatever the address is. -ENOMEM.
 */
int object_host_begin(const struct bpf_object *object, struct err *err);
void object_host_end(void);

#endif /* OBJECT_HOST_H */
