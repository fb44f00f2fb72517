// SPDX-License-Identifier: BSD-2-Clause
/* The options of a kernel's .config that matter for signatures. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kverify/rules.h"

#define BIT(hash) (1u << (hash))

/* Whether TEXT has the line CONFIG_NAME=VALUE. */
static bool has_line(struct view text, const char *name, char value)
{
	char line[64];
	size_t size = (size_t)snprintf(line, sizeof(line), "CONFIG_%s=%c", name, value);
	const uint8_t *at = text.data, *end = text.data + text.size;

	while (at < end) {
		const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((newline ? newline : end) - at);

		if (length && at[length - 1] == '\r')
			length--;
		if (length == size && !memcmp(at, line, size))
			return true;
		at = newline ? newline + 1 : end;
	}
	return false;
}

static bool is_built_in(struct view text, const char *name)
{
	return has_line(text, name, 'y');
}

int kv_config_parse(struct view text, struct kv_config *ret, struct err *err)
{
	/* Every kernel that verifies BPF signatures has these two options. */
	if (!is_built_in(text, "BPF_SYSCALL") || !is_built_in(text, "KEYS"))
		return err_set(err, -EBADMSG,
			       "not the .config of a kernel with BPF and keyrings: expected "
			       "CONFIG_BPF_SYSCALL=y and CONFIG_KEYS=y");
	*ret = (struct kv_config){
		.verification = is_built_in(text, "SYSTEM_DATA_VERIFICATION"),
		.rsa = is_built_in(text, "CRYPTO_RSA"),
		.ecdsa = is_built_in(text, "CRYPTO_ECDSA"),
		.mldsa = is_built_in(text, "CRYPTO_MLDSA"),
		.sha1 = is_built_in(text, "CRYPTO_SHA1"),
		.sha256 = is_built_in(text, "CRYPTO_SHA256"),
		.sha512 = is_built_in(text, "CRYPTO_SHA512"),
		.sha3 = is_built_in(text, "CRYPTO_SHA3"),
		.sm3 = is_built_in(text, "CRYPTO_SM3") || is_built_in(text, "CRYPTO_SM3_GENERIC"),
		.streebog = is_built_in(text, "CRYPTO_STREEBOG"),
	};
	return 0;
}

void kv_rules_configure(struct kv_rules *rules, const struct kv_config *config)
{
	rules->verification = config->verification;
	rules->rsa = config->rsa;
	rules->ecdsa = config->ecdsa;
	rules->mldsa = config->mldsa;
	rules->hashes = (config->sha1 ? BIT(KV_SHA1) : 0) |
			(config->sha256 ? BIT(KV_SHA224) | BIT(KV_SHA256) : 0) |
			(config->sha512 ? BIT(KV_SHA384) | BIT(KV_SHA512) : 0) |
			(config->sha3 ? BIT(KV_SHA3_256) | BIT(KV_SHA3_384) | BIT(KV_SHA3_512)
				      : 0) |
			(config->sm3 ? BIT(KV_SM3) : 0) |
			(config->streebog ? BIT(KV_STREEBOG256) | BIT(KV_STREEBOG512) : 0);
}
