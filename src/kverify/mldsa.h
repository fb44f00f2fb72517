/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mldsa.h - the encoding of ML-DSA keys and signatures.
 *
 * Does: give sizes, and check that a signature is well-formed.
 * Does not: verify a signature (pubkey.h does).
 */
#ifndef KVERIFY_MLDSA_H
#define KVERIFY_MLDSA_H

#include "base/buf.h"
#include "pubkey.h"

/* The size of a public key of LEVEL, and of a signature, in bytes. FIPS 204 table 2. */
size_t mldsa_key_size(enum pubkey_mldsa level);
size_t mldsa_signature_size(enum pubkey_mldsa level);

/*
 * Linux 7.0 to 7.3, lib/crypto/mldsa.c: decode_z(), decode_hint_vector(): whether SIGNATURE, which
 * has the size above, is well-formed: all coefficients of the response are in range, and the hints
 * are in order. (FIPS 204 algorithms 27 and 21, and the norm that is checked last in algorithm 8.)
 */
bool mldsa_is_well_formed(enum pubkey_mldsa level, struct view signature);

#endif /* KVERIFY_MLDSA_H */
