/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sigcheck.h - check a signature with a public key, by the kernel's rules.
 *
 * Does: check which key, signature and digest algorithms go together, the encoding of keys and
 * signatures, and PKCS#1 padding; give the kernel's errno for each failure.
 * Does not: the arithmetic (pubkey.h does).
 */
#ifndef KVERIFY_SIGCHECK_H
#define KVERIFY_SIGCHECK_H

#include "hash.h"
#include "kverify/answer.h"
#include "kverify/rules.h"

/* The algorithm of a public key. */
enum kv_key_alg {
	KV_KEY_RSA,
	KV_KEY_P192,
	KV_KEY_P256,
	KV_KEY_P384,
	KV_KEY_P521,
	KV_KEY_ECRDSA,
	KV_KEY_MLDSA44,
	KV_KEY_MLDSA65,
	KV_KEY_MLDSA87,
};

/* The algorithm that a signature names. */
enum kv_sig_alg {
	KV_SIG_RSA,
	KV_SIG_ECDSA,
	KV_SIG_ECRDSA,
	KV_SIG_MLDSA44,
	KV_SIG_MLDSA65,
	KV_SIG_MLDSA87,
};

/* The subjectPublicKey of a certificate, without the byte that counts unused bits. */
struct kv_key {
	enum kv_key_alg alg;
	struct view bits;
};

/* A signature, and what it covers: a digest or, with ML-DSA, the message. */
struct kv_sig {
	enum kv_sig_alg alg;
	enum kv_hash hash;
	struct view value;
	struct view over; /* empty: the kernel could not compute the digest */

	/* Set by kv_sigcheck(): a key with which it was found valid. */
	const struct kv_key *fits;
};

/* Whether signatures of this kind cover the data itself (ML-DSA), not a digest of it. */
bool kv_sig_takes_data(enum kv_sig_alg alg);

/*
 * The digest of INPUT with HASH, which stays in INPUT, to *ret. -ENOPKG if the kernel does not have
 * the algorithm.
 */
int kv_digest_input(const struct kv_rules *rules, enum kv_hash hash, struct hash_input *input,
		    struct view *ret, struct kv_answer *answer);

/*
 * Digest DATA with HASH into ROOM, which has HASH_SIZE_MAX bytes; *ret is the digest, there.
 * -ENOPKG if the kernel does not have the algorithm.
 */
int kv_digest(const struct kv_rules *rules, enum kv_hash hash, struct view data, uint8_t *room,
	      struct view *ret, struct kv_answer *answer);

/*
 * An estimate of how long a check with KEY takes at most, in tenths of a millisecond; at least 1.
 * What takes long is the simulation of ECDSA in kernels before 7.3, and RSA with a public exponent
 * as long as its modulus, which kernels accept.
 */
unsigned int kv_key_effort(const struct kv_key *key);

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/public_key.c: public_key_verify_signature(). Returns 0
 * if the signature is valid; else the kernel's errno, or enum kv_no_answer. A success is remembered
 * in SIG, so KEY must live as long as SIG, and RULES and the data must not change.
 */
int kv_sigcheck(const struct kv_rules *rules, const struct kv_key *key, struct kv_sig *sig,
		struct kv_answer *answer);

#endif /* KVERIFY_SIGCHECK_H */
