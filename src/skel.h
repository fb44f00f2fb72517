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
#include "base/err.h"

/*
 * How NAME__PROG__attach() attaches a program. bpftool's skeletons know the first four; there, and
 * in headers for libbpf's run-time part, all others are not attached.
 */
enum skel_attach {
	SKEL_ATTACH_NONE,	    /* not by itself: libbpf does not attach it either */
	SKEL_ATTACH_RAW_TRACEPOINT, /* raw_tracepoint_open(target, prog_fd) */
	SKEL_ATTACH_TRACING,	    /* raw_tracepoint_open(NULL, prog_fd) */
	SKEL_ATTACH_ITER,	    /* link_create(prog_fd, 0, BPF_TRACE_ITER) */
	/* The target is the name of the program's section. */
	SKEL_ATTACH_RAW_WRITABLE, /* "raw_tp.w/NAME" */
	SKEL_ATTACH_KPROBE,	  /* "kprobe/FUNC+OFFSET", "kretprobe/FUNC" */
	SKEL_ATTACH_KSYSCALL,	  /* "ksyscall/NAME", "kretsyscall/NAME" */
	SKEL_ATTACH_TRACEPOINT,	  /* "tp/CATEGORY/NAME", "tracepoint/CATEGORY/NAME" */
	SKEL_ATTACH_UPROBE,	  /* "uprobe/FILE:FUNC+OFFSET", "uretprobe/FILE:FUNC" */
	SKEL_ATTACH_KPROBE_MULTI, /* "kprobe.multi/PATTERN", "kretprobe.multi/...",
				     "kprobe.session/..." */
	SKEL_ATTACH_UNSUPPORTED,  /* libbpf attaches it, but here it is -EOPNOTSUPP */
	SKEL_ATTACH_UNKNOWN,	  /* in a signed image: by a section that is none of the above */
	SKEL_ATTACH_NR,
};

/* Pieces of the run-time part that a header has besides runtime.h, by what its programs need. */
enum skel_piece {
	SKEL_PIECE_PERF,  /* runtime_perf.h */
	SKEL_PIECE_ELF,	  /* runtime_elf.h, which calls it */
	SKEL_PIECE_MULTI, /* runtime_multi.h */
	SKEL_PIECE_NR,
};
#define SKEL_PIECE_BIT(piece) (1u << (piece))
#define SKEL_PIECES_ALL	      (SKEL_PIECE_BIT(SKEL_PIECE_NR) - 1)

struct skel_prog {
	char *ident;
	enum skel_attach attach;
	char *target; /* of SKEL_ATTACH_RAW_TRACEPOINT and those with a section's name, else NULL */
	bool skipped; /* the loader does not load it, so it is not attached */
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
	bool sealed;	       /* the loader takes no values and sizes from the skeleton */
	struct skel_map *maps; /* all maps of the object, in loader order */
	size_t nr_maps;
	struct skel_prog *progs;
	size_t nr_progs;
	unsigned int pieces; /* bits of enum skel_piece; of this tool's run-time part alone */
};

/*
 * Whether NAME can be the target of a raw tracepoint, which becomes a string in C: up to 127
 * characters, as kernels take (Linux 7.3, kernel/bpf/syscall.c: bpf_raw_tp_link_attach), that need
 * no escape: letters, digits and _.:/,+-@.
 */
bool skel_is_tracepoint(struct view name);

/* Whether NAME, of a section, is 1 to 511 printable ASCII characters, without quotes and \. */
bool skel_is_section(struct view name);

/*
 * How a program in SECTION is attached by itself, as libbpf does it: SKEL_ATTACH_NONE; or one of
 * those for which SECTION is the target; or SKEL_ATTACH_UNSUPPORTED, also where libbpf would fail
 * to attach. Targets have up to 511 printable ASCII characters without quotes and backslashes.
 */
enum skel_attach skel_section_attach(struct view section);

/*
 * Whether ATTACH has a target, and TARGET, which is NULL without one, is it: it can become a string
 * in C, and for a section's name it says ATTACH.
 */
bool skel_is_target(enum skel_attach attach, const char *target);

/* The same for PROG, whose name must be one. -EBADMSG: no. */
int skel_check_target(const struct skel_prog *prog, struct err *err);

/* The pieces that ATTACH needs. */
unsigned int skel_attach_pieces(enum skel_attach attach);

#define _skel_ _cleanup_(skel_free)

void skel_free(struct skel *skel);

/* Whether a map asks to be pinned. */
bool skel_has_pins(const struct skel *skel);

/* How many bytes are mapped for a section with SIZE bytes of contents. */
size_t skel_mmap_size(size_t size);

#endif /* SKEL_H */
