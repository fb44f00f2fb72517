// SPDX-License-Identifier: BSD-2-Clause
#include "scheme.h"

#include <errno.h>
#include <string.h>

/* Opcodes and registers of instructions (Linux 6.18, include/uapi/linux/bpf.h). */
#define INSN_SIZE	 8
#define BPF_LD_IMM64	 0x18
#define BPF_MOV_X	 0xbf
#define PSEUDO_MAP_FD	 1
#define PSEUDO_MAP_VALUE 2

static const struct {
	const char *name;
	const char *digest_label;
} schemes[SCHEME_NR] = {
	[SCHEME_FOLDED] = {"folded", "sha256"},
	[SCHEME_CHAIN] = {"chain", "digest"},
	[SCHEME_INSNS] = {"insns", "sha256"},
	[SCHEME_INSNS_HASH] = {"insns-hash", "sha256"},
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
		       code == -ENOMEM ? "out of memory"
				       : "OpenSSL does not support it, or its policy forbids it");
}

/*
 * The byte order: loaders begin with r6 = r1, and the order of the two registers in the second byte
 * depends on it.
 */
static bool is_big_endian(struct view insns)
{
	return insns.size >= INSN_SIZE && insns.data[0] == BPF_MOV_X && insns.data[1] == 0x61;
}

/* Whether INSN loads the address of a map by its file descriptor. */
static bool names_map(const uint8_t *insn, bool big)
{
	uint8_t src = big ? insn[1] & 0x0f : insn[1] >> 4;

	return insn[0] == BPF_LD_IMM64 && (src == PSEUDO_MAP_FD || src == PSEUDO_MAP_VALUE);
}

void scheme_begin(struct scheme_contents *ret, const struct image *image)
{
	*ret = (struct scheme_contents){.image = image};
}

/* The first scheme of those over the same form as SCHEME. */
static enum scheme form_of(const struct image *image, enum scheme scheme)
{
	enum scheme first = 0;

	while (image_insns(image, first) != image_insns(image, scheme))
		first++;
	return first;
}

struct hash_input *scheme_insns(struct scheme_contents *contents, enum scheme scheme)
{
	struct hash_input *insns = &contents->insns[form_of(contents->image, scheme)];

	if (!insns->nr)
		hash_input_add(insns, buf_view(image_insns(contents->image, scheme)));
	return insns;
}

static int hash_insns(struct scheme_contents *contents, enum scheme scheme, uint8_t *ret,
		      struct err *err)
{
	struct view digest;
	int rc = hash_input_digest(scheme_insns(contents, scheme), HASH_SHA256, &digest);

	if (rc)
		return digest_error(err, rc);
	memcpy(ret, digest.data, digest.size);
	return 0;
}

/*
 * kernel/bpf/core.c: bpf_prog_calc_tag(): file descriptors count as zero, in both slots of a load.
 * Loaders have none, but a modified one may. Whether there are any; they become zero in COPY, which
 * has the same size, unless that is NULL.
 */
static bool find_descriptors(struct view insns, uint8_t *copy)
{
	const bool big = is_big_endian(insns);
	bool second = false, found = false;

	for (size_t at = 0; at + INSN_SIZE <= insns.size; at += INSN_SIZE) {
		const uint8_t *insn = insns.data + at;
		bool zeroed = second ? !memcmp(insn, "\0\0\0", 4) : names_map(insn, big);

		if (zeroed && copy)
			memset(copy + at + 4, 0, 4);
		found |= zeroed;
		second = zeroed && !second;
	}
	return found;
}

static int hash_without_descriptors(struct view insns, uint8_t *ret, struct err *err)
{
	_buf_ struct buf copy = {0};
	int rc;

	buf_add_view(&copy, insns);
	rc = buf_done(&copy, err);
	if (rc)
		return rc;
	find_descriptors(insns, copy.data);
	rc = hash_sha256(buf_view(&copy), ret);
	return rc ? digest_error(err, rc) : 0;
}

int scheme_excl_hash(struct scheme_contents *contents, enum scheme scheme, const uint8_t **ret,
		     struct err *err)
{
	const enum scheme form = form_of(contents->image, scheme);
	const struct view insns = buf_view(image_insns(contents->image, form));
	uint8_t *hash = contents->excl_hash[form];
	int rc = 0;

	if (!contents->has_excl_hash[form])
		rc = find_descriptors(insns, NULL) ? hash_without_descriptors(insns, hash, err)
						   : hash_insns(contents, form, hash, err);
	if (rc)
		return rc;
	contents->has_excl_hash[form] = true;
	*ret = hash;
	return 0;
}

/*
 * The exclusive hash of the instructions of SCHEME, into *ret, which stays empty if SCHEME has no
 * instructions of its own.
 */
static int set_excl_hash(struct scheme_contents *contents, enum scheme scheme, struct buf *ret,
			 struct err *err)
{
	const struct image *image = contents->image;
	const uint8_t *hash;
	int rc;

	buf_free(ret);
	if (image_excl_hash(image, scheme) != ret || !image_insns(image, scheme)->data)
		return 0;
	rc = scheme_excl_hash(contents, scheme, &hash, err);
	if (!rc)
		buf_add(ret, hash, HASH_SHA256_SIZE);
	return rc ?: buf_done(ret, err);
}

int scheme_set_excl_hashes(struct scheme_contents *contents, struct image *image, struct err *err)
{
	int rc = set_excl_hash(contents, SCHEME_FOLDED, &image->excl_hash, err);

	if (!rc)
		rc = set_excl_hash(contents, SCHEME_INSNS, &image->excl_hash_checked, err);
	if (!rc)
		rc = set_excl_hash(contents, SCHEME_INSNS_HASH, &image->excl_hash_hash, err);
	return rc;
}

int scheme_map_hash(struct scheme_contents *contents, size_t map, const uint8_t **ret,
		    struct err *err)
{
	const struct image_map *of = &contents->image->maps[map];
	uint8_t *hash = contents->chain.links[map].map;
	int rc = 0;

	if (!contents->has_map[map])
		rc = hash_array_map(buf_view(&of->value), of->value_size, of->max_entries, hash);
	if (rc)
		return digest_error(err, rc);
	contents->has_map[map] = true;
	*ret = hash;
	return 0;
}

int scheme_chain(struct scheme_contents *contents, const struct scheme_chain **ret, struct err *err)
{
	const size_t nr = contents->image->nr_maps;
	struct scheme_chain *chain = &contents->chain;
	const uint8_t *ignored;
	int rc = 0;

	*ret = chain;
	if (contents->has_chain)
		return 0;
	if (!nr)
		return err_set(err, -EINVAL, "a hash chain needs at least one map");
	for (size_t i = 0; !rc && i < nr; i++)
		rc = scheme_map_hash(contents, i, &ignored, err);
	if (!rc)
		rc = hash_insns(contents, SCHEME_CHAIN, chain->program, err);
	if (rc)
		return rc;
	rc = hash_chain(chain->program, chain->links, nr, chain->final);
	contents->has_chain = !rc;
	return rc ? digest_error(err, rc) : 0;
}

static int fold(struct scheme_contents *contents, struct err *err)
{
	const struct image *image = contents->image;

	if (contents->folded.nr)
		return 0;
	for (size_t i = 0; i < image->nr_maps; i++) {
		const struct image_map *map = &image->maps[i];

		if (map->max_entries != 1)
			return err_set(err, -EINVAL,
				       "map %s has %u elements: the folded scheme needs exactly "
				       "one",
				       map->name, map->max_entries);
	}
	hash_input_add(&contents->folded, buf_view(&image->insns));
	for (size_t i = 0; i < image->nr_maps; i++)
		hash_input_add(&contents->folded, buf_view(&image->maps[i].value));
	return 0;
}

static int digest_chain(struct scheme_contents *contents, struct err *err)
{
	const struct scheme_chain *chain;
	int rc = scheme_chain(contents, &chain, err);

	if (!rc && !contents->digest.nr)
		hash_input_add(&contents->digest, view_of(chain->final, sizeof(chain->final)));
	return rc;
}

int scheme_content(struct scheme_contents *contents, enum scheme scheme, struct hash_input **ret,
		   struct err *err)
{
	switch (scheme) {
	case SCHEME_CHAIN:
		*ret = &contents->digest;
		return digest_chain(contents, err);
	case SCHEME_FOLDED:
		*ret = &contents->folded;
		return fold(contents, err);
	case SCHEME_INSNS:
	case SCHEME_INSNS_HASH:
		*ret = scheme_insns(contents, scheme);
		return 0;
	case SCHEME_NR:
		break;
	}
	return err_set(err, -EINVAL, "no scheme");
}

int scheme_content_copy(enum scheme scheme, const struct image *image, struct buf *ret,
			struct err *err)
{
	struct scheme_contents contents;
	_buf_ struct buf copy = {0};
	struct hash_input *content;
	int rc;

	scheme_begin(&contents, image);
	rc = scheme_content(&contents, scheme, &content, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < content->nr; i++)
		buf_add_view(&copy, content->parts[i]);
	rc = buf_done(&copy, err);
	if (!rc)
		*ret = buf_take(&copy);
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
