/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crypto.h - how OpenSSL starts in this process.
 *
 * OpenSSL's configuration (the file that OPENSSL_CONF names, or the system's openssl.cnf) may load
 * modules, and a module may take over any algorithm: it decides what is a signature. Nobody who
 * asks for a verdict has asked for that.
 *
 * Does: begin with that configuration or without it. Does not: anything after that. Where it is not
 * called, OpenSSL reads its configuration at its first use.
 *
 * A door to OpenSSL (initialization).
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include "base/err.h"

/*
 * Before anything else of OpenSSL, once: no configuration is read, neither of the user nor of the
 * system; algorithms are those built into the library. -ENOTSUP: OpenSSL does not start.
 */
int crypto_begin_plain(struct err *err);

/*
 * Likewise, with the configuration that OpenSSL finds by itself. -ENOTSUP: it is not there, or
 * cannot be read. (A module of it that cannot be loaded is passed over by OpenSSL.)
 */
int crypto_begin_configured(struct err *err);

#endif /* CRYPTO_H */
