/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skel.h - what a light skeleton declares: names, maps, programs, typed sections.
 *
 * object_skel.c fills it from an ELF object; lskel_new.c turns it into text.
 *
 * Does: own the description. Does not: read ELF or BTF, or write the text of a header.
 */
#ifndef SKEL_H
#define SKEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* How NAME__PROG__attach() attaches a program, as in bpftool's skeletons. */
enum skel_attach {
	SKEL_ATTACH_NONE,	    /* "auto-attach not supported" */
	SKEL_ATTACH_RAW_TRACEPOINT, /* skel_raw_tracepoint_open(target, prog_fd) */
	SKEL_ATTACH_TRACING,	    /* skel_raw_tracepoint_open(NULL, prog_fd) */
	SKEL_ATTACH_ITER,	    /* skel_link_create(prog_fd, 0, BPF_TRACE_ITER) */
};

struct skel_prog {
	char *ident;
	enum skel_attach attach;
	char *target; /* tracepoint name for SKEL_ATTACH_RAW_TRACEPOINT, else NULL */
	size_t at;    /* if read from a header: its position in the struct */
};

/* One variable of a typed section, for the size assertions of the header. */
struct skel_var {
	char *ident;
	uint32_t size;
};

struct skel_map {
	char *ident;
	size_t at;   /* if read from a header: its position in the struct */
	bool pinned; /* it asks for LIBBPF_PIN_BY_NAME, which is for NAME__pin() to do */
	/*
	 * Whether it is a typed section (.rodata, .data, .bss, .kconfig, ...) that user space sees
	 * through a pointer in the skeleton; all members below are set for these only.
	 */
	bool mapped;
	bool read_only; /* mapped PROT_READ after the load */
	bool is_const;	/* if read from a header: its struct is const */
	bool percpu; /* a per-CPU section: its initial contents become read-only after the load; it
			is not mapped */
	size_t mmap_size;   /* skel_mmap_size() of the contents */
	struct buf value;   /* initial contents */
	size_t value_at;    /* if read from a header: their offset in its text */
	struct buf members; /* C text of the struct's members, each line "\t\tTYPE NAME;\n" */
	struct skel_var *vars;
	size_t nr_vars;
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct skel {
	char *name;
	bool sealed; /* the loader takes no values and sizes from the skeleton */
	struct skel_map *maps; /* all maps of the object, in loader order */
	size_t nr_maps;
	struct skel_prog *progs;
	size_t nr_progs;
};

/*
 * Whether NAME can be the target of a raw tracepoint, which becomes a string in C: up to 127
 * characters, as kernels take (Linux 7.3, kernel/bpf/syscall.c: bpf_raw_tp_link_attach), that need
 * no escape: letters, digits and _.:/,+-@.
 */
bool skel_is_tracepoint(struct view name);

#define _skel_ _cleanup_(skel_free)

void skel_free(struct skel *skel);

/* Whether a map asks to be pinned. */
bool skel_has_pins(const struct skel *skel);

/* How many bytes are mapped for a section with SIZE bytes of contents. */
size_t skel_mmap_size(size_t size);

#endif /* SKEL_H */
