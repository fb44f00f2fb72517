/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kvbuild.h - certificates and messages, built byte by byte.
 */
#ifndef KVBUILD_H
#define KVBUILD_H

#include "base/util.h"
#include "pki.h"

/* --- identifiers --- */

#define OID_DATA_DER	    BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")
#define OID_SIGNED_DATA_DER BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02")
#define OID_AUTHENTICODE    BYTES("\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x04")
#define OID_CN		    BYTES("\x06\x03\x55\x04\x03")
#define OID_O		    BYTES("\x06\x03\x55\x04\x0a")
#define OID_UNKNOWN_DER	    BYTES("\x06\x03\x2a\x03\x04")
#define OID_EC		    BYTES("\x06\x07\x2a\x86\x48\xce\x3d\x02\x01")
#define OID_P256_DER	    BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07")
#define OID_ECDSA_256	    BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02")
#define OID_P192_DER	    BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x01")
#define OID_P384_DER	    BYTES("\x06\x05\x2b\x81\x04\x00\x22")
#define OID_P521_DER	    BYTES("\x06\x05\x2b\x81\x04\x00\x23")
#define OID_SHA256_DER	    BYTES("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01")

/* --- a certificate, P-256, signed by itself unless said otherwise --- */

/* Parts that are not given (data NULL) are as usual; NOTHING leaves one out. */
struct cert_parts {
	struct view version, serial, sig_alg, issuer, validity, subject, key_info, extensions;
	struct view outer_alg, signature;
};

_unused_ static struct view or_default(struct view given, struct view usual)
{
	return given.data ? given : usual;
}

_unused_ static struct view x500_name(const char *common_name)
{
	return DER(0x30, DER(0x31, DER(0x30, OID_CN, DER(0x0c, view_str(common_name)))));
}

_unused_ static struct view skid_extension(struct view id)
{
	return DER(0x30, BYTES("\x06\x03\x55\x1d\x0e"), DER(0x04, DER(0x04, id)));
}

_unused_ static struct view public_point(EVP_PKEY *key)
{
	uint8_t *point = pki_keep(malloc(256));
	size_t size = 0;

	PKI_MUST(EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", point, 256, &size) &&
		 size % 2);
	return view_of(point, size);
}

/* subjectPublicKeyInfo of a POINT of CURVE, an OID */
_unused_ static struct view ec_point_info(struct view curve, struct view point)
{
	return DER(0x30, DER(0x30, OID_EC, curve), DER(0x03, BYTES("\0"), point));
}

_unused_ static struct view ec_key_info(EVP_PKEY *key)
{
	return ec_point_info(OID_P256_DER, public_point(key));
}

#define USUAL_TIME DER(0x30, DER(0x17, BYTES("200101000000Z")), DER(0x17, BYTES("400101000000Z")))

/* What is signed of a certificate. KEY is not needed where parts->key_info is given. */
_unused_ static struct view build_tbs(EVP_PKEY *key, const struct cert_parts *parts)
{
	struct view info = parts->key_info.data ? parts->key_info : ec_key_info(key);

	return DER(0x30, or_default(parts->version, DER(0xa0, BYTES("\x02\x01\x02"))),
		   or_default(parts->serial, BYTES("\x02\x01\x07")),
		   or_default(parts->sig_alg, DER(0x30, OID_ECDSA_256)),
		   or_default(parts->issuer, x500_name("built")),
		   or_default(parts->validity, USUAL_TIME),
		   or_default(parts->subject, x500_name("built")), info,
		   or_default(parts->extensions,
			      DER(0xa3, DER(0x30, skid_extension(BYTES("an id"))))));
}

/* Keys are not needed where parts->key_info and parts->signature are given. */
_unused_ static struct view build_cert(EVP_PKEY *key, EVP_PKEY *issuer_key,
				       const struct cert_parts *parts)
{
	struct view tbs = build_tbs(key, parts);
	struct view signature = parts->signature.data ? parts->signature
						      : DER(0x03, BYTES("\0"),
							    pki_raw_sign(issuer_key, NULL, tbs));

	return DER(0x30, tbs, or_default(parts->outer_alg, DER(0x30, OID_ECDSA_256)), signature);
}

/* --- a message by one P-256 signer whose certificate has the id "an id" --- */

struct message_parts {
	struct view outer_oid, version, algorithms, content_info, certs, crls, signers;
	/* of the signer, when signers is not given */
	struct view signer_version, id, digest_alg, attributes, sig_alg, signature,
		unsigned_attributes;
};

/* KEY and DATA are not needed where parts->signature is given. */
_unused_ static struct view build_signer(EVP_PKEY *key, struct view data,
					 const struct message_parts *parts)
{
	struct view signature = parts->signature.data ? parts->signature
						      : DER(0x04, pki_raw_sign(key, NULL, data));

	return DER(0x30, or_default(parts->signer_version, BYTES("\x02\x01\x03")),
		   or_default(parts->id, DER(0x80, BYTES("an id"))),
		   or_default(parts->digest_alg, DER(0x30, OID_SHA256_DER)),
		   or_default(parts->attributes, NOTHING),
		   or_default(parts->sig_alg, DER(0x30, OID_ECDSA_256)), signature,
		   or_default(parts->unsigned_attributes, NOTHING));
}

_unused_ static struct view build_message(EVP_PKEY *key, struct view data,
					  const struct message_parts *parts)
{
	struct view signers = parts->signers.data ? parts->signers
						  : DER(0x31, build_signer(key, data, parts));

	return DER(
		0x30, or_default(parts->outer_oid, OID_SIGNED_DATA_DER),
		DER(0xa0, DER(0x30, or_default(parts->version, BYTES("\x02\x01\x03")),
			      or_default(parts->algorithms, DER(0x31, DER(0x30, OID_SHA256_DER))),
			      or_default(parts->content_info, DER(0x30, OID_DATA_DER)),
			      or_default(parts->certs, NOTHING), or_default(parts->crls, NOTHING),
			      signers)));
}

#endif /* KVBUILD_H */
