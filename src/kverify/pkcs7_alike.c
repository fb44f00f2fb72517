// SPDX-License-Identifier: BSD-2-Clause
/*
 * Revocation compares ids, and then the key. If one byte of a certificate on the revocation list
 * was changed by accident, it is another certificate, and the one that should be revoked is
 * accepted.
 */
#include "kverify/pkcs7.h"

#include <string.h>

/*
 * Enough bytes not to be equal by chance, and more than the beginning that all keys of a kind
 * share.
 */
#define RUN_MIN 16

/* Whether two keys or signatures have a part in common. */
static bool has_common_run(struct view a, struct view b)
{
	size_t run = 0;

	for (size_t i = 0; i < a.size && i < b.size && run < RUN_MIN; i++)
		run = a.data[i] == b.data[i] ? run + 1 : 0;
	return run == RUN_MIN;
}

static bool is_alike(const struct x509 *a, const struct x509 *b)
{
	if (!memcmp(a->tbs_sha256, b->tbs_sha256, HASH_SHA256_SIZE))
		return false;
	return has_common_run(a->key.bits, b->key.bits) ||
	       has_common_run(a->sig.value, b->sig.value) || kv_id_same(&a->skid, &b->skid) ||
	       kv_id_same(&a->id, &b->id);
}

static bool answers_to(const struct x509 *cert, const struct kv_id *id)
{
	return kv_id_same(&cert->id, id) || kv_id_same(&cert->skid, id);
}

/* Whether the search for a trusted key may have found CERT. */
static bool is_named(const struct x509 *cert, const struct pkcs7 *pkcs7)
{
	for (const struct pkcs7_signer *signer = pkcs7->signers; signer; signer = signer->next) {
		if (answers_to(cert, &signer->id))
			return true;
	}
	for (const struct x509 *own = pkcs7->certs; own; own = own->next) {
		if (answers_to(cert, &own->id) || answers_to(cert, &own->skid) ||
		    answers_to(cert, &own->authority) || answers_to(cert, &own->authority_key))
			return true;
	}
	return false;
}

static const struct x509 *find_revoked(const struct x509 *cert, const struct keyring *revoked)
{
	for (size_t i = 0; i < revoked->nr; i++) {
		if (is_alike(cert, revoked->keys[i].cert))
			return revoked->keys[i].cert;
	}
	return NULL;
}

const struct x509 *pkcs7_find_alike(const struct pkcs7 *pkcs7, const struct keyring *trusted,
				    const struct keyring *revoked, const struct x509 **ret_revoked)
{
	const struct x509 *found;

	for (const struct x509 *own = pkcs7->certs; own; own = own->next) {
		found = find_revoked(own, revoked);
		if (found) {
			*ret_revoked = found;
			return own;
		}
	}
	for (size_t i = 0; i < trusted->nr; i++) {
		const struct x509 *cert = trusted->keys[i].cert;

		found = is_named(cert, pkcs7) ? find_revoked(cert, revoked) : NULL;
		if (found) {
			*ret_revoked = found;
			return cert;
		}
	}
	return NULL;
}
