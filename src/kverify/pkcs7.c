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
	struct x509 *certs, **certs_end; /* certificates that were read, but are not yet in the
					    message's list */
	unsigned int nr_certs;
	enum oid oid; /* the last one read */
	/* Not reset between signers, as in the kernel. */
	bool expect_key_id;
	struct view serial, issuer, whole_issuer, key_id;
};

/* --- the grammar's actions --- */

static int note_oid(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->oid = oid_lookup(ber_value(ber));
	return 0;
}

/* pkcs7_check_content_type() */
static int check_content_type(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	if (parser->oid != OID_SIGNED_DATA)
		return kv_refuse(ber->answer, -EINVAL, "the message is not PKCS#7 SignedData");
	return 0;
}

/* pkcs7_note_signeddata_version() */
static int note_version(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view version = ber_value(ber);

	if (version.size != 1 || (version.data[0] != 1 && version.data[0] != 3))
		return kv_refuse(ber->answer, -EINVAL,
				 "the version of the SignedData is not 1 or 3");
	parser->pkcs7->version = version.data[0];
	return 0;
}

/* pkcs7_note_content() */
static int note_content_type(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	if (parser->oid != OID_DATA && parser->oid != OID_MS_INDIRECT_DATA)
		return kv_refuse(
			ber->answer, -EINVAL,
			"the type of the signed content is not \"data\": sign it as plain data");
	parser->pkcs7->data_type = parser->oid;
	return 0;
}

/* pkcs7_note_data() */
static int note_content(struct ber *ber)
{
	((struct parser *)ber->ctx)->pkcs7->has_content = true;
	return 0;
}

/* pkcs7_extract_cert(): also called for the elements of revocation lists */
static int note_cert(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	_cleanup_(x509_free_p) struct x509 *cert = NULL;
	int ret;

	if (ber_tag(ber) != BER_SEQUENCE)
		return kv_refuse(ber->answer, -EBADMSG,
				 "a certificate in the message is not a SEQUENCE");
	ret = x509_parse(parser->rules, ber_whole(ber), &cert, ber->answer);
	if (!ret)
		ret = x509_check_self_signed(parser->rules, cert, ber->answer);
	if (ret) {
		kv_prefix(ber->answer, "certificate %u in the message", parser->nr_certs + 1);
		return ret;
	}
	parser->nr_certs++;
	*parser->certs_end = cert;
	parser->certs_end = &take_ptr(cert)->next;
	return 0;
}

/* pkcs7_note_certificate_list(): certificates after it are read, but not kept */
static int note_certs(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->pkcs7->certs = take_ptr(parser->certs);
	parser->certs_end = &parser->certs;
	return 0;
}

/* pkcs7_note_signerinfo_version() */
static int note_signer_version(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view version = ber_value(ber);

	if (version.size != 1 || (version.data[0] != 1 && version.data[0] != 3))
		return kv_refuse(ber->answer, -EINVAL, "the version of a signer is not 1 or 3");
	if (version.data[0] != parser->pkcs7->version)
		return kv_refuse(ber->answer, -EBADMSG,
				 "SignedData and signer have different versions");
	parser->expect_key_id = version.data[0] == 3;
	return 0;
}

static int note_issuer(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->issuer = ber_value(ber);
	parser->whole_issuer = ber_whole(ber);
	return 0;
}

static int note_serial(struct ber *ber)
{
	((struct parser *)ber->ctx)->serial = ber_value(ber);
	return 0;
}

static int note_key_id(struct ber *ber)
{
	((struct parser *)ber->ctx)->key_id = ber_value(ber);
	return 0;
}

/* pkcs7_sig_note_digest_algo() */
static int note_digest_alg(struct ber *ber)
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
	struct parser *parser = ber->ctx;

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++) {
		if (digests[i].oid == parser->oid) {
			parser->signer->sig.hash = digests[i].hash;
			return 0;
		}
	}
	return kv_refuse(ber->answer, -ENOPKG,
			 "the signature uses a digest that no kernel accepts: sign with sha256");
}

/* pkcs7_sig_note_pkey_algo() */
static int note_sig_alg(struct ber *ber)
{
	struct parser *parser = ber->ctx;
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
		ber->answer, -ENOPKG,
		"%s does not support the signature's algorithm: use RSA (PKCS#1 v1.5) or ECDSA",
		parser->rules->title);
}

/* pkcs7_sig_note_signature() */
static int note_signature(struct ber *ber)
{
	((struct parser *)ber->ctx)->signer->sig.value = ber_value(ber);
	return 0;
}

static int authenticode_only(struct ber *ber, const char *name)
{
	const struct parser *parser = ber->ctx;

	if (parser->pkcs7->data_type == OID_MS_INDIRECT_DATA)
		return 0;
	return kv_refuse(ber->answer, -EKEYREJECTED,
			 "the kernel accepts the signed attribute %s only for Authenticode: sign "
			 "without attributes",
			 name);
}

static int check_attribute(struct ber *ber, enum pkcs7_attribute attribute)
{
	struct parser *parser = ber->ctx;

	switch (attribute) {
	case PKCS7_HAS_CONTENT_TYPE:
		if (oid_lookup(ber_value(ber)) == parser->pkcs7->data_type)
			return 0;
		return kv_refuse(ber->answer, -EBADMSG,
				 "the signed attribute contentType differs from the type of the "
				 "content");
	case PKCS7_HAS_SIGNING_TIME:
		return x509_read_time(ber, &parser->signer->signing_time);
	case PKCS7_HAS_MESSAGE_DIGEST:
		parser->signer->message_digest = ber_value(ber);
		if (ber_tag(ber) == BER_OCTET_STRING)
			return 0;
		return kv_refuse(ber->answer, -EBADMSG,
				 "the signed attribute messageDigest is not an OCTET STRING");
	case PKCS7_HAS_SMIME_CAPABILITIES:
		return authenticode_only(ber, "smimeCapabilities");
	case PKCS7_HAS_MS_SP_OPUS_INFO:
		return authenticode_only(ber, "SpOpusInfo");
	case PKCS7_HAS_MS_STATEMENT_TYPE:
		return authenticode_only(ber, "StatementType");
	}
	return 0;
}

/* pkcs7_sig_note_authenticated_attr(): unknown attributes are ignored, even if repeated */
static int note_attribute(struct ber *ber)
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
	struct parser *parser = ber->ctx;
	struct pkcs7_signer *signer = parser->signer;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].oid != parser->oid)
			continue;
		if (signer->attributes & known[i].attribute)
			return kv_refuse(ber->answer, -EKEYREJECTED,
					 "a signed attribute is repeated: sign without attributes");
		signer->attributes |= known[i].attribute;
		return check_attribute(ber, known[i].attribute);
	}
	return 0;
}

/* pkcs7_sig_note_set_of_authattrs() */
static int note_attributes(struct ber *ber)
{
	const unsigned int needed = PKCS7_HAS_CONTENT_TYPE | PKCS7_HAS_MESSAGE_DIGEST;
	struct parser *parser = ber->ctx;
	struct pkcs7_signer *signer = parser->signer;

	if ((signer->attributes & needed) != needed)
		return kv_refuse(ber->answer, -EBADMSG,
				 "the signed attributes lack contentType or messageDigest");
	signer->signed_attributes = ber_whole(ber);
	return 0;
}

/* pkcs7_note_signed_info(): the end of a signer */
static int note_signer(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct pkcs7_signer *signer = parser->signer;

	if (parser->pkcs7->data_type == OID_MS_INDIRECT_DATA && !signer->signed_attributes.size)
		return kv_refuse(ber->answer, -EBADMSG,
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

/*
 * --- the grammar: the parts of RFC 5652 that the kernel's pkcs7.asn1 has, as lenient as that ---
 */

static const struct ber_item anything[] = {
	BER_WHATEVER(0, NULL),
	BER_LAST,
};
static const struct ber_item algorithm[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_WHATEVER(BER_OPTIONAL, NULL),
	BER_LAST,
};
static const struct ber_item algorithms[] = {
	BER_LIST(BER_NAMED, BER_SEQUENCE, algorithm, NULL),
	BER_LAST,
};
static const struct ber_item content[] = {
	BER_WHATEVER(0, note_content),
	BER_LAST,
};
static const struct ber_item content_info[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(0), content, NULL),
	BER_LAST,
};

/* A certificate, or one of PKCS#6 (which PKCS#7 allows), which is read the same way. */
static const struct ber_item cert_set[] = {
	BER_WHATEVER(BER_OPTIONAL, note_cert),
	BER_WHATEVER(BER_OR, note_cert),
	BER_MUST_BE_CHOSEN,
	BER_LAST,
};
static const struct ber_item cert_sequence[] = {
	BER_WHATEVER(0, note_cert),
	BER_LAST,
};
static const struct ber_item crls[] = {
	BER_LIST(BER_NAMED | BER_OF, BER_SEQUENCE, cert_sequence, NULL),
	BER_LAST,
};

BER_DEFINE_NAME(note_oid, NULL);
static const struct ber_item issuer_and_serial[] = {
	BER_LIST(BER_OF, BER_SEQUENCE, name, note_issuer),
	BER_LEAF(0, BER_INTEGER, note_serial),
	BER_LAST,
};

static const struct ber_item signed_value[] = {
	BER_WHATEVER(0, note_attribute),
	BER_LAST,
};
static const struct ber_item signed_attribute[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_LIST(BER_OF, BER_SET, signed_value, NULL),
	BER_LAST,
};
static const struct ber_item signed_attributes[] = {
	BER_LIST(BER_NAMED, BER_SEQUENCE, signed_attribute, NULL),
	BER_LAST,
};
/* These attributes are read, but the signer counts as one without attributes. */
static const struct ber_item signed_attribute_sequence[] = {
	BER_LIST(BER_OF, BER_SEQUENCE, signed_attributes, NULL),
	BER_LAST,
};
static const struct ber_item unsigned_attribute[] = {
	BER_LEAF(0, BER_OID, NULL),
	BER_LIST(BER_OF, BER_SET, anything, NULL),
	BER_LAST,
};
static const struct ber_item unsigned_attributes[] = {
	BER_LIST(BER_NAMED, BER_SEQUENCE, unsigned_attribute, NULL),
	BER_LAST,
};

static const struct ber_item signer_info[] = {
	BER_LEAF(0, BER_INTEGER, note_signer_version),
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_SEQUENCE, issuer_and_serial, NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(0), note_key_id),
	BER_MUST_BE_CHOSEN,
	BER_LIST(BER_NAMED, BER_SEQUENCE, algorithm, note_digest_alg),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_EXPLICIT(0), signed_attributes,
		 note_attributes),
	BER_LIST(BER_OR | BER_NAMED, BER_EXPLICIT(2), signed_attribute_sequence, NULL),
	BER_LIST(0, BER_SEQUENCE, algorithm, note_sig_alg),
	BER_LEAF(0, BER_OCTET_STRING, note_signature),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_EXPLICIT(1), unsigned_attributes, NULL),
	BER_LIST(BER_OR | BER_NAMED | BER_OF, BER_EXPLICIT(3), unsigned_attributes, NULL),
	BER_LAST,
};
static const struct ber_item signer_infos[] = {
	BER_LIST(BER_NAMED, BER_SEQUENCE, signer_info, note_signer),
	BER_LAST,
};

static const struct ber_item signed_data[] = {
	BER_LEAF(0, BER_INTEGER, note_version),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_SET, algorithms, NULL),
	BER_LIST(BER_OR | BER_NAMED | BER_OF, BER_SEQUENCE, algorithms, NULL),
	BER_MUST_BE_CHOSEN,
	BER_LIST(0, BER_SEQUENCE, content_info, note_content_type),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_EXPLICIT(0), cert_set, NULL),
	BER_LIST(BER_OR | BER_NAMED | BER_OF, BER_EXPLICIT(2), cert_sequence, NULL),
	BER_JUST_CALL(note_certs),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_EXPLICIT(1), crls, NULL),
	BER_LIST(BER_OR | BER_NAMED | BER_OF, BER_EXPLICIT(3), crls, NULL),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_SET, signer_infos, NULL),
	BER_LIST(BER_OR | BER_NAMED | BER_OF, BER_SEQUENCE, signer_infos, NULL),
	BER_MUST_BE_CHOSEN,
	BER_LAST,
};
static const struct ber_item explicit_signed_data[] = {
	BER_LIST(0, BER_SEQUENCE, signed_data, NULL),
	BER_LAST,
};
static const struct ber_item message[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_JUST_CALL(check_content_type),
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(0), explicit_signed_data, NULL),
	BER_LAST,
};
static const struct ber_item message_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, message, NULL),
	BER_LAST,
};

/* --- the message --- */

/* pkcs7_check_authattrs(): all signers have signed attributes, or none; ML-DSA without them
 * signs the content, not a digest. */
static int check_attributes(struct pkcs7 *pkcs7, struct kv_answer *answer)
{
	struct pkcs7_signer *signer = pkcs7->signers;
	bool first;

	if (!signer)
		return kv_refuse(answer, -EINVAL, "the message has no signature");
	first = signer->signed_attributes.size;
	for (; signer; signer = signer->next) {
		if (!!signer->signed_attributes.size != first)
			return kv_refuse(
				answer, -EINVAL,
				"some signers have signed attributes and others have none");
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
		error = ber_decode(message_grammar, der, "PKCS#7 message", &parser, answer);
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
	buf_free(&pkcs7->joined);
	free(pkcs7);
}
