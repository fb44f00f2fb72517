/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key.h - private keys and certificates from where pipelines keep them.
 *
 * Does: load a signer (key and certificate, checked to belong together), read certificates out
 * of files, say what people should know about a certificate.
 * Does not: sign (cms.h does) or judge certificates as a kernel would (kverify/ does).
 *
 * The passphrase of an encrypted key comes from BPF_CHAINSIGN_PASSPHRASE, or from the first line
 * of the file that BPF_CHAINSIGN_PASSPHRASE_FILE names; never from the command line.
 *
 * A door to OpenSSL (PEM, X.509).
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
 * kind of key that no kernel verifies; file errors as file_read(). Messages name the file.
 */
int key_signer_load(const char *key, const char *cert, struct key_signer **ret, struct err *err);
void key_signer_free(struct key_signer *signer);
DEFINE_CLEANUP(struct key_signer *, key_signer_free)

/* The certificate's DER, borrowed. */
struct view key_signer_cert(const struct key_signer *signer);

/* Who signs, for people: the subject's common name or the whole subject; escaped, never empty. */
const char *key_signer_title(const struct key_signer *signer);

/* subjectKeyIdentifier as hex, or "" when the certificate has none. */
const char *key_signer_skid(const struct key_signer *signer);

/* The OpenSSL objects, for cms.c alone; borrowed. */
struct evp_pkey_st *key_signer_pkey(const struct key_signer *signer);
struct x509_st *key_signer_x509(const struct key_signer *signer);

/*
 * Make CALL with a sentence for each thing about the certificate that kernels accept but people
 * should mend: expired or not yet valid, a usage that excludes signing, no subjectKeyIdentifier.
 */
void key_signer_advice(const struct key_signer *signer, void (*call)(void *arg, const char *advice),
		       void *arg);

/*
 * All certificates in PATH: a file (PEM, one or several; or DER), or a folder, of which the files
 * named .pem, .crt, .cer and .der are read in the order of their names. CALL is made with the bytes
 * of each; a failure of CALL ends the walk. -ENOKEY if there is none. DER is handed on as it is,
 * without a look inside. Messages name the file.
 */
int key_each_cert(const char *path, int (*call)(void *arg, struct view der, struct err *err),
		  void *arg, struct err *err);

#endif /* KEY_H */
