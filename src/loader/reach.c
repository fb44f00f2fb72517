// SPDX-License-Identifier: BSD-2-Clause
/*
 * Whether the kernel's verifier accepts the instructions of a loader, whatever its data is: each
 * is of a kind that gen_loader.c writes, on registers that have what it needs. One pass from front
 * to end: jumps forward skip a few instructions, and jumps back go to the cleanup code, which comes
 * early and leads nowhere.
 */
#include <errno.h>
#include <string.h>

#include "loader/walk.h"

#define NR_REGS 11

/* What a register holds. */
enum kind {
	NOTHING,
	NUMBER, /* any */
	CONST,	/* AT */
	DATA,	/* a pointer to byte AT of the data */
	MAP,	/* the map, as struct bpf_map */
	CONTEXT,
	STACK, /* the top, and AT */
};

struct value {
	enum kind kind;
	int64_t at;
};

/* Jumps forward go over fewer instructions than these, but for the one over the cleanup code. */
#define WINDOW 16

/* The registers at an instruction that can be reached. */
struct state {
	bool live;
	struct value regs[NR_REGS];
};

struct reach {
	struct state now;
	struct state ahead[WINDOW]; /* of instruction n: n % WINDOW */
	struct state over;	    /* after the cleanup code */
	size_t at, nr, cleanup, behind;
	int stack; /* size of struct loader_stack */
	struct loader_reach found;
	struct value none;
	bool bad;
};

static bool fail(struct reach *r)
{
	r->bad = true;
	return false;
}

/* The register has a value, as each register that is read must. */
static struct value *get(struct reach *r, uint8_t reg)
{
	if (reg < NR_REGS && r->now.regs[reg].kind != NOTHING)
		return &r->now.regs[reg];
	fail(r);
	r->none = (struct value){NOTHING, 0};
	return &r->none;
}

static void set(struct reach *r, uint8_t reg, enum kind kind, int64_t at)
{
	if (reg >= BPF_REG_10)
		fail(r);
	else
		r->now.regs[reg] = (struct value){kind, at};
}

/* SIZE bytes of the data from AT on are read or written. */
static void use(struct reach *r, int64_t at, int64_t size)
{
	if (at < 0 || size < 0)
		fail(r);
	else if ((uint64_t)(at + size) > r->found.uses)
		r->found.uses = (uint64_t)(at + size);
}

/* --- memory --- */

static int64_t size_of(uint8_t code)
{
	switch (BPF_SIZE(code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	case BPF_W:
		return 4;
	default:
		return 8;
	}
}

/* SIZE bytes at BASE and OFF; a loader only reads the map that it checks. */
static bool access_memory(struct reach *r, const struct value *base, int16_t off, int64_t size,
			  bool writes)
{
	int64_t at = base->at + off;

	switch (base->kind) {
	case DATA:
		use(r, at, size);
		return true;
	case CONTEXT:
		return off >= 0 && off % size == 0;
	case STACK:
		return at >= -r->stack && at % size == 0 && at + size <= 0;
	case MAP:
		return !writes &&
		       (size == 8 ? off >= 0 && off < 32 && off % 8 == 0 : size == 4 && off == 32);
	default:
		return false;
	}
}

static void step_load(struct reach *r, struct insn insn)
{
	if (insn.imm || !access_memory(r, get(r, insn.src), insn.off, size_of(insn.code), false))
		fail(r);
	set(r, insn.dst, NUMBER, 0);
}

static void step_store(struct reach *r, struct insn insn)
{
	bool is_imm = BPF_CLASS(insn.code) == BPF_ST;

	if (is_imm ? insn.src : insn.imm)
		fail(r);
	if (!is_imm && get(r, insn.src)->kind == CONTEXT)
		fail(r);
	if (!access_memory(r, get(r, insn.dst), insn.off, size_of(insn.code), true))
		fail(r);
}

/* --- numbers --- */

static void step_imm64(struct reach *r, struct insn insn, struct insn high)
{
	if (insn.off || high.code || high.dst || high.src || high.off)
		fail(r);
	switch (insn.src) {
	case 0:
		set(r, insn.dst, NUMBER, 0);
		break;
	case BPF_PSEUDO_MAP_IDX:
		if (insn.imm || high.imm)
			fail(r);
		set(r, insn.dst, MAP, 0);
		break;
	case BPF_PSEUDO_MAP_IDX_VALUE:
		if (insn.imm)
			fail(r);
		if ((uint32_t)high.imm > r->found.points)
			r->found.points = (uint32_t)high.imm;
		set(r, insn.dst, DATA, (uint32_t)high.imm);
		break;
	default:
		fail(r);
	}
	r->at++;
	if (r->ahead[r->at % WINDOW].live)
		fail(r); /* a jump into its middle */
}

static void step_alu(struct reach *r, struct insn insn)
{
	bool is_reg = BPF_SRC(insn.code) == BPF_X;
	struct value *to;

	if (insn.off || (is_reg ? insn.imm : insn.src))
		fail(r);
	switch (insn.code) {
	case BPF_ALU64 | BPF_MOV | BPF_X:
		to = get(r, insn.src);
		set(r, insn.dst, to->kind, to->at);
		return;
	case BPF_ALU64 | BPF_MOV | BPF_K:
		set(r, insn.dst, CONST, insn.imm);
		return;
	case BPF_ALU64 | BPF_ADD | BPF_K:
		to = get(r, insn.dst);
		if (to->kind != STACK || insn.imm > 0 || insn.imm < -r->stack)
			fail(r);
		to->at += insn.imm;
		return;
	case BPF_ALU64 | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_AND | BPF_K:
		to = get(r, insn.dst);
		if ((to->kind != NUMBER && to->kind != CONST) || insn.imm < 0 || insn.imm > 0xff ||
		    (insn.code == (BPF_ALU64 | BPF_RSH | BPF_K) && insn.imm > 63))
			fail(r);
		to->kind = NUMBER;
		return;
	default:
		fail(r);
	}
}

/* --- calls and jumps --- */

/* Memory in register POINTER, as large as the constant in SIZE; the stack is that of the start. */
static void use_memory(struct reach *r, uint8_t pointer, uint8_t size, bool may_be_empty)
{
	const struct value *to = get(r, pointer), *bytes = get(r, size);

	if (bytes->kind != CONST || bytes->at < !may_be_empty)
		fail(r);
	else if (to->kind == DATA)
		use(r, to->at, bytes->at);
	else if (to->kind != STACK || to->at < -r->stack || to->at + bytes->at > 0)
		fail(r);
}

static void step_call(struct reach *r, struct insn insn)
{
	if (insn.dst || insn.src || insn.off)
		fail(r);
	switch (insn.imm) {
	case BPF_FUNC_sys_close:
		get(r, BPF_REG_1);
		break;
	case BPF_FUNC_sys_bpf:
		get(r, BPF_REG_1);
		use_memory(r, BPF_REG_2, BPF_REG_3, false);
		break;
	case BPF_FUNC_copy_from_user:
	case BPF_FUNC_probe_read_kernel:
		use_memory(r, BPF_REG_1, BPF_REG_2, true);
		get(r, BPF_REG_3);
		break;
	case BPF_FUNC_btf_find_by_name_kind:
		use_memory(r, BPF_REG_1, BPF_REG_2, false);
		get(r, BPF_REG_3);
		get(r, BPF_REG_4);
		break;
	case BPF_FUNC_kallsyms_lookup_name:
		use_memory(r, BPF_REG_1, BPF_REG_2, true);
		get(r, BPF_REG_3);
		if (get(r, BPF_REG_4)->kind == DATA)
			use(r, r->now.regs[BPF_REG_4].at, 8);
		else
			fail(r);
		break;
	default:
		fail(r);
	}
	for (uint8_t reg = BPF_REG_1; reg <= BPF_REG_5; reg++)
		r->now.regs[reg].kind = NOTHING;
	set(r, BPF_REG_0, NUMBER, 0);
}

/* What the registers have in common on both ways to an instruction. */
static void merge(struct state *to, const struct state *from)
{
	if (!to->live) {
		*to = *from;
		return;
	}
	for (size_t i = 0; i < NR_REGS; i++) {
		struct value *a = &to->regs[i];
		const struct value *b = &from->regs[i];

		if (a->kind == b->kind && a->at == b->at)
			continue;
		a->kind = (a->kind == NUMBER || a->kind == CONST) &&
					  (b->kind == NUMBER || b->kind == CONST)
				  ? NUMBER
				  : NOTHING;
	}
}

static bool is_jump(struct insn insn)
{
	switch (BPF_OP(insn.code)) {
	case BPF_JA:
		return insn.code == (BPF_JMP | BPF_JA) && !insn.dst && !insn.src && !insn.imm;
	case BPF_JEQ:
	case BPF_JNE:
	case BPF_JSET:
	case BPF_JSLT:
	case BPF_JSLE:
	case BPF_JSGE:
		return BPF_SRC(insn.code) == BPF_X ? !insn.imm : !insn.src;
	default:
		return false;
	}
}

/* A jump back to the cleanup code, which expects the error in r7; libbpf 1.7.0 jumps one too far.
 */
static void jump_back(struct reach *r, long long target)
{
	if (target != (long long)r->cleanup && target != (long long)r->cleanup + 1)
		fail(r);
	if (get(r, BPF_REG_7)->kind != NUMBER && get(r, BPF_REG_7)->kind != CONST)
		fail(r);
}

static void step_jump(struct reach *r, struct insn insn)
{
	bool always = insn.code == (BPF_JMP | BPF_JA);
	long long target = (long long)r->at + 1 + insn.off;

	if (!is_jump(insn)) {
		fail(r);
		return;
	}
	if (!always)
		get(r, insn.dst);
	if (BPF_SRC(insn.code) == BPF_X)
		get(r, insn.src);
	if (insn.off < 0) {
		jump_back(r, target);
	} else if (r->at + 1 == r->cleanup && always) {
		r->behind = (size_t)target;
		r->over = r->now;
	} else if (insn.off < WINDOW) {
		merge(&r->ahead[target % WINDOW], &r->now);
	} else {
		fail(r);
	}
	r->now.live = !always;
}

static void step_exit(struct reach *r, struct insn insn)
{
	get(r, BPF_REG_0);
	if (!insn_equal(insn, insn_exit()))
		fail(r);
	r->now.live = false;
}

/* Join the ways that lead to the next instruction; there must be one. */
static void arrive(struct reach *r)
{
	struct state *ahead = &r->ahead[r->at % WINDOW];

	if (r->at == r->cleanup) {
		r->now = (struct state){.live = true};
		set(r, BPF_REG_6, CONTEXT, 0);
		set(r, BPF_REG_7, NUMBER, 0);
		r->now.regs[BPF_REG_10] = (struct value){STACK, 0};
	}
	if (r->over.live && r->at == r->behind)
		merge(&r->now, &r->over);
	if (ahead->live)
		merge(&r->now, ahead);
	ahead->live = false;
	if (!r->now.live)
		fail(r);
}

static void step(struct reach *r, struct view insns, bool big)
{
	struct insn insn = insn_get(insns, r->at, big);

	switch (BPF_CLASS(insn.code)) {
	case BPF_LD:
		if (insn.code != (BPF_LD | BPF_IMM | BPF_DW) || r->at + 1 >= r->nr)
			fail(r);
		else
			step_imm64(r, insn, insn_get(insns, r->at + 1, big));
		return;
	case BPF_LDX:
		if (BPF_MODE(insn.code) != BPF_MEM)
			fail(r);
		step_load(r, insn);
		return;
	case BPF_ST:
	case BPF_STX:
		if (BPF_MODE(insn.code) != BPF_MEM)
			fail(r);
		step_store(r, insn);
		return;
	case BPF_ALU:
	case BPF_ALU64:
		step_alu(r, insn);
		return;
	case BPF_JMP:
		if (insn.code == (BPF_JMP | BPF_CALL))
			step_call(r, insn);
		else if (insn.code == (BPF_JMP | BPF_EXIT))
			step_exit(r, insn);
		else
			step_jump(r, insn);
		return;
	default:
		fail(r);
	}
}

/* Whether the last instruction is the last one that is reached. */
static bool ends(const struct reach *r)
{
	bool beyond = r->now.live || r->behind >= r->nr;

	for (size_t i = 0; i < WINDOW; i++)
		beyond |= r->ahead[i].live;
	return !beyond;
}

int loader_reach(const struct image *image, struct loader_reach *ret, struct err *err)
{
	/* as long as walk_prologue(), and the jump over the cleanup code */
	struct reach r = {.cleanup = 7, .nr = image->insns.size / IMAGE_INSN_SIZE};
	_loader_ struct loader loader = {0};
	struct walk w;
	int rc = walk_begin(&w, image, &loader, err);

	if (rc)
		return rc;
	r.stack = stack_size(w.insns, w.big);
	r.now.live = true;
	r.now.regs[BPF_REG_1] = (struct value){CONTEXT, 0};
	r.now.regs[BPF_REG_10] = (struct value){STACK, 0};
	for (; r.at < r.nr && !r.bad; r.at++) {
		arrive(&r);
		step(&r, w.insns, w.big);
	}
	if (r.bad || !ends(&r))
		return err_set(
			err, -EBADMSG,
			"unknown loader: instruction %zu is not one that libbpf writes there",
			r.at - 1);
	*ret = r.found;
	return 0;
}
