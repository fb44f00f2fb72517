/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - what differs between kernel lines: a table with one row for each.
 *
 * A row describes Debian's cloud kernel of that line. Only built-in algorithms count; modules do
 * not, because a machine may have only the kernel image. The rest of this room reads these rows and
 * never compares lines.
 */
#ifndef KVERIFY_RULES_H
#define KVERIFY_RULES_H

#include <stdbool.h>

#include "kverify/kverify.h"

/* The digest algorithms that the kernel's parsers recognize. */
enum kv_hash {
	KV_NO_HASH, /* "none": the signature covers the data itself */
	KV_SHA1,
	KV_SHA224,
	KV_SHA256,
	KV_SHA384,
	KV_SHA512,
	KV_SHA3_256,
	KV_SHA3_384,
	KV_SHA3_512,
	KV_SM3,
	KV_STREEBOG256,
	KV_STREEBOG512,
	KV_HASH_NR,
};

struct kv_rules {
	const char *title;     /* for output */
	unsigned int hashes;   /* bit 1 << enum kv_hash: the kernel can compute it */
	bool mldsa_named;      /* the parsers recognize ML-DSA */
	bool ecdsa_incomplete; /* its ECDSA cannot add a point to itself or to its opposite */
	/* The algorithms of the crypto API, and whether verify_pkcs7_signature() exists. */
	bool rsa, ecdsa, mldsa, verification;
};

/* Take the algorithms of RULES from CONFIG; what the parsers recognize stays that of the line. */
void kv_rules_configure(struct kv_rules *rules, const struct kv_config *config);

/* The row of LINE. Static; never NULL for a valid line. */
const struct kv_rules *kv_rules(enum kv_line line);

/* The name of HASH in the kernel's crypto API: "sha3-256". Static. */
const char *kv_hash_name(enum kv_hash hash);

bool kv_has_hash(const struct kv_rules *rules, enum kv_hash hash);

#endif /* KVERIFY_RULES_H */
