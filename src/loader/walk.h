/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * walk.h - read a loader in one pass, in the order in which libbpf generates it.
 *
 * The walk keeps two positions: the next instruction, and the next byte of data that is not
 * explained yet; libbpf fills both in order. A step *wants* instructions, which must be there
 * exactly. Offsets into the data are not read from instructions but follow from the second
 * position, and sizes from attributes and strings, so an instruction cannot contain anything
 * unexpected.
 *
 * The same pass rewrites: wanted instructions are copied to the output, which becomes the sealed
 * loader, and jumps to the cleanup code are adjusted. A step may also drop instructions, or write
 * new ones.
 *
 * After the first failure later steps do nothing, and everything that is read is zero.
 *
 * Does: positions, the building blocks of gen_loader.c (emit_rel_store and its like).
 * Does not: define the order of the blocks (read.c does), or handle maps and programs.
 */
#ifndef LOADER_WALK_H
#define LOADER_WALK_H

#include "base/err.h"
#include "hash.h"
#include "loader/insn.h"
#include "loader/loader.h"

/*
 * struct loader_stack, which ends at the top of the stack: BTF and inner map file descriptors, then
 * one per program. libbpf's has room for 32 programs; with more than that, the loader is known only
 * so that it can be sealed. The wide one is not libbpf's: sealing writes it for 33 to
 * LOADER_PROGS_MAX programs.
 */
#define STACK_BTF	  0
#define STACK_INNER	  4
#define STACK_PROGS	  8
#define STACK_SIZE(progs) (STACK_PROGS + 4 * (progs))
#define STACK_NARROW	  STACK_SIZE(LOADER_PROGS_NARROW)
#define STACK_WIDE	  STACK_SIZE(LOADER_PROGS_MAX)

/* struct bpf_loader_ctx of libbpf >= 0.8, then 16 bytes per map and 4 per program. */
#define CTX_FLAGS	4
#define CTX_LOG_LEVEL	8
#define CTX_LOG_SIZE	12
#define CTX_LOG_BUF	16
#define CTX_MAPS	24
#define CTX_MAP_SIZE	16
#define CTX_MAP_FD	0
#define CTX_MAX_ENTRIES 4
#define CTX_VALUE	8

/* The array of file descriptors at the start of the data: of maps, then of modules' BTF. */
#define FD_ARRAY_MAPS  64
#define FD_ARRAY_KFUNC 256
#define FD_ARRAY_SIZE  ((FD_ARRAY_MAPS + FD_ARRAY_KFUNC) * 4)

#define _attr_end(field) (offsetof(union bpf_attr, field) + sizeof(((union bpf_attr *)NULL)->field))

/* What to do with a wanted instruction. */
enum walk_mode {
	WALK_KEEP,  /* it must be there, and is kept */
	WALK_DROP,  /* it must be there, and is dropped */
	WALK_WRITE, /* it is new, and only written */
};

struct walk {
	struct view insns, data;
	bool big;
	size_t at;	  /* next instruction */
	size_t blob;	  /* the next byte of data that is not explained yet */
	size_t cleanup;	  /* instruction that errors jump to */
	int stack;	  /* size of its struct loader_stack */
	size_t nr_progs;  /* programs of which the end hands descriptors to the caller */
	const char *step; /* the current step, for messages */
	struct loader *loader;

	enum walk_mode mode;
	struct buf out;	  /* the sealed loader, without a check */
	bool too_far;	  /* it has too many instructions for its jumps */
	size_t out_slots; /* programs that its cleanup code closes */
	int out_stack;	  /* size of its struct loader_stack */

	int rc;
	struct err *err;
};

/* The first failure: an unknown loader at the next instruction, or at byte OFFSET of data. */
void walk_fail(struct walk *w, const char *expected);
void walk_fail_data(struct walk *w, size_t offset, const char *expected);
void walk_no_memory(struct walk *w);

/* --- instructions --- */

/* N slots ahead. */
struct insn walk_peek(const struct walk *w, size_t n);
bool walk_sees(const struct walk *w, struct insn insn);

/* Whether a 64-bit load of DST with a pointer into the data is next, and where it points to. */
bool walk_sees_pointer(const struct walk *w, size_t n, uint8_t dst);
uint32_t walk_peek_pointer(const struct walk *w, size_t n);

void walk_want(struct walk *w, struct insn insn);
/* INSN must be next; OUT is what the output gets for it. */
void walk_want_as(struct walk *w, struct insn insn, struct insn out);
/* DST = 64-bit constant, or what SRC (BPF_PSEUDO_*) makes of it. */
void walk_want_imm64(struct walk *w, uint8_t dst, uint8_t src, uint32_t low, uint32_t high);
/* DST = &data[OFFSET] */
void walk_want_pointer(struct walk *w, uint8_t dst, size_t offset);
/* INSN with its jump aimed at the cleanup code, or TOO_FAR instructions behind its start. */
void walk_want_cleanup_jump(struct walk *w, struct insn insn, int too_far);
/* if (r7 < 0) goto cleanup */
void walk_want_error_jump(struct walk *w);

/* --- the stack --- */

/* The size of struct loader_stack in the loader INSNS, which may be unknown. */
int stack_size(struct view insns, bool big);
/* INSN loads from the stack, or stores there; its offset is one in struct loader_stack. */
bool walk_sees_stack(const struct walk *w, size_t n, struct insn insn);
void walk_want_stack(struct walk *w, struct insn insn);

/* --- data --- */

/* The next SIZE bytes, and their padding to 8, which must be zero. */
struct view walk_take(struct walk *w, size_t size);
/* The same with zeros only. Returns the offset. */
size_t walk_take_zeros(struct walk *w, size_t size);
/* The next string, taken with its NUL; returned without. */
struct view walk_take_string(struct walk *w);
/* The next SIZE bytes must be these. Returns the offset. */
size_t walk_take_bytes(struct walk *w, const uint8_t *want, size_t size);

/* The name in an attribute FIELD, up to 15 bytes and the NUL. */
void walk_read_name(char name[LOADER_NAME_SIZE], struct view field);

/* --- what gen_loader's emit and move functions make --- */

void walk_ctx_to_blob(struct walk *w, uint8_t size, size_t to, size_t from);
void walk_stack_to_blob(struct walk *w, size_t to, int from);
void walk_blob_to_blob(struct walk *w, uint8_t size, size_t to, size_t from);
void walk_rel_store(struct walk *w, size_t to, size_t pointer);
void walk_sys_bpf(struct walk *w, int command, size_t attr, size_t size);
void walk_close_stack(struct walk *w, int offset);
void walk_close_blob(struct walk *w, size_t offset);
/* r7 = bpf_btf_find_by_name_kind(NAME at offset, with its NUL, KIND) */
void walk_find_btf(struct walk *w, size_t name, size_t size, uint32_t kind);

/* --- the steps, each in a file of its own --- */

void walk_check(struct walk *w);
/* Write the check of FORM, which compares HASH, where the output ends. */
void walk_write_check(struct walk *w, enum loader_form form, const uint8_t hash[HASH_SHA256_SIZE]);
void walk_map(struct walk *w, size_t index);
void walk_prog(struct walk *w);
void walk_externs(struct walk *w, struct loader_prog *prog, size_t insns);
void walk_close_externs(struct walk *w, const struct loader_prog *prog, size_t insns);

/* What comes before the check. Counts maps in W->loader->nr_maps, which has none yet. */
void walk_beginning(struct walk *w);

/* The whole of a loader; W->rc afterwards is the outcome. */
void walk_loader(struct walk *w);

/* Set up W for IMAGE, which must have exactly one map. */
int walk_begin(struct walk *w, const struct image *image, struct loader *loader, struct err *err);

#endif /* LOADER_WALK_H */
