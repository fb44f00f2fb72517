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

#include "buf.h"

#define PKI_MUST(condition)                                                             \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* A key of TYPE: "RSA2048", or a curve: "P-256". */
static inline EVP_PKEY *pki_key(const char *type)
{
	EVP_PKEY *key = NULL;

	if (!strncmp(type, "RSA", 3))
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)strtoul(type + 3, NULL, 10));
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", (char *)type);
	PKI_MUST(key);
	return key;
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
	return cert;
}

/* The DER of CERT, kept. */
static inline struct view pki_der(X509 *cert)
{
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	PKI_MUST(size > 0);
	return view_of(der, (size_t)size);
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
	return cms;
}

static inline struct view pki_cms_der(CMS_ContentInfo *cms)
{
	unsigned char *der = NULL;
	int size = i2d_CMS_ContentInfo(cms, &der);

	PKI_MUST(size > 0);
	return view_of(der, (size_t)size);
}

/* The DER of a signature by one signer. */
static inline struct view pki_sign(struct view content, X509 *cert, EVP_PKEY *key,
				   const char *digest, unsigned int flags)
{
	struct pki_signer signer = {cert, key, digest};

	return pki_cms_der(pki_cms(content, &signer, 1, flags));
}

/* A copy of VIEW that may be changed. */
static inline struct buf pki_copy(struct view view)
{
	struct buf copy = {0};

	buf_add_view(&copy, view);
	PKI_MUST(!copy.failed);
	return copy;
}

#endif /* PKI_H */
