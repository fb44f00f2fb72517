// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_parser.c; functions name the kernel's. */
#include "kverify/pkcs7.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct parser {
	const struct kv_rules *rules;
	struct pkcs7 *pkcs7;
	struct pkcs7_signer *signer; /* the one being read */
	struct pkcs7_signer **signers_end;
	struct x509 *certs, **certs_end; /* read, not yet noted as the message's */
	unsigned int nr_certs;
	enum oid oid; /* the last one read */
	/* Kept from one signer to the next, as the kernel does. */
	bool expect_key_id;
	struct view serial, issuer, whole_issuer, key_id;
};

/* --- what the grammar calls --- */

static int note_oid(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->oid = oid_lookup(asn1_value(asn1));
	return 0;
}

/* pkcs7_check_content_type() */
static int check_content_type(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	if (parser->oid != OID_SIGNED_DATA)
		return kv_refuse(asn1->answer, -EINVAL, "the message is not PKCS#7 SignedData");
	return 0;
}

/* pkcs7_note_signeddata_version() */
static int note_version(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view version = asn1_value(asn1);

	if (version.size != 1 || (version.data[0] != 1 && version.data[0] != 3))
		return kv_refuse(asn1->answer, -EINVAL, "the SignedData is not of version 1 or 3");
	parser->pkcs7->version = version.data[0];
	return 0;
}

/* pkcs7_note_content() */
static int note_content_type(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	if (parser->oid != OID_DATA && parser->oid != OID_MS_INDIRECT_DATA)
		return kv_refuse(asn1->answer, -EINVAL,
				 "the signed content is not of type data: sign it as plain data");
	parser->pkcs7->data_type = parser->oid;
	return 0;
}

/* pkcs7_note_data() */
static int note_content(struct asn1 *asn1)
{
	((struct parser *)asn1->ctx)->pkcs7->has_content = true;
	return 0;
}

/* pkcs7_extract_cert(): also called for what is in the lists of revoked certificates */
static int note_cert(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct x509 *cert = NULL;
	int ret;

	if (asn1_tag(asn1) != ASN1_SEQUENCE)
		return kv_refuse(asn1->answer, -EBADMSG,
				 "what should be a certificate in the message is none");
	ret = x509_parse(parser->rules, asn1_whole(asn1), &cert, asn1->answer);
	if (ret) {
		kv_prefix(asn1->answer, "certificate %u in the message", parser->nr_certs + 1);
		return ret;
	}
	parser->nr_certs++;
	*parser->certs_end = cert;
	parser->certs_end = &cert->next;
	return 0;
}

/* pkcs7_note_certificate_list(): what comes after it is read, but not kept */
static int note_certs(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->pkcs7->certs = take_ptr(parser->certs);
	parser->certs_end = &parser->certs;
	return 0;
}

/* pkcs7_note_signerinfo_version() */
static int note_signer_version(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view version = asn1_value(asn1);

	if (version.size != 1 || (version.data[0] != 1 && version.data[0] != 3))
		return kv_refuse(asn1->answer, -EINVAL, "a signer is not of version 1 or 3");
	if (version.data[0] != parser->pkcs7->version)
		return kv_refuse(asn1->answer, -EBADMSG,
				 "SignedData and signer are of different versions");
	parser->expect_key_id = version.data[0] == 3;
	return 0;
}

static int note_issuer(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->issuer = asn1_value(asn1);
	parser->whole_issuer = asn1_whole(asn1);
	return 0;
}

static int note_serial(struct asn1 *asn1)
{
	((struct parser *)asn1->ctx)->serial = asn1_value(asn1);
	return 0;
}

static int note_key_id(struct asn1 *asn1)
{
	((struct parser *)asn1->ctx)->key_id = asn1_value(asn1);
	return 0;
}

/* pkcs7_sig_note_digest_algo() */
static int note_digest_alg(struct asn1 *asn1)
{
	static const struct {
		enum oid oid;
		enum kv_hash hash;
	} digests[] = {
		{OID_SHA1, KV_SHA1},
		{OID_SHA224, KV_SHA224},
		{OID_SHA256, KV_SHA256},
		{OID_SHA384, KV_SHA384},
		{OID_SHA512, KV_SHA512},
		{OID_SHA3_256, KV_SHA3_256},
		{OID_SHA3_384, KV_SHA3_384},
		{OID_SHA3_512, KV_SHA3_512},
		{OID_SM3, KV_SM3},
		{OID_STREEBOG256, KV_STREEBOG256},
		{OID_STREEBOG512, KV_STREEBOG512},
	};
	struct parser *parser = asn1->ctx;

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		if (digests[i].oid == parser->oid) {
			parser->signer->sig.hash = digests[i].hash;
			return 0;
		}
	}
	return kv_refuse(asn1->answer, -ENOPKG,
			 "the signature uses a digest that no kernel takes: sign with sha256");
}

/* pkcs7_sig_note_pkey_algo() */
static int note_sig_alg(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct kv_sig *sig = &parser->signer->sig;

	switch (parser->oid) {
	case OID_RSA:
		sig->alg = KV_SIG_RSA;
		return 0;
	case OID_ECDSA_SHA1:
	case OID_ECDSA_SHA224:
	case OID_ECDSA_SHA256:
	case OID_ECDSA_SHA384:
	case OID_ECDSA_SHA512:
	case OID_ECDSA_SHA3_256:
	case OID_ECDSA_SHA3_384:
	case OID_ECDSA_SHA3_512:
		sig->alg = KV_SIG_ECDSA;
		return 0;
	case OID_GOST_KEY256:
	case OID_GOST_KEY512:
		sig->alg = KV_SIG_ECRDSA;
		return 0;
	case OID_MLDSA44:
	case OID_MLDSA65:
	case OID_MLDSA87:
		sig->alg = KV_SIG_MLDSA44 + (parser->oid - OID_MLDSA44);
		if (parser->rules->mldsa_named)
			return 0;
		break;
	default:
		break;
	}
	return kv_refuse(
		asn1->answer, -ENOPKG,
		"the signature is of a kind that %s does not know: use RSA (PKCS#1 v1.5) or ECDSA",
		parser->rules->title);
}

/* pkcs7_sig_note_signature() */
static int note_signature(struct asn1 *asn1)
{
	((struct parser *)asn1->ctx)->signer->sig.value = asn1_value(asn1);
	return 0;
}

static int authenticode_only(struct asn1 *asn1, const char *name)
{
	const struct parser *parser = asn1->ctx;

	if (parser->pkcs7->data_type == OID_MS_INDIRECT_DATA)
		return 0;
	return kv_refuse(asn1->answer, -EKEYREJECTED,
			 "signed attribute %s is for Authenticode only: sign without attributes",
			 name);
}

static int check_attribute(struct asn1 *asn1, enum pkcs7_attribute attribute)
{
	struct parser *parser = asn1->ctx;

	switch (attribute) {
	case PKCS7_HAS_CONTENT_TYPE:
		if (oid_lookup(asn1_value(asn1)) == parser->pkcs7->data_type)
			return 0;
		return kv_refuse(asn1->answer, -EBADMSG,
				 "signed attribute contentType is not the type of the content");
	case PKCS7_HAS_SIGNING_TIME:
		return x509_read_time(asn1, &parser->signer->signing_time);
	case PKCS7_HAS_MESSAGE_DIGEST:
		parser->signer->message_digest = asn1_value(asn1);
		if (asn1_tag(asn1) == ASN1_OCTET_STRING)
			return 0;
		return kv_refuse(asn1->answer, -EBADMSG,
				 "signed attribute messageDigest is not an OCTET STRING");
	case PKCS7_HAS_SMIME_CAPABILITIES:
		return authenticode_only(asn1, "smimeCapabilities");
	case PKCS7_HAS_MS_SP_OPUS_INFO:
		return authenticode_only(asn1, "SpOpusInfo");
	case PKCS7_HAS_MS_STATEMENT_TYPE:
		return authenticode_only(asn1, "StatementType");
	}
	return 0;
}

/* pkcs7_sig_note_authenticated_attr(): unknown attributes may be there, and repeated */
static int note_attribute(struct asn1 *asn1)
{
	static const struct {
		enum oid oid;
		enum pkcs7_attribute attribute;
	} known[] = {
		{OID_CONTENT_TYPE, PKCS7_HAS_CONTENT_TYPE},
		{OID_SIGNING_TIME, PKCS7_HAS_SIGNING_TIME},
		{OID_MESSAGE_DIGEST, PKCS7_HAS_MESSAGE_DIGEST},
		{OID_SMIME_CAPABILITIES, PKCS7_HAS_SMIME_CAPABILITIES},
		{OID_MS_SP_OPUS_INFO, PKCS7_HAS_MS_SP_OPUS_INFO},
		{OID_MS_STATEMENT_TYPE, PKCS7_HAS_MS_STATEMENT_TYPE},
	};
	struct parser *parser = asn1->ctx;
	struct pkcs7_signer *signer = parser->signer;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].oid != parser->oid)
			continue;
		if (signer->attributes & known[i].attribute)
			return kv_refuse(
				asn1->answer, -EKEYREJECTED,
				"a signed attribute is there twice: sign without attributes");
		signer->attributes |= known[i].attribute;
		return check_attribute(asn1, known[i].attribute);
	}
	return 0;
}

/* pkcs7_sig_note_set_of_authattrs() */
static int note_attributes(struct asn1 *asn1)
{
	const unsigned int needed = PKCS7_HAS_CONTENT_TYPE | PKCS7_HAS_MESSAGE_DIGEST;
	struct parser *parser = asn1->ctx;
	struct pkcs7_signer *signer = parser->signer;

	if ((signer->attributes & needed) != needed)
		return kv_refuse(asn1->answer, -EBADMSG,
				 "signed attributes without contentType and messageDigest");
	signer->signed_attributes = asn1_whole(asn1);
	return 0;
}

/* pkcs7_note_signed_info(): the signer is complete, the next one begins */
static int note_signer(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct pkcs7_signer *signer = parser->signer;

	if (parser->pkcs7->data_type == OID_MS_INDIRECT_DATA && !signer->signed_attributes.size)
		return kv_refuse(asn1->answer, -EBADMSG,
				 "Authenticode content needs signed attributes");
	signer->by_key_id = parser->expect_key_id;
	if (signer->by_key_id) {
		signer->id = (struct kv_id){true, {parser->key_id}};
	} else {
		signer->id = (struct kv_id){true, {parser->serial, parser->issuer}};
		signer->issuer = parser->whole_issuer;
	}
	*parser->signers_end = signer;
	parser->signers_end = &signer->next;
	parser->signer = calloc(1, sizeof(*parser->signer));
	return parser->signer ? 0 : KV_NO_MEMORY;
}

/* --- the grammar: RFC 5652, in the parts and with the freedom of the kernel's pkcs7.asn1 --- */

static const struct asn1_item anything[] = {
	ASN1_WHATEVER(0, NULL),
	ASN1_LAST,
};
static const struct asn1_item algorithm[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_WHATEVER(ASN1_OPTIONAL, NULL),
	ASN1_LAST,
};
static const struct asn1_item algorithms[] = {
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, algorithm, NULL),
	ASN1_LAST,
};
static const struct asn1_item content[] = {
	ASN1_WHATEVER(0, note_content),
	ASN1_LAST,
};
static const struct asn1_item content_info[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(0), content, NULL),
	ASN1_LAST,
};

/* A certificate, where PKCS#7 also allows for one of PKCS#6, which is read the same way. */
static const struct asn1_item cert_set[] = {
	ASN1_WHATEVER(ASN1_OPTIONAL, note_cert),
	ASN1_WHATEVER(ASN1_OR, note_cert),
	ASN1_MUST_BE_CHOSEN,
	ASN1_LAST,
};
static const struct asn1_item cert_sequence[] = {
	ASN1_WHATEVER(0, note_cert),
	ASN1_LAST,
};
static const struct asn1_item crls[] = {
	ASN1_LIST(ASN1_NAMED | ASN1_OF, ASN1_SEQUENCE, cert_sequence, NULL),
	ASN1_LAST,
};

static const struct asn1_item name_attribute[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_WHATEVER(0, NULL),
	ASN1_LAST,
};
static const struct asn1_item name_set[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, name_attribute, NULL),
	ASN1_LAST,
};
static const struct asn1_item name[] = {
	ASN1_LIST(ASN1_OF, ASN1_SET, name_set, NULL),
	ASN1_LAST,
};
static const struct asn1_item issuer_and_serial[] = {
	ASN1_LIST(ASN1_OF, ASN1_SEQUENCE, name, note_issuer),
	ASN1_LEAF(0, ASN1_INTEGER, note_serial),
	ASN1_LAST,
};

static const struct asn1_item signed_value[] = {
	ASN1_WHATEVER(0, note_attribute),
	ASN1_LAST,
};
static const struct asn1_item signed_attribute[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_LIST(ASN1_OF, ASN1_SET, signed_value, NULL),
	ASN1_LAST,
};
static const struct asn1_item signed_attributes[] = {
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, signed_attribute, NULL),
	ASN1_LAST,
};
/* The attributes in here are read, but the signer counts as one without any. */
static const struct asn1_item signed_attribute_sequence[] = {
	ASN1_LIST(ASN1_OF, ASN1_SEQUENCE, signed_attributes, NULL),
	ASN1_LAST,
};
static const struct asn1_item unsigned_attribute[] = {
	ASN1_LEAF(0, ASN1_OID, NULL),
	ASN1_LIST(ASN1_OF, ASN1_SET, anything, NULL),
	ASN1_LAST,
};
static const struct asn1_item unsigned_attributes[] = {
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, unsigned_attribute, NULL),
	ASN1_LAST,
};

static const struct asn1_item signer_info[] = {
	ASN1_LEAF(0, ASN1_INTEGER, note_signer_version),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_SEQUENCE, issuer_and_serial, NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(0), note_key_id),
	ASN1_MUST_BE_CHOSEN,
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, algorithm, note_digest_alg),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(0), signed_attributes,
		  note_attributes),
	ASN1_LIST(ASN1_OR | ASN1_NAMED, ASN1_EXPLICIT(2), signed_attribute_sequence, NULL),
	ASN1_LIST(0, ASN1_SEQUENCE, algorithm, note_sig_alg),
	ASN1_LEAF(0, ASN1_OCTET_STRING, note_signature),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(1), unsigned_attributes,
		  NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(3), unsigned_attributes, NULL),
	ASN1_LAST,
};
static const struct asn1_item signer_infos[] = {
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, signer_info, note_signer),
	ASN1_LAST,
};

static const struct asn1_item signed_data[] = {
	ASN1_LEAF(0, ASN1_INTEGER, note_version),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_SET, algorithms, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED | ASN1_OF, ASN1_SEQUENCE, algorithms, NULL),
	ASN1_MUST_BE_CHOSEN,
	ASN1_LIST(0, ASN1_SEQUENCE, content_info, note_content_type),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(0), cert_set, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(2), cert_sequence, NULL),
	ASN1_JUST_CALL(note_certs),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(1), crls, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(3), crls, NULL),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_SET, signer_infos, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED | ASN1_OF, ASN1_SEQUENCE, signer_infos, NULL),
	ASN1_MUST_BE_CHOSEN,
	ASN1_LAST,
};
static const struct asn1_item explicit_signed_data[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, signed_data, NULL),
	ASN1_LAST,
};
static const struct asn1_item message[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_JUST_CALL(check_content_type),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(0), explicit_signed_data, NULL),
	ASN1_LAST,
};
static const struct asn1_item message_grammar[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, message, NULL),
	ASN1_LAST,
};

/* --- the message --- */

/* pkcs7_check_authattrs(): all signers have signed attributes, or none; ML-DSA without them
 * signs the content, not a digest. */
static int check_attributes(struct pkcs7 *pkcs7, struct kv_answer *answer)
{
	struct pkcs7_signer *signer = pkcs7->signers;
	bool first;

	if (!signer)
		return kv_refuse(answer, -EINVAL, "the message has no signer");
	first = signer->signed_attributes.size;
	for (; signer; signer = signer->next) {
		if (!!signer->signed_attributes.size != first)
			return kv_refuse(answer, -EINVAL,
					 "some signers have signed attributes and some have none");
		if (!first && kv_sig_takes_data(signer->sig.alg))
			signer->sig.hash = KV_NO_HASH;
	}
	return 0;
}

static void free_certs(struct x509 *cert)
{
	while (cert) {
		struct x509 *next = cert->next;

		x509_free(cert);
		cert = next;
	}
}

static void free_signers(struct pkcs7_signer *signer)
{
	while (signer) {
		struct pkcs7_signer *next = signer->next;

		buf_free(&signer->to_be_signed);
		free(signer);
		signer = next;
	}
}

int pkcs7_parse(const struct kv_rules *rules, struct view der, struct pkcs7 **ret,
		struct kv_answer *answer)
{
	_cleanup_(pkcs7_free_p) struct pkcs7 *pkcs7 = calloc(1, sizeof(*pkcs7));
	struct parser parser = {
		.rules = rules,
		.pkcs7 = pkcs7,
		.signer = calloc(1, sizeof(*parser.signer)),
	};
	int error = KV_NO_MEMORY;

	parser.certs_end = &parser.certs;
	if (pkcs7 && parser.signer) {
		parser.signers_end = &pkcs7->signers;
		error = asn1_decode(message_grammar, der, "PKCS#7 message", &parser, answer);
	}
	if (!error)
		error = check_attributes(pkcs7, answer);
	free_certs(parser.certs);
	free_signers(parser.signer);
	if (!error)
		*ret = take_ptr(pkcs7);
	return error;
}

void pkcs7_free(struct pkcs7 *pkcs7)
{
	if (!pkcs7)
		return;
	free_certs(pkcs7->certs);
	free_signers(pkcs7->signers);
	free(pkcs7);
}
