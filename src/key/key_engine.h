/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_engine.h - keys and certificates through libp11's OpenSSL engine "pkcs11", which Debian 12
 * has instead of a provider. For key_token.c only.
 *
 * Does: load the engine, and objects by URI. Does not: parse URIs or report errors; these stay in
 * OpenSSL's error queue.
 */
#ifndef KEY_ENGINE_H
#define KEY_ENGINE_H

#include <openssl/evp.h>
#include <openssl/types.h>
#include <openssl/x509.h>

/* Load the engine and let it use MODULE (NULL: its default). NULL: not possible. */
struct engine_st *key_engine_open(const char *module);
void key_engine_close(struct engine_st *engine);

/*
 * The last private key that matches URI, and the best certificate that does. NULL: failed;
 * OpenSSL's error queue may say why. UI may be
 * called later, until the engine is closed, with NULL instead of ARG.
 */
EVP_PKEY *key_engine_key(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg);
X509 *key_engine_cert(struct engine_st *engine, const char *uri, UI_METHOD *ui, void *arg);

#endif /* KEY_ENGINE_H */
