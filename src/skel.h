/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skel.h - what a light skeleton declares: names, maps, programs, typed sections.
 *
 * object.c fills it from an ELF object, lskel_write.c turns it into text.
 *
 * Does: own the description. Does not: know ELF, BTF or the text of a header.
 */
#ifndef SKEL_H
#define SKEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* How NAME__PROG__attach() attaches a program; as bpftool's skeletons do. */
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
	size_t at;    /* where it stands in the struct of a header that was read */
};

/* One variable of a typed section, for the size assertions of the header. */
struct skel_var {
	char *ident;
	uint32_t size;
};

struct skel_map {
	char *ident;
	size_t at; /* where it stands in the struct of a header that was read */
	/*
	 * A typed section (.rodata, .data, .bss, .kconfig and friends) that user space sees
	 * through a pointer in the skeleton; everything below is set for those only.
	 */
	bool mapped;
	bool read_only;	    /* mapped PROT_READ after the load */
	bool percpu;	    /* a per-CPU section: protected after the load, not mapped */
	size_t mmap_size;   /* skel_mmap_size() of the contents */
	struct buf value;   /* initial contents */
	size_t value_at;    /* where they stand in a header that was read */
	struct buf members; /* C text of the struct's members, each line "\t\tTYPE NAME;\n" */
	struct skel_var *vars;
	size_t nr_vars;
};

/* All of it is owned; zero-initialised is empty. */
struct skel {
	char *name;
	struct skel_map *maps; /* all maps of the object, in loader order */
	size_t nr_maps;
	struct skel_prog *progs;
	size_t nr_progs;
};

#define _skel_ _cleanup_(skel_free)

void skel_free(struct skel *skel);

/* The bytes that are mapped of a section with SIZE bytes of contents. */
size_t skel_mmap_size(size_t size);

#endif /* SKEL_H */
