/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_pkcs12.h - PKCS#12 files (RFC 7292). Private to the key room.
 *
 * Does: check the MAC, if there is one, decrypt, and find the key and all certificates. OpenSSL's
 * PKCS12_parse() is not used: before 3.2 it refuses files without a MAC, and it does not tell a
 * wrong passphrase from an algorithm that OpenSSL lacks.
 * Does not: read files, or choose a certificate (key_file.c does).
 */
#ifndef KEY_PKCS12_H
#define KEY_PKCS12_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* What a file contains; owned. */
struct key_pkcs12 {
	EVP_PKEY *pkey;		/* the first key; NULL: none */
	STACK_OF(X509) * certs; /* in the order of the file; NULL: none */
	bool encrypted;		/* a passphrase was needed */
};

void key_pkcs12_free(struct key_pkcs12 *p12);

/*
 * Open CONTENT of FILE, if it *is PKCS#12. The passphrase is asked for (key_secret.h) only if one
 * is needed and it is not empty. -ENOKEY: a wrong passphrase, or none; -ENOTSUP: an algorithm that
 * this OpenSSL does not support; -EBADMSG: damaged. Messages name FILE.
 */
int key_pkcs12_open(struct view content, const char *file, bool *ret_is, struct key_pkcs12 *ret,
		    struct err *err);

/*
 * Whether OpenSSL's queue says that it lacks an algorithm, whose name is put into NAME ("" if it is
 * unknown). Empties the queue.
 */
bool key_lacks_algorithm(char *name, size_t size);

/* Fill *err for a file whose encryption uses the algorithm NAME, or "". Returns -ENOTSUP. */
int key_lacks(const char *file, const char *name, struct err *err);

#endif /* KEY_PKCS12_H */
