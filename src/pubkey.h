/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pubkey.h - the public-key arithmetic under a signature check.
 *
 * Does: RSA's public operation, ECDSA over the curves kernels know, ML-DSA where OpenSSL has it.
 * Does not: know certificates, PKCS#7, encodings of keys and signatures, or PKCS#1 padding: there
 * the kernel has rules of its own, and they are in kverify/sigcheck.c.
 *
 * A door to OpenSSL (big numbers, EVP public keys).
 */
#ifndef PUBKEY_H
#define PUBKEY_H

#include "base/buf.h"

/* The largest modulus, in bytes. */
#define PUBKEY_RSA_MAX 512

/*
 * RSA's public operation (RFC 8017 5.1.1): INPUT to the power of EXPONENT modulo MODULUS, all of
 * them big-endian and at most PUBKEY_RSA_MAX bytes; 1 < INPUT < MODULUS - 1 (SP 800-56B 7.1.1).
 * RET has room for SIZE bytes, at least as many as MODULUS without leading zeros has; it is filled
 * up with zeros in front. -ERANGE: INPUT is out of its range, or SIZE too small; -ENOMEM.
 */
int pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
	       size_t size);

enum pubkey_curve {
	PUBKEY_P192,
	PUBKEY_P256,
	PUBKEY_P384,
	PUBKEY_P521,
	PUBKEY_CURVE_NR,
};

/* Is (X, Y), big-endian, a point of CURVE? 0, or -EINVAL, -ENOTSUP, -ENOMEM as below. */
int pubkey_on_curve(enum pubkey_curve curve, struct view x, struct view y);

/*
 * Check the ECDSA signature (R, S) over DIGEST with the public point (X, Y); big-endian, of any
 * length. All of DIGEST counts: the caller cuts one that is longer than the curve's numbers.
 * 0: it fits; -EINVAL: no such point; -ERANGE: R or S is not in 1 .. order - 1; -EKEYREJECTED: it
 * does not fit, or its sum is the point at infinity; -ENOTSUP: OpenSSL does not have the curve;
 * -ENOMEM.
 */
int pubkey_ecdsa(enum pubkey_curve curve, struct view x, struct view y, struct view r,
		 struct view s, struct view digest);

/*
 * The same with incomplete addition, as kernels up to 7.2 have it: both multiples are added up bit
 * by bit from the highest on, out of the base point, the key and their sum. Adding a point to
 * itself or to its opposite gives infinity, and from there on all is infinity, which fits no
 * signature. If the key is the base point or its opposite, their sum counts as the pair (0, 0),
 * which is not on the curve; what then comes out is what the formulas make of it.
 */
int pubkey_ecdsa_incomplete(enum pubkey_curve curve, struct view x, struct view y, struct view r,
			    struct view s, struct view digest);

enum pubkey_mldsa {
	PUBKEY_MLDSA44,
	PUBKEY_MLDSA65,
	PUBKEY_MLDSA87,
	PUBKEY_MLDSA_NR,
};

/*
 * Check the pure ML-DSA signature (FIPS 204, empty context) over MESSAGE with the raw public KEY.
 * 0: it fits; -EKEYREJECTED: it does not, or is none; -ENOTSUP: OpenSSL before 3.5; -ENOMEM.
 */
int pubkey_mldsa(enum pubkey_mldsa level, struct view key, struct view message,
		 struct view signature);

#endif /* PUBKEY_H */
