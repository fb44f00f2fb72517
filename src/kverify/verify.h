/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verify.h - does a message hold in itself, and does it lead to a trusted key?
 */
#ifndef KVERIFY_VERIFY_H
#define KVERIFY_VERIFY_H

#include "kverify/keyring.h"
#include "kverify/pkcs7.h"

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_verify.c: pkcs7_verify() over the detached
 * CONTENT, for any usage that takes plain data with or without signed attributes.
 */
int pkcs7_verify(const struct kv_rules *rules, struct pkcs7 *pkcs7, struct view content,
		 struct kv_answer *answer);

/* Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_trust.c: pkcs7_validate_trust() */
int pkcs7_validate_trust(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			 const struct keyring *keyring, struct kv_answer *answer);

#endif /* KVERIFY_VERIFY_H */
