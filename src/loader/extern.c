// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the loader puts into a program's instructions at run time (gen_loader.c: emit_relos and
 * cleanup_relos). R8 points to the instruction; the value goes into its imm, and into off or the
 * second imm.
 */
#include <errno.h>
#include <linux/btf.h>
#include <stdlib.h>

#include "loader/walk.h"

/* Offsets in struct bpf_insn, and in the second slot of a 64-bit load. */
#define INSN_REGS     1
#define INSN_OFF      2
#define INSN_IMM      4
#define INSN_IMM_HIGH 12

#define REG_SITE BPF_REG_8

/* --- kernel functions --- */

/* libbpf >= 1.3: the descriptor of the BTF (0: vmlinux) is always written to its slot. */
static void want_kfunc_slot(struct walk *w, uint32_t slot)
{
	walk_want_pointer(w, BPF_REG_0, (size_t)slot * 4);
	walk_want(w, insn_store(BPF_W, BPF_REG_0, 0, BPF_REG_9));
	walk_want(w, insn_jump_imm(BPF_JNE, BPF_REG_9, 0, 2));
	walk_want(w, insn_store_imm(BPF_H, REG_SITE, INSN_OFF, 0));
	walk_want(w, insn_jump_imm(BPF_JA, 0, 0, 1));
	walk_want(w, insn_store_imm(BPF_H, REG_SITE, INSN_OFF, (int32_t)slot));
}

/* libbpf <= 1.2: only a module's descriptor is, so an old one may stay in the slot. */
static void want_old_kfunc_slot(struct walk *w, uint32_t slot)
{
	walk_want(w, insn_jump_imm(BPF_JNE, BPF_REG_9, 0, 2));
	walk_want(w, insn_store_imm(BPF_H, REG_SITE, INSN_OFF, 0));
	walk_want(w, insn_jump_imm(BPF_JA, 0, 0, 4));
	walk_want_pointer(w, BPF_REG_0, (size_t)slot * 4);
	walk_want(w, insn_store(BPF_W, BPF_REG_0, 0, BPF_REG_9));
	walk_want(w, insn_store_imm(BPF_H, REG_SITE, INSN_OFF, (int32_t)slot));
}

static void walk_kfunc_slot(struct walk *w, uint32_t slot)
{
	if (!walk_sees(w, insn_jump_imm(BPF_JNE, BPF_REG_9, 0, 2))) {
		want_kfunc_slot(w, slot);
		return;
	}
	w->loader->old_kfunc = true;
	w->mode = WALK_DROP;
	want_old_kfunc_slot(w, slot);
	w->mode = WALK_WRITE;
	want_kfunc_slot(w, slot);
	w->mode = WALK_KEEP;
}

static void walk_kfunc(struct walk *w, uint32_t slot)
{
	walk_want(w, insn_jump_imm(BPF_JSGE, BPF_REG_7, 0, 3));
	walk_want(w, insn_store_imm(BPF_W, REG_SITE, INSN_IMM, 0));
	walk_want(w, insn_store_imm(BPF_H, REG_SITE, INSN_OFF, 0));
	walk_want(w, insn_jump_imm(BPF_JA, 0, 0, 10));
	walk_want(w, insn_store(BPF_W, REG_SITE, INSN_IMM, BPF_REG_7));
	walk_want(w, insn_mov(BPF_REG_9, BPF_REG_7));
	walk_want(w, insn_alu_imm(BPF_RSH, BPF_REG_9, 32));
	walk_kfunc_slot(w, slot);
}

/* The slot in fd_array for the next new function of PROG; it may lie after the array's end. */
static uint32_t take_kfunc_slot(struct walk *w, const struct loader_prog *prog)
{
	uint32_t used = 0, slot;

	for (size_t i = 0; i < prog->nr_externs; i++)
		used += prog->externs[i].kind == LOADER_KFUNC && !prog->externs[i].repeated;
	if (used < FD_ARRAY_KFUNC)
		return FD_ARRAY_MAPS + used;
	slot = (uint32_t)(walk_take_zeros(w, 4) / 4);
	if (slot > INT16_MAX)
		walk_fail(w, "fewer kernel functions (an instruction cannot name more)");
	return slot;
}

/* --- kernel symbols --- */

/* A missing extern becomes a plain zero instead of the id of a BTF type. */
static void want_plain_load(struct walk *w)
{
	walk_want(w, insn_load(BPF_B, BPF_REG_9, REG_SITE, INSN_REGS));
	walk_want(w, (struct insn){
			     .code = BPF_ALU | BPF_AND | BPF_K,
			     .dst = BPF_REG_9,
			     .imm = w->big ? 0xf0 : 0x0f,
		     });
	walk_want(w, insn_store(BPF_B, REG_SITE, INSN_REGS, BPF_REG_9));
}

/* The jump over it; libbpf <= 1.1 repeats a test whose result is known. */
static void walk_over_plain_load(struct walk *w)
{
	struct insn jump = insn_jump_imm(BPF_JA, 0, 0, 3);
	struct insn old = insn_jump_imm(BPF_JSGE, BPF_REG_7, 0, 3);

	if (!walk_sees(w, old)) {
		walk_want(w, jump);
		return;
	}
	w->loader->old_ksym = true;
	w->mode = WALK_DROP;
	walk_want(w, old);
	w->mode = WALK_WRITE;
	walk_want(w, jump);
	w->mode = WALK_KEEP;
}

static void walk_ksym(struct walk *w)
{
	walk_want(w, insn_jump_imm(BPF_JSGE, BPF_REG_7, 0, 3));
	walk_want(w, insn_store_imm(BPF_W, REG_SITE, INSN_IMM, 0));
	walk_want(w, insn_store_imm(BPF_W, REG_SITE, INSN_IMM_HIGH, 0));
	walk_want(w, insn_jump_imm(BPF_JA, 0, 0, 4));
	walk_want(w, insn_store(BPF_W, REG_SITE, INSN_IMM, BPF_REG_7));
	walk_want(w, insn_alu_imm(BPF_RSH, BPF_REG_7, 32));
	walk_want(w, insn_store(BPF_W, REG_SITE, INSN_IMM_HIGH, BPF_REG_7));
	walk_over_plain_load(w);
	want_plain_load(w);
}

/* A lookup in kallsyms; the address is put into the data first. */
static void walk_ksym_addr(struct walk *w, size_t name, size_t size)
{
	size_t address = walk_take_zeros(w, 8);

	walk_want_pointer(w, BPF_REG_1, name);
	walk_want(w, insn_mov_imm(BPF_REG_2, (int32_t)size));
	walk_want(w, insn_mov_imm(BPF_REG_3, 0));
	walk_want_pointer(w, BPF_REG_4, address);
	walk_want(w, insn_mov(BPF_REG_7, BPF_REG_4));
	walk_want(w, insn_call(BPF_FUNC_kallsyms_lookup_name));
	walk_want(w, insn_load(BPF_DW, BPF_REG_9, BPF_REG_7, 0));
	walk_want(w, insn_mov(BPF_REG_7, BPF_REG_0));
	walk_want(w, insn_jump_imm(BPF_JEQ, BPF_REG_7, -ENOENT, 1));
	walk_want_error_jump(w);
	walk_want(w, insn_store(BPF_W, REG_SITE, INSN_IMM, BPF_REG_9));
	walk_want(w, insn_alu_imm(BPF_RSH, BPF_REG_9, 32));
	walk_want(w, insn_store(BPF_W, REG_SITE, INSN_IMM_HIGH, BPF_REG_9));
}

/* --- lookup, or copy of an earlier one --- */

/* What the instruction of EXT must be, so that the listing says what is written into it. */
static void check_site(struct walk *w, const struct loader_prog *prog,
		       const struct loader_extern *ext, size_t site)
{
	struct insn low = insn_get(prog->insns, ext->insn, w->big);
	struct insn high = insn_get(prog->insns, (size_t)ext->insn + 1, w->big);
	struct insn call = insn_call(0);

	call.src = BPF_PSEUDO_KFUNC_CALL;
	if (ext->kind == LOADER_KFUNC) {
		if (!insn_equal(low, call))
			walk_fail_data(w, site, "a call of a kernel function");
		return;
	}
	if (ext->kind == LOADER_KSYM_ADDR)
		low.imm = high.imm = 0; /* the build host's address: overwritten in any case */
	if (!insn_equal(low, insn_imm64_low(low.dst,
					    ext->kind == LOADER_KSYM ? BPF_PSEUDO_BTF_ID : 0, 0)) ||
	    !insn_equal(high, insn_imm64_high(0)) ||
	    ext->insn + 1 >= prog->insns.size / IMAGE_INSN_SIZE)
		walk_fail_data(w, site, "a load of an address from the kernel");
}

static void walk_lookup(struct walk *w, struct loader_prog *prog, struct loader_extern *ext)
{
	const size_t kind_at = 3, address_at = 4;
	size_t name = w->blob, size;

	ext->name = walk_take_string(w);
	size = ext->name.size + 1;
	if (walk_sees_pointer(w, address_at, BPF_REG_4)) {
		ext->kind = LOADER_KSYM_ADDR;
		walk_ksym_addr(w, name, size);
		return;
	}
	ext->btf_kind = (uint32_t)walk_peek(w, kind_at).imm;
	if (ext->btf_kind != BTF_KIND_FUNC && ext->btf_kind != BTF_KIND_VAR)
		walk_fail(w, "a lookup of a function or a variable");
	walk_find_btf(w, name, size, ext->btf_kind);
	ext->weak = !(walk_peek(w, 0).code == (BPF_JMP | BPF_JSLT | BPF_K));
	if (!ext->weak)
		walk_want_error_jump(w);
	if (ext->kind == LOADER_KFUNC) {
		ext->fd_slot = take_kfunc_slot(w, prog);
		walk_kfunc(w, ext->fd_slot);
	} else {
		walk_ksym(w);
	}
}

/*
 * The extern that was looked up first and is copied from FROM in the program: from its imm, or
 * for a typed symbol first from that of its second slot.
 */
static const struct loader_extern *find_extern(const struct loader_prog *prog, size_t from)
{
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];
		size_t insn = (size_t)ext->insn * IMAGE_INSN_SIZE;

		if (!ext->repeated && (from == insn + INSN_IMM ||
				       (ext->kind == LOADER_KSYM && from == insn + INSN_IMM_HIGH)))
			return ext;
	}
	return NULL;
}

static void want_ksym_halves(struct walk *w, size_t site, size_t from, size_t first, size_t second)
{
	walk_blob_to_blob(w, BPF_W, site + first, from + first);
	walk_blob_to_blob(w, BPF_W, site + second, from + second);
}

/*
 * The type id comes last: where it is zero, the symbol is missing. libbpf <= 1.1 has the
 * descriptor last, which is zero for all symbols of vmlinux, so that they count as missing.
 */
static void walk_copy_ksym(struct walk *w, size_t site, size_t from)
{
	bool old = walk_peek_pointer(w, 0) == from + INSN_IMM;

	if (old) {
		w->loader->old_ksym = true;
		w->mode = WALK_DROP;
		want_ksym_halves(w, site, from, INSN_IMM, INSN_IMM_HIGH);
		w->mode = WALK_WRITE;
	}
	want_ksym_halves(w, site, from, INSN_IMM_HIGH, INSN_IMM);
	w->mode = WALK_KEEP;
	walk_want(w, insn_jump_imm(BPF_JNE, BPF_REG_0, 0, 3));
	want_plain_load(w);
}

static void walk_copy(struct walk *w, struct loader_prog *prog, struct loader_extern *ext,
		      size_t insns, size_t site)
{
	size_t from = walk_peek_pointer(w, 0) - insns;
	const struct loader_extern *first = find_extern(prog, from);
	uint32_t at = ext->insn;

	if (!first) {
		walk_fail(w, "a copy of an extern that was found before");
		return;
	}
	if ((first->kind == LOADER_KFUNC) != (ext->kind == LOADER_KFUNC)) {
		walk_fail(w,
			  "either a function's address or a call of it, not both (a bug of libbpf "
			  "up to 1.1: generate the loader again with a newer one)");
		return;
	}
	*ext = *first;
	ext->insn = at;
	ext->repeated = true;
	from = insns + first->insn * (size_t)IMAGE_INSN_SIZE;
	if (ext->kind == LOADER_KFUNC) {
		walk_blob_to_blob(w, BPF_W, site + INSN_IMM, from + INSN_IMM);
		walk_blob_to_blob(w, BPF_H, site + INSN_OFF, from + INSN_OFF);
	} else if (ext->kind == LOADER_KSYM_ADDR) {
		walk_blob_to_blob(w, BPF_W, site + INSN_IMM, from + INSN_IMM);
		walk_blob_to_blob(w, BPF_W, site + INSN_IMM_HIGH, from + INSN_IMM_HIGH);
	} else {
		walk_copy_ksym(w, site, from);
	}
}

static void add_extern(struct walk *w, struct loader_prog *prog, const struct loader_extern *ext)
{
	struct loader_extern *externs;

	if (w->rc)
		return;
	externs = reallocarray(prog->externs, prog->nr_externs + 1, sizeof(*externs));
	if (!externs) {
		walk_no_memory(w);
		return;
	}
	prog->externs = externs;
	externs[prog->nr_externs++] = *ext;
}

static void walk_extern(struct walk *w, struct loader_prog *prog, size_t insns)
{
	size_t site = walk_peek_pointer(w, 0), index = (site - insns) / IMAGE_INSN_SIZE;
	struct loader_extern ext = {.insn = (uint32_t)index};

	w->step = "resolving an extern of a program";
	if (site < insns || (site - insns) % IMAGE_INSN_SIZE ||
	    index >= prog->insns.size / IMAGE_INSN_SIZE ||
	    (prog->nr_externs && index <= prog->externs[prog->nr_externs - 1].insn)) {
		walk_fail(w, "an instruction of the program after that of the last extern");
		return;
	}
	walk_want_pointer(w, REG_SITE, site);
	ext.kind = insn_get(prog->insns, index, w->big).code == (BPF_JMP | BPF_CALL) ? LOADER_KFUNC
										     : LOADER_KSYM;
	if (walk_sees_pointer(w, 0, BPF_REG_2))
		walk_copy(w, prog, &ext, insns, site);
	else
		walk_lookup(w, prog, &ext);
	check_site(w, prog, &ext, site);
	add_extern(w, prog, &ext);
}

void walk_externs(struct walk *w, struct loader_prog *prog, size_t insns)
{
	while (!w->rc && walk_sees_pointer(w, 0, REG_SITE))
		walk_extern(w, prog, insns);
}

void walk_close_externs(struct walk *w, const struct loader_prog *prog, size_t insns)
{
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		if (ext->repeated)
			continue;
		if (ext->kind == LOADER_KFUNC)
			walk_close_blob(w, (size_t)ext->fd_slot * 4);
		else if (ext->kind == LOADER_KSYM)
			walk_close_blob(w, insns + ext->insn * (size_t)IMAGE_INSN_SIZE +
						   INSN_IMM_HIGH);
	}
}
