/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * oid.h - the object identifiers that affect the kernel's answer.
 *
 * The kernel's registry (include/linux/oid_registry.h) has more, which it treats like unknown ones
 * when it reads a signature or a certificate.
 */
#ifndef KVERIFY_OID_H
#define KVERIFY_OID_H

#include "base/buf.h"

enum oid {
	OID_UNKNOWN,
	/* content types and attributes, RFC 5652, RFC 2985 */
	OID_DATA,
	OID_SIGNED_DATA,
	OID_CONTENT_TYPE,
	OID_MESSAGE_DIGEST,
	OID_SIGNING_TIME,
	OID_SMIME_CAPABILITIES,
	/* Authenticode */
	OID_MS_INDIRECT_DATA,
	OID_MS_STATEMENT_TYPE,
	OID_MS_SP_OPUS_INFO,
	/* digests */
	OID_SHA1,
	OID_SHA224,
	OID_SHA256,
	OID_SHA384,
	OID_SHA512,
	OID_SHA3_256,
	OID_SHA3_384,
	OID_SHA3_512,
	OID_SM3,
	OID_STREEBOG256,
	OID_STREEBOG512,
	/* keys and signatures */
	OID_RSA,
	OID_RSA_SHA1,
	OID_RSA_SHA224,
	OID_RSA_SHA256,
	OID_RSA_SHA384,
	OID_RSA_SHA512,
	OID_RSA_SHA3_256,
	OID_RSA_SHA3_384,
	OID_RSA_SHA3_512,
	OID_EC_KEY,
	OID_ECDSA_SHA1,
	OID_ECDSA_SHA224,
	OID_ECDSA_SHA256,
	OID_ECDSA_SHA384,
	OID_ECDSA_SHA512,
	OID_ECDSA_SHA3_256,
	OID_ECDSA_SHA3_384,
	OID_ECDSA_SHA3_512,
	OID_GOST_KEY256,
	OID_GOST_KEY512,
	OID_GOST_SIGNATURE256,
	OID_GOST_SIGNATURE512,
	OID_MLDSA44,
	OID_MLDSA65,
	OID_MLDSA87,
	/* curves */
	OID_P192,
	OID_P256,
	OID_P384,
	OID_P521,
	/* names and extensions */
	OID_COMMON_NAME,
	OID_ORGANIZATION,
	OID_EMAIL,
	OID_SUBJECT_KEY_ID,
	OID_AUTHORITY_KEY_ID,
	OID_KEY_USAGE,
	OID_BASIC_CONSTRAINTS,
	OID_NR,
};

/* The identifier encoded in VALUE (the content of an OBJECT IDENTIFIER). */
enum oid oid_lookup(struct view value);

#endif /* KVERIFY_OID_H */
