// SPDX-License-Identifier: BSD-2-Clause
/*
 * mutate.c - random cases: good signatures and certificates with something wrong about them.
 *
 *	mutate LINE KEYS SEED COUNT CASEFILE
 *
 * Case I of a seed depends on SEED and I alone, but for the random numbers inside ECDSA signatures:
 * a case is reproduced from its case file (see ask.c), not from its number.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/util.h"
#include "der.h"
#include "lab.h"
#include "scheme.h"

#define BASES_MAX 64
#define RING_MAX  2

/* A correct signature over the load, and the keyring it is trusted with. */
struct base {
	struct buf signature;
	struct view certs[RING_MAX];
	uint32_t nr_certs;
};

struct bench {
	struct lab lab;
	struct lab_load load;
	struct buf content;
	struct base bases[BASES_MAX];
	uint32_t nr_bases;
};

static int add_base(struct bench *bench, const struct lab_sign *how, enum lab_key trusted,
		    struct err *err)
{
	struct base *base = &bench->bases[bench->nr_bases++];
	struct view content = buf_view(&bench->content);

	base->certs[base->nr_certs++] = lab_cert(&bench->lab, trusted);
	if (how->also & KEY_BIT(KEY_P256))
		base->certs[base->nr_certs++] = lab_cert(&bench->lab, KEY_P256);
	return lab_sign(&bench->lab, how, content, &base->signature, err);
}

/* Each kind of key, with and without attributes, certificates, and by either name. */
static int add_plain_bases(struct bench *bench, struct err *err)
{
	static const enum lab_key keys[] = {KEY_RSA2048, KEY_P256, KEY_P384};

	for (unsigned int i = 0; i < 8 * ARRAY_SIZE(keys); i++) {
		const struct lab_sign how = {
			.key = keys[i / 8],
			.attributes = i & 1,
			.certs = i & 2,
			.issuer = i & 4,
			.digest = keys[i / 8] == KEY_P384 ? "sha384" : "sha256",
		};
		int rc = add_base(bench, &how, how.key, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* Chains through certificates of the message, and more than one signer. */
static int add_other_bases(struct bench *bench, struct err *err)
{
	static const struct {
		struct lab_sign how;
		enum lab_key trusted;
	} others[] = {
		{{.key = KEY_LEAF, .certs = true, .issuer = true}, KEY_CA},
		{{.key = KEY_LEAF, .certs = true, .issuer = true, .attributes = true}, KEY_CA},
		{{.key = KEY_LEAF, .certs = true, .issuer = true, .extra = KEY_BIT(KEY_CA)},
		 KEY_CA},
		{{.key = KEY_NOSKID, .certs = true}, KEY_NOSKID},
		{{.key = KEY_RSA2048, .also = KEY_BIT(KEY_P256)}, KEY_RSA2048},
		{{.key = KEY_RSA2048, .also = KEY_BIT(KEY_P256), .certs = true}, KEY_UNRELATED},
		{{.key = KEY_RSA2048, .certs = true, .issuer = true}, KEY_UNRELATED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		int rc = add_base(bench, &others[i].how, others[i].trusted, err);

		if (rc)
			return rc;
	}
	return 0;
}

static int open_bench(struct bench *bench, const char *line, const char *keys, struct err *err)
{
	const struct lab_maps maps = {.size = 12};
	enum scheme scheme = lab_scheme(line);
	int rc = lab_open(keys, &bench->lab, err);

	if (!rc)
		rc = lab_load_make(scheme, &maps, &bench->load, err);
	if (!rc)
		rc = scheme_content_copy(scheme, &bench->load.image, &bench->content, err);
	if (!rc)
		rc = add_plain_bases(bench, err);
	return rc ? rc : add_other_bases(bench, err);
}

static void close_bench(struct bench *bench)
{
	for (uint32_t i = 0; i < bench->nr_bases; i++)
		buf_free(&bench->bases[i].signature);
	buf_free(&bench->content);
	lab_load_free(&bench->load);
	lab_close(&bench->lab);
}

/* INPUT with one to three changes: to its structure, or, one time in four, to its bytes. */
static void mutate(struct view input, struct rng *rng, struct buf *ret)
{
	static struct der der;
	uint32_t changes = 1 + rng_below(rng, 6) / 3 + rng_below(rng, 6) / 5;

	if (rng_below(rng, 4) && der_parse(&der, input)) {
		while (changes--)
			der_mutate(&der, rng);
		der_encode(&der, ret);
		return;
	}
	buf_add_view(ret, input);
	while (changes--)
		der_mutate_bytes(ret, rng);
}

static void add_case(const struct bench *bench, uint64_t seed, uint32_t id, struct buf *file)
{
	struct rng rng = {seed * 0x2545f4914f6cdd1dull + id};
	const struct base *base = &bench->bases[rng_below(&rng, bench->nr_bases)];
	struct load_case test = bench->load.test;
	_buf_ struct buf mutated = {0};

	test.id = id;
	test.signature = buf_view(&base->signature);
	test.nr_certs = base->nr_certs;
	memcpy(test.certs, base->certs, sizeof(base->certs));
	if (rng_below(&rng, 4)) {
		mutate(test.signature, &rng, &mutated);
		test.signature = buf_view(&mutated);
	} else {
		mutate(test.certs[0], &rng, &mutated);
		test.certs[0] = buf_view(&mutated);
	}
	casefile_add(file, &test);
	if (mutated.failed)
		file->failed = true;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	_buf_ struct buf file = {0};
	struct err err = {0};
	int rc;

	if (argc != 6) {
		fprintf(stderr, "usage: mutate LINE KEYS SEED COUNT CASEFILE\n");
		return 2;
	}
	rc = open_bench(&bench, argv[1], argv[2], &err);
	if (!rc) {
		uint64_t seed = strtoull(argv[3], NULL, 0);
		uint32_t count = (uint32_t)strtoul(argv[4], NULL, 0);

		for (uint32_t id = 1; id <= count; id++)
			add_case(&bench, seed, id, &file);
		rc = buf_done(&file, &err);
	}
	if (!rc)
		rc = file_replace(argv[5], buf_view(&file), &err);
	if (rc)
		fprintf(stderr, "mutate: %s\n", err.text);
	close_bench(&bench);
	return rc ? 1 : 0;
}
