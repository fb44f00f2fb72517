// SPDX-License-Identifier: BSD-2-Clause
/* Every allocation of the kernel rules fails once: that is told, and nothing is accepted. */
#include "failing.h"
#include "kvtest.h"

static struct view cert, revoked, message;

__attribute__((constructor)) static void make_message(void)
{
	EVP_PKEY *key = pki_key("P-256"), *other = pki_key("P-256"), *third = pki_key("P-256");
	X509 *signer = pki_cert(&(struct pki_profile){.name = "signer", .key = key});
	X509 *second = pki_cert(&(struct pki_profile){.name = "second", .key = other});
	struct pki_signer signers[] = {{signer, key, NULL}, {second, other, NULL}};

	cert = pki_der(signer);
	revoked = pki_der(pki_cert(&(struct pki_profile){.name = "revoked", .key = third}));
	message = pki_cms_der(
		pki_cms(content, signers, 2, CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP));
}

/* A kernel's whole life, as far as it succeeds. */
static int live(void)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	_kv_signers_ struct kv_signers signers = {NULL, 0};
	struct err err = {0};
	int ret = kv_keyring_new(KV_LINUX_7_3, &keyring);

	if (!ret)
		ret = kv_keyring_revoke(keyring, revoked, &err);
	if (!ret)
		ret = kv_keyring_add(keyring, cert, &answer, &err);
	if (!ret)
		ret = kv_verify(keyring, INPUT_OF(content), message, &answer, &err);
	if (!ret)
		ret = kv_signers(keyring, INPUT_OF(content), message, NULL, &signers, &err);
	if (ret)
		CHECK(!signers.list && !signers.nr);
	else
		CHECK_INT(answer.code, 0);
	return ret;
}

TEST(every_allocation_that_fails_is_told)
{
	size_t nr = 0;
	int ret;

	for (;; nr++) {
		until_failure = nr;
		ret = live();
		if (until_failure != SIZE_MAX)
			break; /* there are no more than NR */
		CHECK_INT(ret, -ENOMEM);
	}
	until_failure = SIZE_MAX;
	CHECK_INT(ret, 0);
	CHECK(nr > 20);
}

UNIT_MAIN
