/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_host.h - what libbpf would ask the build host, answered without it.
 *
 * libbpf looks at the build host even where it generates a loader, which another kernel runs: it
 * looks for a __ksym without a type in /proc/kallsyms, for the options of __kconfig in the
 * configuration of the running kernel, and counts processors for a perf event array without
 * max_entries. None of this belongs into a loader.
 *
 * Does: give libbpf answers that are the same on every host; read values of options as it does.
 * Does not: know which values are right (prepare.h does).
 */
#ifndef OBJECT_HOST_H
#define OBJECT_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct bpf_object;
struct btf;
struct btf_type;

/*
 * The largest number of processors that a kernel can be built for, on any architecture: NR_CPUS of
 * x86 (MAXSMP) and powerpc. A perf event array of this size has an element for each; an element
 * takes 8 bytes.
 */
#define OBJECT_CPUS_MAX 8192

/*
 * Until object_host_end(), what this thread opens as /proc/kallsyms has all symbols of OBJECT's
 * section .ksyms, at the address 0, and nothing else (gen_loader.c has the loader look for each of
 * them, whatever the address is), and the list of processors in /sys has OBJECT_CPUS_MAX. -ENOMEM.
 */
int object_host_begin(const struct bpf_object *object, struct err *err);
void object_host_end(void);

/*
 * Add "NAME=VALUE" lines to *RET for all variables CONFIG_* in BTF's section .kconfig, with zero as
 * the value, in the form that the type of each demands (libbpf.c: find_kcfg_type,
 * set_kcfg_value_*). With these as bpf_object_open_opts.kconfig, libbpf looks for no configuration
 * of the host.
 */
void object_host_options(const struct btf *btf, struct buf *ret);

/* Whether type SECTION of BTF is the section .kconfig. */
bool object_host_has(const struct btf *btf, uint32_t section);

/*
 * TEXT, a value for the variable NAME of TYPE in that section, as object_var_parse() takes it for a
 * variable of another: libbpf also takes y, m and n for a bool, enum libbpf_tristate or char, and
 * a text in quotes; we also take 6.12.3 for LINUX_KERNEL_VERSION. What is none of these stays as it
 * is. The caller frees it; NULL: no memory.
 */
char *object_host_text(const struct btf *btf, const struct btf_type *type, const char *name,
		       const char *text);

#endif /* OBJECT_HOST_H */
