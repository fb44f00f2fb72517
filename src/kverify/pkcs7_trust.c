// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_trust.c: from the message to a trusted key. */
#include "kverify/pkcs7.h"

#include <errno.h>

#define ID_SHOWN 8 /* bytes of a key id in a message */

static int no_key(const struct pkcs7_signer *signer, struct kv_answer *answer)
{
	struct view id = signer->id.part[0], shown = view_head(id, ID_SHOWN);
	char hex[2 * ID_SHOWN + 1];

	hex_string(hex, shown.data, shown.size);
	return kv_refuse(answer, -ENOKEY, "no certificate in the keyring has the signer's %s %s%s",
			 signer->by_key_id ? "key id" : "issuer and serial number", hex,
			 id.size != shown.size ? "..." : "");
}

/*
 * Mark the certificates from the signer's up to TOP, which is above it in the message or the same.
 */
static int mark_verified(struct pkcs7_signer *signer, struct x509 *top)
{
	for (struct x509 *cert = signer->cert; cert != top; cert = cert->signer)
		cert->verified = true;
	top->verified = true;
	return 0;
}

/*
 * No certificate of the message is trusted. Is the issuer of TOP, or the signer itself, in the
 * keyring?
 */
static int find_outside(const struct keyring *keyring, const struct pkcs7_signer *signer,
			const struct x509 *top, bool *signs_top, const struct x509 **ret)
{
	static const struct kv_id no_id;
	int error = -ENOKEY;

	if (top && (top->authority.set || top->authority_key.set))
		error = keyring_find(keyring, &top->authority, &top->authority_key, ret);
	*signs_top = !error;
	if (error != -ENOKEY)
		return error;
	return keyring_find(keyring, &signer->id, &no_id, ret);
}

static int find_refused(int code, const struct pkcs7_signer *signer, struct kv_answer *answer)
{
	if (code == KV_CANNOT_TELL)
		return kv_cannot_tell(answer,
				      "several certificates in the keyring have the same id, and "
				      "the kernel may use any of them: pass only one");
	if (code == -ENOKEY)
		return no_key(signer, answer);
	if (code == -EINVAL)
		return kv_refuse(answer, code, "the signer's key id is empty");
	return kv_refuse(answer, code, "the signer's two ids belong to different certificates");
}

/* pkcs7_validate_trust_one() */
static int validate_one(const struct kv_rules *rules, struct pkcs7_signer *signer,
			const struct keyring *keyring, struct kv_answer *answer)
{
	struct kv_sig *sig = &signer->sig;
	const struct x509 *key = NULL;
	struct x509 *cert, *top = NULL;
	bool signs_top;
	int ret;

	if (signer->unsupported_crypto)
		return -ENOPKG;
	for (cert = signer->cert; cert; cert = cert->signer) {
		if (cert->seen)
			return cert->verified ? mark_verified(signer, cert)
					      : no_key(signer, answer);
		cert->seen = true;
		ret = keyring_find(keyring, &cert->id, &cert->skid, &key);
		if (!ret)
			break;
		if (ret > 0)
			return find_refused(ret, signer, answer);
		if (cert->signer == cert)
			return no_key(signer, answer);
		top = cert;
		sig = &cert->sig;
	}
	if (!key) {
		ret = find_outside(keyring, signer, top, &signs_top, &key);
		if (ret)
			return find_refused(ret, signer, answer);
		cert = signs_top ? top : NULL;
		sig = signs_top ? &top->sig : &signer->sig;
	}
	ret = kv_sigcheck(rules, &key->key, sig, answer);
	if (ret < 0)
		return ret == -ENOMEM ? ret : -EKEYREJECTED;
	return ret ? ret : cert ? mark_verified(signer, cert) : 0;
}

int pkcs7_validate_trust(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			 const struct keyring *keyring, struct kv_answer *answer)
{
	int verdict = -ENOKEY;

	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next)
		cert->seen = false;
	for (struct pkcs7_signer *signer = pkcs7->signers; signer; signer = signer->next) {
		int ret = validate_one(rules, signer, keyring, answer);

		if (ret == -ENOPKG && verdict == -ENOKEY)
			verdict = -ENOPKG;
		else if (ret == 0)
			verdict = 0;
		else if (ret != -ENOKEY && ret != -ENOPKG)
			return ret;
	}
	if (verdict == -ENOPKG)
		return kv_refuse(answer, verdict,
				 "%s does not support the digest: sign with "
				 "sha256",
				 rules->title);
	return verdict;
}
