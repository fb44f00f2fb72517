/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ossl.h - what the rooms that are doors to OpenSSL share.
 *
 * Does: drain OpenSSL's error queue into our words; own OpenSSL objects.
 * Does not: any cryptography. Included by the rooms key and cms and by crypto.c only.
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
