/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_signer.h - what the files of the key room see of a signer.
 */
#ifndef KEY_SIGNER_H
#define KEY_SIGNER_H

#include <openssl/x509.h>

#include "key.h"

/* The certificate; borrowed. */
X509 *key_signer_x509(const struct key_signer *signer);

#endif /* KEY_SIGNER_H */
