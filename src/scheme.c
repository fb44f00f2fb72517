// SPDX-License-Identifier: BSD-2-Clause
#include "scheme.h"

#include <errno.h>
#include <string.h>

/* Of an instruction (Linux 6.18, include/uapi/linux/bpf.h). */
#define INSN_SIZE	 8
#define BPF_LD_IMM64	 0x18
#define BPF_MOV_X	 0xbf
#define PSEUDO_MAP_FD	 1
#define PSEUDO_MAP_VALUE 2

static const struct {
	const char *name;
	const char *digest_label;
} schemes[SCHEME_NR] = {
	[SCHEME_FOLDED] = {"folded", "sha256 of content"},
	[SCHEME_CHAIN] = {"chain", "digest"},
	[SCHEME_INSNS] = {"insns", "sha256 of content"},
	[SCHEME_INSNS_HASH] = {"insns-hash", "sha256 of content"},
};

const char *scheme_name(enum scheme scheme)
{
	return schemes[scheme].name;
}

const char *scheme_digest_label(enum scheme scheme)
{
	return schemes[scheme].digest_label;
}

/* The scheme whose name is the SIZE bytes at NAME, or SCHEME_NR. */
static enum scheme find_scheme(const char *name, size_t size)
{
	enum scheme scheme;

	for (scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (strlen(schemes[scheme].name) == size &&
		    !memcmp(schemes[scheme].name, name, size))
			break;
	}
	return scheme;
}

int scheme_parse(const char *list, scheme_set *ret, struct err *err)
{
	scheme_set set = 0;

	if (!strcmp(list, "all")) {
		*ret = SCHEME_ALL;
		return 0;
	}
	for (const char *at = list;; at++) {
		size_t size = strcspn(at, ",");
		enum scheme scheme = find_scheme(at, size);

		if (scheme == SCHEME_NR)
			return err_set(
				err, -EINVAL,
				"unknown scheme '%.*s': expected chain, folded, insns, insns-hash or all",
				(int)size, at);
		set |= SCHEME_BIT(scheme);
		at += size;
		if (!*at)
			break;
	}
	*ret = set;
	return 0;
}

scheme_set scheme_signed(const struct image *image)
{
	scheme_set set = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		set |= image->sig[scheme].data ? SCHEME_BIT(scheme) : 0;
	return set;
}

static int digest_error(struct err *err, int code)
{
	return err_set(err, code, "cannot compute a sha256: %s",
		       code == -ENOMEM ? "out of memory" : "OpenSSL does not offer it here");
}

/* Loaders begin with r6 = r1; the byte behind an opcode has its two registers, by byte order. */
static bool is_big_endian(struct view insns)
{
	return insns.size >= INSN_SIZE && insns.data[0] == BPF_MOV_X && insns.data[1] == 0x61;
}

/* A load of a map by its file descriptor. */
static bool names_map(const uint8_t *insn, bool big)
{
	uint8_t src = big ? insn[1] & 0x0f : insn[1] >> 4;

	return insn[0] == BPF_LD_IMM64 && (src == PSEUDO_MAP_FD || src == PSEUDO_MAP_VALUE);
}

/*
 * kernel/bpf/core.c: bpf_prog_calc_tag(): file descriptors count as zero, in both slots of a load.
 * A loader has none, one that was changed may.
 */
static void take_out_descriptors(struct buf *insns)
{
	const bool big = is_big_endian(buf_view(insns));
	bool second = false;

	for (size_t at = 0; at + INSN_SIZE <= insns->size; at += INSN_SIZE) {
		uint8_t *insn = insns->data + at;
		bool zeroed = second ? !memcmp(insn, "\0\0\0", 4) : names_map(insn, big);

		if (zeroed)
			memset(insn + 4, 0, 4);
		second = zeroed && !second;
	}
}

int scheme_excl_hash(const struct image *image, enum scheme scheme, uint8_t ret[HASH_SHA256_SIZE],
		     struct err *err)
{
	_buf_ struct buf insns = {0};
	int rc;

	buf_add_view(&insns, buf_view(image_insns(image, scheme)));
	rc = buf_done(&insns, err);
	if (rc)
		return rc;
	take_out_descriptors(&insns);
	rc = hash_sha256(buf_view(&insns), ret);
	return rc ? digest_error(err, rc) : 0;
}

/* The hash of the instructions of SCHEME, to *ret; none where it has no form of its own. */
static int set_excl_hash(const struct image *image, enum scheme scheme, struct buf *ret,
			 struct err *err)
{
	uint8_t hash[HASH_SHA256_SIZE];
	int rc;

	buf_free(ret);
	if (image_excl_hash(image, scheme) != ret || !image_insns(image, scheme)->data)
		return 0;
	rc = scheme_excl_hash(image, scheme, hash, err);
	if (!rc)
		buf_add(ret, hash, sizeof(hash));
	return rc ?: buf_done(ret, err);
}

int scheme_set_excl_hashes(struct image *image, struct err *err)
{
	int rc = set_excl_hash(image, SCHEME_FOLDED, &image->excl_hash, err);

	if (!rc)
		rc = set_excl_hash(image, SCHEME_INSNS, &image->excl_hash_checked, err);
	if (!rc)
		rc = set_excl_hash(image, SCHEME_INSNS_HASH, &image->excl_hash_hash, err);
	return rc;
}

int scheme_chain(const struct image *image, struct scheme_chain *ret, struct err *err)
{
	struct scheme_chain chain;
	int rc;

	if (!image->nr_maps)
		return err_set(err, -EINVAL, "a hash chain needs at least one map");
	rc = hash_sha256(buf_view(image_insns(image, SCHEME_CHAIN)), chain.program);
	if (rc)
		return digest_error(err, rc);
	for (size_t i = 0; i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];

		rc = hash_array_map(buf_view(&map->value), map->value_size, map->max_entries,
				    chain.links[i].map);
		if (rc)
			return digest_error(err, rc);
	}
	rc = hash_chain(chain.program, chain.links, image->nr_maps, chain.final);
	if (rc)
		return digest_error(err, rc);
	*ret = chain;
	return 0;
}

static int folded_content(const struct image *image, struct buf *ret, struct err *err)
{
	buf_add_view(ret, buf_view(&image->insns));
	for (size_t i = 0; i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];

		if (map->max_entries != 1)
			return err_set(err, -EINVAL,
				       "map %s has %u elements: the folded scheme takes one",
				       map->name, map->max_entries);
		buf_add_view(ret, buf_view(&map->value));
	}
	return 0;
}

int scheme_content(enum scheme scheme, const struct image *image, struct buf *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	struct scheme_chain chain;
	int rc = 0;

	switch (scheme) {
	case SCHEME_CHAIN:
		rc = scheme_chain(image, &chain, err);
		if (!rc)
			buf_add(&content, chain.final, sizeof(chain.final));
		break;
	case SCHEME_FOLDED:
		rc = folded_content(image, &content, err);
		break;
	case SCHEME_INSNS:
	case SCHEME_INSNS_HASH:
		buf_add_view(&content, buf_view(image_insns(image, scheme)));
		break;
	case SCHEME_NR:
		return err_set(err, -EINVAL, "no scheme");
	}
	if (!rc)
		rc = buf_done(&content, err);
	if (!rc)
		*ret = buf_take(&content);
	return rc;
}

const struct image_map *scheme_ambiguous_map(const struct image *image)
{
	for (size_t i = 0; i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];

		if (hash_array_map_size(map->value_size, map->max_entries) == 2 * HASH_SHA256_SIZE)
			return map;
	}
	return NULL;
}
