/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_file.h - private keys and certificates out of files, for the key room alone.
 *
 * Does: PEM, encrypted PEM, PKCS#12, DER certificates; recognised by content. Does not: check that
 * the two belong together, or find certificates in PEM or DER (pem.h).
 */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/buf.h"
#include "base/err.h"

/* The bytes of FILE; errors as file_read(), with the file's name in front. */
int key_file_read(const char *file, struct buf *ret, struct err *err);

/*
 * The private key in FILE, which is expected to be of KIND (an EVP_PKEY_ constant, as its
 * certificate's is; 0: not known) and may be of another. -ENOKEY: none, or a passphrase that does
 * not open it.
 */
int key_file_key(const char *file, int kind, EVP_PKEY **ret, struct err *err);

/* Put FILE in front of what *ERR says, with the line if it has one: "FILE:LINE: text". */
void key_file_blame(const char *file, struct err *err);

/*
 * The first certificate in FILE, and of how many that come after it there, which are read no
 * further than pem.h does. Of PKCS#12, the one that belongs to the key. -ENODATA: none; -EBADMSG: a
 * damaged file; -ENOKEY: a passphrase that does not open it.
 */
int key_file_cert(const char *file, X509 **ret, unsigned int *ret_unused, struct err *err);

#endif /* KEY_FILE_H */
