/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.h - private keys and certificates from where pipelines keep them.
 *
 * Does: load a signer (key and certificate, checked to belong together), make raw signatures, read
 * certificates out of files, say what is in a signer's.
 * Does not: put messages together (cms.h does) or judge certificates as a kernel would (kverify/
 * does).
 *
 * A passphrase or PIN comes from the environment, from a file, or from somebody at a terminal;
 * never from the command line.
 *
 * A door to OpenSSL (keys, PKCS#12, X.509). key.c is the signer; key_file.c reads files,
 * key_token.c goes to tokens (key_engine.c and key_module.c for it, key_uri.c names them),
 * key_secret.c has passphrases and PINs, key_cert.c is about certificates.
 */
#ifndef KEY_H
#define KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"

/* As many sign one message; a command line names no more. */
#define KEY_SIGNERS_MAX 8

/* A certificate, mostly with its private key. Not changed after it is loaded. */
struct key_signer;

/* Where a signer comes from; texts as they stand on the command line, borrowed. */
struct key_source {
	const char *key;  /* a PEM or PKCS#12 file, or a pkcs11: URI (RFC 7512) */
	const char *cert; /* a PEM, DER or PKCS#12 file, or a URI; NULL: where the key is */
	const char *pkcs11_module; /* of the token; NULL: what the URI or the system says */
};

/*
 * Before a signer is loaded, and before anything is forked or a thread is started: passphrase and
 * PIN are moved out of the environment (/proc/PID/environ has them no more), and this process
 * leaves no core file. Loading a signer makes up for it where it was not called. -ENOMEM; -ENOTSUP:
 * a kernel before Linux 4.14.
 */
int key_secrets_begin(struct err *err);

/* Overwrite every passphrase and PIN: all signers are loaded. */
void key_secrets_end(void);

/*
 * A signer with its private key. -EKEYREJECTED: key and certificate do not belong together;
 * -ENOKEY: no key in the file, no certificate named, or a passphrase that does not open it;
 * -ENODATA: no certificate in CERT; of tokens -EACCES: a wrong PIN, or it is locked; -ENOTUNIQ:
 * several keys; -ENOENT: no module; -EINVAL: not a URI; -ENOTSUP: no way to tokens, or a kind of
 * key that no kernel verifies; file errors as file_read(). Messages name the file.
 */
int key_signer_load(const struct key_source *source, struct key_signer **ret, struct err *err);

/*
 * A signer without a private key, for a signature that is made elsewhere: SOURCE's certificate
 * alone, its key is not looked at. Errors as key_signer_load(); -EINVAL: no certificate is named.
 */
int key_signer_from_cert(const struct key_source *source, struct key_signer **ret, struct err *err);

void key_signer_free(struct key_signer *signer);
DEFINE_CLEANUP(struct key_signer *, key_signer_free)

/* The certificate's DER, borrowed. */
struct view key_signer_cert(const struct key_signer *signer);

/* The same parsed, for doors to OpenSSL; borrowed, not to be changed. */
struct x509_st *key_signer_x509(const struct key_signer *signer);

/* Where the certificate was read, for messages; borrowed. */
const char *key_signer_cert_name(const struct key_signer *signer);

/* Who signs, for people: the subject's common name or the whole subject; escaped, never empty. */
const char *key_signer_title(const struct key_signer *signer);

/* subjectKeyIdentifier as hex, or "" when the certificate has none. */
const char *key_signer_skid(const struct key_signer *signer);

/* How many certificates come after it in its file, and are not used. */
unsigned int key_signer_unused(const struct key_signer *signer);

/* Whether it signs with ML-DSA, which a kernel may well lack. */
bool key_signer_is_mldsa(const struct key_signer *signer);

/*
 * The raw signature over MESSAGE, into *ret: RSASSA-PKCS1-v1_5 (RFC 8017 8.2), ECDSA as a DER
 * Ecdsa-Sig-Value (RFC 3279 2.2.3), or pure ML-DSA (FIPS 204), which takes no HASH. The digest is
 * computed here, so that the key is asked for the bare signature alone. RSA and ML-DSA always give
 * the same bytes; ECDSA does where OpenSSL can make it so (RFC 6979; 3.2 and later).
 *
 * May be called by several threads at once with the same signer; those of tokens take turns.
 *
 * -ENOKEY: the signer has no private key; -EKEYREJECTED: the key refused; -ENOTSUP; -ENOMEM.
 */
int key_sign_raw(const struct key_signer *signer, enum hash_alg hash, struct view message,
		 struct buf *ret, struct err *err);

/* What a signer's certificate says that kernels do not ask for, but people should look at. */
struct key_facts {
	time_t valid_from, valid_to; /* seconds since 1970 */
	bool may_sign;		     /* keyUsage has digitalSignature, or is not there */
	bool may_sign_code;	     /* extendedKeyUsage has codeSigning, or is not there */
	bool has_key_id;	     /* subjectKeyIdentifier */
	unsigned int rsa_bits;	     /* 0: another kind of key */
	const char *weak_digest;     /* "SHA-1": its issuer used it; NULL: a good one */
};

void key_signer_facts(const struct key_signer *signer, struct key_facts *ret);

/* A certificate and where it stands; all borrowed. */
struct key_cert {
	const char *file;
	const char *place; /* "FILE", "FILE:LINE" of a PEM block, or "FILE: offset N" of DER */
	struct view der;
};

/* What is done with what is found. */
struct key_certs {
	int (*cert)(void *arg, const struct key_cert *cert, struct err *err);
	/*
	 * NR files of FOLDER, in the order of their names, that are not read because of what they
	 * are called. NULL: every file is read, whatever it is called.
	 */
	int (*passed_over)(void *arg, const char *folder, const char *const *names, size_t nr,
			   struct err *err);
	void *arg;
};

/*
 * All certificates in PATH, a file (pem.h says what is read) or a folder. Of a folder the files are
 * read, in the order of their names, that end in .pem, .crt, .cer or .der, in small or capital
 * letters, or that are called as openssl-rehash(1) does (8 hex digits, a dot, a number); folders in
 * it are not looked into. The first failure of a call ends the walk and is returned.
 *
 * Every byte of a file is read, or that is an error: -EBADMSG. -ENOKEY: a file or a folder without
 * a certificate; -EISDIR: a folder in the folder that would have to be read; errors as file_read().
 * Messages name the file, and the line or the offset. A DER certificate is handed on as it is,
 * without a look inside.
 */
int key_each_cert(const char *path, const struct key_certs *certs, struct err *err);

#endif /* KEY_H */
