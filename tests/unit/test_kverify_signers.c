// SPDX-License-Identifier: BSD-2-Clause
/*
 * Messages with several signers: each is listed with what the kernel would say to it alone, and the
 * verdict on the message follows from these.
 */
#include "kvtest.h"

static EVP_PKEY *rsa, *p256, *p384;
static X509 *rsa_cert, *p256_cert, *p384_cert;

__attribute__((constructor)) static void make_keys(void)
{
	rsa = pki_key("RSA2048");
	p256 = pki_key("P-256");
	p384 = pki_key("P-384");
	rsa_cert = pki_cert(&(struct pki_profile){.name = "old signer", .key = rsa});
	p256_cert = pki_cert(&(struct pki_profile){.name = "new signer", .key = p256});
	p384_cert = pki_cert(&(struct pki_profile){.name = "nobody's", .key = p384});
}

/* The list for SIGNATURE by LINE, whose keyring has TRUSTED; to be freed. */
static struct kv_signers list_by(enum kv_line line, struct view data, struct view signature,
				 const struct view *trusted)
{
	struct kv_keyring *keyring = NULL;
	struct kv_signers signers = {NULL, 0};
	struct err err = {0};

	PKI_MUST(!kv_keyring_new(line, &keyring));
	for (; trusted->data; trusted++)
		add(keyring, *trusted);
	CHECK_INT(kv_signers(keyring, INPUT_OF(data), signature, NULL, &signers, &err), 0);
	kv_keyring_free(keyring);
	return signers;
}

/* Codes as a text: "0 -126" */
static const char *codes(struct view data, struct view signature, const struct view *trusted)
{
	_kv_signers_ struct kv_signers signers = list_by(KV_LINUX_7_3, data, signature, trusted);
	static char text[256];
	size_t at = 0;

	*text = '\0';
	for (size_t i = 0; i < signers.nr; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%d", i ? " " : "",
				       signers.list[i].answer.code);
	return text;
}

/* What pkcs7_verify() and pkcs7_validate_trust() make of the signers' codes. */
static bool follows(const struct kv_signers *signers)
{
	bool any = false;

	for (size_t i = 0; i < signers->nr; i++) {
		int code = signers->list[i].answer.code;

		if (code && code != -ENOKEY && code != -ENOPKG)
			return false;
		any |= !code;
	}
	return any;
}

/* A SET OF is in order of size: the ECDSA signer comes first, and the last byte is RSA's. */
static struct view both(unsigned int flags)
{
	struct pki_signer signers[] = {{rsa_cert, rsa, NULL}, {p256_cert, p256, NULL}};

	return pki_cms_der(pki_cms(content, signers, 2, flags));
}

TEST(each_signer_is_told_whether_it_is_trusted)
{
	struct view rsa_der = pki_der(rsa_cert), p256_der = pki_der(p256_cert);
	struct view message = both(PKI_PLAIN);

	CHECK_STR(codes(content, message, TRUST(rsa_der, p256_der)), "0 0");
	CHECK_STR(codes(content, message, TRUST(p256_der)), "0 -126");
	CHECK_STR(codes(content, message, TRUST(rsa_der)), "-126 0");
	CHECK_STR(codes(content, message, TRUST(pki_der(p384_cert))), "-126 -126");
	CHECK_STR(codes(content, message, NOBODY), "-126 -126");
	CHECK_STR(codes(tampered, message, TRUST(rsa_der)), "-126 -129");
}

TEST(a_signer_has_its_name_where_its_certificate_is_known_and_always_its_key_id)
{
	_kv_signers_ struct kv_signers plain = list_by(KV_LINUX_7_3, content, both(PKI_PLAIN),
						       TRUST(pki_der(rsa_cert)));
	_kv_signers_ struct kv_signers included = list_by(KV_LINUX_7_3, content,
							  both(PKI_PLAIN & ~CMS_NOCERTS), NOBODY);

	CHECK_INT((long long)plain.nr, 2);
	CHECK_STR(plain.list[0].answer.signer, "");
	CHECK_STR(plain.list[1].answer.signer, "old signer");
	CHECK_INT((long long)strlen(plain.list[0].answer.key_id), 40);
	CHECK(strcmp(plain.list[0].answer.key_id, plain.list[1].answer.key_id));
	CHECK_INT((long long)included.nr, 2);
	CHECK_STR(included.list[0].answer.signer, "new signer");
	CHECK_STR(included.list[1].answer.signer, "old signer");
}

/* Every line, form of message, keyring, and content; and the second signature damaged. */
TEST(the_verdict_on_the_message_follows_from_its_signers)
{
	static const unsigned int forms[] = {
		PKI_PLAIN,
		PKI_PLAIN & ~CMS_NOATTR,
		PKI_PLAIN & ~CMS_NOCERTS,
		PKI_PLAIN & ~(CMS_NOCERTS | CMS_USE_KEYID),
	};
	struct view der[] = {pki_der(rsa_cert), pki_der(p256_cert), pki_der(p384_cert)};

	for (size_t i = 0; i < 4 * ARRAY_SIZE(forms) * 8; i++) {
		unsigned int ring = i / 4 / ARRAY_SIZE(forms);
		struct view message = both(forms[i / 4 % ARRAY_SIZE(forms)]);
		struct view data = i & 1 ? tampered : content;
		struct view trusted[4] = {{NULL, 0}};
		size_t nr = 0;

		for (size_t n = 0; n < 3; n++) {
			if (ring & 1u << n)
				trusted[nr++] = der[n];
		}
		if (i & 2)
			((uint8_t *)(uintptr_t)message.data)[message.size - 1] ^= 1;
		for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
			_kv_signers_ struct kv_signers signers = list_by(line, data, message,
									 trusted);

			CHECK_INT((long long)signers.nr, 2);
			CHECK_INT(ask_line(line, data, message, trusted) == 0, follows(&signers));
		}
	}
}

TEST(one_bad_signature_of_a_trusted_key_rejects_what_another_signed_well)
{
	struct view rsa_der = pki_der(rsa_cert), p256_der = pki_der(p256_cert);
	struct view message = both(PKI_PLAIN);

	((uint8_t *)(uintptr_t)message.data)[message.size - 1] ^= 1;
	CHECK_STR(codes(content, message, TRUST(rsa_der, p256_der)), "0 -129");
	CHECK_INT(ask(content, message, TRUST(rsa_der, p256_der)), -EKEYREJECTED);
	/* Nobody looks at a signature of a key that is not known. */
	CHECK_STR(codes(content, message, TRUST(p256_der)), "0 -126");
	CHECK_INT(ask(content, message, TRUST(p256_der)), 0);
}

/* What is listed for MESSAGE, to which kv_verify() is said to have answered CODE. */
static int code_after(struct view message, int code, size_t nr)
{
	struct kv_answer whole = {.code = code};
	_kv_signers_ struct kv_signers signers = {NULL, 0};
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct err err;

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(kv_signers(keyring, INPUT_OF(content), message, &whole, &signers, &err), 0);
	CHECK_INT((long long)signers.nr, (long long)nr);
	return signers.list[0].answer.code;
}

TEST(only_of_a_message_with_one_signer_the_answer_is_the_signers)
{
	CHECK_INT(code_after(pki_sign(content, rsa_cert, rsa, NULL, PKI_PLAIN), -EBADMSG, 1),
		  -EBADMSG);
	CHECK_INT(code_after(both(PKI_PLAIN), -EBADMSG, 2), -ENOKEY);
}

TEST(a_message_that_cannot_be_read_has_no_signers)
{
	struct view message = both(PKI_PLAIN);

	CHECK_STR(codes(content, BYTES("garbage"), NOBODY), "");
	CHECK_STR(codes(content, view_sub(message, 0, message.size - 1), NOBODY), "");
	CHECK_STR(codes(content, NOTHING, NOBODY), "");
}

TEST(no_more_than_sixteen_signers_are_listed)
{
	struct pki_signer signers[KV_SIGNERS_MAX + 1];
	_kv_signers_ struct kv_signers listed = {NULL, 0};

	for (size_t i = 0; i < ARRAY_SIZE(signers); i++)
		signers[i] = (struct pki_signer){p256_cert, p256, NULL};
	listed = list_by(KV_LINUX_7_3, content,
			 pki_cms_der(pki_cms(content, signers, ARRAY_SIZE(signers), PKI_PLAIN)),
			 TRUST(pki_der(p256_cert)));
	CHECK_INT((long long)listed.nr, KV_SIGNERS_MAX);
	CHECK_INT(listed.list[KV_SIGNERS_MAX - 1].answer.code, 0);
}

UNIT_MAIN
