/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_engine.h - the engine pkcs11 of libp11, for key_token.c alone: OpenSSL's way to tokens before
 * there were providers (Debian 12).
 *
 * Does: what an engine is asked for by name. Does not: know URIs or errors of tokens; these stay in
 * OpenSSL's queue.
 */
#ifndef KEY_ENGINE_H
#define KEY_ENGINE_H

#include <openssl/evp.h>
#include <openssl/types.h>
#include <openssl/x509.h>

/* The engine with MODULE (NULL: its own choice), or NULL. */
struct engine_st *key_engine_open(const char *module);
void key_engine_close(struct engine_st *engine);

/* The last private key that URI names; the best certificate; NULL: OpenSSL's queue may say why. */
EVP_PKEY *key_engine_key(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg);
X509 *key_engine_cert(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg);

#endif /* KEY_ENGINE_H */
