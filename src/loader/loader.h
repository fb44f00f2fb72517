/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loader.h - read, seal and change libbpf's loader programs (tools/lib/bpf/gen_loader.c).
 *
 * A loader is recognized only if each field of each instruction, and each byte of its data, is
 * either what libbpf (0.8 to Linux 7.3) would have generated there or part of the resulting
 * listing. Any other loader is unknown; nothing is guessed. See docs/loaders.md.
 *
 * Does: recognize, list, seal, and report findings.
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
#include "image/image.h"

/* --- the listing --- */

/* How a loader checks, before it does anything else, that its map is the signed one. */
enum loader_check {
	LOADER_CHECK_NONE,	/* no check: libbpf without gen_hash; Linux 7.3 */
	LOADER_CHECK_HASH_1_7,	/* compares the map's hash; jumps one too far (libbpf 1.7.0) */
	LOADER_CHECK_HASH,	/* compares the map's hash */
	LOADER_CHECK_EXCL_HASH, /* also requires an exclusive map (Linux 7.2) */
};

/* The room for a name in the kernel, with its NUL (BPF_OBJ_NAME_LEN). */
#define LOADER_NAME_SIZE 16

/* Numbers of BPF helpers are less than this; those of Linux 7.3 end at 211. */
#define LOADER_HELPERS_MAX 1024

/* Element KEY of an array or hash of maps is map number MAP. */
struct loader_slot {
	uint32_t key, map;
};

/* The attributes of BPF_MAP_CREATE, and what is done with the map. Views are into the image. */
struct loader_map {
	char name[LOADER_NAME_SIZE]; /* as passed to the kernel; may contain any byte */
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
	size_t max_entries_at; /* the offset of max_entries in the data */
};

enum loader_extern_kind {
	LOADER_KFUNC,	  /* call of a kernel function */
	LOADER_KSYM,	  /* address of a kernel object, found by name and type in BTF */
	LOADER_KSYM_ADDR, /* address of a kernel symbol, found by name in kallsyms */
};

/* A name that the loading kernel resolves, and the instruction that gets the result. */
struct loader_extern {
	enum loader_extern_kind kind;
	struct view name;
	uint32_t btf_kind; /* of BTF lookups: BTF_KIND_FUNC or BTF_KIND_VAR */
	uint32_t insn;
	bool weak;	  /* it may be missing; always false for LOADER_KSYM_ADDR */
	bool repeated;	  /* copied from an earlier instruction of the same name */
	uint32_t fd_slot; /* LOADER_KFUNC: index in fd_array for the BTF of a module */
};

/* The attributes of BPF_PROG_LOAD. Views are into the image. */
struct loader_prog {
	char name[LOADER_NAME_SIZE]; /* as passed to the kernel; may contain any byte */
	struct view full_name;	     /* from BTF; empty: not known */
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
	bool no_helper; /* calls a number that is not less than LOADER_HELPERS_MAX, or negative */
};

/*
 * The instructions of a loader after sealing, without a check of its map; and what is needed to
 * insert a check: its position, and that of the cleanup code, which is the target of all backward
 * jumps.
 */
struct loader_code {
	struct buf insns;
	size_t check;	/* offset in INSNS */
	size_t cleanup; /* number of an instruction, before the check */
	bool too_far;	/* there are too many INSNS for their jumps, so no sealed form exists */
};

/*
 * All that a loader does, in order. Views are into the map's value of the image, which must outlive
 * it. They stay valid when the loader is sealed and values are set, which change bytes in place.
 */
struct loader {
	bool known;		/* recognized completely; else only WHY is set */
	bool explained;		/* it is not KNOWN, and WHY says what to do about it */
	char why[ERR_TEXT_MAX]; /* where it is not recognized, and what was expected there */
	bool big;		/* for big-endian machines */
	enum loader_check check;
	bool open_sizes;  /* the caller's max_entries replace those of maps */
	bool open_values; /* the caller's initial values replace those of maps */
	bool old_kfunc;	  /* it has code of libbpf <= 1.2 for kernel functions, which may close a
			     descriptor twice */
	bool old_ksym; /* it has code of libbpf <= 1.1 for typed kernel symbols, which may not find
			  them */
	struct view btf;
	struct loader_map *maps;
	size_t nr_maps;
	struct loader_prog *progs;
	size_t nr_progs;
	size_t nr_slots; /* programs the loader was made for: loaded, optional, subprograms */
	bool wide_stack; /* it has the stack that sealing writes for more than 32 programs */
	struct loader_code code;
};

void loader_free(struct loader *loader);

/* Whether nothing that LOADER, a known one, installs comes from its caller. */
bool loader_is_sealed(const struct loader *loader);

/* A function in a program: the program itself comes first, then those that it calls. */
struct loader_func {
	uint32_t type;	/* of BTF */
	uint32_t first; /* its first instruction */
	uint32_t insns; /* how many it has; 0: the records are not in order */
};

/* The most functions in a program that a kernel loads (BPF_MAX_SUBPROGS). */
#define LOADER_FUNCS_MAX 256

/* The number of functions that PROG has records of (func_info), at most LOADER_FUNCS_MAX. */
size_t loader_prog_nr_funcs(const struct loader_prog *prog);

/* Function N of PROG, a program of LOADER; N is below that number. */
struct loader_func loader_prog_func(const struct loader *loader, const struct loader_prog *prog,
				    size_t n);

/* An instruction that loads the address of a map, or of a place in its value. */
struct loader_ref {
	uint32_t map;	 /* number of the map; LOADER's, if the program is known */
	bool has_offset; /* it is the address of byte OFFSET of the value */
	uint32_t offset;
};

/* Whether instruction N of PROG, a program of LOADER, loads such an address (in two slots). */
bool loader_prog_ref(const struct loader *loader, const struct loader_prog *prog, size_t n,
		     struct loader_ref *ret);

/* A CO-RE relocation (struct bpf_core_relo). */
struct loader_relo {
	uint32_t insn, type, access, kind; /* ACCESS: the offset of a string of the BTF */
};

/* Relocation N of PROG, of which it has nr_core_relos. */
struct loader_relo loader_prog_relo(const struct loader *loader, const struct loader_prog *prog,
				    size_t n);

/*
 * The programs for which libbpf's stack has room (gen_loader.c: MAX_USED_PROGS); and the most that
 * a sealed loader can load, of the 126 that would fit into 512 bytes.
 */
#define LOADER_PROGS_NARROW 32
#define LOADER_PROGS_MAX    120

/* Whether LOADER's cleanup code closes more programs than its stack has room for. */
bool loader_has_too_many_progs(const struct loader *loader);

#define _loader_ _cleanup_(loader_free)

/*
 * Read the loader of IMAGE, in one pass. An unknown loader is not an error: RET->known is false.
 * -ENOMEM; -ENOTSUP: no SHA-256.
 */
int loader_read(const struct image *image, struct loader *ret, struct err *err);

/*
 * Whether the loader first compares its map's hash with one in its own instructions (libbpf 1.7.0
 * and Linux 7.2, gen_loader.c: emit_signature_match). Kernels from 7.3 on do not compute that hash,
 * so such a loader fails there with EINVAL, whatever its signature. Reads only the first
 * instructions, and so works for unknown loaders as well.
 */
bool loader_has_check(const struct image *image);

/* How far a loader's instructions point into the data, and how far they access it. */
struct loader_reach {
	uint64_t points; /* the largest offset; not within the data: EINVAL */
	uint64_t uses;	 /* how many bytes of data are needed; fewer: EACCES */
};

/*
 * What the verifier finds in the instructions of IMAGE's loader, whatever the data, which may
 * belong to another loader. -EBADMSG: not all of them are instructions of libbpf, so it is unknown;
 * -ENOMEM. There must be one map, as for loader_read(). Linux 7.2, kernel/bpf/verifier.c:
 * resolve_pseudo_ldimm64 (all instructions, first), then check_mem_access and
 * check_helper_mem_access.
 */
int loader_reach(const struct image *image, struct loader_reach *ret, struct err *err);

/* How a loader begins, whatever follows. */
struct loader_checked {
	enum loader_check check;
	/*
	 * The hash in the check is that of a map with this data, padded to 8 bytes; true if there
	 * is no check.
	 */
	bool fits;
};

/*
 * Read the beginning of IMAGE's loader up to the end of its check; its hash need not be that of the
 * data. -EBADMSG: not the beginning of a libbpf loader; -ENOMEM, -ENOTSUP.
 */
int loader_read_check(const struct image *image, struct loader_checked *ret, struct err *err);

/* --- sealing --- */

/* The forms that a loader can be rewritten to. */
enum loader_form {
	LOADER_FORM_PLAIN,     /* no check: Linux 7.3's; for the schemes folded and chain */
	LOADER_FORM_EXCL_HASH, /* exclusivity and hash: Linux 7.2's; for the scheme insns */
	LOADER_FORM_HASH, /* only the hash: for kernels without struct bpf_map.excl; CVE-2026-80675
			   */
};

/*
 * Seal the loader of IMAGE, and LOADER, which was read from it, in place. After that nothing that
 * it installs comes from its caller, it has no check, its code is that of libbpf 1.3 and later, and
 * kernel addresses of the build host are zero; if it was made for more than 32 programs, its stack
 * and its cleanup code have room for those that it loads. The result has the same bytes for the
 * same object, whatever libbpf (>= 0.8) generated it; sealing it again changes nothing. Further
 * forms and signatures of IMAGE are not changed, and become invalid. -EBADMSG: LOADER is not known;
 * -ERANGE: too large for its jumps, or more than LOADER_PROGS_MAX programs; -ENOMEM.
 */
int loader_seal(struct loader *loader, struct image *image, struct err *err);

/* Say of LOADER, without an image, what is true after sealing, of the form that has CHECK. */
void loader_as_sealed(struct loader *loader, enum loader_check check);

/*
 * Make the sealed instructions of FORM. HASH is the SHA-256 of the data that the check compares
 * (hash_array_map()); the form PLAIN ignores it. Errors as loader_seal().
 */
int loader_make_form(const struct loader *loader, enum loader_form form,
		     const uint8_t hash[HASH_SHA256_SIZE], struct buf *ret, struct err *err);

/* The check that FORM has. */
enum loader_check loader_form_check(enum loader_form form);

/*
 * Find which of the sealed forms with a check INSNS are. -EBADMSG: neither, so they may install
 * something else; other errors as loader_make_form().
 */
int loader_find_form(const struct loader *loader, const uint8_t hash[HASH_SHA256_SIZE],
		     struct view insns, enum loader_form *ret, struct err *err);

/* Whether PROG calls BPF helper number HELPER (BPF_FUNC_*, linux/bpf.h). */
bool loader_prog_calls(const struct loader_prog *prog, unsigned int helper);

/* --- values at signing time --- */

/*
 * Change what LOADER, which must be sealed, installs, together with the data of IMAGE: max_entries
 * of map number MAP, or the bytes from OFFSET on of its initial value. Make further forms after
 * this, with the hash of the new data. -EINVAL: LOADER is not sealed, or has a check, or no such
 * map; the size of a map that has a value, or a size of 0; -ERANGE: not within the value.
 */
int loader_set_size(struct loader *loader, struct image *image, size_t map, uint32_t max_entries,
		    struct err *err);
int loader_set_value(const struct loader *loader, struct image *image, size_t map, size_t offset,
		     struct view value, struct err *err);

/*
 * Write MAX_ENTRIES of MAP, a map of LOADER, into DATA, the data that LOADER was
 * read from or a copy of them; without the checks and the change of LOADER.
 */
void loader_put_size(const struct loader *loader, const struct loader_map *map,
		     uint32_t max_entries, uint8_t *data);

/* --- findings --- */

enum loader_severity {
	LOADER_NOTE,	/* good to know */
	LOADER_WARNING, /* may not work, or not as intended */
	LOADER_DANGER,	/* a signature would not protect as expected: not signed unless allowed */
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
	LOADER_FIXED_CONFIG,
	LOADER_HOST_CPUS,
	LOADER_BTF_REFUSED,
	LOADER_RING_SIZE,
	LOADER_NO_SUCH_HELPER,
	LOADER_ARENA_SIZE,
	LOADER_SMALL_PAGES,
	LOADER_NO_MAX_ENTRIES,
	LOADER_MAP_LAYOUT,
	LOADER_UNKNOWN, /* never in the result of loader_findings(): the loader cannot be read */
	LOADER_TEXT_UNCHECKED, /* nor are these: they are about the header around the loader */
	LOADER_LARGE_PAGES,
	LOADER_CHANGED,
	LOADER_HOST_CONFIG,    /* nor this: prepare.h knows which values were given */
	LOADER_PINNED_MAP,     /* nor this: it is about what the object asked for */
	LOADER_NOT_ATTACHED,   /* nor this: it is about the text around the loader */
	LOADER_WRITABLE_IMAGE, /* nor these: they are about the program around a signed image */
	LOADER_SAME_NAME,
	LOADER_FINDING_NR,
};

/* A set of them is an unsigned int: 1u << id. */
_Static_assert(LOADER_FINDING_NR <= 32, "more findings than bits");

struct loader_finding {
	enum loader_finding_id id;
	const char *name; /* "open-values", as in --allow=open-values */
	enum loader_severity severity;
	const char *what;   /* the problem and its consequence; one sentence */
	const char *remedy; /* one sentence, as an instruction */
	char where[64];	    /* the first map or program it was found in, escaped; "" : everywhere */
};

#define LOADER_PROGS_UNKNOWN SIZE_MAX

/*
 * List the findings about LOADER, for signing or verifying with SCHEMES (bit n: enum scheme n).
 * PROGS is the number of programs in its skeleton, or LOADER_PROGS_UNKNOWN. Fills RET, in the order
 * of the ids, and returns how many.
 */
size_t loader_findings(const struct loader *loader, unsigned int schemes, size_t progs,
		       struct loader_finding ret[LOADER_FINDING_NR]);

/* The description of finding ID, whether or not it applies. */
struct loader_finding loader_finding(enum loader_finding_id id);

/* The id of NAME. -ENOENT: unknown. */
int loader_finding_from_name(const char *name, enum loader_finding_id *ret);

/* "note", "warning" or "danger". */
const char *loader_severity_name(enum loader_severity severity);

#endif /* LOADER_H */
