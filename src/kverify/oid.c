// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/oid.h"

#include "base/util.h"

/* The DER content of each identifier, with its dotted form. */
static const struct view oids[OID_NR] = {
	[OID_DATA] = view_lit("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"), /* 1.2.840.113549.1.7.1 */
	[OID_SIGNED_DATA] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), /* 1.2.840.113549.1.7.2 */
	[OID_CONTENT_TYPE] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"), /* 1.2.840.113549.1.9.3 */
	[OID_MESSAGE_DIGEST] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"), /* 1.2.840.113549.1.9.4 */
	[OID_SIGNING_TIME] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05"), /* 1.2.840.113549.1.9.5 */
	[OID_SMIME_CAPABILITIES] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f"), /* 1.2.840.113549.1.9.15 */
	[OID_MS_INDIRECT_DATA] = view_lit(
		"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04"), /* 1.3.6.1.4.1.311.2.1.4 */
	[OID_MS_STATEMENT_TYPE] = view_lit(
		"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0b"), /* 1.3.6.1.4.1.311.2.1.11 */
	[OID_MS_SP_OPUS_INFO] = view_lit(
		"\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0c"), /* 1.3.6.1.4.1.311.2.1.12 */
	[OID_SHA1] = view_lit("\x2b\x0e\x03\x02\x1a"),	     /* 1.3.14.3.2.26 */
	[OID_SHA224] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x04"), /* 2.16.840.1.101.3.4.2.4 */
	[OID_SHA256] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x01"), /* 2.16.840.1.101.3.4.2.1 */
	[OID_SHA384] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x02"), /* 2.16.840.1.101.3.4.2.2 */
	[OID_SHA512] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x03"), /* 2.16.840.1.101.3.4.2.3 */
	[OID_SHA3_256] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x08"), /* 2.16.840.1.101.3.4.2.8 */
	[OID_SHA3_384] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x09"), /* 2.16.840.1.101.3.4.2.9 */
	[OID_SHA3_512] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x02\x0a"),	  /* 2.16.840.1.101.3.4.2.10 */
	[OID_SM3] = view_lit("\x2a\x81\x1c\xcf\x55\x01\x83\x11"), /* 1.2.156.10197.1.401 */
	[OID_STREEBOG256] = view_lit("\x2a\x85\x03\x07\x01\x01\x02\x02"), /* 1.2.643.7.1.1.2.2 */
	[OID_STREEBOG512] = view_lit("\x2a\x85\x03\x07\x01\x01\x02\x03"), /* 1.2.643.7.1.1.2.3 */
	[OID_RSA] = view_lit("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),	  /* 1.2.840.113549.1.1.1 */
	[OID_RSA_SHA1] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05"), /* 1.2.840.113549.1.1.5 */
	[OID_RSA_SHA224] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e"), /* 1.2.840.113549.1.1.14 */
	[OID_RSA_SHA256] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"), /* 1.2.840.113549.1.1.11 */
	[OID_RSA_SHA384] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c"), /* 1.2.840.113549.1.1.12 */
	[OID_RSA_SHA512] = view_lit(
		"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d"), /* 1.2.840.113549.1.1.13 */
	[OID_RSA_SHA3_256] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x0e"), /* 2.16.840.1.101.3.4.3.14 */
	[OID_RSA_SHA3_384] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x0f"), /* 2.16.840.1.101.3.4.3.15 */
	[OID_RSA_SHA3_512] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x10"),	     /* 2.16.840.1.101.3.4.3.16 */
	[OID_EC_KEY] = view_lit("\x2a\x86\x48\xce\x3d\x02\x01"),     /* 1.2.840.10045.2.1 */
	[OID_ECDSA_SHA1] = view_lit("\x2a\x86\x48\xce\x3d\x04\x01"), /* 1.2.840.10045.4.1 */
	[OID_ECDSA_SHA224] = view_lit("\x2a\x86\x48\xce\x3d\x04\x03\x01"), /* 1.2.840.10045.4.3.1 */
	[OID_ECDSA_SHA256] = view_lit("\x2a\x86\x48\xce\x3d\x04\x03\x02"), /* 1.2.840.10045.4.3.2 */
	[OID_ECDSA_SHA384] = view_lit("\x2a\x86\x48\xce\x3d\x04\x03\x03"), /* 1.2.840.10045.4.3.3 */
	[OID_ECDSA_SHA512] = view_lit("\x2a\x86\x48\xce\x3d\x04\x03\x04"), /* 1.2.840.10045.4.3.4 */
	[OID_ECDSA_SHA3_256] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x0a"), /* 2.16.840.1.101.3.4.3.10 */
	[OID_ECDSA_SHA3_384] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x0b"), /* 2.16.840.1.101.3.4.3.11 */
	[OID_ECDSA_SHA3_512] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x0c"), /* 2.16.840.1.101.3.4.3.12 */
	[OID_GOST_KEY256] = view_lit("\x2a\x85\x03\x07\x01\x01\x01\x01"), /* 1.2.643.7.1.1.1.1 */
	[OID_GOST_KEY512] = view_lit("\x2a\x85\x03\x07\x01\x01\x01\x02"), /* 1.2.643.7.1.1.1.2 */
	[OID_GOST_SIGNATURE256] = view_lit(
		"\x2a\x85\x03\x07\x01\x01\x03\x02"), /* 1.2.643.7.1.1.3.2 */
	[OID_GOST_SIGNATURE512] = view_lit(
		"\x2a\x85\x03\x07\x01\x01\x03\x03"), /* 1.2.643.7.1.1.3.3 */
	[OID_MLDSA44] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x11"), /* 2.16.840.1.101.3.4.3.17 */
	[OID_MLDSA65] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x12"), /* 2.16.840.1.101.3.4.3.18 */
	[OID_MLDSA87] = view_lit(
		"\x60\x86\x48\x01\x65\x03\x04\x03\x13"),	   /* 2.16.840.1.101.3.4.3.19 */
	[OID_P192] = view_lit("\x2a\x86\x48\xce\x3d\x03\x01\x01"), /* 1.2.840.10045.3.1.1 */
	[OID_P256] = view_lit("\x2a\x86\x48\xce\x3d\x03\x01\x07"), /* 1.2.840.10045.3.1.7 */
	[OID_P384] = view_lit("\x2b\x81\x04\x00\x22"),		   /* 1.3.132.0.34 */
	[OID_P521] = view_lit("\x2b\x81\x04\x00\x23"),		   /* 1.3.132.0.35 */
	[OID_COMMON_NAME] = view_lit("\x55\x04\x03"),		   /* 2.5.4.3 */
	[OID_ORGANIZATION] = view_lit("\x55\x04\x0a"),		   /* 2.5.4.10 */
	[OID_EMAIL] = view_lit("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01"), /* 1.2.840.113549.1.9.1 */
	[OID_SUBJECT_KEY_ID] = view_lit("\x55\x1d\x0e"),		/* 2.5.29.14 */
	[OID_AUTHORITY_KEY_ID] = view_lit("\x55\x1d\x23"),		/* 2.5.29.35 */
	[OID_KEY_USAGE] = view_lit("\x55\x1d\x0f"),			/* 2.5.29.15 */
	[OID_BASIC_CONSTRAINTS] = view_lit("\x55\x1d\x13"),		/* 2.5.29.19 */
};

enum oid oid_lookup(struct view value)
{
	enum oid oid = OID_NR;

	while (--oid != OID_UNKNOWN && !view_equal(oids[oid], value))
		;
	return oid;
}
