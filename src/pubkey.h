/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pubkey.h - one raw public key, one raw signature: does it fit?
 *
 * Does: RSA PKCS#1 v1.5, ECDSA over the curves kernels know, ML-DSA where OpenSSL has it.
 * Does not: know certificates, PKCS#7 or the kernel's rules about encodings (kverify/ does).
 *
 * A door to OpenSSL (EVP public keys).
 */
#ifndef PUBKEY_H
#define PUBKEY_H

#include "buf.h"
#include "hash.h"

enum pubkey_alg {
	PUBKEY_RSA,	   /* key: DER RSAPublicKey (RFC 8017 A.1.1) */
	PUBKEY_ECDSA_P192, /* key: uncompressed point, 04 || x || y */
	PUBKEY_ECDSA_P256,
	PUBKEY_ECDSA_P384,
	PUBKEY_ECDSA_P521,
	PUBKEY_MLDSA44, /* key: raw (FIPS 204) */
	PUBKEY_MLDSA65,
	PUBKEY_MLDSA87,
};

struct pubkey;

/*
 * Take the raw KEY. -ENOTSUP: this OpenSSL cannot check such a key, so nothing is known about its
 * signatures; -EBADMSG: not a key of that algorithm; -ENOMEM.
 */
int pubkey_new(enum pubkey_alg alg, struct view key, struct pubkey **ret);
void pubkey_free(struct pubkey *key);
DEFINE_CLEANUP(struct pubkey *, pubkey_free)

/*
 * Check SIGNATURE over DIGEST, made with HASH (RSA: PKCS#1 v1.5 with the DigestInfo of HASH;
 * ECDSA: SIGNATURE is DER Ecdsa-Sig-Value, RFC 3279 2.2.3). For ML-DSA, DIGEST is the message
 * itself and HASH is ignored. 0: it fits; -EKEYREJECTED: it does not; -ENOTSUP; -ENOMEM.
 */
int pubkey_verify(const struct pubkey *key, enum hash_alg hash, struct view digest,
		  struct view signature);

#endif /* PUBKEY_H */
