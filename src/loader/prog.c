// SPDX-License-Identifier: BSD-2-Clause
/* Programs (gen_loader.c: bpf_gen__prog_load, emit_find_attach_target). */
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "loader/btf.h"
#include "loader/walk.h"

#define LOAD_SIZE _attr_end(core_relo_rec_size)

/* struct bpf_core_relo */
#define CORE_RELO_SIZE 16

/* struct bpf_func_info: two numbers, to which newer versions may add more. */
#define FUNC_INFO_TYPE 4
#define FUNC_INFO_SIZE 8

/* What libbpf writes into attach_btf_id; the loader replaces it. */
#define ATTACH_BTF_ID_PENDING 1

/* Where the parts of a program are in the data, and what it attaches to by its attributes. */
struct places {
	size_t license, insns, func_info, line_info, core_relos, attr;
	uint32_t attach_btf_id;
};

static struct loader_prog *add_prog(struct walk *w)
{
	struct loader *loader = w->loader;
	struct loader_prog *progs = reallocarray(loader->progs, loader->nr_progs + 1,
						 sizeof(*progs));

	if (!progs) {
		walk_no_memory(w);
		return NULL;
	}
	loader->progs = progs;
	progs[loader->nr_progs] = (struct loader_prog){0};
	return &progs[loader->nr_progs++];
}

static void read_attr(const struct walk *w, struct view attr, struct loader_prog *prog)
{
	prog->type = get_u32(attr, offsetof(union bpf_attr, prog_type), w->big);
	prog->attach_type = get_u32(attr, offsetof(union bpf_attr, expected_attach_type), w->big);
	prog->ifindex = get_u32(attr, offsetof(union bpf_attr, prog_ifindex), w->big);
	prog->flags = get_u32(attr, offsetof(union bpf_attr, prog_flags), w->big);
	prog->func_info_rec = get_u32(attr, offsetof(union bpf_attr, func_info_rec_size), w->big);
	prog->nr_func_info = get_u32(attr, offsetof(union bpf_attr, func_info_cnt), w->big);
	prog->line_info_rec = get_u32(attr, offsetof(union bpf_attr, line_info_rec_size), w->big);
	prog->nr_line_info = get_u32(attr, offsetof(union bpf_attr, line_info_cnt), w->big);
	prog->nr_core_relos = get_u32(attr, offsetof(union bpf_attr, core_relo_cnt), w->big);
	walk_read_name(prog->name,
		       view_sub(attr, offsetof(union bpf_attr, prog_name), LOADER_NAME_SIZE));
}

/* The attributes must be those that libbpf writes for PROG, to the last byte. */
static size_t take_attr(struct walk *w, const struct loader_prog *prog, uint32_t attach_btf_id)
{
	size_t nr_insns = prog->insns.size / IMAGE_INSN_SIZE;
	uint8_t attr[LOAD_SIZE] = {0};

	put_u32(attr + offsetof(union bpf_attr, prog_type), prog->type, w->big);
	put_u32(attr + offsetof(union bpf_attr, expected_attach_type), prog->attach_type, w->big);
	put_u32(attr + offsetof(union bpf_attr, attach_btf_id), attach_btf_id, w->big);
	put_u32(attr + offsetof(union bpf_attr, prog_ifindex), prog->ifindex, w->big);
	put_u32(attr + offsetof(union bpf_attr, prog_flags), prog->flags, w->big);
	put_u32(attr + offsetof(union bpf_attr, insn_cnt), (uint32_t)nr_insns, w->big);
	put_u32(attr + offsetof(union bpf_attr, func_info_rec_size), prog->func_info_rec, w->big);
	put_u32(attr + offsetof(union bpf_attr, func_info_cnt), prog->nr_func_info, w->big);
	put_u32(attr + offsetof(union bpf_attr, line_info_rec_size), prog->line_info_rec, w->big);
	put_u32(attr + offsetof(union bpf_attr, line_info_cnt), prog->nr_line_info, w->big);
	put_u32(attr + offsetof(union bpf_attr, core_relo_rec_size), CORE_RELO_SIZE, w->big);
	put_u32(attr + offsetof(union bpf_attr, core_relo_cnt), prog->nr_core_relos, w->big);
	memcpy(attr + offsetof(union bpf_attr, prog_name), prog->name, LOADER_NAME_SIZE);
	return walk_take_bytes(w, attr, sizeof(attr));
}

/* NR records of RECORD bytes. Their product fits: both are 32 bits wide. */
static struct view take_records(struct walk *w, uint64_t nr, uint64_t record, size_t *ret_at)
{
	*ret_at = w->blob;
	return walk_take(w, nr * record);
}

/*
 * The parts precede the attributes, which have their sizes. The first store into the attributes
 * shows where those are; the parts must end there.
 */
static struct places take_parts(struct walk *w, struct loader_prog *prog)
{
	size_t at = walk_peek_pointer(w, 2) - offsetof(union bpf_attr, license);
	struct view attr = view_sub(w->data, at, LOAD_SIZE);
	uint64_t nr_insns = get_u32(attr, offsetof(union bpf_attr, insn_cnt), w->big);
	struct places places = {.license = w->blob};

	if (!walk_sees_pointer(w, 0, BPF_REG_0) || !walk_sees_pointer(w, 2, BPF_REG_1) ||
	    !attr.data)
		walk_fail(w, "the attributes of a program, or the end");
	read_attr(w, attr, prog);
	prog->license = walk_take_string(w);
	prog->insns = take_records(w, nr_insns, IMAGE_INSN_SIZE, &places.insns);
	prog->func_info = take_records(w, prog->nr_func_info, prog->func_info_rec,
				       &places.func_info);
	prog->line_info = take_records(w, prog->nr_line_info, prog->line_info_rec,
				       &places.line_info);
	prog->core_relos = take_records(w, prog->nr_core_relos, CORE_RELO_SIZE, &places.core_relos);
	places.attach_btf_id = get_u32(attr, offsetof(union bpf_attr, attach_btf_id), w->big);
	places.attr = take_attr(w, prog, places.attach_btf_id);
	return places;
}

static void walk_attr(struct walk *w, const struct places *places)
{
	size_t attr = places->attr;

	walk_rel_store(w, attr + offsetof(union bpf_attr, license), places->license);
	walk_rel_store(w, attr + offsetof(union bpf_attr, insns), places->insns);
	walk_rel_store(w, attr + offsetof(union bpf_attr, func_info), places->func_info);
	walk_rel_store(w, attr + offsetof(union bpf_attr, line_info), places->line_info);
	walk_rel_store(w, attr + offsetof(union bpf_attr, core_relos), places->core_relos);
	walk_rel_store(w, attr + offsetof(union bpf_attr, fd_array), 0);
	walk_ctx_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, log_level), CTX_LOG_LEVEL);
	walk_ctx_to_blob(w, BPF_W, attr + offsetof(union bpf_attr, log_size), CTX_LOG_SIZE);
	walk_ctx_to_blob(w, BPF_DW, attr + offsetof(union bpf_attr, log_buf), CTX_LOG_BUF);
	walk_stack_to_blob(w, attr + offsetof(union bpf_attr, prog_btf_fd), STACK_BTF);
}

/* What PROG attaches to, looked up by name; the descriptor of a module's BTF comes with it. */
static void walk_target(struct walk *w, struct loader_prog *prog, size_t attr)
{
	size_t name = w->blob;

	w->step = "finding what a program attaches to";
	prog->target = walk_take_string(w);
	/* pointer and size precede the kind */
	prog->target_kind = (uint32_t)walk_peek(w, 3).imm;
	if (prog->target_kind != BTF_KIND_FUNC && prog->target_kind != BTF_KIND_TYPEDEF)
		walk_fail(w, "a function or a type that a program attaches to");
	walk_find_btf(w, name, prog->target.size + 1, prog->target_kind);
	walk_want_error_jump(w);
	walk_want_pointer(w, BPF_REG_0, attr);
	walk_want(w,
		  insn_store(BPF_W, BPF_REG_0, offsetof(union bpf_attr, attach_btf_id), BPF_REG_7));
	walk_want(w, insn_alu_imm(BPF_RSH, BPF_REG_7, 32));
	walk_want(w, insn_store(BPF_W, BPF_REG_0, offsetof(union bpf_attr, attach_btf_obj_fd),
				BPF_REG_7));
}

/* --- what its instructions use --- */

static bool is_extern(const struct loader_prog *prog, size_t index)
{
	for (size_t i = 0; i < prog->nr_externs; i++) {
		if (prog->externs[i].insn == index)
			return true;
	}
	return false;
}

static void scan_imm64(struct walk *w, struct loader_prog *prog, struct insn insn, size_t index,
		       size_t offset)
{
	bool is_map = insn.src == BPF_PSEUDO_MAP_IDX || insn.src == BPF_PSEUDO_MAP_IDX_VALUE;

	if (is_map && (uint32_t)insn.imm < w->loader->nr_maps)
		prog->maps |= (uint64_t)1 << insn.imm;
	else if (insn.src && insn.src != BPF_PSEUDO_FUNC &&
		 (insn.src != BPF_PSEUDO_BTF_ID || !is_extern(prog, index)))
		walk_fail_data(w, offset,
			       "a load of a number, a function, an extern, or a map of "
			       "this loader");
}

static void scan_call(struct walk *w, struct loader_prog *prog, struct insn insn, size_t index,
		      size_t offset)
{
	/* Compilers and libbpf write numbers of no helper into code that can never run. */
	if (!insn.src && (insn.imm < 0 || insn.imm >= LOADER_HELPERS_MAX))
		prog->no_helper = true;
	else if (!insn.src)
		prog->helpers[insn.imm / 64] |= (uint64_t)1 << insn.imm % 64;
	else if (insn.src != BPF_PSEUDO_CALL &&
		 (insn.src != BPF_PSEUDO_KFUNC_CALL || !is_extern(prog, index)))
		walk_fail_data(w, offset, "a call of a helper, a function or an extern");
}

/* A number that has a meaning only on the build host must not be in the attributes. */
static void scan_insns(struct walk *w, struct loader_prog *prog, size_t insns)
{
	w->step = "the instructions of a program";
	for (size_t i = 0; !w->rc && i < prog->insns.size / IMAGE_INSN_SIZE; i++) {
		struct insn insn = insn_get(prog->insns, i, w->big);
		size_t offset = insns + i * IMAGE_INSN_SIZE;

		if (insn.code == (BPF_LD | BPF_IMM | BPF_DW))
			scan_imm64(w, prog, insn, i++, offset);
		else if (insn.code == (BPF_JMP | BPF_CALL))
			scan_call(w, prog, insn, i, offset);
	}
}

/* The name that the first record of func_info has in BTF, if the cut name agrees with it. */
static void find_full_name(const struct walk *w, struct loader_prog *prog)
{
	uint32_t type = get_u32(prog->func_info, FUNC_INFO_TYPE, w->big);
	struct view name = btf_func_name(w->loader->btf, type, w->big);
	size_t cut = strlen(prog->name);

	if (name.size < cut || memcmp(name.data ?: (const uint8_t *)"", prog->name, cut))
		return;
	if (name.size == cut || cut == LOADER_NAME_SIZE - 1)
		prog->full_name = name;
}

void walk_prog(struct walk *w)
{
	size_t index = w->loader->nr_progs;
	struct loader_prog *prog;
	struct places places;

	w->step = "loading a program";
	prog = add_prog(w);
	if (!prog)
		return;
	places = take_parts(w, prog);
	walk_attr(w, &places);
	if (walk_sees_pointer(w, 0, BPF_REG_1))
		walk_target(w, prog, places.attr);
	/* any other id has a meaning only on the build host */
	if (places.attach_btf_id != (prog->target_kind ? ATTACH_BTF_ID_PENDING : 0))
		walk_fail_data(w, places.attr + offsetof(union bpf_attr, attach_btf_id),
			       "1 if the loader looks up what to attach to, else 0");
	walk_externs(w, prog, places.insns);
	w->step = "loading a program";
	walk_sys_bpf(w, BPF_PROG_LOAD, places.attr, LOAD_SIZE);
	walk_close_externs(w, prog, places.insns);
	if (prog->target_kind)
		walk_close_blob(w, places.attr + offsetof(union bpf_attr, attach_btf_obj_fd));
	walk_want_error_jump(w);
	walk_want_stack(w, insn_store(BPF_W, BPF_REG_10, STACK_PROGS + (int)index * 4, BPF_REG_7));
	if (index >= w->loader->nr_slots)
		walk_fail(w, "only as many programs as the cleanup code closes");
	scan_insns(w, prog, places.insns);
	if (!w->rc)
		find_full_name(w, prog);
}

/* --- functions --- */

size_t loader_prog_nr_funcs(const struct loader_prog *prog)
{
	if (prog->func_info_rec < FUNC_INFO_SIZE)
		return 0;
	return prog->nr_func_info < LOADER_FUNCS_MAX ? prog->nr_func_info : LOADER_FUNCS_MAX;
}

struct loader_func loader_prog_func(const struct loader *loader, const struct loader_prog *prog,
				    size_t n)
{
	size_t at = n * prog->func_info_rec;
	struct loader_func func = {
		.type = get_u32(prog->func_info, at + FUNC_INFO_TYPE, loader->big),
		.first = get_u32(prog->func_info, at, loader->big),
	};
	uint64_t end = prog->insns.size / IMAGE_INSN_SIZE;

	if (n + 1 < prog->nr_func_info)
		end = get_u32(prog->func_info, at + prog->func_info_rec, loader->big);
	if (end > func.first && end <= prog->insns.size / IMAGE_INSN_SIZE)
		func.insns = (uint32_t)end - func.first;
	return func;
}

bool loader_prog_ref(const struct loader *loader, const struct loader_prog *prog, size_t n,
		     struct loader_ref *ret)
{
	struct insn insn = insn_get(prog->insns, n, loader->big);

	if (insn.code != (BPF_LD | BPF_IMM | BPF_DW) ||
	    (insn.src != BPF_PSEUDO_MAP_IDX && insn.src != BPF_PSEUDO_MAP_IDX_VALUE))
		return false;
	*ret = (struct loader_ref){
		.map = (uint32_t)insn.imm,
		.has_offset = insn.src == BPF_PSEUDO_MAP_IDX_VALUE,
		.offset = (uint32_t)insn_get(prog->insns, n + 1, loader->big).imm,
	};
	return true;
}

struct loader_relo loader_prog_relo(const struct loader *loader, const struct loader_prog *prog,
				    size_t n)
{
	size_t at = n * CORE_RELO_SIZE;

	return (struct loader_relo){
		.insn = get_u32(prog->core_relos, at, loader->big) / IMAGE_INSN_SIZE,
		.type = get_u32(prog->core_relos, at + 4, loader->big),
		.access = get_u32(prog->core_relos, at + 8, loader->big),
		.kind = get_u32(prog->core_relos, at + 12, loader->big),
	};
}
