/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_file.h - private keys and certificates in files. Private to the key room.
 *
 * Does: read PEM, DER and PKCS#12, also encrypted, recognized by content, and name other formats.
 * Does not: check that a key and a certificate belong together, or split PEM and DER files (pem.h
 * does).
 */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* How a file holds a certificate. */
struct key_file_form {
	unsigned int unused; /* how many more certificates it has */
	bool is_der;	     /* it is DER, not PEM or PKCS#12 */
};

/*
 * Read FILE, which may be env:NAME or fd:N (key_given.h); errors as file_read(), and messages begin
 * with the file's name.
 */
int key_file_read(const char *file, struct buf *ret, struct err *err);

/* The largest file, larger than any sensible key or bundle of certificates. */
#define KEY_FILE_MAX ((size_t)1 << 20)

/*
 * Load the private key in FILE. KIND is the kind of key that is expected (an EVP_PKEY_ constant; 0:
 * unknown), to save time; another kind is loaded all the same. -ENOKEY: no key, or a wrong
 * passphrase; -ENOTSUP: OpenSSL lacks an algorithm. *ret_encrypted: it is encrypted.
 */
int key_file_key(const char *file, int kind, EVP_PKEY **ret, bool *ret_encrypted, struct err *err);

/* Begin the message of *ERR with FILE and, if it has one, the line: "FILE:LINE: text". */
void key_file_prefix(const char *file, struct err *err);

/*
 * Load a certificate of FILE: the one that belongs to PKEY if there is one, else the first; with
 * PKEY NULL, in PKCS#12 the one that belongs to the key there. The other
 * certificates are not parsed if PKEY is NULL. ERR_NO_CERT: no certificate;
 * -EBADMSG: a damaged file; -ENOKEY: a wrong passphrase; -ENOTSUP: OpenSSL lacks an algorithm.
 */
int key_file_cert(const char *file, EVP_PKEY *pkey, X509 **ret, struct key_file_form *ret_form,
		  struct err *err);

#endif /* KEY_FILE_H */
