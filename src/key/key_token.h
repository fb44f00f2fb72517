/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_token.h - keys and certificates in PKCS#11 tokens, for the key room alone.
 *
 * Through OpenSSL: its provider pkcs11 (pkcs11-provider) or, where none is installed, its engine
 * pkcs11 (libp11). BPF_CHAINSIGN_PKCS11=provider or =engine asks for one of them.
 *
 * Does: the way to the token, one login, which object is meant. A program has one module; a second
 * signer in it takes part in the first one's login.
 * Does not: sign (key.c does, with the key that is had here).
 */
#ifndef KEY_TOKEN_H
#define KEY_TOKEN_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/err.h"

/* The way to the module: held by each signer that has its key there. */
struct key_token;

/* NULL is fine. The last one out closes the module. */
void key_token_put(struct key_token *token);
DEFINE_CLEANUP(struct key_token *, key_token_put)

/*
 * The private key that URI names, and the way to it. MODULE as in struct key_source. -EINVAL: the
 * URI; -ENOKEY: no such key, or no PIN; -EACCES: the PIN is wrong, or the token is locked;
 * -ENOTUNIQ: several keys (the engine cannot tell and takes the last); -ENOTSUP: no way to the
 * module, or two modules. Messages name URI.
 */
int key_token_key(const char *uri, const char *module, struct key_token **ret_token,
		  EVP_PKEY **ret_key, struct err *err);

/* The certificate that URI names; errors likewise, -ENODATA: none. */
int key_token_cert(const char *uri, const char *module, X509 **ret, struct err *err);

/* A token does one thing at a time: held around each use of a key of TOKEN (NULL: nothing). */
void key_token_lock(struct key_token *token);
void key_token_unlock(struct key_token *token);

/* OpenSSL's library context that keys of TOKEN live in; NULL: the default one. */
OSSL_LIB_CTX *key_token_libctx(const struct key_token *token);

#endif /* KEY_TOKEN_H */
