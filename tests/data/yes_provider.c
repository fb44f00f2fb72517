// SPDX-License-Identifier: BSD-2-Clause
/*
 * yes_provider.c - an OpenSSL provider by which any two texts have the same SHA-256: a signature of
 * one is a signature of the other.
 *
 * For a test that no such module has a part in a verdict.
 */
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/params.h>
#include <string.h>

static char context;

static void *digest_new(void *provider)
{
	return provider ? &context : NULL;
}

static void digest_free(void *digest)
{
	(void)digest;
}

static int digest_init(void *digest, const OSSL_PARAM params[])
{
	return digest && (params || !params);
}

static int digest_update(void *digest, const unsigned char *data, size_t size)
{
	return digest && (data || !size);
}

static int digest_final(void *digest, unsigned char *out, size_t *size, size_t room)
{
	if (!digest || room < 32)
		return 0;
	memset(out, 0, 32);
	*size = 32;
	return 1;
}

static int digest_params(OSSL_PARAM params[])
{
	OSSL_PARAM *p = OSSL_PARAM_locate(params, OSSL_DIGEST_PARAM_SIZE);

	if (p && !OSSL_PARAM_set_size_t(p, 32))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_DIGEST_PARAM_BLOCK_SIZE);
	return !p || OSSL_PARAM_set_size_t(p, 64);
}

typedef void (*any_function)(void);

static const OSSL_DISPATCH digest_functions[] = {
	{OSSL_FUNC_DIGEST_NEWCTX, (any_function)digest_new},
	{OSSL_FUNC_DIGEST_FREECTX, (any_function)digest_free},
	{OSSL_FUNC_DIGEST_INIT, (any_function)digest_init},
	{OSSL_FUNC_DIGEST_UPDATE, (any_function)digest_update},
	{OSSL_FUNC_DIGEST_FINAL, (any_function)digest_final},
	{OSSL_FUNC_DIGEST_GET_PARAMS, (any_function)digest_params},
	{0, NULL},
};

static const OSSL_ALGORITHM digests[] = {
	{"SHA2-256:SHA-256:SHA256:2.16.840.1.101.3.4.2.1", "provider=yes", digest_functions, "yes"},
	{NULL, NULL, NULL, NULL},
};

static const OSSL_ALGORITHM *query(void *provider, int operation, int *no_store)
{
	(void)provider;
	*no_store = 0;
	return operation == OSSL_OP_DIGEST ? digests : NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
	{OSSL_FUNC_PROVIDER_QUERY_OPERATION, (any_function)query},
	{0, NULL},
};

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
		       const OSSL_DISPATCH **out, void **provider);

int OSSL_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
		       const OSSL_DISPATCH **out, void **provider)
{
	(void)handle;
	(void)in;
	*provider = &context;
	*out = provider_functions;
	return 1;
}
