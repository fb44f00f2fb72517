// SPDX-License-Identifier: BSD-2-Clause
/*
 * What kernels answered to real signatures, one test per row of the table that was measured with
 * Linux 6.18.15, 7.0.13, 7.2.13 and 7.3.4 (docs/KERNEL-RULES.md).
 */
#include "kverify/kverify.h"

#include <errno.h>
#include <stdio.h>

#include "pki.h"
#include "unit.h"

static const struct view content = {(const uint8_t *)"signed content", 14};
static const struct view tampered = {(const uint8_t *)"signed c0ntent", 14};

static EVP_PKEY *rsa, *p256, *other_key;
static X509 *rsa_cert, *p256_cert, *other_cert;

__attribute__((constructor)) static void make_keys(void)
{
	rsa = pki_key("RSA2048");
	p256 = pki_key("P-256");
	other_key = pki_key("RSA2048");
	rsa_cert = pki_cert(&(struct pki_profile){.name = "signer", .key = rsa});
	p256_cert = pki_cert(&(struct pki_profile){.name = "ec signer", .key = p256});
	other_cert = pki_cert(&(struct pki_profile){.name = "other", .key = other_key});
}

static struct kv_answer answer;

static int add(struct kv_keyring *keyring, struct view der)
{
	struct err err = {0};
	int ret = kv_keyring_add(keyring, der, &answer, &err);

	return ret ? ret : answer.code;
}

/* The answer of LINE's kernel with the certificates of TRUSTED, up to a NULL, in the keyring. */
static int ask_line(enum kv_line line, struct view data, struct view signature, X509 **trusted)
{
	struct kv_keyring *keyring = NULL;
	struct err err = {0};
	int ret;

	PKI_MUST(!kv_keyring_new(line, &keyring));
	for (; *trusted; trusted++)
		add(keyring, pki_der(*trusted));
	ret = kv_verify(keyring, data, signature, &answer, &err);
	kv_keyring_free(keyring);
	return ret ? ret : answer.code;
}

/* The same, where all lines agree. */
#define TRUST(...) ((X509 *[]){__VA_ARGS__, NULL})
static int ask(struct view data, struct view signature, X509 **trusted)
{
	int first = ask_line(0, data, signature, trusted);

	for (enum kv_line line = 1; line < KV_LINE_NR; line++)
		CHECK_INT(ask_line(line, data, signature, trusted), first);
	return first;
}

TEST(a_correct_signature_is_accepted)
{
	CHECK_INT(ask(content, pki_sign(content, rsa_cert, rsa, NULL, PKI_PLAIN), TRUST(rsa_cert)),
		  0);
	CHECK_STR(answer.signer, "signer");
}

TEST(tampered_content_is_rejected)
{
	CHECK_INT(ask(tampered, pki_sign(content, rsa_cert, rsa, NULL, PKI_PLAIN), TRUST(rsa_cert)),
		  -EKEYREJECTED);
}

TEST(a_signer_outside_of_the_keyring_is_enokey)
{
	CHECK_INT(
		ask(content, pki_sign(content, rsa_cert, rsa, NULL, PKI_PLAIN), TRUST(other_cert)),
		-ENOKEY);
	CHECK_INT(ask(content, pki_sign(content, rsa_cert, rsa, NULL, PKI_PLAIN), TRUST(NULL)),
		  -ENOKEY);
}

UNIT_MAIN
