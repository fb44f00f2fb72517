/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_file.h - private keys and certificates out of files, for the key room alone.
 *
 * Does: PEM, encrypted PEM, PKCS#12, DER certificates; recognised by content. Does not: check that
 * the two belong together.
 */
#ifndef KEY_FILE_H
#define KEY_FILE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "buf.h"
#include "err.h"

/* The bytes of FILE; errors as file_read(), with the file's name in front. */
int key_file_read(const char *file, struct buf *ret, struct err *err);

/*
 * The private key in FILE, which is expected to be of KIND (an EVP_PKEY_ constant, as its
 * certificate's is; 0: not known) and may be of another. -ENOKEY: none, or a passphrase that does
 * not open it.
 */
int key_file_key(const char *file, int kind, EVP_PKEY **ret, struct err *err);

/* The first certificate in FILE. -ENODATA: none; -ENOKEY: a passphrase that does not open it. */
int key_file_cert(const char *file, X509 **ret, struct err *err);

#endif /* KEY_FILE_H */
