// SPDX-License-Identifier: BSD-2-Clause
#include "verdict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define ENOTSUPP 524 /* the kernel's own, not in errno.h */

/*
 * What the BPF side of each kernel line does; the rules of signatures themselves are kverify/'s.
 * docs/KERNEL-RULES.md has a row for each column.
 */
static const struct {
	bool has_signature_maps; /* knows union bpf_attr.signature_maps: checks a hash chain */
	bool folds_maps;	 /* signed content goes on with the maps of fd_array */
	size_t signature_min;	 /* smaller: EINVAL */
	size_t signature_max;	 /* larger: EINVAL (KMALLOC_MAX_CACHE_SIZE on x86-64) */
} lines[KV_LINE_NR] = {
	/* kernel/bpf/syscall.c: bpf_prog_verify_signature */
	[KV_LINUX_6_18] = {.signature_max = 8192},
	[KV_LINUX_7_0] = {.signature_max = 8192},
	[KV_LINUX_7_2] = {.signature_max = 8192},
	/* kernel/bpf/verifier.c: bpf_prog_verify_signature */
	[KV_LINUX_7_3] = {.folds_maps = true, .signature_min = 1, .signature_max = 8192},
	/* the patch set's bpf_prog_verify_signature on top of 7.2 */
	[KV_LINUX_CHAIN] = {.has_signature_maps = true, .signature_max = 8192},
};

enum kv_line verdict_line(enum scheme scheme)
{
	switch (scheme) {
	case SCHEME_CHAIN:
		return KV_LINUX_CHAIN;
	case SCHEME_INSNS:
		return KV_LINUX_7_2;
	default:
		return KV_LINUX_7_3;
	}
}

bool verdict_takes(enum kv_line line, enum scheme scheme)
{
	switch (scheme) {
	case SCHEME_CHAIN:
		return lines[line].has_signature_maps;
	case SCHEME_FOLDED:
		return lines[line].folds_maps;
	default:
		return !lines[line].folds_maps && !lines[line].has_signature_maps;
	}
}

const char *verdict_assumption(enum kv_line line, enum scheme scheme)
{
	if (lines[line].folds_maps && scheme == SCHEME_FOLDED)
		return "the program that loads it freezes the map, makes it exclusive to the loader, and "
		       "passes it in fd_array";
	if (lines[line].has_signature_maps && scheme == SCHEME_CHAIN)
		return "the program that loads it passes the map in fd_array and names it in "
		       "signature_maps; this kernel does not ask for a frozen or exclusive map";
	if (line < KV_LINUX_7_2)
		return "the program that loads it passes the map in fd_array, without fd_array_cnt; and "
		       "this kernel has struct bpf_map.excl (6.18.40, 7.1.5 and later), or the loader "
		       "does not read it (--insns-form=hash-only)";
	return "the program that loads it passes the map in fd_array, without fd_array_cnt";
}

/* One load: what is presented, and to whom. */
struct load {
	const struct image *image;
	struct view signature;
	enum kv_line line;
	enum scheme scheme; /* whose artefact it is */
	const struct kv_keyring *keyring;
	struct verdict_facts facts;
	bool signature_maps; /* attributes the loading program sets */
	bool fd_array_cnt;
	bool foreign_hash; /* the exclusive hash given with the maps is another program's */
	struct kv_answer *answer;
};

_printf_(3, 4) static bool refuse(const struct load *load, int code, const char *fmt, ...)
{
	va_list args;

	load->answer->code = code;
	va_start(args, fmt);
	vsnprintf(load->answer->reason, sizeof(load->answer->reason), fmt, args);
	va_end(args);
	return true;
}

/* kernel/bpf/syscall.c: bpf_check_uarg_tail_zero; attributes the kernel does not know come first */
static bool refused_by_attributes(const struct load *load)
{
	if (!load->signature_maps || lines[load->line].has_signature_maps)
		return false;
	return refuse(load, -E2BIG, "this kernel does not know hash chains (signature_maps)");
}

/* The first check of each line's bpf_prog_verify_signature. */
static bool refused_by_size(const struct load *load)
{
	if (load->signature.size > lines[load->line].signature_max)
		return refuse(load, -EINVAL,
			      "the signature has %zu bytes, this kernel takes up to %zu",
			      load->signature.size, lines[load->line].signature_max);
	if (load->signature.size < lines[load->line].signature_min)
		return refuse(load, -EINVAL, "the signature is empty");
	return false;
}

/*
 * The exclusive hash the header gives is used when the map is made: a wrong size is refused there
 * (kernel/bpf/syscall.c: map_create), a wrong value when the program binds the map
 * (kernel/bpf/verifier.c: check_map_prog_compatibility).
 */
static bool refused_by_hash_size(const struct load *load)
{
	const struct buf *hash = image_excl_hash(load->image, load->scheme);

	if (!hash->data || hash->size == HASH_SHA256_SIZE)
		return false;
	return refuse(load, -EINVAL, "the exclusive hash has %zu bytes, expected %d", hash->size,
		      HASH_SHA256_SIZE);
}

static bool refused_by_binding(const struct load *load)
{
	if (!load->image->nr_maps || load->facts.not_exclusive || !load->foreign_hash)
		return false;
	return refuse(load, -EACCES,
		      "the exclusive hash is not the sha256 of the instructions: one of them was "
		      "changed");
}

/* Linux 7.3, kernel/bpf/verifier.c: bpf_prog_verify_signature, in its order. */
static bool refused_by_map(const struct load *load, const struct image_map *map)
{
	if (load->facts.not_frozen)
		return refuse(load, -EPERM, "map %s is not frozen", map->name);
	if (load->facts.not_exclusive)
		return refuse(load, -EPERM, "map %s is not exclusive to this loader", map->name);
	return false;
}

/*
 * As refused_by_map(), behind that loop: array_map_direct_value_addr(). The limit before it, to the
 * size of all (E2BIG), is an image's own (image.h: IMAGE_SIZE_MAX).
 */
static bool refused_by_elements(const struct load *load, const struct image_map *map)
{
	if (map->max_entries == 1)
		return false;
	return refuse(load, -ENOTSUPP, "map %s has %u elements, this kernel takes 1", map->name,
		      map->max_entries);
}

static bool refused_by_maps(const struct load *load)
{
	for (size_t i = 0; i < load->image->nr_maps; i++) {
		if (refused_by_map(load, &load->image->maps[i]))
			return true;
	}
	for (size_t i = 0; i < load->image->nr_maps; i++) {
		if (refused_by_elements(load, &load->image->maps[i]))
			return true;
	}
	return false;
}

/*
 * The content that the line builds: from 7.3 on with the maps that are bound; until then with those
 * of the hash chain, if there are any; else instructions alone.
 */
static enum scheme covered(const struct load *load)
{
	if (lines[load->line].folds_maps)
		return load->fd_array_cnt ? SCHEME_FOLDED : SCHEME_INSNS;
	return load->signature_maps && lines[load->line].has_signature_maps && load->image->nr_maps
		       ? SCHEME_CHAIN
		       : SCHEME_INSNS;
}

static int build_content(const struct load *load, struct buf *ret, struct err *err)
{
	enum scheme covers = covered(load);

	if (covers != SCHEME_INSNS)
		return scheme_content(covers, load->image, ret, err);
	/* The instructions that are loaded, whatever scheme they were signed for. */
	buf_add_view(ret, buf_view(image_insns(load->image, load->scheme)));
	return buf_done(ret, err);
}

/* The kernel's answer to the signature over the content that its line builds. */
static int ask_kverify(const struct load *load, struct err *err)
{
	_buf_ struct buf content = {0};
	int rc = build_content(load, &content, err);

	if (rc)
		return rc;
	rc = kv_verify(load->keyring, buf_view(&content), load->signature, load->answer, err);
	if (!rc && load->answer->code == -EKEYREJECTED && !verdict_takes(load->line, load->scheme))
		refuse(load, -EKEYREJECTED,
		       "this kernel checks the instructions alone: a %s signature is not over them",
		       scheme_name(load->scheme));
	return rc;
}

/* Linux 7.3: maps are bound first, checked, and part of the content. */
static int ask_folding(const struct load *load, struct err *err)
{
	int rc;

	if (load->fd_array_cnt && refused_by_binding(load))
		return 0;
	if (refused_by_size(load) || (load->fd_array_cnt && refused_by_maps(load)))
		return 0;
	rc = ask_kverify(load, err);
	if (rc || load->answer->code || load->fd_array_cnt || !load->image->nr_maps)
		return rc;
	/* fd_array_get_map_idx(): a map that the signature does not cover */
	refuse(load, -EACCES, "this kernel wants map contents in the signature (folded)");
	return 0;
}

/* Linux 6.18 to 7.2, with or without the patch set: the signature first, then the maps. */
static int ask_unfolding(const struct load *load, struct err *err)
{
	int rc;

	if (refused_by_size(load))
		return 0;
	rc = ask_kverify(load, err);
	if (rc || load->answer->code || refused_by_binding(load))
		return rc;
	/* process_fd_array() compares before the program has been hashed */
	if (load->fd_array_cnt && load->image->nr_maps && !load->facts.not_exclusive)
		refuse(load, -EACCES, "this kernel takes exclusive maps without fd_array_cnt only");
	return 0;
}

static struct load make_load(const struct image *image, enum scheme scheme, struct view signature,
			     enum kv_line line, const struct kv_keyring *keyring,
			     struct verdict_facts facts)
{
	return (struct load){
		.image = image,
		.signature = signature,
		.line = line,
		.scheme = scheme,
		.keyring = keyring,
		.facts = facts,
		.signature_maps = scheme == SCHEME_CHAIN,
		.fd_array_cnt = scheme == SCHEME_FOLDED && !facts.no_fd_array_cnt,
	};
}

/* Compare the exclusive hash that is given with the one there should be. */
static int compare_hash(struct load *load, struct err *err)
{
	const struct buf *given = image_excl_hash(load->image, load->scheme);
	uint8_t own[HASH_SHA256_SIZE] = {0};
	int rc;

	if (!given->data)
		return 0;
	rc = scheme_excl_hash(load->image, load->scheme, own, err);
	load->foreign_hash = !view_equal(buf_view(given), view_of(own, sizeof(own)));
	return rc;
}

int verdict_ask(const struct image *image, enum scheme scheme, struct view signature,
		enum kv_line line, const struct kv_keyring *keyring,
		const struct verdict_facts *facts, struct kv_answer *answer, struct err *err)
{
	struct kv_answer verdict = {.code = -EKEYREJECTED};
	struct load load = make_load(image, scheme, signature, line, keyring,
				     facts ? *facts : (struct verdict_facts){0});
	int rc = compare_hash(&load, err);

	if (rc)
		return rc;
	load.answer = &verdict;
	if (!refused_by_hash_size(&load) && !refused_by_attributes(&load))
		rc = lines[line].folds_maps ? ask_folding(&load, err) : ask_unfolding(&load, err);
	if (!rc)
		*answer = verdict;
	return rc;
}

int verdict_signers(const struct image *image, enum scheme scheme, struct view signature,
		    enum kv_line line, const struct kv_keyring *keyring,
		    const struct kv_answer *answer, struct kv_signers *ret, struct err *err)
{
	const struct load load = make_load(image, scheme, signature, line, keyring,
					   (struct verdict_facts){0});
	_buf_ struct buf content = {0};
	int rc = build_content(&load, &content, err);

	/* An acceptance is kv_verify()'s own; what is refused may be refused for something else. */
	return rc
		       ?: kv_signers(keyring, buf_view(&content), signature,
				     answer->code ? NULL : answer, ret, err);
}
