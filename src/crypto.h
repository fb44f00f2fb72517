/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crypto.h - initialize OpenSSL, with or without its configuration.
 *
 * OpenSSL's configuration (the file that OPENSSL_CONF names, or the system's openssl.cnf) can load
 * modules, and a module can replace any algorithm, so it could decide any verdict. Commands that
 * give verdicts must therefore not read it by default.
 *
 * Does: initialize, and tell the version. If neither function is called, OpenSSL reads its
 * configuration at its first use. Does not: anything after that.
 *
 * One of the rooms that may use OpenSSL (here: initialization).
 */
#ifndef CRYPTO_H
#define CRYPTO_H

#include "base/err.h"

/*
 * Initialize OpenSSL without any configuration: only algorithms that are built into the library are
 * used. Call it once, before anything else of OpenSSL. -ENOTSUP: OpenSSL cannot be initialized.
 */
int crypto_begin_plain(struct err *err);

/*
 * The same with the configuration that OpenSSL finds by default. -ENOTSUP: it does not exist or
 * cannot be read. (OpenSSL ignores modules in it that cannot be loaded.)
 */
int crypto_begin_configured(struct err *err);

/* The version of the OpenSSL library that this program runs with, as "3.0.19". Static. */
const char *crypto_version(void);

#endif /* CRYPTO_H */
