// SPDX-License-Identifier: BSD-2-Clause
/*
 * The frame of a loader (gen_loader.c: bpf_gen__init, bpf_gen__load_btf, bpf_gen__finish) and the
 * order of what is in it: BTF, maps, programs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "loader/walk.h"

/* The file descriptors on the stack that are closed whatever the number of programs. */
#define STACK_FIXED_FDS 2

/* The first instruction of the cleanup code, and how many close a descriptor on the stack. */
#define CLEANUP	   7
#define CLOSE_SIZE 3

_Static_assert(STACK_NARROW == 136, "as libbpf's struct loader_stack");
_Static_assert(STACK_WIDE <= 512, "MAX_BPF_STACK");

static bool is_load_from(struct insn insn, uint8_t src)
{
	return insn.code == (BPF_LDX | BPF_MEM | BPF_W) && insn.src == src;
}

/* The descriptors on the stack that the cleanup code closes, except the fixed ones. */
static size_t peek_slots(const struct walk *w)
{
	size_t fds = 0;

	while (is_load_from(walk_peek(w, CLEANUP + fds * CLOSE_SIZE), BPF_REG_10))
		fds++;
	return fds > STACK_FIXED_FDS ? fds - STACK_FIXED_FDS : 0;
}

/* The programs in walk_epilogue(), which ends with the maps, r0 = 0 and the exit. */
static size_t peek_progs(const struct walk *w)
{
	size_t at = w->insns.size / IMAGE_INSN_SIZE - 2, nr = 0;

	while (is_load_from(insn_get(w->insns, at - 2, w->big), BPF_REG_1))
		at -= 4;
	for (; is_load_from(insn_get(w->insns, at - 2, w->big), BPF_REG_10); at -= 2)
		nr++;
	return nr;
}

/*
 * The present stack, and that of the sealed loader: if libbpf's has no room for all that
 * the cleanup code closes, only programs that are loaded get a place.
 */
static void plan_stack(struct walk *w)
{
	size_t slots = peek_slots(w);

	w->stack = stack_size(w->insns, w->big);
	w->nr_progs = peek_progs(w);
	w->out_slots = slots > LOADER_PROGS_NARROW ? w->nr_progs : slots;
	w->out_stack = w->out_slots > LOADER_PROGS_NARROW ? STACK_WIDE : STACK_NARROW;
	w->loader->nr_slots = slots;
	w->loader->wide_stack = w->stack == STACK_WIDE;
}

/* r6 = context; the stack is zeroed, by reading from an address that cannot be read. */
static void walk_prologue(struct walk *w)
{
	w->step = "start";
	plan_stack(w);
	walk_want(w, insn_mov(BPF_REG_6, BPF_REG_1));
	walk_want(w, insn_mov(BPF_REG_1, BPF_REG_10));
	walk_want_as(w, insn_alu_imm(BPF_ADD, BPF_REG_1, -w->stack),
		     insn_alu_imm(BPF_ADD, BPF_REG_1, -w->out_stack));
	walk_want_as(w, insn_mov_imm(BPF_REG_2, w->stack), insn_mov_imm(BPF_REG_2, w->out_stack));
	walk_want(w, insn_mov_imm(BPF_REG_3, 0));
	walk_want(w, insn_call(BPF_FUNC_probe_read_kernel));
}

/* Close the BTF, the inner map and the programs; those that are never loaded may be dropped. */
static void walk_close_all(struct walk *w)
{
	const size_t nr = STACK_FIXED_FDS + w->loader->nr_slots;

	for (size_t i = 0; i < nr; i++) {
		w->mode = i < STACK_FIXED_FDS + w->out_slots ? WALK_KEEP : WALK_DROP;
		walk_want_stack(w, insn_load(BPF_W, BPF_REG_1, BPF_REG_10, (int)i * 4));
		walk_want(w, insn_jump_imm(BPF_JSLE, BPF_REG_1, 0, 1));
		walk_want(w, insn_call(BPF_FUNC_sys_close));
	}
	w->mode = WALK_KEEP;
}

/* The wide stack is only for loaders that need it, and that close only programs they load. */
static bool fits_stack(const struct walk *w)
{
	const struct loader *loader = w->loader;

	return !loader->wide_stack ||
	       (loader->nr_slots == w->nr_progs && loader->nr_slots > LOADER_PROGS_NARROW &&
		loader->nr_slots <= LOADER_PROGS_MAX);
}

/* Its blocks show the numbers of maps and programs; there may be too many for programs. */
static void walk_cleanup(struct walk *w)
{
	struct loader *loader = w->loader;
	struct insn over = walk_peek(w, 0);
	int dropped = (int)(loader->nr_slots - w->out_slots) * CLOSE_SIZE;

	w->step = "cleanup code";
	walk_want_as(w, insn_jump_imm(BPF_JA, 0, 0, over.off),
		     insn_jump_imm(BPF_JA, 0, 0, over.off - dropped));
	w->cleanup = w->at;
	walk_close_all(w);
	if (!fits_stack(w))
		walk_fail(w, "a stack for 32 programs, or one for 33 to 120 that are all loaded");
	for (; walk_sees_pointer(w, 0, BPF_REG_0); loader->nr_maps++)
		walk_close_blob(w, loader->nr_maps * 4);
	walk_want(w, insn_mov(BPF_REG_0, BPF_REG_7));
	if (loader->nr_maps > FD_ARRAY_MAPS)
		walk_fail(w, "cleanup code for up to 64 maps");
	walk_want(w, insn_exit());
	if (!w->rc && (over.off < 0 || w->cleanup + (size_t)over.off != w->at))
		walk_fail(w, "the jump over the cleanup code to lead here");
}

static void alloc_maps(struct walk *w)
{
	size_t nr = w->rc ? 0 : w->loader->nr_maps;

	w->loader->nr_maps = 0;
	w->loader->maps = nr ? calloc(nr, sizeof(*w->loader->maps)) : NULL;
	if (w->loader->maps)
		w->loader->nr_maps = nr;
	else if (nr)
		walk_no_memory(w);
}

/* The attributes follow the BTF; the first store into them shows where they start. */
static void walk_btf(struct walk *w)
{
	const size_t attr_size = _attr_end(btf_log_level);
	uint8_t want[_attr_end(btf_log_level)] = {0};
	size_t btf = w->blob, attr;
	uint32_t size;

	w->step = "loading BTF";
	if (!walk_sees(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_6, CTX_LOG_LEVEL)))
		return;
	attr = walk_peek_pointer(w, 1) - offsetof(union bpf_attr, btf_log_level);
	size = get_u32(w->data, attr + offsetof(union bpf_attr, btf_size), w->big);
	w->loader->btf = walk_take(w, size);
	put_u32(want + offsetof(union bpf_attr, btf_size), size, w->big);
	attr = walk_take_bytes(w, want, attr_size);
	walk_ctx_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, btf_log_level), CTX_LOG_LEVEL);
	walk_ctx_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, btf_log_size), CTX_LOG_SIZE);
	walk_ctx_to_blob(w, BPF_DW, attr + offsetof(union bpf_attr, btf_log_buf), CTX_LOG_BUF);
	walk_rel_store(w, attr + offsetof(union bpf_attr, btf), btf);
	walk_sys_bpf(w, BPF_BTF_LOAD, attr, attr_size);
	walk_want_error_jump(w);
	walk_want_stack(w, insn_store(BPF_W, BPF_REG_10, STACK_BTF, BPF_REG_7));
}

/* The caller gets the file descriptors, programs first. */
static void walk_epilogue(struct walk *w)
{
	const struct loader *loader = w->loader;
	int progs = CTX_MAPS + CTX_MAP_SIZE * (int)loader->nr_maps;

	w->step = "end";
	if (loader->nr_progs != w->nr_progs)
		walk_fail(w, "as many programs as the end hands to the caller");
	walk_close_stack(w, STACK_BTF);
	for (int i = 0; i < (int)loader->nr_progs; i++) {
		walk_want_stack(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_10, STACK_PROGS + i * 4));
		walk_want(w, insn_store(BPF_W, BPF_REG_6, progs + i * 4, BPF_REG_0));
	}
	for (int i = 0; i < (int)loader->nr_maps; i++) {
		walk_want_pointer(w, BPF_REG_1, (size_t)i * 4);
		walk_want(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_1, 0));
		walk_want(w, insn_store(BPF_W, BPF_REG_6, CTX_MAPS + CTX_MAP_SIZE * i + CTX_MAP_FD,
					BPF_REG_0));
	}
	walk_want(w, insn_mov_imm(BPF_REG_0, 0));
	walk_want(w, insn_exit());
	if (!w->rc && w->at != w->insns.size / IMAGE_INSN_SIZE)
		walk_fail(w, "the end");
	if (!w->rc && w->blob != w->data.size)
		walk_fail_data(w, w->blob, "the end: nothing uses what follows");
}

/* Where the loader is done: it closes the BTF. */
static bool sees_end(const struct walk *w)
{
	return walk_sees_stack(w, 0, insn_load(BPF_W, BPF_REG_1, BPF_REG_10, STACK_BTF));
}

void walk_beginning(struct walk *w)
{
	walk_prologue(w);
	walk_cleanup(w);
}

void walk_loader(struct walk *w)
{
	walk_prologue(w);
	walk_take_zeros(w, FD_ARRAY_SIZE);
	walk_cleanup(w);
	alloc_maps(w);
	walk_check(w);
	walk_btf(w);
	for (size_t i = 0; !w->rc && i < w->loader->nr_maps; i++)
		walk_map(w, i);
	while (!w->rc && !sees_end(w))
		walk_prog(w);
	walk_epilogue(w);
}

int walk_begin(struct walk *w, const struct image *image, struct loader *loader, struct err *err)
{
	*w = (struct walk){
		.insns = buf_view(&image->insns),
		.loader = loader,
		.step = "start",
		.err = err,
	};
	if (image->nr_maps != 1 || image->maps[0].max_entries != 1)
		return err_set(err, -EBADMSG,
			       "unknown loader: has %zu maps, expected one of a single element",
			       image->nr_maps);
	w->data = buf_view(&image->maps[0].value);
	/* r6 = r1 comes first; the order of its registers is that of the machine's bits. */
	w->big = image->insns.size >= IMAGE_INSN_SIZE &&
		 insn_equal(insn_get(w->insns, 0, true), insn_mov(BPF_REG_6, BPF_REG_1));
	loader->big = w->big;
	return 0;
}

/* gen_loader.c: debug_ret() and similar, which libbpf writes only with a log level. */
static bool explain_debug(const struct walk *w, struct err *why)
{
	size_t nr = w->insns.size / IMAGE_INSN_SIZE;

	for (size_t i = 0; i < nr; i++) {
		if (!insn_equal(insn_get(w->insns, i, w->big), insn_call(BPF_FUNC_trace_printk)))
			continue;
		err_set(why, -EBADMSG,
			"is a debug loader, which prints each step (instruction %zu): generate the "
			"skeleton without -d, the debug option of bpftool",
			i);
		return true;
	}
	return false;
}

int loader_read(const struct image *image, struct loader *ret, struct err *err)
{
	_loader_ struct loader loader = {0};
	struct err why;
	struct walk w;
	int rc = walk_begin(&w, image, &loader, &why);

	if (!rc) {
		walk_loader(&w);
		rc = w.rc;
		loader.code.cleanup = w.cleanup;
		loader.code.too_far = w.too_far;
		buf_move(&loader.code.insns, &w.out);
	}
	if (rc && rc != -EBADMSG) {
		*err = why;
		return rc;
	}
	if (rc) {
		bool explained = loader.explained || explain_debug(&w, &why);

		loader_free(&loader);
		loader.explained = explained;
		snprintf(loader.why, sizeof(loader.why), "%s", why.text);
	}
	loader.known = !rc;
	*ret = loader;
	loader = (struct loader){0};
	return 0;
}
