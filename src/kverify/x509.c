// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/x509_cert_parser.c and, for what follows parsing,
 * x509_public_key.c. Functions name the kernel's where a rule comes from another place.
 */
#include "kverify/x509.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kverify/oid.h"

struct parser {
	const struct kv_rules *rules;
	struct x509 *cert;
	enum oid oid, sig_oid; /* the last one read, and that of tbsCertificate.signature */
	struct view params;    /* of the key's algorithm, with header */
	bool have_key, have_akid, have_subject;
	struct view akid, akid_issuer;
	bool have_akid_issuer;
	struct view common_name, organization, email;
};

/* --- ids --- */

size_t kv_id_size(const struct kv_id *id)
{
	return id->part[0].size + id->part[1].size;
}

static uint8_t id_byte(const struct kv_id *id, size_t at)
{
	return at < id->part[0].size ? id->part[0].data[at]
				     : id->part[1].data[at - id->part[0].size];
}

bool kv_id_same(const struct kv_id *a, const struct kv_id *b)
{
	if (!a->set || !b->set || kv_id_size(a) != kv_id_size(b))
		return false;
	for (size_t i = 0; i < kv_id_size(a); i++) {
		if (id_byte(a, i) != id_byte(b, i))
			return false;
	}
	return true;
}

/* --- what the grammar calls --- */

static int note_oid(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->oid = oid_lookup(asn1_value(asn1));
	return 0;
}

static int note_serial(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->cert->serial = asn1_value(asn1);
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
static int note_sig_alg(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

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
	return kv_refuse(asn1->answer, -ENOPKG,
			 "the certificate is signed with an algorithm that %s does not know",
			 parser->rules->title);
}

/* x509_note_signature(): with the algorithm outside of tbsCertificate as the last identifier */
static int note_signature(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view bits = asn1_value(asn1);

	if (parser->oid != parser->sig_oid)
		return kv_refuse(asn1->answer, -EINVAL,
				 "the certificate names two different signature algorithms");
	if (!bits.size || bits.data[0])
		return kv_refuse(asn1->answer, -EBADMSG,
				 "the certificate's signature is not a whole number of bytes");
	parser->cert->sig.value = view_sub(bits, 1, bits.size - 1);
	return 0;
}

/* x509_extract_name_segment(): the kernel keeps sizes in eight bits */
static int note_name_segment(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view text = view_sub(asn1_value(asn1), 0, asn1_value(asn1).size & 0xff);

	if (parser->oid == OID_COMMON_NAME)
		parser->common_name = text;
	else if (parser->oid == OID_ORGANIZATION)
		parser->organization = text;
	else if (parser->oid == OID_EMAIL)
		parser->email = text;
	return 0;
}

static bool same_start(struct view a, struct view b, size_t size)
{
	return a.size >= size && b.size >= size && !memcmp(a.data, b.data, size);
}

static void name_add(struct x509 *cert, struct view text)
{
	memcpy(cert->name + cert->name_size, text.data, text.size);
	cert->name_size += text.size;
}

/*
 * x509_fabricate_name(): "organization: common name", the common name alone if it starts like the
 * organization, or whatever there is. The segments start anew for the next name.
 */
static void fabricate_name(struct parser *parser)
{
	struct x509 *cert = parser->cert;
	struct view cn = parser->common_name, o = parser->organization;

	cert->name_size = 0;
	if (cn.size && o.size) {
		if (!same_start(cn, o, o.size) && !same_start(cn, o, 7)) {
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

static int note_issuer(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->cert->issuer = asn1_value(asn1);
	fabricate_name(parser);
	return 0;
}

static int note_subject(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->cert->subject = asn1_value(asn1);
	parser->have_subject = true;
	fabricate_name(parser);
	return 0;
}

/* x509_note_params(): of three algorithms only the one of the key matters */
static int note_params(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	if (parser->have_subject && !parser->have_key)
		parser->params = asn1_whole(asn1);
	return 0;
}

/* lib/oid_registry.c: parse_OID(): a one-byte length */
static int curve_of(struct asn1 *asn1, struct view params, enum kv_key_alg *ret)
{
	if (params.size < 3 || params.data[0] != ASN1_OID || params.data[1] != params.size - 2)
		return kv_refuse(asn1->answer, -EBADMSG, "the certificate's key names no curve");
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
			asn1->answer, -ENOPKG,
			"the certificate's key is on a curve that no kernel knows: use P-256");
	}
}

static int key_alg(struct asn1 *asn1, enum kv_key_alg *ret)
{
	const struct parser *parser = asn1->ctx;

	switch (parser->oid) {
	case OID_RSA:
		*ret = KV_KEY_RSA;
		return 0;
	case OID_EC_KEY:
		return curve_of(asn1, parser->params, ret);
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
	return kv_refuse(
		asn1->answer, -ENOPKG,
		"the certificate has a kind of key that %s does not know: use RSA or P-256",
		parser->rules->title);
}

/* x509_extract_key_data() */
static int note_key(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view bits = asn1_value(asn1);
	int ret = key_alg(asn1, &parser->cert->key.alg);

	if (ret)
		return ret;
	if (!bits.size || bits.data[0])
		return kv_refuse(asn1->answer, -EBADMSG,
				 "the certificate's key is not a whole number of bytes");
	parser->cert->key.bits = view_sub(bits, 1, bits.size - 1);
	parser->have_key = true;
	return 0;
}

static int bad_extension(struct asn1 *asn1, const char *name)
{
	return kv_refuse(asn1->answer, -EBADMSG, "the certificate's %s is malformed", name);
}

static int note_subject_key_id(struct asn1 *asn1, struct view value)
{
	struct x509 *cert = ((struct parser *)asn1->ctx)->cert;

	if (cert->skid.set || value.size < 3 || value.data[0] != ASN1_OCTET_STRING ||
	    value.data[1] != value.size - 2)
		return bad_extension(asn1, "subjectKeyIdentifier");
	cert->subject_key_id = view_sub(value, 2, value.size - 2);
	cert->skid = (struct kv_id){true, {cert->subject_key_id}};
	return 0;
}

static int check_key_usage(struct asn1 *asn1, struct view value)
{
	if (value.size < 4 || value.data[0] != ASN1_BIT_STRING || value.data[2] >= 8)
		return bad_extension(asn1, "keyUsage");
	return 0;
}

/* An empty list, or one that starts with CA:TRUE */
static int check_basic_constraints(struct asn1 *asn1, struct view value)
{
	static const uint8_t ca_true[] = {ASN1_BOOLEAN, 1, 0xff};

	if (value.size < 2 || value.data[0] != ASN1_SEQUENCE || value.data[1] != value.size - 2)
		return bad_extension(asn1, "basicConstraints");
	if (value.data[1] && !view_equal(view_sub(value, 2, 3), view_of(ca_true, 3)))
		return bad_extension(asn1, "basicConstraints");
	return 0;
}

/* x509_process_extension() */
static int note_extension(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;
	struct view value = asn1_value(asn1);

	switch (parser->oid) {
	case OID_SUBJECT_KEY_ID:
		return note_subject_key_id(asn1, value);
	case OID_KEY_USAGE:
		return check_key_usage(asn1, value);
	case OID_BASIC_CONSTRAINTS:
		return check_basic_constraints(asn1, value);
	case OID_AUTHORITY_KEY_ID:
		parser->akid = value;
		parser->have_akid = true;
		return 0;
	default:
		return 0;
	}
}

static int note_tbs(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->cert->tbs = asn1_whole(asn1);
	return 0;
}

static int note_not_before(struct asn1 *asn1)
{
	return x509_read_time(asn1, &((struct parser *)asn1->ctx)->cert->valid_from);
}

static int note_not_after(struct asn1 *asn1)
{
	return x509_read_time(asn1, &((struct parser *)asn1->ctx)->cert->valid_to);
}

static int note_akid_key(struct asn1 *asn1)
{
	struct x509 *cert = ((struct parser *)asn1->ctx)->cert;

	cert->authority_key = (struct kv_id){true, {asn1_value(asn1)}};
	return 0;
}

static int note_akid_issuer(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	parser->akid_issuer = asn1_value(asn1);
	parser->have_akid_issuer = true;
	return 0;
}

static int note_akid_serial(struct asn1 *asn1)
{
	struct parser *parser = asn1->ctx;

	if (parser->have_akid_issuer)
		parser->cert->authority = (struct kv_id){true,
							 {asn1_value(asn1), parser->akid_issuer}};
	return 0;
}

/* --- the grammar: RFC 5280 4.1, in the parts and with the freedom of the kernel's x509.asn1 --- */

static const struct asn1_item algorithm[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_WHATEVER(ASN1_OPTIONAL, note_params),
	ASN1_LAST,
};
static const struct asn1_item name_attribute[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_WHATEVER(0, note_name_segment),
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
static const struct asn1_item version[] = {
	ASN1_LEAF(0, ASN1_INTEGER, NULL),
	ASN1_LAST,
};
static const struct asn1_item validity[] = {
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_UTC_TIME, NULL),
	ASN1_LEAF(ASN1_OR, ASN1_GENERALIZED_TIME, NULL),
	ASN1_MUST_BE_CHOSEN,
	ASN1_JUST_CALL(note_not_before),
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_UTC_TIME, NULL),
	ASN1_LEAF(ASN1_OR, ASN1_GENERALIZED_TIME, NULL),
	ASN1_MUST_BE_CHOSEN,
	ASN1_JUST_CALL(note_not_after),
	ASN1_LAST,
};
static const struct asn1_item key_info[] = {
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, algorithm, NULL),
	ASN1_LEAF(0, ASN1_BIT_STRING, note_key),
	ASN1_LAST,
};
static const struct asn1_item extension[] = {
	ASN1_LEAF(0, ASN1_OID, note_oid),
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_BOOLEAN, NULL),
	ASN1_LEAF(0, ASN1_OCTET_STRING, note_extension),
	ASN1_LAST,
};
static const struct asn1_item extension_list[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, extension, NULL),
	ASN1_LAST,
};
static const struct asn1_item extensions[] = {
	ASN1_LIST(ASN1_OF, ASN1_SEQUENCE, extension_list, NULL),
	ASN1_LAST,
};
static const struct asn1_item tbs_certificate[] = {
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(0), version, NULL),
	ASN1_LEAF(0, ASN1_INTEGER, note_serial),
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, algorithm, note_sig_alg),
	ASN1_LIST(ASN1_NAMED | ASN1_OF, ASN1_SEQUENCE, name, note_issuer),
	ASN1_LIST(0, ASN1_SEQUENCE, validity, NULL),
	ASN1_LIST(ASN1_NAMED | ASN1_OF, ASN1_SEQUENCE, name, note_subject),
	ASN1_LIST(0, ASN1_SEQUENCE, key_info, NULL),
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_CONTEXT(1), NULL),
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_CONTEXT(2), NULL),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(3), extensions, NULL),
	ASN1_LAST,
};
static const struct asn1_item certificate[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, tbs_certificate, note_tbs),
	ASN1_LIST(ASN1_NAMED, ASN1_SEQUENCE, algorithm, NULL),
	ASN1_LEAF(0, ASN1_BIT_STRING, note_signature),
	ASN1_LAST,
};
static const struct asn1_item certificate_grammar[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, certificate, NULL),
	ASN1_LAST,
};

/* --- authorityKeyIdentifier: RFC 5280 4.2.1.1, as the kernel's x509_akid.asn1 has it --- */

static const struct asn1_item anything[] = {
	ASN1_WHATEVER(0, NULL),
	ASN1_LAST,
};
static const struct asn1_item other_name[] = {
	ASN1_LEAF(0, ASN1_OID, NULL),
	ASN1_LIST(0, ASN1_EXPLICIT(0), anything, NULL),
	ASN1_LAST,
};
static const struct asn1_item edi_party_name[] = {
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(0), anything, NULL),
	ASN1_LIST(0, ASN1_EXPLICIT(1), anything, NULL),
	ASN1_LAST,
};
static const struct asn1_item directory_name[] = {
	ASN1_LIST(ASN1_OF, ASN1_SEQUENCE, name, note_akid_issuer),
	ASN1_LAST,
};
static const struct asn1_item general_name[] = {
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED, ASN1_EXPLICIT(0), other_name, NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(1), NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(2), NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED, ASN1_EXPLICIT(3), anything, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED, ASN1_EXPLICIT(4), directory_name, NULL),
	ASN1_LIST(ASN1_OR | ASN1_NAMED, ASN1_EXPLICIT(5), edi_party_name, NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(6), NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(7), NULL),
	ASN1_LEAF(ASN1_OR, ASN1_CONTEXT(8), NULL),
	ASN1_MUST_BE_CHOSEN,
	ASN1_LAST,
};
static const struct asn1_item authority_key_id[] = {
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_CONTEXT(0), note_akid_key),
	ASN1_LIST(ASN1_OPTIONAL | ASN1_NAMED | ASN1_OF, ASN1_EXPLICIT(1), general_name, NULL),
	ASN1_LEAF(ASN1_OPTIONAL, ASN1_CONTEXT(2), note_akid_serial),
	ASN1_LAST,
};
static const struct asn1_item authority_key_id_grammar[] = {
	ASN1_LIST(0, ASN1_SEQUENCE, authority_key_id, NULL),
	ASN1_LAST,
};

/* --- after parsing --- */

/* x509_public_key.c: x509_get_sig_params() */
static int digest_tbs(const struct kv_rules *rules, struct x509 *cert, struct kv_answer *answer)
{
	size_t size;
	int ret;

	if (hash_sha256(cert->tbs, cert->tbs_sha256))
		return kv_cannot_tell(answer, "OpenSSL has no SHA-256");
	if (kv_sig_takes_data(cert->sig.alg)) {
		cert->sig.over = cert->tbs;
		return 0;
	}
	ret = kv_digest(rules, cert->sig.hash, cert->tbs, cert->digest, &size, answer);
	if (ret == -ENOPKG) {
		cert->unsupported_sig = true;
		return 0;
	}
	if (!ret)
		cert->sig.over = view_of(cert->digest, size);
	return ret;
}

/* x509_public_key.c: x509_check_for_self_signed() */
static int check_self_signed(const struct kv_rules *rules, struct x509 *cert,
			     struct kv_answer *answer)
{
	int ret;

	if (!view_equal(cert->subject, cert->issuer))
		return 0;
	if (cert->authority.set || cert->authority_key.set) {
		bool by_key = kv_id_same(&cert->skid, &cert->authority_key);
		bool by_id = kv_id_same(&cert->id, &cert->authority);

		if (!by_key && !by_id)
			return 0;
		if (by_key != by_id && cert->authority.set && cert->authority_key.set)
			return kv_refuse(
				answer, -EKEYREJECTED,
				"half of the certificate's authorityKeyIdentifier names itself");
	}
	if (cert->unsupported_sig)
		return 0;
	ret = kv_sigcheck(rules, &cert->key, &cert->sig, answer);
	if (ret == -ENOPKG) {
		cert->unsupported_sig = true;
		return 0;
	}
	if (!ret)
		cert->self_signed = true;
	else
		kv_prefix(answer, "the certificate's own signature does not hold");
	return ret;
}

static int parse(const struct kv_rules *rules, struct view der, struct x509 *cert,
		 struct kv_answer *answer)
{
	struct parser parser = {.rules = rules, .cert = cert};
	int ret = asn1_decode(certificate_grammar, der, "certificate", &parser, answer);

	if (!ret && parser.have_akid)
		ret = asn1_decode(authority_key_id_grammar, parser.akid, "authorityKeyIdentifier",
				  &parser, answer);
	if (!ret)
		ret = digest_tbs(rules, cert, answer);
	if (ret)
		return ret;
	cert->id = (struct kv_id){true, {cert->serial, cert->issuer}};
	return check_self_signed(rules, cert, answer);
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
	static const struct asn1_item grammar[] = {
		ASN1_LIST(ASN1_OF, ASN1_SEQUENCE, name, note_subject),
		ASN1_LAST,
	};
	struct x509 cert = {0};
	struct parser parser = {.cert = &cert};
	struct kv_answer ignored;

	if (asn1_decode(grammar, rdn_sequence, "name", &parser, &ignored))
		cert.name_size = 0;
	err_escape(dst, room, cert.name, cert.name_size);
}

void x509_free(struct x509 *cert)
{
	free(cert);
}
