/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sigcheck.h - does a signature fit a public key, by the kernel's rules?
 *
 * Does: which key, signature and digest algorithms go together, how keys and signatures are
 * encoded, PKCS#1 padding, and the errno of every failure.
 * Does not: the arithmetic (pubkey.h).
 */
#ifndef KVERIFY_SIGCHECK_H
#define KVERIFY_SIGCHECK_H

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

/* What a signature says about the key that made it. */
enum kv_sig_alg {
	KV_SIG_RSA,
	KV_SIG_ECDSA,
	KV_SIG_ECRDSA,
	KV_SIG_MLDSA44,
	KV_SIG_MLDSA65,
	KV_SIG_MLDSA87,
};

/* The subjectPublicKey of a certificate, without the count of unused bits. */
struct kv_key {
	enum kv_key_alg alg;
	struct view bits;
};

/* A signature, and what it is over: a digest, or with ML-DSA the message. */
struct kv_sig {
	enum kv_sig_alg alg;
	enum kv_hash hash;
	struct view value;
	struct view over; /* empty: the kernel could not digest it */

	/* Filled by kv_sigcheck(): the key that it is known to fit. */
	const struct kv_key *fits;
};

/* ML-DSA signs the data itself; the others a digest of it. */
bool kv_sig_takes_data(enum kv_sig_alg alg);

/*
 * Digest DATA with HASH into ROOM, which has HASH_SIZE_MAX bytes; *ret is the digest, there.
 * -ENOPKG if the kernel does not have the algorithm.
 */
int kv_digest(const struct kv_rules *rules, enum kv_hash hash, struct view data, uint8_t *room,
	      struct view *ret, struct kv_answer *answer);

/*
 * How long a signature of KEY takes to check at most, about, in tenths of a millisecond; 1 at
 * least. Long are the formulas for ECDSA of kernels before 7.3, and RSA with a public exponent that
 * is as long as its modulus, which kernels take.
 */
unsigned int kv_key_effort(const struct kv_key *key);

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/public_key.c: public_key_verify_signature().
 * 0: it fits; otherwise the kernel's errno, or enum kv_no_answer. The kernel may check a signature
 * several times with one key; we compute once: KEY must live as long as SIG, by RULES and over what
 * it was over the first time.
 */
int kv_sigcheck(const struct kv_rules *rules, const struct kv_key *key, struct kv_sig *sig,
		struct kv_answer *answer);

#endif /* KVERIFY_SIGCHECK_H */
