/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pki.h - keys, certificates and signatures for tests, made with OpenSSL when a test runs.
 *
 * Everything is kept until the program ends. A failure here is one of the machine, not of what is
 * tested: it aborts.
 */
#ifndef PKI_H
#define PKI_H

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/buf.h"

#define PKI_MUST(condition)                                                             \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* Keep POINTER reachable for the leak checker; returns it. */
static inline void *pki_keep(void *pointer)
{
	static void **kept;
	static size_t nr;

	kept = reallocarray(kept, nr + 1, sizeof(*kept));
	PKI_MUST(kept && pointer);
	return kept[nr++] = pointer;
}

/* A key of TYPE: "RSA2048", or a curve: "P-256". */
static inline EVP_PKEY *pki_key(const char *type)
{
	EVP_PKEY *key = NULL;

	if (!strncmp(type, "RSA", 3))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(type + 3, NULL, 10));
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", (char *)type);
	return pki_keep(key);
}

/* What a certificate is to look like; zeros are the default. */
struct pki_profile {
	const char *name;		    /* common name of the subject */
	EVP_PKEY *key;			    /* of the subject */
	X509 *issuer;			    /* NULL: self-signed */
	EVP_PKEY *issuer_key;		    /* with issuer */
	const char *digest;		    /* default SHA256 */
	bool no_key_id;			    /* no subjectKeyIdentifier */
	bool no_authority;		    /* no authorityKeyIdentifier */
	const char *authority;		    /* its value, default "keyid" */
	const char *key_usage;		    /* default: none */
	const char *constraints;	    /* basicConstraints, default: none */
	const char *not_before, *not_after; /* default 20200101000000Z, 20400101000000Z */
	long serial;			    /* default 1 */
};

static inline void pki_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	PKI_MUST(extension && X509_add_ext(cert, extension, -1));
	X509_EXTENSION_free(extension);
}

static inline X509 *pki_cert(const struct pki_profile *p)
{
	X509 *cert = X509_new(), *issuer = p->issuer ? p->issuer : cert;
	X509_NAME *name = X509_NAME_new();

	PKI_MUST(cert && name && X509_set_version(cert, 2));
	ASN1_INTEGER_set(X509_get_serialNumber(cert), p->serial ? p->serial : 1);
	PKI_MUST(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
					    (const unsigned char *)p->name, -1, -1, 0));
	X509_set_subject_name(cert, name);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	X509_NAME_free(name);
	ASN1_TIME_set_string_X509(X509_getm_notBefore(cert),
				  p->not_before ? p->not_before : "20200101000000Z");
	ASN1_TIME_set_string_X509(X509_getm_notAfter(cert),
				  p->not_after ? p->not_after : "20400101000000Z");
	X509_set_pubkey(cert, p->key);
	if (p->constraints)
		pki_extension(cert, issuer, NID_basic_constraints, p->constraints);
	if (p->key_usage)
		pki_extension(cert, issuer, NID_key_usage, p->key_usage);
	if (!p->no_key_id)
		pki_extension(cert, issuer, NID_subject_key_identifier, "hash");
	if (!p->no_authority && !p->no_key_id)
		pki_extension(cert, issuer, NID_authority_key_identifier,
			      p->authority ? p->authority : "keyid");
	PKI_MUST(X509_sign(cert, p->issuer ? p->issuer_key : p->key,
			   EVP_get_digestbyname(p->digest ? p->digest : "SHA256")));
	return pki_keep(cert);
}

/* The DER of CERT, kept. */
static inline struct view pki_der(X509 *cert)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	PKI_MUST(size > 0);
	return view_of(pki_keep(der), (size_t)size);
}

/* The kernel's own form: detached, no certificates, no attributes, signer by key id. */
#define PKI_PLAIN \
	(CMS_BINARY | CMS_DETACHED | CMS_NOCERTS | CMS_NOATTR | CMS_NOSMIMECAP | CMS_USE_KEYID)

struct pki_signer {
	X509 *cert;
	EVP_PKEY *key;
	const char *digest; /* default SHA256 */
};

/* CMS over CONTENT with NR signers; FLAGS as PKI_PLAIN. */
static inline CMS_ContentInfo *pki_cms(struct view content, const struct pki_signer *signers,
				       size_t nr, unsigned int flags)
{
	BIO *bio = BIO_new_mem_buf(content.data, (int)content.size);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);

	PKI_MUST(bio && cms);
	for (size_t i = 0; i < nr; i++)
		PKI_MUST(CMS_add1_signer(
			cms, signers[i].cert, signers[i].key,
			EVP_get_digestbyname(signers[i].digest ? signers[i].digest : "SHA256"),
			flags));
	PKI_MUST(CMS_final(cms, bio, NULL, flags));
	BIO_free(bio);
	return pki_keep(cms);
}

static inline struct view pki_cms_der(CMS_ContentInfo *cms)
{
	unsigned char *der = NULL;
	int size = i2d_CMS_ContentInfo(cms, &der);

	PKI_MUST(size > 0);
	return view_of(pki_keep(der), (size_t)size);
}

/* The DER of a signature by one signer. */
static inline struct view pki_sign(struct view content, X509 *cert, EVP_PKEY *key,
				   const char *digest, unsigned int flags)
{
	struct pki_signer signer = {cert, key, digest};

	return pki_cms_der(pki_cms(content, &signer, 1, flags));
}

/* A copy of VIEW that may be changed. */
static inline uint8_t *pki_copy(struct view view)
{
	uint8_t *copy = pki_keep(malloc(view.size + 1));

	memcpy(copy, view.data, view.size);
	return copy;
}

/* The signature of KEY over DATA with DIGEST (NULL: SHA256). */
static inline struct view pki_raw_sign(EVP_PKEY *key, const char *digest, struct view data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t size = 1024;
	uint8_t *sig = pki_keep(malloc(size));

	PKI_MUST(EVP_DigestSignInit_ex(ctx, NULL, digest ? digest : "SHA256", NULL, NULL, key,
				       NULL) == 1);
	PKI_MUST(EVP_DigestSign(ctx, sig, &size, data.data, data.size) == 1);
	EVP_MD_CTX_free(ctx);
	return view_of(sig, size);
}

/*
 * DER by hand: DER(tag, part...) is an element whose content is the parts, one after the other;
 * JOIN(part...) is no element, just the parts. BYTES("...") is a part given as a literal.
 */
static inline struct view pki_join(const struct view *parts, size_t nr)
{
	struct buf out = {0};

	for (size_t i = 0; i < nr; i++)
		buf_add_view(&out, parts[i]);
	buf_add(&out, "", 1);
	PKI_MUST(!out.failed);
	return view_of(pki_keep(out.data), out.size - 1);
}

static inline struct view pki_element(uint8_t tag, struct view content)
{
	uint8_t header[4] = {tag, (uint8_t)content.size};
	size_t size = 2;

	if (content.size > 0xff) {
		header[1] = 0x82;
		header[2] = (uint8_t)(content.size >> 8);
		header[3] = (uint8_t)content.size;
		size = 4;
	} else if (content.size > 0x7f) {
		header[1] = 0x81;
		header[2] = (uint8_t)content.size;
		size = 3;
	}
	return pki_join((struct view[]){view_of(header, size), content}, 2);
}

#define PKI_PARTS(...) ((struct view[]){__VA_ARGS__})
#define JOIN(...)      pki_join(PKI_PARTS(__VA_ARGS__), ARRAY_SIZE(PKI_PARTS(__VA_ARGS__)))
#define DER(tag, ...)  pki_element((tag), JOIN(__VA_ARGS__))
#define BYTES(literal) view_lit(literal)
#define NOTHING	       view_lit("")

/* --- ECDSA with numbers that are chosen, not random --- */

static inline EC_GROUP *pki_group(const char *curve)
{
	return pki_keep(EC_GROUP_new_by_curve_name(OBJ_txt2nid(curve)));
}

/* VALUE as a number modulo the order of GROUP; negative ones count from its end. */
static inline BIGNUM *pki_scalar(const EC_GROUP *group, long value)
{
	BIGNUM *number = pki_keep(BN_new());

	PKI_MUST(BN_set_word(number, (BN_ULONG)labs(value)));
	BN_set_negative(number, value < 0);
	if (value < 0)
		PKI_MUST(BN_add(number, number, EC_GROUP_get0_order(group)));
	return number;
}

/* A * B and A / B modulo the order. */
static inline BIGNUM *pki_times(const EC_GROUP *group, const BIGNUM *a, const BIGNUM *b)
{
	BIGNUM *product = pki_keep(BN_new());
	BN_CTX *ctx = BN_CTX_new();

	PKI_MUST(ctx && BN_mod_mul(product, a, b, EC_GROUP_get0_order(group), ctx));
	BN_CTX_free(ctx);
	return product;
}

static inline BIGNUM *pki_over(const EC_GROUP *group, const BIGNUM *a, const BIGNUM *b)
{
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *inverse = BN_mod_inverse(NULL, b, EC_GROUP_get0_order(group), ctx);
	BIGNUM *quotient;

	PKI_MUST(inverse);
	quotient = pki_times(group, a, inverse);
	BN_free(inverse);
	BN_CTX_free(ctx);
	return quotient;
}

/* The public point of the private key NUMBER: 04 || x || y. */
static inline struct view pki_point(const EC_GROUP *group, const BIGNUM *number)
{
	EC_POINT *point = EC_POINT_new(group);
	uint8_t *bytes = pki_keep(malloc(256));
	size_t size;

	PKI_MUST(point && EC_POINT_mul(group, point, number, NULL, NULL, NULL));
	size = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, bytes, 256, NULL);
	PKI_MUST(size);
	EC_POINT_free(point);
	return view_of(bytes, size);
}

/* The x coordinate of NUMBER times the base point, modulo the order: an ECDSA signature's r. */
static inline BIGNUM *pki_ecdsa_r(const EC_GROUP *group, const BIGNUM *number)
{
	struct view point = pki_point(group, number);
	BIGNUM *x = pki_keep(BN_bin2bn(point.data + 1, (int)(point.size / 2), NULL));
	BIGNUM *one = pki_scalar(group, 1);

	return pki_times(group, x, one);
}

/* Its s: (hash + r key) / nonce */
static inline BIGNUM *pki_ecdsa_s(const EC_GROUP *group, const BIGNUM *hash, const BIGNUM *r,
				  const BIGNUM *key, const BIGNUM *nonce)
{
	BIGNUM *sum = pki_times(group, r, key);

	PKI_MUST(BN_add(sum, sum, hash));
	return pki_over(group, sum, nonce);
}

static inline struct view pki_ecdsa_der(const BIGNUM *r, const BIGNUM *s)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int size;

	PKI_MUST(sig && ECDSA_SIG_set0(sig, BN_dup(r), BN_dup(s)));
	size = i2d_ECDSA_SIG(sig, &der);
	PKI_MUST(size > 0);
	ECDSA_SIG_free(sig);
	return view_of(pki_keep(der), (size_t)size);
}

/* The signature over DIGEST, which is no longer than the curve's order, with KEY and NONCE. */
static inline struct view pki_ecdsa(const EC_GROUP *group, struct view digest, const BIGNUM *key,
				    const BIGNUM *nonce)
{
	BIGNUM *hash = pki_keep(BN_bin2bn(digest.data, (int)digest.size, NULL));
	BIGNUM *r = pki_ecdsa_r(group, nonce);

	return pki_ecdsa_der(r, pki_ecdsa_s(group, hash, r, key, nonce));
}

#endif /* PKI_H */
