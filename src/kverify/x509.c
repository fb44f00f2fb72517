// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/x509_cert_parser.c; comments name the kernel's
 * functions.
 */
#include "kverify/x509.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kverify/oid.h"

struct parser {
	const struct kv_rules *rules;
	struct x509 *cert;
	enum oid oid, sig_oid; /* the one read last, and that of tbsCertificate.signature */
	struct view params;    /* of the key's algorithm, with the DER header */
	bool have_key, have_akid, have_subject;
	struct view akid, akid_issuer;
	bool have_akid_issuer;
	struct view common_name, organization, email;
};

/* --- the grammar's actions --- */

static int note_oid(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->oid = oid_lookup(ber_value(ber));
	return 0;
}

static int note_serial(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->cert->serial = ber_value(ber);
	return 0;
}

static const struct {
	enum oid oid;
	enum kv_sig_alg alg;
	enum kv_hash hash;
} sig_algs[] = {
	{OID_RSA_SHA1, KV_SIG_RSA, KV_SHA1},
	{OID_RSA_SHA224, KV_SIG_RSA, KV_SHA224},
	{OID_RSA_SHA256, KV_SIG_RSA, KV_SHA256},
	{OID_RSA_SHA384, KV_SIG_RSA, KV_SHA384},
	{OID_RSA_SHA512, KV_SIG_RSA, KV_SHA512},
	{OID_RSA_SHA3_256, KV_SIG_RSA, KV_SHA3_256},
	{OID_RSA_SHA3_384, KV_SIG_RSA, KV_SHA3_384},
	{OID_RSA_SHA3_512, KV_SIG_RSA, KV_SHA3_512},
	{OID_ECDSA_SHA1, KV_SIG_ECDSA, KV_SHA1},
	{OID_ECDSA_SHA224, KV_SIG_ECDSA, KV_SHA224},
	{OID_ECDSA_SHA256, KV_SIG_ECDSA, KV_SHA256},
	{OID_ECDSA_SHA384, KV_SIG_ECDSA, KV_SHA384},
	{OID_ECDSA_SHA512, KV_SIG_ECDSA, KV_SHA512},
	{OID_ECDSA_SHA3_256, KV_SIG_ECDSA, KV_SHA3_256},
	{OID_ECDSA_SHA3_384, KV_SIG_ECDSA, KV_SHA3_384},
	{OID_ECDSA_SHA3_512, KV_SIG_ECDSA, KV_SHA3_512},
	{OID_GOST_SIGNATURE256, KV_SIG_ECRDSA, KV_STREEBOG256},
	{OID_GOST_SIGNATURE512, KV_SIG_ECRDSA, KV_STREEBOG512},
	{OID_MLDSA44, KV_SIG_MLDSA44, KV_NO_HASH},
	{OID_MLDSA65, KV_SIG_MLDSA65, KV_NO_HASH},
	{OID_MLDSA87, KV_SIG_MLDSA87, KV_NO_HASH},
};

/* x509_note_sig_algo() */
static int note_sig_alg(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	for (size_t i = 0; i < ARRAY_SIZE(sig_algs); i++) {
		if (sig_algs[i].oid != parser->oid)
			continue;
		if (kv_sig_takes_data(sig_algs[i].alg) && !parser->rules->mldsa_named)
			break;
		parser->sig_oid = parser->oid;
		parser->cert->sig.alg = sig_algs[i].alg;
		parser->cert->sig.hash = sig_algs[i].hash;
		return 0;
	}
	return kv_refuse(ber->answer, -ENOPKG,
			 "%s does not support the algorithm of the certificate's signature",
			 parser->rules->title);
}

/* x509_note_signature(): the identifier read last is the algorithm outside of tbsCertificate */
static int note_signature(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view bits = ber_value(ber);

	if (parser->oid != parser->sig_oid)
		return kv_refuse(ber->answer, -EINVAL,
				 "the certificate names two different signature algorithms");
	if (!bits.size || bits.data[0])
		return kv_refuse(ber->answer, -EBADMSG,
				 "the certificate's signature is not a whole number of bytes");
	parser->cert->sig.value = view_sub(bits, 1, bits.size - 1);
	return 0;
}

/* x509_extract_name_segment(): the kernel stores sizes in eight bits */
static int note_name_segment(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view text = view_sub(ber_value(ber), 0, ber_value(ber).size & 0xff);

	if (parser->oid == OID_COMMON_NAME)
		parser->common_name = text;
	else if (parser->oid == OID_ORGANIZATION)
		parser->organization = text;
	else if (parser->oid == OID_EMAIL)
		parser->email = text;
	return 0;
}

static void name_add(struct x509 *cert, struct view text)
{
	memcpy(cert->name + cert->name_size, text.data, text.size);
	cert->name_size += text.size;
}

/*
 * x509_fabricate_name(): "organization: common name"; only the common name if it begins with the
 * organization (seven bytes are compared); or what else is present. The segments are reset for the
 * next name.
 */
static void fabricate_name(struct parser *parser)
{
	struct x509 *cert = parser->cert;
	struct view cn = parser->common_name, o = parser->organization, start = view_head(o, 7);

	cert->name_size = 0;
	if (cn.size && o.size) {
		if (!view_equal(view_head(cn, start.size), start)) {
			name_add(cert, o);
			name_add(cert, view_lit(": "));
		}
		name_add(cert, cn);
	} else if (cn.size || o.size) {
		name_add(cert, cn.size ? cn : o);
	} else if (parser->email.size) {
		name_add(cert, parser->email);
	}
	parser->common_name = parser->organization = parser->email = (struct view){NULL, 0};
}

static int note_issuer(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->cert->issuer = ber_value(ber);
	fabricate_name(parser);
	return 0;
}

static int note_subject(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->cert->subject = ber_value(ber);
	parser->have_subject = true;
	fabricate_name(parser);
	return 0;
}

/* x509_note_params(): only the parameters of the key's algorithm matter */
static int note_params(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	if (parser->have_subject && !parser->have_key)
		parser->params = ber_whole(ber);
	return 0;
}

/* lib/oid_registry.c: parse_OID() accepts only a length of one byte */
static int curve_of(struct ber *ber, struct view params, enum kv_key_alg *ret)
{
	if (params.size < 3 || params.data[0] != BER_OID || params.data[1] != params.size - 2)
		return kv_refuse(ber->answer, -EBADMSG,
				 "the certificate's key does not name a curve");
	switch (oid_lookup(view_sub(params, 2, params.size - 2))) {
	case OID_P192:
		*ret = KV_KEY_P192;
		return 0;
	case OID_P256:
		*ret = KV_KEY_P256;
		return 0;
	case OID_P384:
		*ret = KV_KEY_P384;
		return 0;
	case OID_P521:
		*ret = KV_KEY_P521;
		return 0;
	default:
		return kv_refuse(
			ber->answer, -ENOPKG,
			"no kernel supports the curve of the certificate's key: use P-256");
	}
}

static int key_alg(struct ber *ber, enum kv_key_alg *ret)
{
	const struct parser *parser = ber->ctx;

	switch (parser->oid) {
	case OID_RSA:
		*ret = KV_KEY_RSA;
		return 0;
	case OID_EC_KEY:
		return curve_of(ber, parser->params, ret);
	case OID_GOST_KEY256:
	case OID_GOST_KEY512:
		*ret = KV_KEY_ECRDSA;
		return 0;
	case OID_MLDSA44:
	case OID_MLDSA65:
	case OID_MLDSA87:
		*ret = KV_KEY_MLDSA44 + (parser->oid - OID_MLDSA44);
		if (parser->rules->mldsa_named)
			return 0;
		break;
	default:
		break;
	}
	return kv_refuse(ber->answer, -ENOPKG,
			 "%s does not support the certificate's kind of key: use RSA or P-256",
			 parser->rules->title);
}

/* x509_extract_key_data() */
static int note_key(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view bits = ber_value(ber);
	int ret = key_alg(ber, &parser->cert->key.alg);

	if (ret)
		return ret;
	if (!bits.size || bits.data[0])
		return kv_refuse(ber->answer, -EBADMSG,
				 "the certificate's key is not a whole number of bytes");
	parser->cert->key.bits = view_sub(bits, 1, bits.size - 1);
	parser->have_key = true;
	return 0;
}

static int bad_extension(struct ber *ber, const char *name)
{
	return kv_refuse(ber->answer, -EBADMSG, "the certificate's %s is malformed", name);
}

static int note_subject_key_id(struct ber *ber, struct view value)
{
	struct x509 *cert = ((struct parser *)ber->ctx)->cert;

	if (cert->skid.set || value.size < 3 || value.data[0] != BER_OCTET_STRING ||
	    value.data[1] != value.size - 2)
		return bad_extension(ber, "subjectKeyIdentifier");
	cert->subject_key_id = view_sub(value, 2, value.size - 2);
	cert->skid = (struct kv_id){true, {cert->subject_key_id}};
	return 0;
}

static int check_key_usage(struct ber *ber, struct view value)
{
	if (value.size < 4 || value.data[0] != BER_BIT_STRING || value.data[2] >= 8)
		return bad_extension(ber, "keyUsage");
	return 0;
}

/* basicConstraints: an empty list, or one that begins with CA:TRUE */
static int check_basic_constraints(struct ber *ber, struct view value)
{
	static const uint8_t ca_true[] = {BER_BOOLEAN, 1, 0xff};

	if (value.size < 2 || value.data[0] != BER_SEQUENCE || value.data[1] != value.size - 2)
		return bad_extension(ber, "basicConstraints");
	if (value.data[1] && !view_equal(view_sub(value, 2, 3), view_of(ca_true, 3)))
		return bad_extension(ber, "basicConstraints");
	return 0;
}

/* x509_process_extension() */
static int note_extension(struct ber *ber)
{
	struct parser *parser = ber->ctx;
	struct view value = ber_value(ber);

	switch (parser->oid) {
	case OID_SUBJECT_KEY_ID:
		return note_subject_key_id(ber, value);
	case OID_KEY_USAGE:
		return check_key_usage(ber, value);
	case OID_BASIC_CONSTRAINTS:
		return check_basic_constraints(ber, value);
	case OID_AUTHORITY_KEY_ID:
		parser->akid = value;
		parser->have_akid = true;
		return 0;
	default:
		return 0;
	}
}

static int note_tbs(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->cert->tbs = ber_whole(ber);
	return 0;
}

static int note_not_before(struct ber *ber)
{
	return x509_read_time(ber, &((struct parser *)ber->ctx)->cert->valid_from);
}

static int note_not_after(struct ber *ber)
{
	return x509_read_time(ber, &((struct parser *)ber->ctx)->cert->valid_to);
}

static int note_akid_key(struct ber *ber)
{
	struct x509 *cert = ((struct parser *)ber->ctx)->cert;

	cert->authority_key = (struct kv_id){true, {ber_value(ber)}};
	return 0;
}

static int note_akid_issuer(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	parser->akid_issuer = ber_value(ber);
	parser->have_akid_issuer = true;
	return 0;
}

static int note_akid_serial(struct ber *ber)
{
	struct parser *parser = ber->ctx;

	if (parser->have_akid_issuer)
		parser->cert->authority = (struct kv_id){true,
							 {ber_value(ber), parser->akid_issuer}};
	return 0;
}

/*
 * --- the grammar: the parts of RFC 5280 4.1 that the kernel's x509.asn1 has, as lenient as that
 * ---
 */

static const struct ber_item algorithm[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_WHATEVER(BER_OPTIONAL, note_params),
	BER_LAST,
};
BER_DEFINE_NAME(note_oid, note_name_segment);
static const struct ber_item version[] = {
	BER_LEAF(0, BER_INTEGER, NULL),
	BER_LAST,
};
static const struct ber_item validity[] = {
	BER_LEAF(BER_OPTIONAL, BER_UTC_TIME, NULL),
	BER_LEAF(BER_OR, BER_GENERALIZED_TIME, NULL),
	BER_MUST_BE_CHOSEN,
	BER_JUST_CALL(note_not_before),
	BER_LEAF(BER_OPTIONAL, BER_UTC_TIME, NULL),
	BER_LEAF(BER_OR, BER_GENERALIZED_TIME, NULL),
	BER_MUST_BE_CHOSEN,
	BER_JUST_CALL(note_not_after),
	BER_LAST,
};
static const struct ber_item key_info[] = {
	BER_LIST(BER_NAMED, BER_SEQUENCE, algorithm, NULL),
	BER_LEAF(0, BER_BIT_STRING, note_key),
	BER_LAST,
};
static const struct ber_item extension[] = {
	BER_LEAF(0, BER_OID, note_oid),
	BER_LEAF(BER_OPTIONAL, BER_BOOLEAN, NULL),
	BER_LEAF(0, BER_OCTET_STRING, note_extension),
	BER_LAST,
};
static const struct ber_item extension_list[] = {
	BER_LIST(0, BER_SEQUENCE, extension, NULL),
	BER_LAST,
};
static const struct ber_item extensions[] = {
	BER_LIST(BER_OF, BER_SEQUENCE, extension_list, NULL),
	BER_LAST,
};
static const struct ber_item tbs_certificate[] = {
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(0), version, NULL),
	BER_LEAF(0, BER_INTEGER, note_serial),
	BER_LIST(BER_NAMED, BER_SEQUENCE, algorithm, note_sig_alg),
	BER_LIST(BER_NAMED | BER_OF, BER_SEQUENCE, name, note_issuer),
	BER_LIST(0, BER_SEQUENCE, validity, NULL),
	BER_LIST(BER_NAMED | BER_OF, BER_SEQUENCE, name, note_subject),
	BER_LIST(0, BER_SEQUENCE, key_info, NULL),
	BER_LEAF(BER_OPTIONAL, BER_CONTEXT(1), NULL),
	BER_LEAF(BER_OPTIONAL, BER_CONTEXT(2), NULL),
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(3), extensions, NULL),
	BER_LAST,
};
static const struct ber_item certificate[] = {
	BER_LIST(0, BER_SEQUENCE, tbs_certificate, note_tbs),
	BER_LIST(BER_NAMED, BER_SEQUENCE, algorithm, NULL),
	BER_LEAF(0, BER_BIT_STRING, note_signature),
	BER_LAST,
};
static const struct ber_item certificate_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, certificate, NULL),
	BER_LAST,
};

/* --- authorityKeyIdentifier: RFC 5280 4.2.1.1, as in the kernel's x509_akid.asn1 --- */

static const struct ber_item anything[] = {
	BER_WHATEVER(0, NULL),
	BER_LAST,
};
static const struct ber_item other_name[] = {
	BER_LEAF(0, BER_OID, NULL),
	BER_LIST(0, BER_EXPLICIT(0), anything, NULL),
	BER_LAST,
};
static const struct ber_item edi_party_name[] = {
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(0), anything, NULL),
	BER_LIST(0, BER_EXPLICIT(1), anything, NULL),
	BER_LAST,
};
static const struct ber_item directory_name[] = {
	BER_LIST(BER_OF, BER_SEQUENCE, name, note_akid_issuer),
	BER_LAST,
};
static const struct ber_item general_name[] = {
	BER_LIST(BER_OPTIONAL | BER_NAMED, BER_EXPLICIT(0), other_name, NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(1), NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(2), NULL),
	BER_LIST(BER_OR | BER_NAMED, BER_EXPLICIT(3), anything, NULL),
	BER_LIST(BER_OR | BER_NAMED, BER_EXPLICIT(4), directory_name, NULL),
	BER_LIST(BER_OR | BER_NAMED, BER_EXPLICIT(5), edi_party_name, NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(6), NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(7), NULL),
	BER_LEAF(BER_OR, BER_CONTEXT(8), NULL),
	BER_MUST_BE_CHOSEN,
	BER_LAST,
};
static const struct ber_item authority_key_id[] = {
	BER_LEAF(BER_OPTIONAL, BER_CONTEXT(0), note_akid_key),
	BER_LIST(BER_OPTIONAL | BER_NAMED | BER_OF, BER_EXPLICIT(1), general_name, NULL),
	BER_LEAF(BER_OPTIONAL, BER_CONTEXT(2), note_akid_serial),
	BER_LAST,
};
static const struct ber_item authority_key_id_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, authority_key_id, NULL),
	BER_LAST,
};

static int parse(const struct kv_rules *rules, struct view der, struct x509 *cert,
		 struct kv_answer *answer)
{
	struct parser parser = {.rules = rules, .cert = cert};
	int ret = ber_decode(certificate_grammar, der, "certificate", &parser, answer);

	if (!ret && parser.have_akid)
		ret = ber_decode(authority_key_id_grammar, parser.akid, "authorityKeyIdentifier",
				 &parser, answer);
	if (!ret)
		ret = x509_digest(rules, cert, answer);
	if (ret)
		return ret;
	cert->id = (struct kv_id){true, {cert->serial, cert->issuer}};
	return 0;
}

int x509_parse(const struct kv_rules *rules, struct view der, struct x509 **ret,
	       struct kv_answer *answer)
{
	_cleanup_(x509_free_p) struct x509 *cert = calloc(1, sizeof(*cert));
	int error;

	if (!cert)
		return KV_NO_MEMORY;
	error = parse(rules, der, cert, answer);
	if (!error)
		*ret = take_ptr(cert);
	return error;
}

void x509_describe_name(struct view rdn_sequence, char *dst, size_t room)
{
	static const struct ber_item grammar[] = {
		BER_LIST(BER_OF, BER_SEQUENCE, name, note_subject),
		BER_LAST,
	};
	struct x509 cert = {0};
	struct parser parser = {.cert = &cert};
	struct kv_answer ignored;

	if (ber_decode(grammar, rdn_sequence, "name", &parser, &ignored))
		cert.name_size = 0;
	err_escape(dst, room, cert.name, cert.name_size);
}

void x509_free(struct x509 *cert)
{
	free(cert);
}
