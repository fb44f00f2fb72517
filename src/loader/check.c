// SPDX-License-Identifier: BSD-2-Clause
/* The in-loader check: that the map is exclusive, and has the hash it was signed with. */
#include <errno.h>

#include "hash.h"
#include "walk.h"

/* struct bpf_map of Linux 6.18 to 7.2: sha[32] comes first, excl behind it. */
#define MAP_EXCL HASH_SHA256_SIZE

#define HASH_WORDS (HASH_SHA256_SIZE / 8)

/* r2 = *(SIZE *)((struct bpf_map *)map + OFFSET) */
static void want_map_field(struct walk *w, uint8_t size, int offset)
{
	walk_want_imm64(w, BPF_REG_1, BPF_PSEUDO_MAP_IDX, 0, 0);
	walk_want(w, insn_load(size, BPF_REG_2, BPF_REG_1, offset));
}

static void want_exclusive(struct walk *w)
{
	want_map_field(w, BPF_W, MAP_EXCL);
	walk_want(w, insn_mov_imm(BPF_REG_7, -EINVAL));
	walk_want_cleanup_jump(w, insn_jump_imm(BPF_JNE, BPF_REG_2, 1, 0), 0);
}

/* HASH, compared word by word; each is a number in the byte order of the machine. */
static void want_hash(struct walk *w, const uint8_t *hash, int too_far)
{
	for (int i = 0; i < HASH_WORDS; i++) {
		uint64_t word = get_u64(view_of(hash, HASH_SHA256_SIZE), (size_t)i * 8, w->big);

		want_map_field(w, BPF_DW, i * 8);
		walk_want_imm64(w, BPF_REG_3, 0, (uint32_t)word, (uint32_t)(word >> 32));
		walk_want(w, insn_mov_imm(BPF_REG_7, -EINVAL));
		walk_want_cleanup_jump(w, insn_jump_reg(BPF_JNE, BPF_REG_2, BPF_REG_3, 0), too_far);
	}
}

static bool sees_map(const struct walk *w)
{
	return walk_sees(w, insn_imm64_low(BPF_REG_1, BPF_PSEUDO_MAP_IDX, 0));
}

/* libbpf 1.7.0 aims all its jumps one instruction behind the start of the cleanup code. */
static bool sees_jump_too_far(const struct walk *w)
{
	const size_t jump = 6;

	return walk_peek(w, jump).off ==
	       (int16_t)((long long)w->cleanup + 1 - (long long)(w->at + jump + 1));
}

static void read_check(struct walk *w)
{
	enum loader_check check = LOADER_CHECK_HASH;
	uint8_t hash[HASH_SHA256_SIZE];
	int rc;

	if (w->rc || !sees_map(w))
		return;
	rc = hash_sha256(w->data, hash);
	if (rc) {
		w->rc = err_set(w->err, rc, "cannot hash the data");
		return;
	}
	if (walk_peek(w, 2).off == MAP_EXCL) {
		check = LOADER_CHECK_EXCL_HASH;
		want_exclusive(w);
	} else if (sees_jump_too_far(w)) {
		check = LOADER_CHECK_HASH_1_7;
	}
	w->step = "check of the map: is the hash that of the data?";
	want_hash(w, hash, check == LOADER_CHECK_HASH_1_7);
	w->loader->check = check;
}

void walk_check(struct walk *w)
{
	w->step = "check of the map";
	w->mode = WALK_DROP;
	read_check(w);
	w->mode = WALK_WRITE;
	if (w->rewrite && w->form == LOADER_FORM_EXCL_HASH)
		want_exclusive(w);
	if (w->rewrite && w->form != LOADER_FORM_PLAIN)
		want_hash(w, w->hash, 0);
	w->mode = WALK_KEEP;
}
