/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.h - private keys and certificates, from files and PKCS#11 tokens.
 *
 * Does: load a signer (a key and its certificate, and check that they belong together), make raw
 * signatures, read certificates from files, report the properties of a signer's certificate.
 * Does not: build CMS messages (cms.h does) or judge certificates as a kernel would (kverify/
 * does).
 *
 * A passphrase or PIN comes from the environment, a file or the terminal, never from the command
 * line.
 *
 * One of the rooms that may use OpenSSL (here: keys, PKCS#12, X.509). key.c is the signer;
 * key_file.c reads files; key_token.c uses tokens, with key_uri.c (their names), key_engine.c and
 * key_module.c (the ways to them); key_secret.c gets passphrases and PINs; key_cert.c reads
 * certificates.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"

/* The most signers of one message, and hence the most --key options. */
#define KEY_SIGNERS_MAX 8

/*
 * A certificate and, unless signatures are made elsewhere, its private key. Not changed after it is
 * loaded.
 */
struct key_signer;

/* Where to load a signer from: values of options, borrowed. */
struct key_source {
	const char
		*key; /* a PEM, DER or PKCS#12 file, a pkcs11: URI (RFC 7512), env:NAME or fd:N */
	const char *cert;	   /* the same; NULL: the same as KEY */
	const char *pkcs11_module; /* of the token; NULL: the URI's or the system's */
};

/*
 * Protect secrets: move passphrase and PIN out of the environment, so that /proc/PID/environ no
 * longer shows them, and forbid core files. Call it before a signer is loaded, a process is forked
 * or a thread is started; if nobody did, loading a signer does. -ENOMEM; -ENOTSUP: a kernel before
 * Linux 4.14.
 */
int key_secrets_begin(struct err *err);

/*
 * Read the keys and certificates of the NR SOURCES that are env:NAME and fd:N, for the same reasons
 * at the same time. -ENOKEY: not set, or empty; -EINVAL; -EFBIG; errors of read(2).
 */
int key_sources_begin(const struct key_source *sources, size_t nr, struct err *err);

/* Overwrite every passphrase and PIN. Call it once all signers are loaded. */
void key_secrets_end(void);

/*
 * Load a signer with its private key. -EKEYREJECTED: key and certificate do not belong together;
 * -ENOKEY: no key in the file, no certificate given, or a wrong passphrase; ERR_NO_CERT: no
 * certificate in CERT; for tokens: -EACCES: a wrong or locked PIN, -ENOTUNIQ: several keys match,
 * -ENOENT: no module, -EINVAL: not a URI; -ENOTSUP: OpenSSL cannot use tokens, or a kind of key
 * that no kernel verifies; file errors as file_read(). Messages name the file.
 */
int key_signer_load(const struct key_source *source, struct key_signer **ret, struct err *err);

/*
 * Load a signer without its private key, for signatures that are made elsewhere: only SOURCE's
 * certificate is read. Errors as key_signer_load(); -EINVAL: SOURCE names no certificate.
 */
int key_signer_from_cert(const struct key_source *source, struct key_signer **ret, struct err *err);

void key_signer_free(struct key_signer *signer);
DEFINE_CLEANUP(struct key_signer *, key_signer_free)

/* The certificate's DER, borrowed. */
struct view key_signer_cert(const struct key_signer *signer);

/* The parsed certificate, for rooms that use OpenSSL; borrowed, not to be changed. */
struct x509_st *key_signer_x509(const struct key_signer *signer);

/* The file or URI that the certificate came from, for messages; borrowed. */
const char *key_signer_cert_name(const struct key_signer *signer);

/*
 * The signer's name, for messages: the subject's common name or else the whole subject; escaped,
 * never empty.
 */
const char *key_signer_title(const struct key_signer *signer);

/* The certificate's key id (subjectKeyIdentifier) in hex, or "" if it has none. */
const char *key_signer_skid(const struct key_signer *signer);

/* How many more certificates the certificate's file holds; they are not used. */
unsigned int key_signer_unused(const struct key_signer *signer);

/* Whether the key is in a file that other users can read, and not encrypted. */
bool key_signer_is_exposed(const struct key_signer *signer);

/* Whether the certificate's file is DER. */
bool key_signer_is_der(const struct key_signer *signer);

/* Whether the key is an ML-DSA key, which many kernels do not support. */
bool key_signer_is_mldsa(const struct key_signer *signer);

/*
 * Sign MESSAGE, into *ret: RSASSA-PKCS1-v1_5 (RFC 8017 8.2), ECDSA as a DER Ecdsa-Sig-Value (RFC
 * 3279 2.2.3), or pure ML-DSA (FIPS 204), which ignores HASH. The digest is computed here, so that
 * a token only signs it. RSA and ML-DSA signatures of the same message have the same bytes; so have
 * those of ECDSA with OpenSSL 3.2 and later (RFC 6979), but not of most tokens.
 *
 * Several threads may use the same signer at once; those that use a token take turns.
 *
 * -ENOKEY: the signer has no private key; -EKEYREJECTED: the key refused; -ENOTSUP; -ENOMEM.
 */
int key_sign_raw(const struct key_signer *signer, enum hash_alg hash, struct hash_input *message,
		 struct buf *ret, struct err *err);

/* Properties of a signer's certificate that kernels ignore, but users should know (for advice). */
struct key_properties {
	time_t valid_from, valid_to; /* seconds since 1970 */
	bool may_sign;		     /* keyUsage has digitalSignature or is absent */
	bool may_sign_code; /* extendedKeyUsage has codeSigning or anyExtendedKeyUsage, or is absent
			     */
	bool has_key_id;    /* subjectKeyIdentifier */
	bool is_invalid;    /* an extension cannot be parsed, or is repeated */
	bool is_negative;   /* the serial number */
	unsigned int rsa_bits;	 /* 0: not an RSA key */
	const char *weak_digest; /* the digest its issuer signed it with, if weak: "SHA-1", "MD5";
				    else NULL */
};

void key_signer_properties(const struct key_signer *signer, struct key_properties *ret);

/*
 * From when to when the certificate DER is valid, in seconds since 1970. False: this cannot be
 * read. What comes after it in the certificate is not checked.
 */
bool key_cert_validity(struct view der, time_t *ret_from, time_t *ret_to);

/* A certificate and where it was found; all borrowed. */
struct key_cert {
	const char *file;
	const char *place; /* "FILE", "FILE:LINE" of a PEM block, or "FILE: offset N" of DER */
	struct view der;
};

/* What to call for each certificate, and which files to skip. */
struct key_certs {
	int (*cert)(void *arg, const struct key_cert *cert, struct err *err);
	/*
	 * Called with the NR files of FOLDER, sorted by name, whose names are not those of
	 * certificates; these files are skipped. NULL: every file of a folder is read, whatever its
	 * name.
	 */
	int (*ignored)(void *arg, const char *folder, const char *const *names, size_t nr,
		       struct err *err);
	void *arg;
};

/*
 * Visit all certificates in PATH, which is a file (pem.h describes the formats) or a folder. In a
 * folder, sorted by name, those files are read whose names end in .pem, .crt, .cer or .der, in
 * lower or upper case, or are links of openssl-rehash(1) (8 hex digits, a dot, a number). The first
 * call that fails ends the walk, and its result is returned.
 *
 * -EBADMSG: a file has something in it that is not a certificate, PEM text or a comment; -ENOKEY: a
 * file or folder without a certificate; -EISDIR: a folder within the folder whose name is one of a
 * file to be read; errors as file_read(). Messages name the file, and the line or the offset. The
 * bytes of a DER certificate are passed on unchecked.
 */
int key_each_cert(const char *path, const struct key_certs *certs, struct err *err);

#endif /* KEY_H */
