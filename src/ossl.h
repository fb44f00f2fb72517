/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ossl.h - shared by the rooms that use OpenSSL.
 *
 * Does: turn OpenSSL's error queue into our errors; free OpenSSL's objects.
 * Does not: compute anything. Only the rooms key and cms and crypto.c include it.
 */
#ifndef OSSL_H
#define OSSL_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/util.h"

DEFINE_CLEANUP(BIO *, BIO_free_all)
DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(X509 *, X509_free)

/* Fill *err with CODE and "WHAT: OpenSSL's first reason", and empty OpenSSL's queue. */
int ossl_error(struct err *err, int code, const char *what);

#endif /* OSSL_H */
