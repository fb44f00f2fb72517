// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/rules.h"

#define BIT(hash)  (1u << (hash))
#define SHA_SHORT  (BIT(KV_SHA1) | BIT(KV_SHA224) | BIT(KV_SHA256))
#define SHA1_AND_2 (SHA_SHORT | BIT(KV_SHA384) | BIT(KV_SHA512))
#define SHA3	   (BIT(KV_SHA3_256) | BIT(KV_SHA3_384) | BIT(KV_SHA3_512))

/* What every one of these kernels has built in. */
#define BUILT_IN .rsa = true, .ecdsa = true, .verification = true

/* Sources: docs/KERNEL-RULES.md. */
/* clang-format off */
static const struct kv_rules lines[KV_LINE_NR] = {
	[KV_LINUX_6_18] = {
		BUILT_IN,
		.title = "Linux 6.18",
		.hashes = SHA1_AND_2 | SHA3,
		.ecdsa_incomplete = true,
	},
	[KV_LINUX_7_0] = {
		BUILT_IN,
		.title = "Linux 7.0",
		.hashes = SHA1_AND_2 | SHA3,
		.mldsa_named = true,
		.ecdsa_incomplete = true,
	},
	[KV_LINUX_7_1] = {
		BUILT_IN,
		.title = "Linux 7.1",
		.hashes = SHA_SHORT,
		.mldsa_named = true,
		.ecdsa_incomplete = true,
	},
	[KV_LINUX_7_2] = {
		BUILT_IN,
		.title = "Linux 7.2",
		.hashes = SHA1_AND_2,
		.mldsa_named = true,
		.ecdsa_incomplete = true,
	},
	[KV_LINUX_7_3] = {
		BUILT_IN,
		.title = "Linux 7.3",
		.hashes = SHA1_AND_2,
		.mldsa_named = true,
	},
	[KV_LINUX_CHAIN] = {
		BUILT_IN,
		.title = "hash-chain kernel",
		.hashes = SHA1_AND_2,
		.mldsa_named = true,
		.ecdsa_incomplete = true,
	},
};
/* clang-format on */

const struct kv_rules *kv_rules(enum kv_line line)
{
	return &lines[line];
}

const char *kv_line_title(enum kv_line line)
{
	return lines[line].title;
}

const char *kv_hash_name(enum kv_hash hash)
{
	static const char *const names[KV_HASH_NR] = {
		[KV_NO_HASH] = "none",
		[KV_SHA1] = "sha1",
		[KV_SHA224] = "sha224",
		[KV_SHA256] = "sha256",
		[KV_SHA384] = "sha384",
		[KV_SHA512] = "sha512",
		[KV_SHA3_256] = "sha3-256",
		[KV_SHA3_384] = "sha3-384",
		[KV_SHA3_512] = "sha3-512",
		[KV_SM3] = "sm3",
		[KV_STREEBOG256] = "streebog256",
		[KV_STREEBOG512] = "streebog512",
	};

	return names[hash];
}

bool kv_has_hash(const struct kv_rules *rules, enum kv_hash hash)
{
	return rules->hashes & BIT(hash);
}
