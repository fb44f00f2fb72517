/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_token.h - keys and certificates in PKCS#11 tokens. Private to the key room.
 *
 * Tokens are used through OpenSSL: its provider pkcs11 (pkcs11-provider) or, if that is not
 * installed, its engine pkcs11 (libp11). BPF_CHAINSIGN_PKCS11=provider or =engine selects one.
 *
 * Does: open the module, log in once, find the object that a URI names. A process uses one module;
 * a second signer in it shares the first one's login. A key that wants its PIN for each signature
 * (CKA_ALWAYS_AUTHENTICATE) gets it again; the PIN is kept for that until the module is closed.
 * Does not: sign (key.c does, with the key from here).
 */
#ifndef KEY_TOKEN_H
#define KEY_TOKEN_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/err.h"

/* An open module. Each signer whose key is in a token holds a reference. */
struct key_token;

/* Drop a reference; the last one closes the module. NULL is allowed. */
void key_token_put(struct key_token *token);
DEFINE_CLEANUP(struct key_token *, key_token_put)

/*
 * Load the private key that URI names, with a reference to its module; of several keys the one that
 * belongs to the public key WANTED (NULL: unknown). MODULE as in struct key_source. -EINVAL: a
 * wrong URI; -ENOKEY: no such key, or no PIN; -EACCES: the PIN is wrong or locked; -ENOTUNIQ:
 * several keys match; -ENOTSUP: OpenSSL cannot use tokens, or a second module. Messages name URI.
 */
int key_token_key(const char *uri, const char *module, const EVP_PKEY *wanted,
		  struct key_token **ret_token, EVP_PKEY **ret_key, struct err *err);

/*
 * Load the certificate that URI names; OF_KEY: URI names a private key, and if no certificate has
 * its label, the one that has its id. Errors as key_token_key(); ERR_NO_CERT: no such certificate.
 */
int key_token_cert(const char *uri, const char *module, bool of_key, X509 **ret, struct err *err);

/*
 * Hold this lock around each use of a key of TOKEN, which can do only one thing at a time. NULL: no
 * lock.
 */
void key_token_lock(struct key_token *token);
void key_token_unlock(struct key_token *token);

/*
 * A key of TOKEN failed to sign: a PIN that a key wants for each signature is not given again, so
 * that a wrong one does not lock the token. Under the lock. NULL is allowed.
 */
void key_token_failed(struct key_token *token);

/* The OpenSSL library context of TOKEN's keys; NULL: the default context. */
OSSL_LIB_CTX *key_token_libctx(const struct key_token *token);

#endif /* KEY_TOKEN_H */
