/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.h - private keys and certificates from where pipelines keep them.
 *
 * Does: load a signer (key and certificate, checked to belong together), load certificates, ask
 * for a passphrase by environment, file or terminal.
 * Does not: sign (cms.h does) or judge certificates as a kernel would (kverify/ does).
 *
 * A door to OpenSSL (stores, X.509).
 */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>

#include "buf.h"
#include "err.h"

/* A private key with its certificate. */
struct key_signer;

/*
 * KEY: a PEM file. CERT: a PEM or DER file. -EKEYREJECTED: the two do not belong together;
 * -ENOKEY: no key or certificate in the file, or a passphrase that does not open it; -ENOTSUP: a
 * kind of key no kernel verifies; file errors as file_read().
 */
int key_signer_load(const char *key, const char *cert, struct key_signer **ret, struct err *err);
void key_signer_free(struct key_signer *signer);
DEFINE_CLEANUP(struct key_signer *, key_signer_free)

/* The certificate's DER, valid as long as the signer; its subject's common name, for people. */
struct view key_signer_cert(const struct key_signer *signer);
const char *key_signer_title(const struct key_signer *signer);

/* The OpenSSL objects, for cms.c alone; borrowed. */
struct evp_pkey_st *key_signer_pkey(const struct key_signer *signer);
struct x509_st *key_signer_x509(const struct key_signer *signer);

/*
 * All certificates in FILE (PEM, one or several, or one DER): CALL is made with the DER of each,
 * in order, and a failure of it ends the walk. -ENOKEY if there is none.
 */
int key_each_cert(const char *file, int (*call)(void *arg, struct view der, struct err *err),
		  void *arg, struct err *err);

#endif /* KEY_H */
