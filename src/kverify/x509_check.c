// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/asymmetric_keys/x509_public_key.c */
#include "kverify/x509.h"

#include <errno.h>

/* x509_get_sig_params() */
int x509_digest(const struct kv_rules *rules, struct x509 *cert, struct kv_answer *answer)
{
	int ret;

	if (hash_sha256(cert->tbs, cert->tbs_sha256))
		return kv_cannot_tell(answer, "OpenSSL does not support SHA-256");
	if (kv_sig_takes_data(cert->sig.alg)) {
		cert->sig.over = cert->tbs;
		return 0;
	}
	ret = kv_digest(rules, cert->sig.hash, cert->tbs, cert->digest, &cert->sig.over, answer);
	if (ret != -ENOPKG)
		return ret;
	cert->unsupported_sig = true;
	return 0;
}

/* x509_check_for_self_signed() */
int x509_check_self_signed(const struct kv_rules *rules, struct x509 *cert,
			   struct kv_answer *answer)
{
	int ret;

	if (!view_equal(cert->subject, cert->issuer))
		return 0;
	if (cert->authority.set || cert->authority_key.set) {
		bool by_key = kv_id_same(&cert->skid, &cert->authority_key);
		bool by_id = kv_id_same(&cert->id, &cert->authority);

		if (!by_key && !by_id)
			return 0;
		if (by_key != by_id && cert->authority.set && cert->authority_key.set)
			return kv_refuse(answer, -EKEYREJECTED,
					 "only one of the two ids in the certificate's "
					 "authorityKeyIdentifier is its own");
	}
	if (cert->unsupported_sig)
		return 0;
	/* The kernel handles ENOPKG here, but the parser has already refused such keys. */
	ret = kv_sigcheck(rules, &cert->key, &cert->sig, answer);
	if (!ret)
		cert->self_signed = true;
	else
		kv_prefix(answer, "the certificate's self-signature %s",
			  ret == -ENOENT ? "cannot be checked" : "is not valid");
	return ret;
}
