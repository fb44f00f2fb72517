// SPDX-License-Identifier: BSD-2-Clause
#include "cms.h"

#include <errno.h>
#include <limits.h>
#include <openssl/asn1t.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <string.h>

#include "crypto.h"
#include "ossl.h"

DEFINE_CLEANUP(CMS_ContentInfo *, CMS_ContentInfo_free)
DEFINE_CLEANUP(ECDSA_SIG *, ECDSA_SIG_free)
DEFINE_CLEANUP(X509_ATTRIBUTE *, X509_ATTRIBUTE_free)

typedef STACK_OF(X509_ATTRIBUTE) attribute_set;

static void attributes_free(attribute_set *attributes)
{
	sk_X509_ATTRIBUTE_pop_free(attributes, X509_ATTRIBUTE_free);
}
DEFINE_CLEANUP(attribute_set *, attributes_free)

/* SignedAttributes in the form that is signed: a SET OF, unlike in the message (RFC 5652 5.4). */
/* clang-format off */
ASN1_ITEM_TEMPLATE(SIGNED_ATTRIBUTES) =
	/* cppcheck-suppress unknownMacro */
	ASN1_EX_TEMPLATE_TYPE(ASN1_TFLG_SET_OF, 0, SIGNED_ATTRIBUTES, X509_ATTRIBUTE)
static_ASN1_ITEM_TEMPLATE_END(SIGNED_ATTRIBUTES)
	/* clang-format on */

	/* Encode VALUE, whose type is ITEM, as DER. */
	static int encode(const void *value, const ASN1_ITEM *item, struct buf *ret,
			  struct err *err)
{
	_buf_ struct buf der = {0};
	int size = ASN1_item_i2d(value, NULL, item);
	uint8_t *space;

	if (size <= 0)
		return ossl_error(err, -EINVAL, "cannot encode the signature");
	space = buf_space(&der, (size_t)size);
	if (!space)
		return err_nomem(err);
	ASN1_item_i2d(value, &space, item);
	*ret = buf_take(&der);
	return 0;
}

static int parse_cert(struct view cert, X509 **ret, struct err *err)
{
	const uint8_t *at = cert.data;
	X509 *x509 = cert.size <= LONG_MAX ? d2i_X509(NULL, &at, (long)cert.size) : NULL;

	if (!x509)
		return ossl_error(err, -EBADMSG, "cannot read the signer's certificate");
	if (!X509_get0_pubkey(x509)) {
		X509_free(x509);
		return ossl_error(err, -ENOTSUP, "OpenSSL does not support the certificate's key");
	}
	*ret = x509;
	return 0;
}

/* Whether the key can sign only attributes: every kind but RSA and ECDSA. */
static bool needs_attributes(const X509 *x509)
{
	const EVP_PKEY *pkey = X509_get0_pubkey(x509);

	return !EVP_PKEY_is_a(pkey, "RSA") && !EVP_PKEY_is_a(pkey, "EC");
}

/* All signers of a message sign attributes, or none (Linux, pkcs7_check_authattrs()). */
static bool need_attributes(X509 *const *certs, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (needs_attributes(certs[i]))
			return true;
	}
	return false;
}

/* The message digest for X509's key: HASH, but SHA-512 for ML-DSA (RFC 9882 3.3). */
static enum hash_alg hash_of(const X509 *x509, enum hash_alg hash)
{
	return needs_attributes(x509) ? HASH_SHA512 : hash;
}

static int add_attribute(attribute_set *attributes, int nid, int type, const void *value, int size,
			 struct err *err)
{
	_cleanup_(X509_ATTRIBUTE_free_p) X509_ATTRIBUTE *attribute = X509_ATTRIBUTE_create_by_NID(
		NULL, nid, type, value, size);

	if (!attribute || !sk_X509_ATTRIBUTE_push(attributes, attribute))
		return ossl_error(err, -ENOMEM, "cannot make an attribute");
	attribute = NULL;
	return 0;
}

/* contentType and messageDigest, which are the mandatory attributes (RFC 5652 5.3). */
static int make_attributes(enum hash_alg hash, struct hash_input *content, attribute_set **ret,
			   struct err *err)
{
	_cleanup_(attributes_free_p) attribute_set *attributes = sk_X509_ATTRIBUTE_new_null();
	struct view digest;
	int rc;

	if (!attributes)
		return err_nomem(err);
	if (hash_input_digest(content, hash, &digest))
		return err_set(err, -ENOTSUP, "OpenSSL %s does not support %s", crypto_version(),
			       hash_name(hash));
	rc = add_attribute(attributes, NID_pkcs9_contentType, V_ASN1_OBJECT,
			   OBJ_nid2obj(NID_pkcs7_data), -1, err);
	if (!rc)
		rc = add_attribute(attributes, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
				   digest.data, (int)digest.size, err);
	if (rc)
		return rc;
	*ret = take_ptr(attributes);
	return 0;
}

/* Encode the attributes that the key of X509 signs instead of CONTENT, as DER. */
static int encode_attributes(const X509 *x509, enum hash_alg hash, struct hash_input *content,
			     struct buf *ret, struct err *err)
{
	_cleanup_(attributes_free_p) attribute_set *attributes = NULL;
	int rc = make_attributes(hash_of(x509, hash), content, &attributes, err);

	return rc ?: encode(attributes, ASN1_ITEM_rptr(SIGNED_ATTRIBUTES), ret, err);
}

static int check_hash(enum hash_alg hash, struct err *err)
{
	if (EVP_get_digestbyname(hash_name(hash)))
		return 0;
	return err_set(err, -ENOTSUP, "OpenSSL %s does not support %s", crypto_version(),
		       hash_name(hash));
}

int cms_to_be_signed(struct view cert, enum hash_alg hash, struct hash_input *content,
		     struct buf *ret, struct err *err)
{
	_cleanup_(X509_free_p) X509 *x509 = NULL;
	_buf_ struct buf attributes = {0};
	int rc;

	rc = parse_cert(cert, &x509, err) ?: check_hash(hash, err);
	if (rc)
		return rc;
	if (needs_attributes(x509)) {
		rc = encode_attributes(x509, hash, content, &attributes, err);
	} else {
		for (size_t i = 0; i < content->nr; i++)
			buf_add_view(&attributes, content->parts[i]);
		rc = buf_done(&attributes, err);
	}
	if (!rc)
		*ret = buf_take(&attributes);
	return rc;
}

/* --- assembling --- */

/* Encode RAW, which is r and s, as Ecdsa-Sig-Value. */
static int encode_ecdsa(struct view raw, struct buf *ret, struct err *err)
{
	_cleanup_(ECDSA_SIG_free_p) ECDSA_SIG *value = ECDSA_SIG_new();
	const int half = (int)raw.size / 2;
	BIGNUM *r = BN_bin2bn(raw.data, half, NULL);
	BIGNUM *s = BN_bin2bn(raw.data + half, half, NULL);
	uint8_t *space;

	if (!value || !r || !s || !ECDSA_SIG_set0(value, r, s)) {
		BN_free(r);
		BN_free(s);
		return ossl_error(err, -ENOMEM, "cannot encode the ECDSA signature");
	}
	space = buf_space(ret, (size_t)i2d_ECDSA_SIG(value, NULL));
	if (!space)
		return err_nomem(err);
	i2d_ECDSA_SIG(value, &space);
	return 0;
}

static bool is_ecdsa_der(struct view signature)
{
	const uint8_t *at = signature.data;
	_cleanup_(ECDSA_SIG_free_p)
		ECDSA_SIG *value = d2i_ECDSA_SIG(NULL, &at, (long)signature.size);

	ERR_clear_error();
	return value && at == signature.data + signature.size;
}

/* SIGNATURE in the encoding for a message: itself or, for raw r and s, their DER in *SPACE. */
static int encode_raw(const EVP_PKEY *pkey, struct view *signature, struct buf *space,
		      struct err *err)
{
	size_t size = (size_t)EVP_PKEY_get_size(pkey);
	int rc;

	if (EVP_PKEY_is_a(pkey, "EC")) {
		size = 2 * (size_t)((EVP_PKEY_get_bits(pkey) + 7) / 8);
		if (signature->size <= INT_MAX && is_ecdsa_der(*signature))
			return 0;
		if (signature->size == size) {
			rc = encode_ecdsa(*signature, space, err);
			*signature = buf_view(space);
			return rc;
		}
		return err_set(err, -EBADMSG,
			       "not a signature by the certificate's key: expected DER "
			       "(Ecdsa-Sig-Value) or %zu bytes of r and s, found %zu bytes",
			       size, signature->size);
	}
	if (signature->size == size)
		return 0;
	return err_set(err, -EBADMSG,
		       "not a signature by the certificate's key: expected %zu bytes, found %zu",
		       size, signature->size);
}

static int set_attributes(CMS_SignerInfo *info, enum hash_alg hash, struct hash_input *content,
			  struct err *err)
{
	_cleanup_(attributes_free_p) attribute_set *attributes = NULL;
	int rc = make_attributes(hash, content, &attributes, err);

	for (int i = 0; !rc && i < sk_X509_ATTRIBUTE_num(attributes); i++) {
		if (!CMS_signed_add1_attr(info, sk_X509_ATTRIBUTE_value(attributes, i)))
			rc = ossl_error(err, -ENOMEM, "cannot add an attribute");
	}
	return rc;
}

/* Add the SignerInfo of X509's key, with its SIGNATURE. */
static int add_signer(CMS_ContentInfo *cms, X509 *x509, bool attributed, struct view signature,
		      enum hash_alg hash, struct hash_input *content, struct err *err)
{
	_buf_ struct buf space = {0};
	unsigned int flags = CMS_BINARY | CMS_DETACHED | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_PARTIAL;
	CMS_SignerInfo *info;
	int rc;

	hash = hash_of(x509, hash);
	rc = encode_raw(X509_get0_pubkey(x509), &signature, &space, err);
	if (rc)
		return rc;
	if (X509_get0_subject_key_id(x509))
		flags |= CMS_USE_KEYID;
	if (!attributed)
		flags |= CMS_NOATTR;
	/* With CMS_PARTIAL nothing is signed; the public key only tells the algorithm. */
	info = CMS_add1_signer(cms, x509, X509_get0_pubkey(x509),
			       EVP_get_digestbyname(hash_name(hash)), flags);
	if (!info)
		return ossl_error(err, -ENOTSUP, "cannot describe a signature of this key");
	if (attributed)
		rc = set_attributes(info, hash, content, err);
	if (!rc && !ASN1_STRING_set(CMS_SignerInfo_get0_signature(info), signature.data,
				    (int)signature.size))
		rc = err_nomem(err);
	return rc;
}

static int check_parts(const struct cms_part *parts, size_t nr, struct err *err)
{
	if (!nr || nr > KEY_SIGNERS_MAX)
		return err_set(err, -EINVAL, "a signature has 1 to %d signers, not %zu",
			       KEY_SIGNERS_MAX, nr);
	for (size_t i = 1; i < nr; i++) {
		for (size_t j = 0; j < i; j++) {
			if (view_equal(parts[i].cert, parts[j].cert))
				return err_set(err, -EINVAL,
					       "the same certificate is given twice: remove one");
		}
	}
	return 0;
}

/* CERTS: the parsed certificates of PARTS. */
static int assemble(const struct cms_part *parts, X509 *const *certs, size_t nr, enum hash_alg hash,
		    struct hash_input *content, struct buf *ret, struct err *err)
{
	_cleanup_(CMS_ContentInfo_free_p) CMS_ContentInfo *cms = NULL;
	const bool attributed = need_attributes(certs, nr);
	int rc = check_hash(hash, err);

	if (rc)
		return rc;
	cms = CMS_sign(NULL, NULL, NULL, NULL, CMS_BINARY | CMS_DETACHED | CMS_PARTIAL);
	if (!cms)
		return ossl_error(err, -ENOMEM, "cannot begin a signature");
	for (size_t i = 0; !rc && i < nr; i++)
		rc = add_signer(cms, certs[i], attributed, parts[i].signature, hash, content, err);
	return rc ?: encode(cms, ASN1_ITEM_rptr(CMS_ContentInfo), ret, err);
}

int cms_assemble(const struct cms_part *parts, size_t nr, enum hash_alg hash,
		 struct hash_input *content, struct buf *ret, struct err *err)
{
	X509 *certs[KEY_SIGNERS_MAX] = {0};
	int rc = check_parts(parts, nr, err);

	for (size_t i = 0; !rc && i < nr; i++)
		rc = parse_cert(parts[i].cert, &certs[i], err);
	if (!rc)
		rc = assemble(parts, certs, nr, hash, content, ret, err);
	for (size_t i = 0; i < KEY_SIGNERS_MAX; i++)
		X509_free(certs[i]);
	return rc;
}

/* Make SIGNER's raw signature over CONTENT or, if ATTRIBUTED, over its attributes. */
static int sign_content(const struct key_signer *signer, bool attributed, enum hash_alg hash,
			struct hash_input *content, struct buf *ret, struct err *err)
{
	_buf_ struct buf attributes = {0};
	struct hash_input message;
	int rc = check_hash(hash, err);

	if (rc || !attributed)
		return rc ?: key_sign_raw(signer, hash, content, ret, err);
	rc = encode_attributes(key_signer_x509(signer), hash, content, &attributes, err);
	message = hash_input_of(buf_view(&attributes));
	return rc ?: key_sign_raw(signer, hash, &message, ret, err);
}

int cms_sign(const struct key_signer *const *signers, size_t nr, enum hash_alg hash,
	     struct hash_input *content, struct buf *ret, struct err *err)
{
	struct cms_part parts[KEY_SIGNERS_MAX] = {0};
	struct buf raw[KEY_SIGNERS_MAX] = {0};
	X509 *certs[KEY_SIGNERS_MAX];
	int rc;

	for (size_t i = 0; i < nr && i < KEY_SIGNERS_MAX; i++) {
		parts[i].cert = key_signer_cert(signers[i]);
		certs[i] = key_signer_x509(signers[i]);
	}
	rc = check_parts(parts, nr, err);
	for (size_t i = 0; !rc && i < nr; i++) {
		rc = sign_content(signers[i], need_attributes(certs, nr), hash, content, &raw[i],
				  err);
		parts[i].signature = buf_view(&raw[i]);
	}
	if (!rc)
		rc = assemble(parts, certs, nr, hash, content, ret, err);
	for (size_t i = 0; i < KEY_SIGNERS_MAX; i++)
		buf_free(&raw[i]);
	return rc;
}

/* OpenSSL's room for a line (crypto/asn1/asn_mime.c: MAX_SMLEN), without a NUL. */
#define TEXT_LINE_MAX 1023

void cms_as_text(struct view content, struct buf *ret)
{
	while (content.size) {
		struct view line = view_head(content, TEXT_LINE_MAX);
		const uint8_t *end = memchr(line.data, '\n', line.size);
		bool has_end;

		line = view_head(line, end ? (size_t)(end - line.data) + 1 : line.size);
		content = view_sub(content, line.size, content.size - line.size);
		line.size = strnlen((const char *)line.data, line.size);
		if (!line.size)
			return;
		has_end = line.data[line.size - 1] == '\n';
		while (line.size && strchr("\r\n", line.data[line.size - 1]))
			line.size--;
		buf_add_view(ret, line);
		if (has_end)
			buf_add_str(ret, "\r\n");
	}
}

int cms_decode(struct view message, struct buf *ret, struct err *err)
{
	static const char begin[] = "-----BEGIN ";
	static const struct view mail = view_lit("MIME-Version:");
	_buf_ struct buf der = {0};
	uint8_t *bytes = NULL;
	long size = 0;
	BIO *bio;
	int rc;

	if (view_equal(view_head(message, mail.size), mail))
		return err_set(
			err, -EBADMSG,
			"this is S/MIME: expected DER or PEM; add \"-outform DER\" to \"openssl "
			"cms\"");
	if (message.size < strlen(begin) || memcmp(message.data, begin, strlen(begin))) {
		buf_add_view(&der, message);
	} else {
		bio = BIO_new_mem_buf(message.data,
				      message.size <= INT_MAX ? (int)message.size : INT_MAX);
		/* also accepts the label PKCS7 */
		rc = bio &&
		     PEM_bytes_read_bio(&bytes, &size, NULL, PEM_STRING_CMS, bio, NULL, NULL);
		BIO_free_all(bio);
		if (!rc)
			return ossl_error(err, -EBADMSG,
					  "malformed PEM: expected a CMS or PKCS7 block");
		buf_add(&der, bytes, (size_t)size);
		OPENSSL_free(bytes);
	}
	rc = buf_done(&der, err);
	if (!rc)
		*ret = buf_take(&der);
	return rc;
}
