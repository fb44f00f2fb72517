/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.h - what differs between kernel lines, one row each.
 *
 * A row is a Debian cloud kernel of that line, with what is built into it: a module counts as
 * absent, as in a machine that has only the kernel image. Nothing else in this room asks for a
 * line.
 */
#ifndef KVERIFY_RULES_H
#define KVERIFY_RULES_H

#include <stdbool.h>

#include "kverify/kverify.h"

/* Digest algorithms that the kernel's parsers have names for. */
enum kv_hash {
	KV_NO_HASH, /* "none": the signature is over the data itself */
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
	const char *name;	   /* as --kernel takes it */
	const char *title;	   /* for people */
	unsigned int major, minor; /* first version of the line; 0.0: not a released line */
	unsigned int hashes;	   /* bit 1 << enum kv_hash: the kernel can digest with it */
	bool mldsa_named;	   /* the parsers know ML-DSA */
	bool ecdsa_incomplete;	   /* it cannot add a point to itself or to its opposite */
	/* What the crypto API has, and verify_pkcs7_signature() at all. */
	bool rsa, ecdsa, mldsa, verification;
};

/* Let CONFIG say which algorithms RULES have; what the parsers know stays with the line. */
void kv_rules_configure(struct kv_rules *rules, const struct kv_config *config);

/* The row of LINE; never NULL for a valid line. */
const struct kv_rules *kv_rules(enum kv_line line);

/* "sha3-256", as the kernel's crypto API spells it. */
const char *kv_hash_name(enum kv_hash hash);

bool kv_has_hash(const struct kv_rules *rules, enum kv_hash hash);

#endif /* KVERIFY_RULES_H */
