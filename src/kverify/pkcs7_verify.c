// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_verify.c: checks that need no keyring. A comment
 * names the kernel's function if its name differs.
 */
#include "kverify/pkcs7.h"

#include <errno.h>
#include <string.h>

/* --- what each signer signed --- */

/* The attributes as they are signed: with the tag of a SET (RFC 5652 5.4). */
static int attributes_to_sign(struct pkcs7_signer *signer, struct view *ret)
{
	buf_add_view(&signer->to_be_signed, signer->signed_attributes);
	if (signer->to_be_signed.failed)
		return KV_NO_MEMORY;
	signer->to_be_signed.data[0] = BER_SET;
	*ret = buf_view(&signer->to_be_signed);
	return 0;
}

/* The signed attributes must contain the content's digest; then the signature covers them. */
static int digest_attributes(const struct kv_rules *rules, struct pkcs7_signer *signer,
			     struct view digest, struct kv_answer *answer)
{
	struct view attributes;
	int ret;

	if (signer->message_digest.size != digest.size)
		return kv_refuse(answer, -EBADMSG,
				 "the signed attribute messageDigest does not have the size of a "
				 "%s digest",
				 kv_hash_name(signer->sig.hash));
	if (!view_equal(signer->message_digest, digest))
		return kv_refuse(
			answer, -EKEYREJECTED,
			"the signature does not match this content: the content was changed after "
			"signing");
	ret = attributes_to_sign(signer, &attributes);
	if (ret)
		return ret;
	if (kv_sig_takes_data(signer->sig.alg)) {
		signer->sig.over = attributes;
		return 0;
	}
	return kv_digest(rules, signer->sig.hash, attributes, signer->digest, &signer->sig.over,
			 answer);
}

/* ML-DSA without attributes signs the content itself. */
static int join_content(struct pkcs7 *pkcs7, const struct hash_input *content, struct view *ret)
{
	*ret = pkcs7->joined.size ? buf_view(&pkcs7->joined)
				  : hash_input_join(content, &pkcs7->joined);
	return pkcs7->joined.failed ? KV_NO_MEMORY : 0;
}

/* pkcs7_digest() */
static int digest_content(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			  struct pkcs7_signer *signer, struct hash_input *content,
			  struct kv_answer *answer)
{
	struct view digest;
	int ret;

	if (!signer->signed_attributes.size && kv_sig_takes_data(signer->sig.alg))
		return join_content(pkcs7, content, &signer->sig.over);
	ret = kv_digest_input(rules, signer->sig.hash, content, &digest, answer);
	if (ret)
		return ret;
	if (signer->signed_attributes.size)
		return digest_attributes(rules, signer, digest, answer);
	signer->sig.over = digest;
	return 0;
}

/* --- the certificates in the message --- */

/* pkcs7_find_key() */
static struct x509 *find_signer(const struct pkcs7 *pkcs7, const struct pkcs7_signer *signer)
{
	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next) {
		if (kv_id_same(&cert->id, &signer->id))
			return cert;
	}
	return NULL;
}

/* Find the issuer of CERT in the message, by serial number and issuer or by key id. */
static struct x509 *find_issuer(const struct pkcs7 *pkcs7, const struct x509 *cert)
{
	for (struct x509 *issuer = pkcs7->certs; issuer; issuer = issuer->next) {
		if (cert->authority.set ? kv_id_same(&issuer->id, &cert->authority)
					: kv_id_same(&issuer->skid, &cert->authority_key))
			return issuer;
	}
	return NULL;
}

static void blacklist_chain(struct pkcs7_signer *signer, const struct x509 *last)
{
	signer->blacklisted = true;
	for (struct x509 *cert = signer->cert; cert != last; cert = cert->signer)
		cert->blacklisted = true;
}

/* pkcs7_verify_sig_chain(): up to the last certificate that is in the message */
static int verify_chain(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			struct pkcs7_signer *signer, struct kv_answer *answer)
{
	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next)
		cert->seen = false;
	for (struct x509 *cert = signer->cert; cert; cert = cert->signer) {
		struct x509 *issuer;
		int ret;

		cert->seen = true;
		if (cert->blacklisted) {
			blacklist_chain(signer, cert);
			return 0;
		}
		if (cert->self_signed) {
			cert->signer = cert;
			return 0;
		}
		issuer = find_issuer(pkcs7, cert);
		if (!issuer)
			return 0;
		if (cert->authority.set && cert->authority_key.set &&
		    !kv_id_same(&issuer->skid, &cert->authority_key))
			return kv_refuse(
				answer, -EKEYREJECTED,
				"a certificate in the message names two different issuers");
		if (issuer->seen) /* a loop ends the chain */
			return 0;
		ret = kv_sigcheck(rules, &issuer->key, &cert->sig, answer);
		if (ret) {
			kv_prefix(answer,
				  "a certificate in the message is not signed by its issuer");
			return ret;
		}
		cert->signer = issuer;
	}
	return 0;
}

/* pkcs7_verify_one() */
static int verify_signer(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			 struct pkcs7_signer *signer, struct hash_input *content,
			 struct kv_answer *answer)
{
	int ret = digest_content(rules, pkcs7, signer, content, answer);

	if (ret)
		return ret;
	signer->cert = find_signer(pkcs7, signer);
	if (!signer->cert)
		return 0;
	if (signer->attributes & PKCS7_HAS_SIGNING_TIME &&
	    (signer->signing_time < signer->cert->valid_from ||
	     signer->signing_time > signer->cert->valid_to))
		return kv_refuse(
			answer, -EKEYREJECTED,
			"the signing time is outside of the certificate's validity period");
	ret = kv_sigcheck(rules, &signer->cert->key, &signer->sig, answer);
	if (ret)
		return ret;
	return verify_chain(rules, pkcs7, signer, answer);
}

/* Reset what an earlier verification left, except for signatures that were found valid. */
static void forget(struct pkcs7 *pkcs7)
{
	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next) {
		cert->signer = NULL;
		cert->verified = false;
	}
	for (struct pkcs7_signer *signer = pkcs7->signers; signer; signer = signer->next) {
		buf_free(&signer->to_be_signed);
		signer->cert = NULL;
		signer->unsupported_crypto = signer->blacklisted = false;
	}
}

int pkcs7_verify(const struct kv_rules *rules, struct pkcs7 *pkcs7, struct hash_input *content,
		 struct kv_answer *answer)
{
	int verdict = -ENOPKG;

	forget(pkcs7);
	if (pkcs7->data_type != OID_DATA)
		return kv_refuse(answer, -EKEYREJECTED,
				 "the signed content is not of type data: sign it as plain data");
	for (struct pkcs7_signer *signer = pkcs7->signers; signer; signer = signer->next) {
		int ret = verify_signer(rules, pkcs7, signer, content, answer);

		if (ret > 0)
			return ret;
		if (signer->blacklisted) {
			if (verdict == -ENOPKG)
				verdict = kv_refuse(answer, -EKEYREJECTED,
						    "the signer's certificate is revoked");
			continue;
		}
		if (ret == -ENOPKG) {
			signer->unsupported_crypto = true;
			continue;
		}
		if (ret)
			return ret;
		verdict = 0;
	}
	return verdict;
}
