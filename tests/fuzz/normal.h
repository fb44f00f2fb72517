/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * normal.h - what our reader understood of a message, judged by OpenSSL.
 *
 * Where we accept a message that OpenSSL does not, it must be for its form alone. So what we read
 * is written again in the plainest form, and OpenSSL is asked about that.
 *
 * Does: write a signer as a message of its own, find certificates and chains with OpenSSL.
 * Does not: know why a difference is there (fuzz_cms_differ.c).
 */
#ifndef NORMAL_H
#define NORMAL_H

#include <openssl/cms.h>
#include <openssl/x509.h>
#include <stdbool.h>

#include "base/buf.h"
#include "kverify/pkcs7.h"

/*
 * CONTENT to read from. CMS_verify() copies what lies in memory and may lose the copy (OpenSSL
 * 3.0); so this does not look like memory.
 */
BIO *normal_content(struct view content);

/*
 * Has one of the signers of PKCS7 signed CONTENT, with the key of a certificate that has its id,
 * and that is TRUSTED or leads there by certificates that sign each other? Certificates are those
 * in TRUSTED and in the message.
 */
bool normal_accepts(const struct pkcs7 *pkcs7, STACK_OF(X509) * trusted, struct view content);

#endif /* NORMAL_H */
