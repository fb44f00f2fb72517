// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every allocation of the kernel rules fails once: that is told, and nothing is accepted. The
 * linker puts the functions here between the rooms and the C library (Makefile: WRAP_ALLOCATIONS).
 */
#include "kvtest.h"

static size_t until_failure = SIZE_MAX; /* so many allocations succeed, the next one does not */

static bool fails(void)
{
	return until_failure != SIZE_MAX && until_failure-- == 0;
}

#define WRAP(function, parameters, ...)                                 \
	void *__real_##function parameters;                             \
	void *__wrap_##function parameters;                             \
	void *__wrap_##function parameters                              \
	{                                                               \
		return fails() ? NULL : __real_##function(__VA_ARGS__); \
	}

WRAP(malloc, (size_t size), size)
WRAP(calloc, (size_t nr, size_t size), nr, size)
WRAP(realloc, (void *old, size_t size), old, size)
WRAP(reallocarray, (void *old, size_t nr, size_t size), old, nr, size)

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
