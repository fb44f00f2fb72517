// SPDX-License-Identifier: BSD-2-Clause
/*
 * Our verdict on a PKCS#7 message, and OpenSSL's. Where they differ it must be by a rule of
 * docs/KERNEL-RULES.md, as README.md lists them; FUZZ_EXPLAIN in the environment shows which.
 */
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "normal.h"

static struct kv_keyring *keyring;
static STACK_OF(X509) * trusted;
static X509_STORE *store;

/* A kind of difference: what the side that refuses says, and the rule behind it. */
struct kind {
	const char *says;
	const char *rule;
	bool (*explains)(const struct pkcs7 *pkcs7); /* which messages; NULL: they cannot be read */
};

static bool any(const struct pkcs7 *pkcs7 _unused_)
{
	return true;
}

static bool with_certs(const struct pkcs7 *pkcs7)
{
	return pkcs7 && pkcs7->certs;
}

static bool with_certs_or_more_signers(const struct pkcs7 *pkcs7)
{
	return pkcs7 && (pkcs7->certs || pkcs7->signers->next);
}

/* The signer is named in the way that its version does not mean, or by a certificate included. */
static bool with_certs_or_no_id(const struct pkcs7 *pkcs7)
{
	return pkcs7 && (with_certs_or_more_signers(pkcs7) || !kv_id_size(&pkcs7->signers->id));
}

static bool with_ecdsa_or_certs(const struct pkcs7 *pkcs7)
{
	return pkcs7 &&
	       (with_certs_or_more_signers(pkcs7) || pkcs7->signers->sig.alg == KV_SIG_ECDSA);
}

static bool with_attributes(const struct pkcs7 *pkcs7)
{
	return pkcs7 && pkcs7->signers->attributes;
}

/* OpenSSL compares what names mean. */
static bool with_issuer_in_other_bytes(const struct pkcs7 *pkcs7)
{
	struct view issuer = pkcs7 ? pkcs7->signers->issuer : (struct view){NULL, 0};
	_buf_ struct buf ended = {0};
	const uint8_t *at;
	X509_NAME *name;
	bool found = false;

	/* Of a name of indefinite length its end is not a part. */
	buf_add_view(&ended, issuer);
	buf_add(&ended, "\0\0", 2);
	FUZZ_MUST(!ended.failed);
	at = ended.data;
	name = d2i_X509_NAME(NULL, &at, (long)ended.size);
	for (int i = 0; name && i < sk_X509_num(trusted); i++) {
		X509_NAME *of_cert = X509_get_issuer_name(sk_X509_value(trusted, i));
		const uint8_t *bytes;
		size_t size;

		if (!X509_NAME_cmp(name, of_cert) && X509_NAME_get0_der(of_cert, &bytes, &size))
			found |= !view_equal(issuer, view_of(bytes, size));
	}
	X509_NAME_free(name);
	return found;
}

/* We refuse, with this reason, what OpenSSL accepts. */
static const struct kind we_refuse[] = {
	{"malformed PKCS#7 message", "reading BER", any},
	{" is not 1 or 3", "versions are 1 or 3", any},
	{"have different versions", "versions are the same", any},
	{"is not \"data\"", "content type neither data nor Authenticode", any},
	{"contains the signed content", "content included", any},
	{"uses a digest that no kernel accepts", "unknown digest algorithm of a signer", any},
	{"does not support the signature's algorithm", "unknown signature algorithm of a signer",
	 any},
	{"does not support the digest", "a digest that the kernel lacks", any},
	{"only for Authenticode", "S/MIME capabilities and Authenticode's attributes", any},
	{"a signed attribute is repeated", "known attributes are there once", any},
	{"signed attribute", "signed attributes need contentType and messageDigest", any},
	{"some signers have signed attributes", "some signers with and some without", any},
	{" in the message: ", "included certificates must parse as certificates", any},
	{"is not a SEQUENCE", "included certificates must parse", any},
	{"no certificate in the keyring has", "the version says how the signer is named",
	 with_certs_or_no_id},
	{"no certificate in the keyring has", "an id is compared as plain bytes",
	 with_issuer_in_other_bytes},
	{"key id is empty", "the version says how the signer is named", with_certs_or_no_id},
	{"a certificate in the message ", "included certificates are followed upwards", with_certs},
	{"two ids belong to different certificates", "an issuer found by serial number",
	 with_certs},
	{"the signing time", "signing time outside of an included certificate's validity",
	 with_certs},
	{"the signature does not match this content", "attributes are digested as they stand",
	 with_attributes},
	{"", "a signer's certificate is looked for in the message", with_certs},
};

/* We accept what OpenSSL refuses, with this error; and it accepts the plainest form. */
static const struct kind openssl_refuses[] = {
	{"not decoded", "reading BER; included certificates are read by the kernel's rules", any},
	{"unsupported", "the list of digest algorithms is not used", any},
	{"unknown digest algorithm", "the list of digest algorithms is not used", any},
	{"no matching digest", "the list of digest algorithms is not used", any},
	{"invalid certificate", "included certificates are read by the kernel's rules", with_certs},
	{"signer certificate not found", "several signers: one that is trusted is enough",
	 with_certs_or_more_signers},
	{"certificate verify error", "the chain in the message is followed; no clock, no usage",
	 with_certs_or_more_signers},
	{"invalid padding", "several signers: one that is trusted is enough",
	 with_certs_or_more_signers},
	{"verification failure", "r and s are taken as unsigned; one of several is enough",
	 with_ecdsa_or_certs},
};

static void start(void)
{
	keyring = fuzz_keyring(KV_LINUX_7_3, &fuzz_all_algorithms);
	trusted = sk_X509_new_null();
	store = X509_STORE_new();
	FUZZ_MUST(trusted && store);
	for (const struct buf *cert = fuzz_trusted(); cert->size; cert++) {
		const uint8_t *at = cert->data;
		X509 *read = d2i_X509(NULL, &at, (long)cert->size);

		FUZZ_MUST(read && X509_STORE_add_cert(store, read) && sk_X509_push(trusted, read));
	}
	/* As near to a kernel as it gets: any certificate may be an end, at any time, for any use.
	 */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME);
	X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
}

/* Does OpenSSL accept MESSAGE? If not, *ret says why. */
static bool openssl_accepts(struct view message, const char **ret)
{
	BIO *bio = normal_content(FUZZ_CONTENT);
	const uint8_t *at = message.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)message.size);
	bool accepted = false;

	*ret = "not decoded";
	if (cms) {
		ERR_clear_error();
		accepted = CMS_verify(cms, trusted, store, bio, NULL, CMS_BINARY) == 1;
		*ret = accepted ? "" : ERR_reason_error_string(ERR_peek_error()) ?: "no reason";
	}
	CMS_ContentInfo_free(cms);
	BIO_free_all(bio);
	ERR_clear_error();
	return accepted;
}

static void explain(const struct kind *kinds, size_t nr, const char *says,
		    const struct pkcs7 *pkcs7)
{
	for (size_t i = 0; i < nr; i++) {
		if (!strstr(says, kinds[i].says) || !kinds[i].explains(pkcs7))
			continue;
		if (getenv("FUZZ_EXPLAIN"))
			fprintf(stderr, "# %s: %s\n", says, kinds[i].rule);
		return;
	}
	fuzz_failed(__FILE__, __LINE__, "a rule explains the difference", says);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(pkcs7_free_p) struct pkcs7 *pkcs7 = NULL;
	const struct kv_rules *rules = kv_rules(KV_LINUX_7_3);
	struct view message = view_of(data, size);
	struct hash_input content = hash_input_of(FUZZ_CONTENT);
	struct kv_answer answer, ignored;
	struct err err = {0};
	const char *openssl;
	bool accepted;

	if (!keyring)
		start();
	if (kv_verify(keyring, &content, message, &answer, &err))
		return 0; /* cannot tell */
	accepted = openssl_accepts(message, &openssl);
	if (accepted == !answer.code)
		return 0;
	if (pkcs7_parse(rules, message, &pkcs7, &ignored))
		pkcs7 = NULL;
	if (accepted) {
		explain(we_refuse, ARRAY_SIZE(we_refuse), answer.reason, pkcs7);
	} else {
		FUZZ_MUST(pkcs7 && normal_accepts(pkcs7, trusted, FUZZ_CONTENT));
		explain(openssl_refuses, ARRAY_SIZE(openssl_refuses), openssl, pkcs7);
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_der(data, size, max, seed);
}
