// SPDX-License-Identifier: BSD-2-Clause
/* The in-loader check: that the map is exclusive, and has the hash it was signed with. */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "loader/walk.h"

/* struct bpf_map of Linux 6.18 to 7.2: sha[32] comes first, then excl. */
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

/* The jumps of libbpf 1.7.0 go one instruction past the start of the cleanup code. */
static bool sees_jump_too_far(const struct walk *w)
{
	const size_t jump = 6;

	return walk_peek(w, jump).off ==
	       (int16_t)((long long)w->cleanup + 1 - (long long)(w->at + jump + 1));
}

/* Which check is next. */
static enum loader_check see_check(const struct walk *w)
{
	if (!sees_map(w))
		return LOADER_CHECK_NONE;
	if (walk_peek(w, 2).off == MAP_EXCL)
		return LOADER_CHECK_EXCL_HASH;
	return sees_jump_too_far(w) ? LOADER_CHECK_HASH_1_7 : LOADER_CHECK_HASH;
}

/* CHECK must be next, with HASH; it may be NONE. */
static void want_check(struct walk *w, enum loader_check check, const uint8_t *hash)
{
	if (check == LOADER_CHECK_EXCL_HASH)
		want_exclusive(w);
	w->step = "comparing the hash of the map with that of the data";
	if (check != LOADER_CHECK_NONE)
		want_hash(w, hash, check == LOADER_CHECK_HASH_1_7);
}

static int hash_data(const struct walk *w, uint8_t hash[HASH_SHA256_SIZE], struct err *err)
{
	int rc = hash_array_map(w->data, (uint32_t)w->data.size, 1, hash);

	return rc ? err_set(err, rc, "cannot hash the data") : 0;
}

static void read_check(struct walk *w)
{
	uint8_t hash[HASH_SHA256_SIZE];

	if (w->rc || !sees_map(w))
		return;
	w->loader->check = see_check(w);
	w->rc = hash_data(w, hash, w->err);
	want_check(w, w->loader->check, hash);
}

/* The hash that CHECK, which is next, compares: the constant of each block of want_hash(). */
static void peek_hash(const struct walk *w, enum loader_check check, uint8_t ret[HASH_SHA256_SIZE])
{
	const size_t excl_size = 5, word_size = 7, constant = 3;
	size_t at = (check == LOADER_CHECK_EXCL_HASH ? excl_size : 0) + constant;

	for (size_t i = 0; i < HASH_WORDS; i++, at += word_size) {
		uint64_t word = (uint32_t)walk_peek(w, at).imm |
				(uint64_t)(uint32_t)walk_peek(w, at + 1).imm << 32;

		put_u64(ret + i * 8, word, w->big);
	}
}

/* A check of the map and the hash it compares; *ret_fits: whether that is the hash of the data. */
static void read_any_check(struct walk *w, struct loader_checked *ret)
{
	uint8_t data[HASH_SHA256_SIZE], own[HASH_SHA256_SIZE] = {0};

	*ret = (struct loader_checked){.check = see_check(w), .fits = true};
	if (w->rc || ret->check == LOADER_CHECK_NONE)
		return;
	peek_hash(w, ret->check, own);
	want_check(w, ret->check, own);
	if (!w->rc)
		w->rc = hash_data(w, data, w->err);
	if (!w->rc)
		ret->fits = !memcmp(own, data, sizeof(own));
}

int loader_read_check(const struct image *image, struct loader_checked *ret, struct err *err)
{
	_loader_ struct loader loader = {0};
	struct loader_checked checked;
	struct walk w;
	int rc = walk_begin(&w, image, &loader, err);

	if (rc)
		return rc;
	walk_beginning(&w);
	read_any_check(&w, &checked);
	loader.nr_maps = 0; /* counted, but not allocated */
	buf_free(&w.out);
	if (!w.rc)
		*ret = checked;
	return w.rc;
}

void walk_check(struct walk *w)
{
	w->step = "check of the map";
	w->mode = WALK_DROP;
	read_check(w);
	w->mode = WALK_KEEP;
	w->loader->code.check = w->out.size;
}

void walk_write_check(struct walk *w, enum loader_form form, const uint8_t hash[HASH_SHA256_SIZE])
{
	w->mode = WALK_WRITE;
	if (form == LOADER_FORM_EXCL_HASH)
		want_exclusive(w);
	want_hash(w, hash, 0);
}
