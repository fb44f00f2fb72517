// SPDX-License-Identifier: BSD-2-Clause
/* The room's door: add_key("asymmetric") and verify_pkcs7_signature(). */
#include "kverify/kverify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kverify/answer.h"
#include "kverify/pkcs7.h"

/* security/keys/keyctl.c: add_key() */
#define PAYLOAD_MAX (1024 * 1024 - 1)

/* The limit on the work for all certificates of a keyring: see kv_key_effort(). */
#define EFFORT_MAX 4000

struct kv_keyring {
	enum kv_line line;
	struct kv_rules rules;
	struct keyring trusted;
	struct keyring revoked; /* the certificates of the revocation list */
	unsigned int effort;	/* the work done for certificates so far: kv_key_effort() */
	struct buf revoked_tbs; /* the SHA-256 of each of these certificates' TBSCertificate, one
				   after the other */
};

int kv_keyring_new(enum kv_line line, struct kv_keyring **ret)
{
	struct kv_keyring *keyring = calloc(1, sizeof(*keyring));

	if (!keyring)
		return -ENOMEM;
	keyring->line = line;
	keyring->rules = *kv_rules(line);
	keyring->revoked.unordered =
		true; /* the kernel's list also holds hashes and built-in keys */
	*ret = keyring;
	return 0;
}

enum kv_line kv_keyring_line(const struct kv_keyring *keyring)
{
	return keyring->line;
}

void kv_keyring_configure(struct kv_keyring *keyring, const struct kv_config *config)
{
	kv_rules_configure(&keyring->rules, config);
}

void kv_keyring_free(struct kv_keyring *keyring)
{
	if (!keyring)
		return;
	keyring_free(&keyring->trusted);
	keyring_free(&keyring->revoked);
	buf_free(&keyring->revoked_tbs);
	free(keyring);
}

/* certs/blacklist.c: is_hash_blacklisted(), for the "tbs" hash of a certificate */
static bool is_revoked(const struct kv_keyring *keyring, const struct x509 *cert)
{
	for (size_t at = 0; at < keyring->revoked_tbs.size; at += HASH_SHA256_SIZE) {
		if (!memcmp(keyring->revoked_tbs.data + at, cert->tbs_sha256, HASH_SHA256_SIZE))
			return true;
	}
	return false;
}

static void show_id(struct kv_answer *answer, struct view id)
{
	id = view_head(id, sizeof(answer->key_id) / 2);
	hex_string(answer->key_id, id.data, id.size);
}

static void name_signer(struct kv_answer *answer, const struct x509 *cert)
{
	struct view id = cert->skid.set ? cert->subject_key_id : cert->serial;

	err_escape(answer->signer, sizeof(answer->signer), cert->name, cert->name_size);
	show_id(answer, id);
}

static void answer_start(struct kv_answer *answer)
{
	*answer = (struct kv_answer){.code = -EKEYREJECTED};
}

/* All of x509_cert_parse(), unless checking the certificate's own signature is too much work. */
static int parse(struct kv_keyring *keyring, struct view der, struct x509 **ret,
		 struct kv_answer *answer)
{
	_cleanup_(x509_free_p) struct x509 *cert = NULL;
	int error = x509_parse(&keyring->rules, der, &cert, answer);

	if (error)
		return error;
	keyring->effort += kv_key_effort(&cert->key);
	if (keyring->effort > EFFORT_MAX)
		return kv_cannot_tell(answer,
				      "too many self-signed certificates to check: pass only "
				      "those whose keys sign BPF programs");
	error = x509_check_self_signed(&keyring->rules, cert, answer);
	if (!error)
		*ret = take_ptr(cert);
	return error;
}

/* crypto/asymmetric_keys/asymmetric_type.c: asymmetric_key_preparse(); x509_key_preparse() */
static int add(struct kv_keyring *keyring, struct keyring *to, struct view der,
	       struct kv_answer *answer)
{
	_buf_ struct buf copy = {0};
	struct x509 *cert = NULL;
	int ret;

	if (!der.size || der.size > PAYLOAD_MAX)
		return kv_refuse(answer, -EINVAL, "the certificate has %zu bytes: expected 1 to %u",
				 der.size, PAYLOAD_MAX);
	buf_add_view(&copy, der);
	if (copy.failed)
		return KV_NO_MEMORY;
	ret = parse(keyring, buf_view(&copy), &cert, answer);
	if (ret)
		return ret;
	name_signer(answer, cert);
	if (is_revoked(keyring, cert)) {
		x509_free(cert);
		return kv_refuse(answer, -EKEYREJECTED, "the certificate is revoked");
	}
	return keyring_add(to, cert, &copy);
}

int kv_keyring_add(struct kv_keyring *keyring, struct view cert, struct kv_answer *answer,
		   struct err *err)
{
	answer_start(answer);
	return kv_conclude(add(keyring, &keyring->trusted, cert, answer), answer, err);
}

int kv_keyring_revoke(struct kv_keyring *keyring, struct view cert, struct err *err)
{
	_cleanup_(x509_free_p) struct x509 *parsed = NULL;
	struct kv_answer answer = {0};
	int ret = x509_parse(&keyring->rules, cert, &parsed, &answer);

	if (!ret && is_revoked(keyring, parsed))
		return 0;
	if (!ret)
		ret = add(keyring, &keyring->revoked, cert, &answer);
	if (!ret) {
		buf_add(&keyring->revoked_tbs, parsed->tbs_sha256, HASH_SHA256_SIZE);
		return buf_done(&keyring->revoked_tbs, err);
	}
	ret = kv_conclude(ret, &answer, err);
	return ret ? ret : err_set(err, answer.code, "%s", answer.reason);
}

/* certs/blacklist.c: is_key_on_revocation_list() */
static int check_revoked(const struct kv_keyring *keyring, struct pkcs7 *pkcs7,
			 struct kv_answer *answer)
{
	int ret;

	if (!keyring->revoked.nr)
		return 0;
	ret = pkcs7_validate_trust(&keyring->rules, pkcs7, &keyring->revoked, answer);
	if (ret > 0)
		return ret;
	if (!ret)
		return kv_refuse(answer, -EKEYREJECTED, "the signer's certificate is revoked");
	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next) {
		if (cert->verified)
			return kv_cannot_tell(
				answer,
				"only some of the signers are revoked: sign without the revoked keys");
	}
	return 0;
}

/*
 * The kernel would accept, but the signer's certificate shares a key, an id or a signature with a
 * revoked one. Either the file of the revoked certificate is damaged, or the same key has two
 * certificates and only one was revoked.
 */
static int check_alike(const struct kv_keyring *keyring, const struct pkcs7 *pkcs7,
		       struct kv_answer *answer)
{
	const struct x509 *revoked = NULL;
	const struct x509 *cert = pkcs7_find_alike(pkcs7, &keyring->trusted, &keyring->revoked,
						   &revoked);
	char names[2][100];

	if (!cert)
		return 0;
	err_escape(names[0], sizeof(names[0]), cert->name, cert->name_size);
	err_escape(names[1], sizeof(names[1]), revoked->name, revoked->name_size);
	return kv_cannot_tell(
		answer,
		"'%s' is not revoked, but another certificate ('%s') with the same key, key id, "
		"serial number or signature is: revoke both or neither, or check whether the "
		"revoked file is damaged",
		names[0], names[1]);
}

/*
 * Describe the signer: by its certificate, if that is in the keyring or the message; else by its
 * id.
 */
static void describe_signer(const struct kv_keyring *keyring, const struct pkcs7 *pkcs7,
			    struct kv_answer *answer)
{
	static const struct kv_id no_id;
	const struct pkcs7_signer *signer = pkcs7->signers;
	const struct x509 *cert = NULL;
	struct view id = signer->id.part[0];

	keyring_find(&keyring->trusted, &signer->id, &no_id, &cert);
	for (const struct x509 *own = pkcs7->certs; own && !cert; own = own->next) {
		if (kv_id_same(&own->id, &signer->id) || kv_id_same(&own->skid, &signer->id))
			cert = own;
	}
	if (cert)
		err_escape(answer->signer, sizeof(answer->signer), cert->name, cert->name_size);
	else if (!signer->by_key_id)
		x509_describe_name(signer->issuer, answer->signer, sizeof(answer->signer));
	show_id(answer, id);
}

/* kernel/bpf/helpers.c: bpf_verify_pkcs7_signature() */
static int check_built(const struct kv_keyring *keyring, struct kv_answer *answer)
{
	if (keyring->rules.verification)
		return 0;
	return kv_refuse(answer, -EOPNOTSUPP,
			 "the kernel is built without SYSTEM_DATA_VERIFICATION");
}

/* certs/system_keyring.c: verify_pkcs7_message_sig() */
static int verify(const struct kv_keyring *keyring, struct pkcs7 *pkcs7, struct hash_input *content,
		  struct kv_answer *answer)
{
	int ret;

	describe_signer(keyring, pkcs7, answer);
	for (struct x509 *cert = pkcs7->certs; cert; cert = cert->next)
		cert->blacklisted = is_revoked(keyring, cert);
	if (pkcs7->has_content)
		return kv_refuse(
			answer, -EBADMSG,
			"the message contains the signed content: make a detached signature");
	ret = pkcs7_verify(&keyring->rules, pkcs7, content, answer);
	if (!ret)
		ret = check_revoked(keyring, pkcs7, answer);
	if (!ret)
		ret = pkcs7_validate_trust(&keyring->rules, pkcs7, &keyring->trusted, answer);
	if (!ret)
		ret = check_alike(keyring, pkcs7, answer);
	if (!ret)
		kv_refuse(answer, 0, "signed by a trusted key");
	return ret;
}

int kv_verify(const struct kv_keyring *keyring, struct hash_input *content, struct view signature,
	      struct kv_answer *answer, struct err *err)
{
	_cleanup_(pkcs7_free_p) struct pkcs7 *pkcs7 = NULL;
	int ret;

	answer_start(answer);
	ret = check_built(keyring, answer);
	if (!ret)
		ret = pkcs7_parse(&keyring->rules, signature, &pkcs7, answer);
	if (!ret)
		ret = verify(keyring, pkcs7, content, answer);
	return kv_conclude(ret, answer, err);
}

/* Verify the message as if SIGNER, one of its signers, were the only one. */
static int verify_alone(const struct kv_keyring *keyring, struct pkcs7 *pkcs7,
			struct pkcs7_signer *signer, struct hash_input *content,
			struct kv_answer *answer)
{
	struct pkcs7_signer *all = pkcs7->signers, *next = signer->next;
	int ret;

	answer_start(answer);
	ret = check_built(keyring, answer);
	if (ret)
		return ret;
	pkcs7->signers = signer;
	signer->next = NULL;
	ret = verify(keyring, pkcs7, content, answer);
	signer->next = next;
	pkcs7->signers = all;
	return ret;
}

static int list_signers(const struct kv_keyring *keyring, struct pkcs7 *pkcs7,
			struct hash_input *content, const struct kv_answer *whole,
			struct kv_signers *ret)
{
	struct pkcs7_signer *signer = pkcs7->signers;

	ret->list = calloc(KV_SIGNERS_MAX, sizeof(*ret->list));
	if (!ret->list)
		return -ENOMEM;
	if (whole && !signer->next) {
		ret->list[ret->nr++] = (struct kv_signer){.known = true, .answer = *whole};
		return 0;
	}
	for (; signer && ret->nr < KV_SIGNERS_MAX; signer = signer->next) {
		struct kv_signer *listed = &ret->list[ret->nr++];
		int code = verify_alone(keyring, pkcs7, signer, content, &listed->answer);

		if (code == KV_NO_MEMORY)
			return -ENOMEM;
		listed->known = code <= 0;
		if (listed->known)
			listed->answer.code = code;
	}
	return 0;
}

int kv_signers(const struct kv_keyring *keyring, struct hash_input *content, struct view signature,
	       const struct kv_answer *whole, struct kv_signers *ret, struct err *err)
{
	_kv_signers_ struct kv_signers signers = {NULL, 0};
	_cleanup_(pkcs7_free_p) struct pkcs7 *pkcs7 = NULL;
	struct kv_answer ignored;
	int error;

	answer_start(&ignored);
	error = pkcs7_parse(&keyring->rules, signature, &pkcs7, &ignored);
	if (error == KV_NO_MEMORY ||
	    (!error && list_signers(keyring, pkcs7, content, whole, &signers)))
		return err_nomem(err);
	*ret = signers;
	signers = (struct kv_signers){NULL, 0};
	return 0;
}

void kv_signers_free(struct kv_signers *signers)
{
	free(signers->list);
	*signers = (struct kv_signers){NULL, 0};
}
