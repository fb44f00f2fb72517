// SPDX-License-Identifier: BSD-2-Clause
/*
 * A message may make us compute much, but nothing twice. The linker puts the functions here between
 * the kernel rules and the arithmetic (Makefile: WRAP_ARITHMETIC).
 */
#include <openssl/evp.h>

#include "hash.h"
#include "kvtest.h"
#include "pubkey.h"

#define NR_SIGNERS 6

static size_t nr_powers, nr_digests;

int __real_pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
		      size_t size);
int __wrap_pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
		      size_t size);
int __real_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t size);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t size);

int __wrap_pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
		      size_t size)
{
	nr_powers++;
	return __real_pubkey_rsa(modulus, exponent, input, ret, size);
}

int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t size)
{
	nr_digests += data == content.data;
	return __real_EVP_DigestUpdate(ctx, data, size);
}

static X509 *root, *mid, *leaf;
static EVP_PKEY *leaf_key;

__attribute__((constructor)) static void make_chain(void)
{
	EVP_PKEY *root_key = pki_key("RSA1024"), *mid_key = pki_key("RSA1024");

	leaf_key = pki_key("RSA1024");
	root = pki_cert(&(struct pki_profile){.name = "root", .key = root_key});
	mid = pki_cert(&(struct pki_profile){
		.name = "mid", .key = mid_key, .issuer = root, .issuer_key = root_key});
	leaf = pki_cert(&(struct pki_profile){
		.name = "leaf", .key = leaf_key, .issuer = mid, .issuer_key = mid_key});
}

/* The leaf signs several times; its chain is included. */
static struct view many_times(void)
{
	const struct pki_signer signer = {leaf, leaf_key, NULL};
	struct pki_signer signers[NR_SIGNERS];
	CMS_ContentInfo *cms;

	for (size_t i = 0; i < NR_SIGNERS; i++)
		signers[i] = signer;
	cms = pki_cms(content, signers, NR_SIGNERS, PKI_PLAIN & ~CMS_USE_KEYID);
	PKI_MUST(CMS_add1_cert(cms, leaf) && CMS_add1_cert(cms, mid) && CMS_add1_cert(cms, root));
	return pki_cms_der(cms);
}

TEST(every_signature_and_the_content_are_computed_once)
{
	struct view message = many_times();
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	_kv_signers_ struct kv_signers signers = {NULL, 0};
	struct hash_input input = hash_input_of(content);
	struct err err = {0};

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(add(keyring, pki_der(root)), 0);
	nr_powers = nr_digests = 0;
	CHECK_INT(kv_verify(keyring, &input, message, &answer, &err), 0);
	CHECK_INT(answer.code, 0);
	/* each signer's, and those of the three certificates */
	CHECK_INT(nr_powers, NR_SIGNERS + 3);
	CHECK_INT(nr_digests, 1);
	nr_powers = 0;
	CHECK_INT(kv_signers(keyring, &input, message, NULL, &signers, &err), 0);
	CHECK_INT(signers.nr, NR_SIGNERS);
	for (size_t i = 0; i < signers.nr; i++)
		CHECK(signers.list[i].known && !signers.list[i].answer.code);
	CHECK_INT(nr_powers, NR_SIGNERS + 3);
	CHECK_INT(nr_digests, 1);
}

/* What is known of one message says nothing of the next. */
TEST(a_signature_that_fits_is_computed_again_for_other_content)
{
	struct view message = many_times();
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct err err = {0};

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(add(keyring, pki_der(root)), 0);
	CHECK_INT(kv_verify(keyring, INPUT_OF(content), message, &answer, &err), 0);
	CHECK_INT(answer.code, 0);
	CHECK_INT(kv_verify(keyring, INPUT_OF(tampered), message, &answer, &err), 0);
	CHECK_INT(answer.code, -EKEYREJECTED);
}

UNIT_MAIN
