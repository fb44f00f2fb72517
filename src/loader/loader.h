/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader.h - what is known of libbpf's loader programs (tools/lib/bpf/gen_loader.c).
 *
 * A loader is recognized only as a whole: every field of every instruction, and every byte of its
 * data, is either what libbpf (0.8 to Linux 7.3) would have generated there, or is part of the
 * listing that comes out. What does not fit is an unknown loader, never a guess. See
 * docs/loaders.md.
 *
 * Does: recognise, list, seal, and find what is dangerous.
 * Does not: read objects or text formats, sign, or print.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "image.h"

/* --- the listing --- */

/* What a loader does before it works: see that its map is the one it was signed with. */
enum loader_check {
	LOADER_CHECK_NONE,	/* nothing: libbpf without gen_hash; Linux 7.3 */
	LOADER_CHECK_HASH_1_7,	/* compares the map's hash; jumps one too far (libbpf 1.7.0) */
	LOADER_CHECK_HASH,	/* compares the map's hash */
	LOADER_CHECK_EXCL_HASH, /* and demands an exclusive map (Linux 7.2) */
};

/* Room for a name as the kernel takes it, with its NUL (BPF_OBJ_NAME_LEN). */
#define LOADER_NAME_SIZE 16

/* Numbers of BPF helpers are below; those of Linux 7.3 end at 211. */
#define LOADER_HELPERS_MAX 1024

/* Element KEY of an array or hash of maps is map number MAP. */
struct loader_slot {
	uint32_t key, map;
};

/* The attributes of BPF_MAP_CREATE and what becomes of the map. Views are into the image. */
struct loader_map {
	char name[LOADER_NAME_SIZE]; /* as the kernel gets it; may hold any byte */
	struct view full_name;	     /* from BTF, of a section ".rodata"; empty as for programs */
	uint32_t type, key_size, value_size, max_entries, flags, numa_node, ifindex;
	uint32_t btf_key, btf_value; /* type ids */
	uint64_t extra;
	struct loader_map *inner; /* what the maps in a map look like; owned */
	struct loader_slot *slots;
	size_t nr_slots;
	bool has_value; /* element 0 (of each CPU, for a per-CPU array) is set to VALUE */
	struct view value;
	bool frozen;
	size_t max_entries_at; /* where max_entries stands in the data */
};

enum loader_extern_kind {
	LOADER_KFUNC,	  /* call of a kernel function */
	LOADER_KSYM,	  /* address of a kernel object, found by name and type in BTF */
	LOADER_KSYM_ADDR, /* address of a kernel symbol, found by name in kallsyms */
};

/* A name that the loading kernel resolves, and the instruction it is written to. */
struct loader_extern {
	enum loader_extern_kind kind;
	struct view name;
	uint32_t btf_kind; /* of BTF lookups: BTF_KIND_FUNC or BTF_KIND_VAR */
	uint32_t insn;
	bool weak;	  /* may be missing; always false for LOADER_KSYM_ADDR */
	bool repeated;	  /* copied from an earlier instruction of the same name */
	uint32_t fd_slot; /* LOADER_KFUNC: index in fd_array for the BTF of a module */
};

/* The attributes of BPF_PROG_LOAD. Views are into the image. */
struct loader_prog {
	char name[LOADER_NAME_SIZE]; /* as the kernel gets it; may hold any byte */
	struct view full_name;	     /* from BTF; empty where that does not know it */
	uint32_t type, attach_type, ifindex, flags;
	struct view license; /* without its NUL */
	struct view insns;   /* as stored: externs are filled in at run time */
	struct view func_info, line_info, core_relos;
	uint32_t func_info_rec, line_info_rec; /* sizes of a record */
	uint32_t nr_func_info, nr_line_info, nr_core_relos;
	struct view target;   /* what it attaches to, looked up by name in BTF; empty: nothing */
	uint32_t target_kind; /* BTF_KIND_FUNC or BTF_KIND_TYPEDEF */
	struct loader_extern *externs;
	size_t nr_externs;
	uint64_t maps;				   /* bit n: uses map number n */
	uint64_t helpers[LOADER_HELPERS_MAX / 64]; /* bit n % 64 of n / 64: calls BPF helper n */
};

/*
 * The instructions of a loader as sealing leaves them, without a check of its map; and what it
 * takes to put one in: where it goes, and where the cleanup code begins, to which all jumps back
 * lead.
 */
struct loader_code {
	struct buf insns;
	size_t check;	/* offset in INSNS */
	size_t cleanup; /* number of an instruction, before the check */
	bool too_far;	/* INSNS are more than their own jumps can cross: there is no sealed form */
};

/*
 * All that a loader does, in order. Views are into the map's value of the image, which must outlive
 * it; they stay true when the loader is sealed and values are set, which change bytes in place.
 */
struct loader {
	bool known;		/* recognized as a whole; else all but WHY is empty */
	char why[ERR_TEXT_MAX]; /* where it does not fit, and what was expected there */
	bool big;		/* for big-endian machines */
	enum loader_check check;
	bool open_sizes;  /* the caller's max_entries replace those of maps */
	bool open_values; /* the caller's initial values replace those of maps */
	bool old_kfunc;	  /* code of libbpf <= 1.2 for kernel functions: may close twice */
	bool old_ksym;	  /* code of libbpf <= 1.1 for typed kernel symbols: may miss them */
	struct view btf;
	struct loader_map *maps;
	size_t nr_maps;
	struct loader_prog *progs;
	size_t nr_progs;
	size_t nr_slots; /* programs the loader was made for: loaded, optional, subprograms */
	struct loader_code code;
};

void loader_free(struct loader *loader);

/* Programs and subprograms that a loader's stack has room for (gen_loader.c: struct loader_stack).
 */
#define LOADER_PROGS_MAX 32
bool loader_has_too_many_progs(const struct loader *loader);

#define _loader_ _cleanup_(loader_free)

/*
 * Read the loader of IMAGE, in one pass; one that is not recognized is no failure: RET->known says
 * so. Errors: -ENOMEM; -ENOTSUP where there is no SHA-256.
 */
int loader_read(const struct image *image, struct loader *ret, struct err *err);

/*
 * Whether the loader compares its map's hash with one in its own instructions before it works
 * (libbpf 1.7.0 and Linux 7.2, gen_loader.c: emit_signature_match). Kernels from 7.3 on do not
 * compute that hash: such a loader fails there with EINVAL, whatever its signature. Looks at no
 * more than the first instructions; loaders that are not known are looked at too.
 */
bool loader_has_check(const struct image *image);

/* How far into the data a loader's instructions point, and what they read and write there. */
struct loader_reach {
	uint64_t points; /* the largest offset; at or behind the end: EINVAL */
	uint64_t uses;	 /* bytes that have to be there; fewer: EACCES */
};

/*
 * What the verifier makes of the instructions of IMAGE's loader, whatever its data holds, which may
 * be another's. -EBADMSG: not all of them are what libbpf writes, so nobody knows; -ENOMEM. The map
 * has to be one, as in loader_read(). Linux 7.2, kernel/bpf/verifier.c: resolve_pseudo_ldimm64 (all
 * instructions, first), then check_mem_access and check_helper_mem_access.
 */
int loader_reach(const struct image *image, struct loader_reach *ret, struct err *err);

/* What a loader does before it works, whatever follows. */
struct loader_checked {
	enum loader_check check;
	/* The hash that it compares is the one that kernels compute of a map with this data, padded
	 * to 8 bytes; true where it compares none. */
	bool fits;
};

/*
 * Read the beginning of IMAGE's loader up to the end of its check, of which the data need not be
 * what it compares. -EBADMSG: not a beginning that libbpf makes; -ENOMEM, -ENOTSUP.
 */
int loader_read_check(const struct image *image, struct loader_checked *ret, struct err *err);

/* --- sealing --- */

/* What a loader is rewritten to. */
enum loader_form {
	LOADER_FORM_PLAIN,     /* no check: Linux 7.3's; for the schemes folded and chain */
	LOADER_FORM_EXCL_HASH, /* exclusivity and hash: Linux 7.2's; for the scheme insns */
	LOADER_FORM_HASH,      /* hash alone: kernels without struct bpf_map.excl; CVE-2026-80675 */
};

/*
 * Seal the loader of IMAGE, which LOADER was read of, both in place: nothing of what it installs
 * comes from its caller, it has no check, its code is that of libbpf 1.3 and later, and kernel
 * addresses of the build host are zero. The same bytes for the same object, whatever libbpf
 * (>= 0.8) made it; sealing again changes nothing. Further forms and signatures of IMAGE are left
 * as they are, and do not hold any more. -EBADMSG: LOADER is not known; -ERANGE: too large for its
 * jumps; -ENOMEM.
 */
int loader_seal(struct loader *loader, struct image *image, struct err *err);

/*
 * The instructions of FORM, sealed, into *ret. HASH is the SHA-256 of the data that the form
 * compares with its own (hash_array_map()); the form PLAIN has no use for it. Errors as
 * loader_seal().
 */
int loader_make_form(const struct loader *loader, enum loader_form form,
		     const uint8_t hash[HASH_SHA256_SIZE], struct buf *ret, struct err *err);

/* The check that FORM has. */
enum loader_check loader_form_check(enum loader_form form);

/*
 * Which of the forms that check their map INSNS are, sealed. -EBADMSG: neither of them, so they may
 * install something else; other errors as loader_make_form().
 */
int loader_find_form(const struct loader *loader, const uint8_t hash[HASH_SHA256_SIZE],
		     struct view insns, enum loader_form *ret, struct err *err);

/* Whether PROG calls BPF helper number HELPER (BPF_FUNC_*, linux/bpf.h). */
bool loader_prog_calls(const struct loader_prog *prog, unsigned int helper);

/* --- values at signing time --- */

/*
 * Change what LOADER, which is sealed, installs, and the data of IMAGE that it was read of:
 * max_entries of map number MAP, or the bytes from OFFSET on of its initial value. Forms are made
 * of it afterwards, with the hash of the new data. -EINVAL: LOADER is not sealed, or has a check,
 * or no such map; a size for a map that has a value, or 0; -ERANGE: not within the value.
 */
int loader_set_size(struct loader *loader, struct image *image, size_t map, uint32_t max_entries,
		    struct err *err);
int loader_set_value(const struct loader *loader, struct image *image, size_t map, size_t offset,
		     struct view value, struct err *err);

/* --- findings --- */

enum loader_severity {
	LOADER_NOTE,	/* good to know */
	LOADER_WARNING, /* may not work, or not as meant */
	LOADER_DANGER,	/* a signature would not hold what it promises: not signed unless allowed */
};

enum loader_finding_id {
	LOADER_OPEN_VALUES,
	LOADER_OPEN_SIZES,
	LOADER_DATA_UNCOVERED,
	LOADER_NOT_EXCLUSIVE,
	LOADER_OFF_BY_ONE,
	LOADER_CHECK_UNKNOWN_TO_KERNEL,
	LOADER_OLD_EXTERNS,
	LOADER_TOO_MANY_PROGS,
	LOADER_OPTIONAL_PROGS,
	LOADER_KERNEL_ADDRESS,
	LOADER_HOST_CONFIG,
	LOADER_HOST_CPUS,
	LOADER_BTF_REFUSED,
	LOADER_RING_SIZE,
	LOADER_UNKNOWN,	       /* not in what loader_findings() fills: the loader is not read */
	LOADER_TEXT_UNCHECKED, /* nor these: they are of the header around the loader */
	LOADER_CHANGED,
	LOADER_FINDING_NR,
};

struct loader_finding {
	enum loader_finding_id id;
	const char *name; /* "open-values": what --allow takes */
	enum loader_severity severity;
	const char *what;   /* one sentence: what is the matter, and what follows */
	const char *remedy; /* one sentence */
	char where[64];	    /* the first map or program it was found in, escaped; "" : everywhere */
};

#define LOADER_PROGS_UNKNOWN SIZE_MAX

/*
 * What is dangerous or surprising in LOADER when it is signed or verified for the schemes in
 * SCHEMES (bit n: enum scheme n). PROGS is the number of programs its skeleton knows, or
 * LOADER_PROGS_UNKNOWN. Fills RET, in the order of the ids, and returns how many.
 */
size_t loader_findings(const struct loader *loader, unsigned int schemes, size_t progs,
		       struct loader_finding ret[LOADER_FINDING_NR]);

/* Finding ID, whether or not it applies to anything. */
struct loader_finding loader_finding(enum loader_finding_id id);

/* The id called NAME; -ENOENT if there is none. */
int loader_finding_from_name(const char *name, enum loader_finding_id *ret);

/* "note", "warning" or "danger". */
const char *loader_severity_name(enum loader_severity severity);

#endif /* LOADER_H */
