/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_file.h - private keys and certificates in files. Private to the key room.
 *
 * Does: read PEM, encrypted PEM, PKCS#12 and DER certificates, recognized by content. Does not:
 * check that a key and a certificate belong together, or split PEM and DER files (pem.h does).
 */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"

/* Read FILE; errors as file_read(), and messages begin with the file's name. */
int key_file_read(const char *file, struct buf *ret, struct err *err);

/*
 * Load the private key in FILE. KIND is the kind of key that is expected (an EVP_PKEY_ constant; 0:
 * unknown), to save time; another kind is loaded all the same. -ENOKEY: no key, or a wrong
 * passphrase.
 */
int key_file_key(const char *file, int kind, EVP_PKEY **ret, struct err *err);

/* Begin the message of *ERR with FILE and, if it has one, the line: "FILE:LINE: text". */
void key_file_prefix(const char *file, struct err *err);

/*
 * Load the first certificate in FILE; in PKCS#12, the one that belongs to the key. *ret_unused: how
 * many more certificates follow, which are not parsed. ERR_NO_CERT: no certificate; -EBADMSG: a
 * damaged file; -ENOKEY: a wrong passphrase.
 */
int key_file_cert(const char *file, X509 **ret, unsigned int *ret_unused, struct err *err);

#endif /* KEY_FILE_H */
