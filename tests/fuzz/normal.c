// SPDX-License-Identifier: BSD-2-Clause
#include "normal.h"

#include <openssl/err.h>

#include "fuzz.h"

#define CHAIN_MAX 8

/* --- DER --- */

static void put(struct buf *out, uint8_t tag, struct view content)
{
	const uint8_t header[] = {tag, 0x82, (uint8_t)(content.size >> 8), (uint8_t)content.size};

	if (content.size < 128)
		buf_add(out, (uint8_t[]){tag, (uint8_t)content.size}, 2);
	else if (content.size < 256)
		buf_add(out, (uint8_t[]){tag, 0x81, (uint8_t)content.size}, 3);
	else
		buf_add(out, header, 4);
	buf_add_view(out, content);
}

/* Put what INNER holds into a list, and empty it. */
static void wrap(struct buf *out, uint8_t tag, struct buf *inner)
{
	FUZZ_MUST(!inner->failed && inner->size < 65536);
	put(out, tag, buf_view(inner));
	buf_free(inner);
}

/* An AlgorithmIdentifier, with NULL behind it or nothing. */
static void put_algorithm(struct buf *out, int nid, bool null)
{
	_buf_ struct buf inner = {0};
	ASN1_OBJECT *object = OBJ_nid2obj(nid);

	put(&inner, BER_OID, view_of(OBJ_get0_data(object), OBJ_length(object)));
	if (null)
		buf_add(&inner, "\x05\0", 2);
	wrap(out, BER_SEQUENCE, &inner);
}

static const struct {
	int digest, ecdsa;
} nids[KV_HASH_NR] = {
	[KV_SHA1] = {NID_sha1, NID_ecdsa_with_SHA1},
	[KV_SHA224] = {NID_sha224, NID_ecdsa_with_SHA224},
	[KV_SHA256] = {NID_sha256, NID_ecdsa_with_SHA256},
	[KV_SHA384] = {NID_sha384, NID_ecdsa_with_SHA384},
	[KV_SHA512] = {NID_sha512, NID_ecdsa_with_SHA512},
	[KV_SHA3_256] = {NID_sha3_256, NID_ecdsa_with_SHA3_256},
	[KV_SHA3_384] = {NID_sha3_384, NID_ecdsa_with_SHA3_384},
	[KV_SHA3_512] = {NID_sha3_512, NID_ecdsa_with_SHA3_512},
};

/* --- a signer --- */

static int note_number(struct ber *ber)
{
	struct view **next = ber->ctx;

	*(*next)++ = ber_value(ber);
	return 0;
}

/* A number of an ECDSA signature; kernels take it without a sign, and need no leading zero. */
static void put_unsigned(struct buf *out, struct view number)
{
	_buf_ struct buf content = {0};

	while (number.size && !number.data[0])
		number = view_sub(number, 1, number.size - 1);
	if (!number.size || number.data[0] & 0x80)
		buf_add(&content, "\0", 1);
	buf_add_view(&content, number);
	wrap(out, BER_INTEGER, &content);
}

static void put_signature(struct buf *out, const struct kv_sig *sig)
{
	static const struct ber_item numbers[] = {
		BER_LEAF(0, BER_INTEGER, note_number),
		BER_LEAF(0, BER_INTEGER, note_number),
		BER_LAST,
	};
	static const struct ber_item grammar[] = {BER_LIST(0, BER_SEQUENCE, numbers, NULL),
						  BER_LAST};
	struct view number[2], *next = number;
	_buf_ struct buf inner = {0}, value = {0};
	struct kv_answer answer;

	if (sig->alg != KV_SIG_ECDSA) {
		put(out, BER_OCTET_STRING, sig->value);
		return;
	}
	FUZZ_MUST(!ber_decode(grammar, sig->value, "signature", &next, &answer));
	put_unsigned(&inner, number[0]);
	put_unsigned(&inner, number[1]);
	wrap(&value, BER_SEQUENCE, &inner);
	wrap(out, BER_OCTET_STRING, &value);
}

/* SIGNER as a SignerInfo that names CERT. */
static void put_signer(struct buf *out, const struct pkcs7_signer *signer, X509 *cert)
{
	const struct kv_sig *sig = &signer->sig;
	bool ecdsa = sig->alg == KV_SIG_ECDSA;
	uint8_t *issuer = NULL, *serial = NULL;
	_buf_ struct buf id = {0}, inner = {0};
	int issuer_size = i2d_X509_NAME(X509_get_issuer_name(cert), &issuer);
	int serial_size = i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &serial);

	FUZZ_MUST(issuer_size > 0 && serial_size > 0);
	buf_add(&id, issuer, (size_t)issuer_size);
	buf_add(&id, serial, (size_t)serial_size);
	buf_add(&inner, "\x02\x01\x01", 3);
	wrap(&inner, BER_SEQUENCE, &id);
	put_algorithm(&inner, nids[sig->hash].digest, true);
	if (signer->signed_attributes.size) {
		size_t at = inner.size;

		buf_add_view(&inner, signer->signed_attributes);
		inner.data[at] = BER_EXPLICIT(0);
	}
	put_algorithm(&inner, ecdsa ? nids[sig->hash].ecdsa : NID_rsaEncryption, !ecdsa);
	put_signature(&inner, sig);
	wrap(out, BER_SEQUENCE, &inner);
	OPENSSL_free(issuer);
	OPENSSL_free(serial);
}

/* A message by SIGNER alone. */
static void put_message(struct buf *out, const struct pkcs7_signer *signer, X509 *cert)
{
	_buf_ struct buf a = {0}, b = {0}, c = {0};
	ASN1_OBJECT *data = OBJ_nid2obj(NID_pkcs7_data), *type = OBJ_nid2obj(NID_pkcs7_signed);

	buf_add(&a, "\x02\x01\x01", 3);
	put_algorithm(&b, nids[signer->sig.hash].digest, true);
	wrap(&a, BER_SET, &b);
	put(&b, BER_OID, view_of(OBJ_get0_data(data), OBJ_length(data)));
	wrap(&a, BER_SEQUENCE, &b);
	put_signer(&b, signer, cert);
	wrap(&a, BER_SET, &b);
	wrap(&b, BER_SEQUENCE, &a);
	put(&a, BER_OID, view_of(OBJ_get0_data(type), OBJ_length(type)));
	wrap(&a, BER_EXPLICIT(0), &b);
	wrap(&c, BER_SEQUENCE, &a);
	FUZZ_MUST(!c.failed);
	*out = buf_take(&c);
}

BIO *normal_content(struct view content)
{
	BIO *memory = BIO_new_mem_buf(content.data, (int)content.size);
	BIO *filter = BIO_new(BIO_f_null());

	FUZZ_MUST(memory && filter);
	return BIO_push(filter, memory);
}

/* Does OpenSSL say that the key of CERT has signed CONTENT for SIGNER? */
static bool has_signed(const struct pkcs7_signer *signer, X509 *cert, struct view content)
{
	BIO *bio = normal_content(content);
	STACK_OF(X509) *certs = sk_X509_new_null();
	_buf_ struct buf message = {0};
	CMS_ContentInfo *cms;
	const uint8_t *at;
	bool fits;

	put_message(&message, signer, cert);
	at = message.data;
	cms = d2i_CMS_ContentInfo(NULL, &at, (long)message.size);
	FUZZ_MUST(certs && sk_X509_push(certs, cert));
	fits = cms &&
	       CMS_verify(cms, certs, NULL, bio, NULL, CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY) == 1;
	CMS_ContentInfo_free(cms);
	sk_X509_free(certs);
	BIO_free_all(bio);
	return fits;
}

/* --- certificates --- */

/* CERT as OpenSSL reads it: its signed part, and around it what every certificate has. */
static X509 *read_cert(const struct x509 *cert)
{
	_buf_ struct buf inner = {0}, whole = {0}, bits = {0};
	const X509_ALGOR *algorithm;
	uint8_t *der = NULL;
	const uint8_t *at;
	X509 *read;
	int size;

	/* First with some algorithm, to learn the right one. */
	buf_add_view(&inner, cert->tbs);
	put_algorithm(&inner, NID_sha256WithRSAEncryption, true);
	put(&inner, BER_BIT_STRING, view_lit("\0"));
	wrap(&whole, BER_SEQUENCE, &inner);
	at = whole.data;
	read = d2i_X509(NULL, &at, (long)whole.size);
	if (!read)
		return NULL;
	algorithm = X509_get0_tbs_sigalg(read);
	size = i2d_X509_ALGOR((X509_ALGOR *)algorithm, &der);
	X509_free(read);
	buf_free(&whole);
	buf_add_view(&inner, cert->tbs);
	buf_add(&inner, der, (size_t)size);
	OPENSSL_free(der);
	buf_add(&bits, "", 1);
	buf_add_view(&bits, cert->sig.value);
	wrap(&inner, BER_BIT_STRING, &bits);
	wrap(&whole, BER_SEQUENCE, &inner);
	at = whole.data;
	return d2i_X509(NULL, &at, (long)whole.size);
}

static bool is_in(X509 *cert, STACK_OF(X509) * list)
{
	for (int i = 0; i < sk_X509_num(list); i++) {
		if (!X509_cmp(cert, sk_X509_value(list, i)))
			return true;
	}
	return false;
}

static bool leads_to(X509 *cert, STACK_OF(X509) * trusted, STACK_OF(X509) * others, int depth)
{
	if (is_in(cert, trusted))
		return true;
	for (int i = 0; i < sk_X509_num(trusted); i++) {
		if (X509_verify(cert, X509_get0_pubkey(sk_X509_value(trusted, i))) == 1)
			return true;
	}
	for (int i = 0; depth && i < sk_X509_num(others); i++) {
		X509 *issuer = sk_X509_value(others, i);

		if (X509_verify(cert, X509_get0_pubkey(issuer)) == 1 &&
		    leads_to(issuer, trusted, others, depth - 1))
			return true;
	}
	return false;
}

/* The content of the DER element in VIEW. */
static struct view content_of(struct view view)
{
	size_t header = view.size > 1 && view.data[1] & 0x80 ? 2 + (view.data[1] & 0x7f) : 2;

	return view_sub(view, header, view.size - header);
}

/* Is CERT's key id, or its serial number with its issuer behind it, the id of SIGNER? */
static bool has_id(const struct pkcs7_signer *signer, X509 *cert)
{
	const ASN1_OCTET_STRING *key_id = X509_get0_subject_key_id(cert);
	_buf_ struct buf id = {0}, want = {0};
	uint8_t *issuer = NULL, *serial = NULL;
	int issuer_size = i2d_X509_NAME(X509_get_issuer_name(cert), &issuer);
	int serial_size = i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &serial);
	bool same;

	FUZZ_MUST(issuer_size > 0 && serial_size > 0);
	buf_add_view(&id, signer->id.part[0]);
	buf_add_view(&id, signer->id.part[1]);
	buf_add_view(&want, content_of(view_of(serial, (size_t)serial_size)));
	buf_add_view(&want, content_of(view_of(issuer, (size_t)issuer_size)));
	same = view_equal(buf_view(&id), buf_view(&want));
	if (key_id)
		same |= view_equal(buf_view(&id), view_of(ASN1_STRING_get0_data(key_id),
							  (size_t)ASN1_STRING_length(key_id)));
	OPENSSL_free(issuer);
	OPENSSL_free(serial);
	return same;
}

static bool signer_is_trusted(const struct pkcs7_signer *signer, STACK_OF(X509) * trusted,
			      STACK_OF(X509) * others, struct view content)
{
	for (int i = 0; i < sk_X509_num(trusted) + sk_X509_num(others); i++) {
		X509 *cert = i < sk_X509_num(trusted)
				     ? sk_X509_value(trusted, i)
				     : sk_X509_value(others, i - sk_X509_num(trusted));

		if (has_id(signer, cert) && has_signed(signer, cert, content) &&
		    leads_to(cert, trusted, others, CHAIN_MAX))
			return true;
	}
	return false;
}

bool normal_accepts(const struct pkcs7 *pkcs7, STACK_OF(X509) * trusted, struct view content)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	bool accepted = false;

	for (const struct x509 *cert = pkcs7->certs; cert; cert = cert->next) {
		X509 *read = read_cert(cert);

		FUZZ_MUST(!read || sk_X509_push(others, read));
	}
	for (const struct pkcs7_signer *signer = pkcs7->signers; signer && !accepted;
	     signer = signer->next)
		accepted = signer_is_trusted(signer, trusted, others, content);
	sk_X509_pop_free(others, X509_free);
	ERR_clear_error();
	return accepted;
}
