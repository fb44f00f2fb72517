// SPDX-License-Identifier: BSD-2-Clause
#include "loader/walk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t round_up8(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

void walk_fail(struct walk *w, const char *expected)
{
	char found[INSN_TEXT_SIZE];

	if (w->rc)
		return;
	if (w->at < w->insns.size / IMAGE_INSN_SIZE)
		insn_text(found, walk_peek(w, 0));
	else
		snprintf(found, sizeof(found), "the end");
	w->rc = err_set(w->err, -EBADMSG,
			"unknown loader: instruction %zu (%s): expected %s, found %s", w->at,
			w->step, expected, found);
}

void walk_fail_data(struct walk *w, size_t offset, const char *expected)
{
	if (!w->rc)
		w->rc = err_set(w->err, -EBADMSG,
				"unknown loader: byte %zu of data (%s, instruction %zu): expected "
				"%s",
				offset, w->step, w->at, expected);
}

void walk_no_memory(struct walk *w)
{
	if (!w->rc)
		w->rc = err_nomem(w->err);
}

/* --- instructions --- */

struct insn walk_peek(const struct walk *w, size_t n)
{
	const struct insn nothing = {0};

	return w->rc ? nothing : insn_get(w->insns, w->at + n, w->big);
}

bool walk_sees(const struct walk *w, struct insn insn)
{
	return insn_equal(walk_peek(w, 0), insn);
}

bool walk_sees_pointer(const struct walk *w, size_t n, uint8_t dst)
{
	return insn_equal(walk_peek(w, n), insn_imm64_low(dst, BPF_PSEUDO_MAP_IDX_VALUE, 0));
}

uint32_t walk_peek_pointer(const struct walk *w, size_t n)
{
	return (uint32_t)walk_peek(w, n + 1).imm;
}

static void write_insn(struct walk *w, struct insn insn)
{
	uint8_t *slot;

	if (w->rc)
		return;
	slot = buf_space(&w->out, IMAGE_INSN_SIZE);
	if (slot)
		insn_put(slot, insn, w->big);
	else
		walk_no_memory(w);
}

void walk_want_as(struct walk *w, struct insn insn, struct insn out)
{
	char expected[INSN_TEXT_SIZE];

	if (w->mode != WALK_WRITE) {
		if (w->at >= w->insns.size / IMAGE_INSN_SIZE || !walk_sees(w, insn))
			walk_fail(w, insn_text(expected, insn));
		w->at += !w->rc;
	}
	if (w->mode != WALK_DROP)
		write_insn(w, out);
}

void walk_want(struct walk *w, struct insn insn)
{
	walk_want_as(w, insn, insn);
}

void walk_want_imm64(struct walk *w, uint8_t dst, uint8_t src, uint32_t low, uint32_t high)
{
	walk_want(w, insn_imm64_low(dst, src, low));
	walk_want(w, insn_imm64_high(high));
}

void walk_want_pointer(struct walk *w, uint8_t dst, size_t offset)
{
	walk_want_imm64(w, dst, BPF_PSEUDO_MAP_IDX_VALUE, 0, (uint32_t)offset);
}

/* --- the stack --- */

/* r1 = the start of the stack is the third instruction; see walk_prologue(). */
int stack_size(struct view insns, bool big)
{
	const size_t add = 2;

	return insn_get(insns, add, big).imm == -STACK_WIDE ? STACK_WIDE : STACK_NARROW;
}

static struct insn stack_insn(struct insn insn, int stack)
{
	insn.off = (int16_t)(insn.off - stack);
	return insn;
}

bool walk_sees_stack(const struct walk *w, size_t n, struct insn insn)
{
	return insn_equal(walk_peek(w, n), stack_insn(insn, w->stack));
}

void walk_want_stack(struct walk *w, struct insn insn)
{
	walk_want_as(w, stack_insn(insn, w->stack), stack_insn(insn, w->out_stack));
}

/* --- jumps --- */

/* How far the cleanup code is from instruction FROM, which jumps there. */
static long long cleanup_jump(const struct walk *w, size_t from, int too_far)
{
	return (long long)w->cleanup + too_far - (long long)(from + 1);
}

void walk_want_cleanup_jump(struct walk *w, struct insn insn, int too_far)
{
	struct insn out = insn;
	long long jump = cleanup_jump(w, w->at, too_far);

	if (w->mode != WALK_WRITE && jump < INT16_MIN)
		walk_fail(w, "no jump over more than 32768 instructions");
	insn.off = (int16_t)jump;
	jump = cleanup_jump(w, w->out.size / IMAGE_INSN_SIZE, too_far);
	w->too_far |= w->mode != WALK_DROP && jump < INT16_MIN;
	out.off = (int16_t)jump;
	walk_want_as(w, insn, out);
}

void walk_want_error_jump(struct walk *w)
{
	walk_want_cleanup_jump(w, insn_jump_imm(BPF_JSLT, BPF_REG_7, 0, 0), 0);
}

/* --- data --- */

struct view walk_take(struct walk *w, size_t size)
{
	struct view bytes = view_sub(w->data, w->blob, size);
	struct view padding = view_sub(w->data, w->blob + size, round_up8(size) - size);

	if (w->rc)
		return (struct view){NULL, 0};
	if (!bytes.data || !padding.data) {
		walk_fail_data(w, w->blob, "more data");
		return (struct view){NULL, 0};
	}
	for (size_t i = 0; i < padding.size; i++) {
		if (padding.data[i])
			walk_fail_data(w, w->blob + size + i, "zero as padding");
	}
	w->blob += round_up8(size);
	return bytes;
}

size_t walk_take_zeros(struct walk *w, size_t size)
{
	size_t offset = w->blob;
	struct view bytes = walk_take(w, size);

	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i])
			walk_fail_data(w, offset + i, "zero where the loader writes");
	}
	return offset;
}

struct view walk_take_string(struct walk *w)
{
	struct view rest = view_sub(w->data, w->blob, w->data.size - w->blob);
	const uint8_t *nul = rest.data && rest.size ? memchr(rest.data, '\0', rest.size) : NULL;
	struct view string;

	if (!nul) {
		walk_fail_data(w, w->blob, "a string with its NUL");
		return (struct view){NULL, 0};
	}
	string = walk_take(w, (size_t)(nul - rest.data) + 1);
	string.size -= string.size > 0;
	return string;
}

size_t walk_take_bytes(struct walk *w, const uint8_t *want, size_t size)
{
	size_t offset = w->blob;
	struct view bytes = walk_take(w, size);

	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i] != want[i])
			walk_fail_data(w, offset + i, "what libbpf sets there");
	}
	return offset;
}

void walk_read_name(char name[LOADER_NAME_SIZE], struct view field)
{
	memset(name, 0, LOADER_NAME_SIZE);
	if (field.size >= LOADER_NAME_SIZE)
		memcpy(name, field.data, strnlen((const char *)field.data, LOADER_NAME_SIZE - 1));
}

/* --- what gen_loader's emit and move functions make --- */

void walk_ctx_to_blob(struct walk *w, uint8_t size, size_t to, size_t from)
{
	walk_want(w, insn_load(size, BPF_REG_0, BPF_REG_6, (int)from));
	walk_want_pointer(w, BPF_REG_1, to);
	walk_want(w, insn_store(size, BPF_REG_1, 0, BPF_REG_0));
}

void walk_stack_to_blob(struct walk *w, size_t to, int from)
{
	walk_want_stack(w, insn_load(BPF_W, BPF_REG_0, BPF_REG_10, from));
	walk_want_pointer(w, BPF_REG_1, to);
	walk_want(w, insn_store(BPF_W, BPF_REG_1, 0, BPF_REG_0));
}

void walk_blob_to_blob(struct walk *w, uint8_t size, size_t to, size_t from)
{
	walk_want_pointer(w, BPF_REG_2, from);
	walk_want(w, insn_load(size, BPF_REG_0, BPF_REG_2, 0));
	walk_want_pointer(w, BPF_REG_1, to);
	walk_want(w, insn_store(size, BPF_REG_1, 0, BPF_REG_0));
}

void walk_rel_store(struct walk *w, size_t to, size_t pointer)
{
	walk_want_pointer(w, BPF_REG_0, pointer);
	walk_want_pointer(w, BPF_REG_1, to);
	walk_want(w, insn_store(BPF_DW, BPF_REG_1, 0, BPF_REG_0));
}

void walk_sys_bpf(struct walk *w, int command, size_t attr, size_t size)
{
	walk_want(w, insn_mov_imm(BPF_REG_1, command));
	walk_want_pointer(w, BPF_REG_2, attr);
	walk_want(w, insn_mov_imm(BPF_REG_3, (int32_t)size));
	walk_want(w, insn_call(BPF_FUNC_sys_bpf));
	walk_want(w, insn_mov(BPF_REG_7, BPF_REG_0));
}

static void close_r1(struct walk *w)
{
	walk_want(w, insn_jump_imm(BPF_JSLE, BPF_REG_1, 0, 2));
	walk_want(w, insn_mov(BPF_REG_9, BPF_REG_1));
	walk_want(w, insn_call(BPF_FUNC_sys_close));
}

void walk_close_stack(struct walk *w, int offset)
{
	walk_want_stack(w, insn_load(BPF_W, BPF_REG_1, BPF_REG_10, offset));
	close_r1(w);
}

void walk_close_blob(struct walk *w, size_t offset)
{
	walk_want_pointer(w, BPF_REG_0, offset);
	walk_want(w, insn_load(BPF_W, BPF_REG_1, BPF_REG_0, 0));
	close_r1(w);
}

void walk_find_btf(struct walk *w, size_t name, size_t size, uint32_t kind)
{
	walk_want_pointer(w, BPF_REG_1, name);
	walk_want(w, insn_mov_imm(BPF_REG_2, (int32_t)size));
	walk_want(w, insn_mov_imm(BPF_REG_3, (int32_t)kind));
	walk_want(w, insn_mov_imm(BPF_REG_4, 0));
	walk_want(w, insn_call(BPF_FUNC_btf_find_by_name_kind));
	walk_want(w, insn_mov(BPF_REG_7, BPF_REG_0));
}
