// SPDX-License-Identifier: BSD-2-Clause
#include "key/key.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "crypto.h"
#include "key/key_file.h"
#include "key/key_given.h"
#include "key/key_token.h"
#include "key/key_uri.h"
#include "ossl.h"

DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)
DEFINE_CLEANUP(EVP_MD_CTX *, EVP_MD_CTX_free)
DEFINE_CLEANUP(X509_SIG *, X509_SIG_free)

struct key_signer {
	EVP_PKEY *pkey;		 /* NULL: the private key is elsewhere */
	struct key_token *token; /* the token that holds the key; NULL: none */
	EVP_PKEY *verifier;	 /* the certificate's public key; borrowed */
	X509 *x509;
	struct buf der;
	char *cert_name;
	bool exposed;		   /* other users can read the key */
	struct key_file_form form; /* of the certificate's file; zero: a token */
	char title[256];
	char skid[2 * 64 + 1];
};

int key_sources_begin(const struct key_source *sources, size_t nr, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < 2 * nr; i++) {
		const char *name = i % 2 ? sources[i / 2].cert : sources[i / 2].key;

		if (name && key_given_is(name))
			rc = key_given_take(name, KEY_FILE_MAX, err);
	}
	return rc;
}

void key_signer_free(struct key_signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->pkey);
	key_token_put(signer->token);
	X509_free(signer->x509);
	buf_free(&signer->der);
	free(signer->cert_name);
	free(signer);
}

struct view key_signer_cert(const struct key_signer *signer)
{
	return buf_view(&signer->der);
}

const char *key_signer_cert_name(const struct key_signer *signer)
{
	return signer->cert_name;
}

const char *key_signer_title(const struct key_signer *signer)
{
	return signer->title;
}

const char *key_signer_skid(const struct key_signer *signer)
{
	return signer->skid;
}

X509 *key_signer_x509(const struct key_signer *signer)
{
	return signer->x509;
}

unsigned int key_signer_unused(const struct key_signer *signer)
{
	return signer->form.unused;
}

bool key_signer_is_exposed(const struct key_signer *signer)
{
	return signer->exposed;
}

bool key_signer_is_der(const struct key_signer *signer)
{
	return signer->form.is_der;
}

/* --- raw signatures --- */

/* The bytes that an RSA signature covers: the DER of DigestInfo (RFC 8017 9.2). */
static int digest_info(const EVP_MD *md, struct view digest, struct buf *ret, struct err *err)
{
	_cleanup_(X509_SIG_free_p) X509_SIG *info = X509_SIG_new();
	ASN1_OCTET_STRING *octets;
	X509_ALGOR *alg;
	uint8_t *der;

	if (!info)
		return err_nomem(err);
	X509_SIG_getm(info, &alg, &octets);
	if (!X509_ALGOR_set0(alg, OBJ_nid2obj(EVP_MD_get_type(md)), V_ASN1_NULL, NULL) ||
	    !ASN1_OCTET_STRING_set(octets, digest.data, (int)digest.size))
		return ossl_error(err, -ENOMEM, "cannot make DigestInfo");
	der = buf_space(ret, (size_t)i2d_X509_SIG(info, NULL));
	if (!der)
		return err_nomem(err);
	i2d_X509_SIG(info, &der);
	return 0;
}

/*
 * Make ECDSA deterministic (RFC 6979) if the key's implementation can: OpenSSL 3.2 and later have
 * the parameter nonce-type, which needs the name of the digest.
 */
static void fix_nonce(EVP_PKEY_CTX *ctx, const EVP_MD *md)
{
	const OSSL_PARAM *settable = EVP_PKEY_CTX_settable_params(ctx);
	unsigned int rfc6979 = 1;
	const OSSL_PARAM params[] = {OSSL_PARAM_uint("nonce-type", &rfc6979), OSSL_PARAM_END};

	if (settable && OSSL_PARAM_locate_const(settable, "nonce-type") &&
	    EVP_PKEY_CTX_set_signature_md(ctx, md) == 1)
		EVP_PKEY_CTX_set_params(ctx, params);
}

/* Sign INPUT, which is a digest or a DigestInfo: the key's implementation computes no digest. */
static int sign_input(const struct key_signer *signer, bool rsa, const EVP_MD *md,
		      struct view input, struct buf *ret, struct err *err)
{
	_cleanup_(EVP_PKEY_CTX_free_p) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(
		key_token_libctx(signer->token), signer->pkey, NULL);
	size_t size = (size_t)EVP_PKEY_get_size(signer->verifier);
	uint8_t *space;

	if (!ctx || EVP_PKEY_sign_init(ctx) != 1)
		return ossl_error(err, -EKEYREJECTED, "cannot sign with this key");
	if (!rsa)
		fix_nonce(ctx, md);
	else if (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1)
		return ossl_error(err, -EKEYREJECTED, "the key cannot make PKCS#1 v1.5 signatures");
	space = buf_space(ret, size);
	if (!space)
		return err_nomem(err);
	if (EVP_PKEY_sign(ctx, space, &size, input.data, input.size) != 1)
		return ossl_error(err, -EKEYREJECTED, "the key failed to sign");
	ret->size = size;
	return 0;
}

/* ML-DSA signs the message itself, here without the optional randomness (FIPS 204 3.4). */
static int sign_message(EVP_PKEY *pkey, const struct hash_input *input, struct buf *ret,
			struct err *err)
{
	_cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	_buf_ struct buf joined = {0};
	struct view message = hash_input_join(input, &joined);
	int deterministic = 1;
	const OSSL_PARAM params[] = {OSSL_PARAM_int("deterministic", &deterministic),
				     OSSL_PARAM_END};
	size_t size = (size_t)EVP_PKEY_get_size(pkey);
	uint8_t *space = buf_space(ret, size);

	if (!ctx || !space || joined.failed)
		return err_nomem(err);
	if (EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, params) != 1 ||
	    EVP_DigestSign(ctx, space, &size, message.data, message.size) != 1)
		return ossl_error(err, -EKEYREJECTED, "the key failed to sign");
	ret->size = size;
	return 0;
}

/* RSA and ECDSA sign a digest. */
static int sign_digest(const struct key_signer *signer, enum hash_alg hash,
		       struct hash_input *message, struct buf *ret, struct err *err)
{
	const EVP_MD *md = EVP_get_digestbyname(hash_name(hash));
	const bool rsa = EVP_PKEY_is_a(signer->verifier, "RSA");
	_buf_ struct buf info = {0};
	struct view digest;
	int rc;

	if (!md || hash_input_digest(message, hash, &digest))
		return err_set(err, -ENOTSUP, "OpenSSL %s does not support %s", crypto_version(),
			       hash_name(hash));
	if (!rsa)
		return sign_input(signer, rsa, md, digest, ret, err);
	rc = digest_info(md, digest, &info, err);
	return rc ?: sign_input(signer, rsa, md, buf_view(&info), ret, err);
}

int key_sign_raw(const struct key_signer *signer, enum hash_alg hash, struct hash_input *message,
		 struct buf *ret, struct err *err)
{
	_buf_ struct buf signature = {0};
	int rc;

	if (!signer->pkey)
		return err_set(err, -ENOKEY,
			       "%s: cannot sign: only the certificate was loaded, "
			       "not the private key",
			       signer->cert_name);
	key_token_lock(signer->token);
	if (key_signer_is_mldsa(signer))
		rc = sign_message(signer->pkey, message, &signature, err);
	else
		rc = sign_digest(signer, hash, message, &signature, err);
	if (rc)
		key_token_failed(signer->token);
	key_token_unlock(signer->token);
	if (!rc)
		*ret = buf_take(&signature);
	return rc;
}

/* --- loading --- */

static bool is_mldsa(const EVP_PKEY *pkey)
{
	return EVP_PKEY_is_a(pkey, "ML-DSA-44") || EVP_PKEY_is_a(pkey, "ML-DSA-65") ||
	       EVP_PKEY_is_a(pkey, "ML-DSA-87");
}

bool key_signer_is_mldsa(const struct key_signer *signer)
{
	return is_mldsa(signer->verifier);
}

/*
 * The kinds of key that at least one kernel of 6.18 to 7.3 can verify
 * (crypto/asymmetric_keys/public_key.c).
 */
static int check_kind(const char *file, const EVP_PKEY *pkey, struct err *err)
{
	static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
	char curve[64] = "";

	if (EVP_PKEY_is_a(pkey, "RSA") || is_mldsa(pkey))
		return 0;
	if (EVP_PKEY_is_a(pkey, "EC")) {
		EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL);
		for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
			if (!strcmp(curve, curves[i]))
				return 0;
		}
		return err_set(
			err, -ENOTSUP,
			"%s: no kernel verifies ECDSA over curve %s: use P-256, P-384 or RSA", file,
			curve);
	}
	return err_set(err, -ENOTSUP,
		       "%s: no kernel verifies signatures by a %s key: use RSA, P-256 or P-384",
		       file, EVP_PKEY_get0_type_name(pkey) ?: "unknown");
}

/* Take the public key out of the certificate, which came from FILE, and check its kind. */
static int set_verifier(struct key_signer *signer, const char *file, struct err *err)
{
	ASN1_OBJECT *alg = NULL;
	char name[80] = "unknown";

	signer->verifier = X509_get0_pubkey(signer->x509);
	if (signer->verifier)
		return check_kind(file, signer->verifier, err);
	ERR_clear_error();
	X509_PUBKEY_get0_param(&alg, NULL, NULL, NULL, X509_get_X509_PUBKEY(signer->x509));
	if (alg)
		OBJ_obj2txt(name, sizeof(name), alg, 0);
	return err_set(err, -ENOTSUP,
		       "%s: OpenSSL %s does not support this kind of key (%s); ML-DSA needs "
		       "OpenSSL 3.5 or later",
		       file, crypto_version(), name);
}

static void name_signer(struct key_signer *signer)
{
	const X509_NAME *subject = X509_get_subject_name(signer->x509);
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(signer->x509);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	char line[200];

	if (at >= 0) {
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(
			X509_NAME_get_entry(subject, at));

		err_escape(signer->title, sizeof(signer->title), ASN1_STRING_get0_data(value),
			   (size_t)ASN1_STRING_length(value));
	} else if (X509_NAME_oneline(subject, line, sizeof(line))) {
		err_escape(signer->title, sizeof(signer->title), line, strlen(line));
	}
	if (!*signer->title)
		strcpy(signer->title, "a certificate without a subject");
	if (skid && ASN1_STRING_length(skid) <= 64)
		hex_string(signer->skid, ASN1_STRING_get0_data(skid),
			   (size_t)ASN1_STRING_length(skid));
}

static int encode_cert(struct key_signer *signer, struct err *err)
{
	int size = i2d_X509(signer->x509, NULL);
	uint8_t *der;

	if (size <= 0)
		return ossl_error(err, -EINVAL, "cannot encode the certificate");
	der = buf_space(&signer->der, (size_t)size);
	if (!der)
		return err_nomem(err);
	i2d_X509(signer->x509, &der);
	return 0;
}

/* Load SOURCE's certificate, but nothing from it. */
static int load_cert(const struct key_source *source, struct key_signer **ret, struct err *err)
{
	_cleanup_(key_signer_free_p) struct key_signer *signer = calloc(1, sizeof(*signer));
	const char *file = source->cert ?: source->key;
	int rc;

	if (!file)
		return err_set(err, -EINVAL,
			       "no certificate: pass it with --cert or BPF_CHAINSIGN_CERT");
	if (!signer || !(signer->cert_name = strdup(file)))
		return err_nomem(err);
	if (key_uri_is(file))
		rc = key_token_cert(file, source->pkcs11_module, !source->cert, &signer->x509, err);
	else
		rc = key_file_cert(file, NULL, &signer->x509, &signer->form, err);
	if (rc == ERR_NO_CERT && !source->cert)
		return err_set(err, -ENOKEY,
			       "%s: contains no certificate: pass it with --cert or "
			       "BPF_CHAINSIGN_CERT",
			       file);
	if (!rc)
		*ret = take_ptr(signer);
	return rc;
}

/* Set what SIGNER tells about its certificate. */
static int read_cert(struct key_signer *signer, struct err *err)
{
	int rc = set_verifier(signer, signer->cert_name, err);

	if (!rc)
		rc = encode_cert(signer, err);
	if (!rc)
		name_signer(signer);
	return rc;
}

int key_signer_from_cert(const struct key_source *source, struct key_signer **ret, struct err *err)
{
	_cleanup_(key_signer_free_p) struct key_signer *signer = NULL;
	int rc = load_cert(source, &signer, err);

	if (!rc)
		rc = read_cert(signer, err);
	if (!rc)
		*ret = take_ptr(signer);
	return rc;
}

/* Load SOURCE's private key into SIGNER. */
static int load_key(const struct key_source *source, struct key_signer *signer, struct err *err)
{
	const EVP_PKEY *other = X509_get0_pubkey(signer->x509);
	bool encrypted = false;
	struct stat st;
	int rc;

	ERR_clear_error();
	if (key_uri_is(source->key))
		return key_token_key(source->key, source->pkcs11_module, other, &signer->token,
				     &signer->pkey, err);
	rc = key_file_key(source->key, other ? EVP_PKEY_get_base_id(other) : 0, &signer->pkey,
			  &encrypted, err);
	signer->exposed = !rc && !encrypted && !stat(source->key, &st) && S_ISREG(st.st_mode) &&
			  st.st_mode & S_IROTH;
	return rc;
}

static bool fits(const struct key_signer *signer)
{
	bool yes = X509_check_private_key(signer->x509, signer->pkey) == 1;

	ERR_clear_error();
	return yes;
}

/*
 * A token may have a private key without its public key, which cannot be compared (ECDSA). Then a
 * signature tells whether it belongs to the certificate.
 */
static int try_key(const struct key_signer *signer, bool *ret, struct err *err)
{
	_cleanup_(EVP_MD_CTX_free_p) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const struct view text = view_lit(
		"bpf-chainsign: does this key belong to the certificate?");
	struct hash_input message = hash_input_of(text);
	_buf_ struct buf signature = {0};
	int rc;

	if (!ctx)
		return err_nomem(err);
	key_token_lock(signer->token);
	rc = sign_digest(signer, HASH_SHA256, &message, &signature, err);
	key_token_unlock(signer->token);
	if (rc)
		return rc;
	*ret = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, signer->verifier) == 1 &&
	       EVP_DigestVerify(ctx, signature.data, signature.size, text.data, text.size) == 1;
	ERR_clear_error();
	return 0;
}

/* Only the public key of ECDSA can be missing: that of RSA is part of the private key. */
static bool may_be_incomplete(const struct key_signer *signer)
{
	int bits = EVP_PKEY_get_bits(signer->pkey);

	return signer->token && EVP_PKEY_is_a(signer->verifier, "EC") &&
	       EVP_PKEY_is_a(signer->pkey, "EC") &&
	       (bits <= 0 || bits == EVP_PKEY_get_bits(signer->verifier));
}

static int refuse_pair(const struct key_source *source, const struct key_signer *signer,
		       struct err *err)
{
	bool belongs = fits(signer);
	int rc = 0;

	if (!belongs && may_be_incomplete(signer))
		rc = try_key(signer, &belongs, err);
	if (rc)
		return err_prefix(err, "%s", source->key);
	return belongs ? 0
		       : err_set(err, -EKEYREJECTED,
				 "%s: this certificate does not belong to the key in %s",
				 signer->cert_name, source->key);
}

/* If the first certificate of a file is not the key's, another one may be. */
static int find_cert(struct key_signer *signer, struct err *err)
{
	X509 *x509 = NULL;
	int rc;

	if (fits(signer))
		return 0;
	rc = key_file_cert(signer->cert_name, signer->pkey, &x509, &signer->form, err);
	if (rc)
		return rc;
	X509_free(signer->x509);
	signer->x509 = x509;
	return 0;
}

int key_signer_load(const struct key_source *source, struct key_signer **ret, struct err *err)
{
	_cleanup_(key_signer_free_p) struct key_signer *signer = NULL;
	bool many;
	int rc;

	rc = load_cert(source, &signer, err);
	many = !rc && signer->form.unused;
	/* first what OpenSSL says about the certificate, which is clearer than about the key */
	if (!rc && !many)
		rc = read_cert(signer, err);
	if (!rc)
		rc = load_key(source, signer, err);
	if (!rc && many)
		rc = find_cert(signer, err);
	if (!rc && many)
		rc = read_cert(signer, err);
	if (!rc)
		rc = check_kind(source->key, signer->pkey, err);
	if (!rc)
		rc = refuse_pair(source, signer, err);
	if (!rc)
		*ret = take_ptr(signer);
	return rc;
}
