/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pubkey.h - the public-key arithmetic of a signature check.
 *
 * Does: RSA's public operation, ECDSA over the curves that kernels support, ML-DSA if OpenSSL has
 * it.
 * Does not: handle certificates, PKCS#7, encodings of keys and signatures, or PKCS#1 padding, for
 * which the kernel has its own rules: kverify/sigcheck.c has these.
 *
 * One of the rooms that may use OpenSSL (here: big numbers, EVP public keys).
 */
#ifndef PUBKEY_H
#define PUBKEY_H

#include "base/buf.h"

/* The largest modulus, in bytes. */
#define PUBKEY_RSA_MAX 512

/*
 * RSA's public operation (RFC 8017 5.1.1): INPUT to the power of EXPONENT modulo MODULUS, all of
 * them big-endian and at most PUBKEY_RSA_MAX bytes; 1 < INPUT < MODULUS - 1 (SP 800-56B 7.1.1). RET
 * has room for SIZE bytes, at least the size of MODULUS without leading zeros; the result is padded
 * with leading zeros. -ERANGE: INPUT is out of range, or SIZE is too small; -ENOMEM.
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

/*
 * Check that (X, Y), big-endian, is a point of CURVE. -EINVAL: it is not; -ENOTSUP, -ENOMEM as
 * below.
 */
int pubkey_on_curve(enum pubkey_curve curve, struct view x, struct view y);

/*
 * Check the ECDSA signature (R, S) over DIGEST with the public point (X, Y); big-endian, of any
 * length. DIGEST is used whole: the caller shortens one that is longer than the curve's numbers.
 * Returns 0: valid; -EINVAL: (X, Y) is not a point of the curve; -ERANGE: R or S is not in 1 ..
 * order - 1; -EKEYREJECTED: not valid, or its sum is the point at infinity; -ENOTSUP: OpenSSL does
 * not support the curve; -ENOMEM.
 */
int pubkey_ecdsa(enum pubkey_curve curve, struct view x, struct view y, struct view r,
		 struct view s, struct view digest);

/*
 * The same with incomplete addition, as in kernels up to 7.2: both multiples are added up bit by
 * bit, highest bit first, from the base point, the key and their sum. Adding a point to itself or
 * to its opposite gives infinity, which then stays and matches no signature. If the key is the base
 * point or its opposite, their sum counts as the pair (0, 0), which is not on the curve, and the
 * formulas are applied to that.
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
 * Returns 0: valid; -EKEYREJECTED: not valid, or malformed; -ENOTSUP: OpenSSL before 3.5; -ENOMEM.
 */
int pubkey_mldsa(enum pubkey_mldsa level, struct view key, struct view message,
		 struct view signature);

#endif /* PUBKEY_H */
