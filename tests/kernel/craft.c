// SPDX-License-Identifier: BSD-2-Clause
/*
 * craft.c - random cases of two kinds that changes to good ones (mutate.c) do not come upon.
 *
 *	craft points|rings LINE SEED COUNT CASEFILE
 *
 * points: ECDSA signatures, of messages and of certificates by themselves, with keys and nonces
 *that somebody chose. rings: keyrings of up to 20 certificates of a few keys, many of which share
 *an id, and messages that lead to them by one id or two. Random numbers inside of ordinary
 *signatures are OpenSSL's: a case is reproduced from its case file (see ask.c), not from its
 *number.
 */
#include <errno.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/kvbuild.h"
#include "base/file.h"
#include "der.h"
#include "lab.h"
#include "scheme.h"

/* What the cases of a run share. */
struct bench {
	struct lab_load load;
	struct buf content;
};

/* Fill the signature and the certificates of TEST. */
typedef void craft_fn(const struct bench *bench, struct rng *rng, struct load_case *test);

static uint32_t pick(struct rng *rng, uint32_t nr)
{
	return rng_below(rng, nr);
}

/* --- points --- */

static BIGNUM *chosen_number(struct rng *rng, const EC_GROUP *group)
{
	static const long numbers[] = {1, 1, 2, 3, 4, 5, 7, 8, -1, -1, -2, -3, 1 << 20};
	uint32_t which = pick(rng, ARRAY_SIZE(numbers) + 4);
	BIGNUM *number = pki_keep(BN_new());

	if (which < ARRAY_SIZE(numbers))
		return pki_scalar(group, numbers[which]);
	if (which % 4 == 0)
		return pki_scalar(group, 1 + (long)pick(rng, 1000));
	PKI_MUST(BN_priv_rand_range(number, EC_GROUP_get0_order(group)));
	return number;
}

/* A nonce for KEY: a number like any, or one next to the key. */
static BIGNUM *chosen_nonce(struct rng *rng, const EC_GROUP *group, const BIGNUM *key)
{
	static const long factors[] = {1, 1, -1, 2, -2, 3};
	uint32_t which = pick(rng, 2 * ARRAY_SIZE(factors));

	if (which < ARRAY_SIZE(factors))
		return pki_times(group, key, pki_scalar(group, factors[which]));
	return which % 3 ? chosen_number(rng, group) : pki_over(group, pki_scalar(group, 1), key);
}

/* The signature over DATA; a nonce that makes none (s = 0) is not to be expected. */
static struct view sign_data(const EC_GROUP *group, struct view data, const BIGNUM *key,
			     const BIGNUM *nonce)
{
	uint8_t hash[SHA256_DIGEST_LENGTH];
	size_t bytes = (size_t)BN_num_bytes(EC_GROUP_get0_order(group));

	SHA256(data.data, data.size, hash);
	return pki_ecdsa(group, view_head(view_of(hash, sizeof(hash)), bytes), key, nonce);
}

static void craft_points(const struct bench *bench, struct rng *rng, struct load_case *test)
{
	static const char *const names[] = {"prime256v1", "prime256v1", "secp384r1", "secp521r1",
					    "prime192v1"};
	const struct view oids[] = {OID_P256_DER, OID_P256_DER, OID_P384_DER, OID_P521_DER,
				    OID_P192_DER};
	uint32_t curve = pick(rng, ARRAY_SIZE(names));
	EC_GROUP *group = pki_group(names[curve]);
	BIGNUM *key = chosen_number(rng, group), *nonce = chosen_nonce(rng, group, key);
	bool self_signed = !pick(rng, 3), included = !pick(rng, 3);
	struct cert_parts parts = {.key_info = ec_point_info(oids[curve], pki_point(group, key)),
				   .issuer = x500_name(self_signed ? "built" : "another")};
	struct view tbs = build_tbs(NULL, &parts), zero = BYTES("\0"), junk = BYTES("\0\1");
	struct message_parts message = {0};
	struct view cert;

	parts.signature = self_signed
				  ? DER(0x03, zero,
					sign_data(group, tbs, key, chosen_nonce(rng, group, key)))
				  : DER(0x03, junk);
	cert = build_cert(NULL, NULL, &parts);
	message.signature = DER(0x04, sign_data(group, buf_view(&bench->content), key, nonce));
	if (included) {
		message.certs = DER(0xa0, cert);
		message.version = message.signer_version = BYTES("\x02\x01\x01");
		message.id = DER(0x30, parts.issuer, BYTES("\x02\x01\x07"));
	}
	test->signature = build_message(NULL, NOTHING, &message);
	test->certs[test->nr_certs++] = cert;
}

/* --- rings --- */

#define NR_KEYS 3

static EVP_PKEY *ring_key(uint32_t i)
{
	static EVP_PKEY *keys[NR_KEYS];

	if (!keys[i])
		keys[i] = pki_key("P-256");
	return keys[i];
}

/* A certificate by its numbers: few of each kind, so that many are alike in something. */
struct crafted {
	uint32_t key, id, serial, issuer, issuer_key, subject;
	uint32_t authority; /* 0: none; bit 0: by key id, bit 1: by issuer and serial number */
	uint32_t authority_id, authority_serial, authority_issuer;
};

static struct crafted craft_cert(struct rng *rng)
{
	return (struct crafted){
		.key = pick(rng, NR_KEYS),
		.id = pick(rng, 4), /* the last one: none */
		.serial = pick(rng, 2),
		.issuer = pick(rng, 2),
		.issuer_key = pick(rng, NR_KEYS),
		.subject = pick(rng, 8),
		.authority = pick(rng, 4),
		.authority_id = pick(rng, 3),
		.authority_serial = pick(rng, 2),
		.authority_issuer = pick(rng, 2),
	};
}

static struct view key_id(uint32_t i)
{
	static const char ids[] = "abc";

	return view_of(ids + i, 1);
}

static struct view serial_number(uint32_t i)
{
	return i ? BYTES("\x08") : BYTES("\x07");
}

/* Issuers and subjects have no name in common: nothing is self-signed. */
static struct view issuer_name(uint32_t i)
{
	return x500_name(i ? "one ca" : "another ca");
}

static struct view authority_extension(const struct crafted *c)
{
	struct view id = DER(0x80, key_id(c->authority_id));
	struct view name = DER(0xa1, DER(0xa4, issuer_name(c->authority_issuer)));
	struct view serial = DER(0x82, serial_number(c->authority_serial));
	struct view both = JOIN(name, serial);

	if (!c->authority)
		return NOTHING;
	return DER(0x30, BYTES("\x06\x03\x55\x1d\x23"),
		   DER(0x04, DER(0x30, c->authority & 1 ? id : NOTHING,
				 c->authority & 2 ? both : NOTHING)));
}

static struct view crafted_der(const struct crafted *c)
{
	char subject[] = {'s', (char)('0' + c->subject), '\0'};
	struct view id = c->id < 3 ? skid_extension(key_id(c->id)) : NOTHING;
	struct view authority = authority_extension(c), extensions = JOIN(id, authority);

	return build_cert(
		ring_key(c->key), ring_key(c->issuer_key),
		&(struct cert_parts){
			.serial = DER(0x02, serial_number(c->serial)),
			.issuer = issuer_name(c->issuer),
			.subject = x500_name(subject),
			.extensions = extensions.size ? DER(0xa3, DER(0x30, extensions)) : NOTHING,
		});
}

/* A message by the key of SIGNER, which it names as it is, or by two or three others on the way. */
static struct view craft_message(struct rng *rng, struct view content, struct crafted signer)
{
	struct message_parts parts = {0};
	struct view above = NOTHING;

	if (pick(rng, 2) && signer.id < 3) {
		parts.id = DER(0x80, key_id(signer.id));
	} else {
		parts.version = parts.signer_version = BYTES("\x02\x01\x01");
		parts.id = DER(0x30, issuer_name(signer.issuer),
			       DER(0x02, serial_number(signer.serial)));
	}
	if (pick(rng, 2)) {
		struct crafted issuer = craft_cert(rng);

		/* Half of the time the issuer is there, too, and is the one that signed. */
		issuer.key = signer.issuer_key;
		if (pick(rng, 2))
			above = crafted_der(&issuer);
		parts.certs = DER(0xa0, crafted_der(&signer), above);
	}
	return build_message(ring_key(signer.key), content, &parts);
}

static void craft_ring(const struct bench *bench, struct rng *rng, struct load_case *test)
{
	/* One keyring in eight is larger than one node of the kernel's array. */
	uint32_t nr = pick(rng, 8) ? 1 + pick(rng, 16) : 17 + pick(rng, 4);
	struct crafted signer = craft_cert(rng);

	while (test->nr_certs < nr) {
		struct crafted cert = craft_cert(rng);

		test->certs[test->nr_certs++] = crafted_der(&cert);
	}
	test->signature = craft_message(rng, buf_view(&bench->content), signer);
}

/* --- all --- */

static int open_bench(struct bench *bench, const char *line, struct err *err)
{
	const struct lab_maps maps = {.size = 12};
	enum scheme scheme = lab_scheme(line);
	int rc = lab_load_make(scheme, &maps, &bench->load, err);

	return rc ? rc : scheme_content_copy(scheme, &bench->load.image, &bench->content, err);
}

static int write_cases(const struct bench *bench, craft_fn *craft, uint64_t seed, uint32_t count,
		       const char *path, struct err *err)
{
	_buf_ struct buf file = {0};

	for (uint32_t id = 1; id <= count; id++) {
		struct rng rng = {seed * 0x2545f4914f6cdd1dull + id};
		struct load_case test = bench->load.test;

		test.id = id;
		craft(bench, &rng, &test);
		casefile_add(&file, &test);
	}
	return buf_done(&file, err) ?: file_replace(path, buf_view(&file), err);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct err err = {0};
	craft_fn *craft = NULL;
	int rc;

	if (argc == 6 && !strcmp(argv[1], "points"))
		craft = craft_points;
	else if (argc == 6 && !strcmp(argv[1], "rings"))
		craft = craft_ring;
	if (!craft) {
		fprintf(stderr, "usage: craft points|rings LINE SEED COUNT CASEFILE\n");
		return 2;
	}
	rc = open_bench(&bench, argv[2], &err);
	if (!rc)
		rc = write_cases(&bench, craft, strtoull(argv[3], NULL, 0),
				 (uint32_t)strtoul(argv[4], NULL, 0), argv[5], &err);
	if (rc)
		fprintf(stderr, "craft: %s\n", err.text);
	buf_free(&bench.content);
	lab_load_free(&bench.load);
	return rc ? 1 : 0;
}
