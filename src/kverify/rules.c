// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/rules.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#define BIT(hash)  (1u << (hash))
#define SHA_SHORT  (BIT(KV_SHA1) | BIT(KV_SHA224) | BIT(KV_SHA256))
#define SHA1_AND_2 (SHA_SHORT | BIT(KV_SHA384) | BIT(KV_SHA512))
#define SHA3	   (BIT(KV_SHA3_256) | BIT(KV_SHA3_384) | BIT(KV_SHA3_512))

/* In the order of enum kv_line, which is that of the versions. Sources: docs/KERNEL-RULES.md. */
static const struct kv_rules lines[KV_LINE_NR] = {
	[KV_LINUX_6_18] =
		{
			.name = "6.18",
			.title = "Linux 6.18",
			.major = 6,
			.minor = 18,
			.hashes = SHA1_AND_2 | SHA3,
			.rsa = true,
			.ecdsa = true,
			.ecdsa_incomplete = true,
			.verification = true,
		},
	[KV_LINUX_7_0] =
		{
			.name = "7.0",
			.title = "Linux 7.0",
			.major = 7,
			.minor = 0,
			.hashes = SHA1_AND_2 | SHA3,
			.mldsa_named = true,
			.rsa = true,
			.ecdsa = true,
			.ecdsa_incomplete = true,
			.verification = true,
		},
	[KV_LINUX_7_1] =
		{
			.name = "7.1",
			.title = "Linux 7.1",
			.major = 7,
			.minor = 1,
			.hashes = SHA_SHORT,
			.mldsa_named = true,
			.rsa = true,
			.ecdsa = true,
			.ecdsa_incomplete = true,
			.verification = true,
		},
	[KV_LINUX_7_2] =
		{
			.name = "7.2",
			.title = "Linux 7.2",
			.major = 7,
			.minor = 2,
			.hashes = SHA1_AND_2,
			.mldsa_named = true,
			.rsa = true,
			.ecdsa = true,
			.ecdsa_incomplete = true,
			.verification = true,
		},
	[KV_LINUX_7_3] =
		{
			.name = "7.3",
			.title = "Linux 7.3",
			.major = 7,
			.minor = 3,
			.hashes = SHA1_AND_2,
			.mldsa_named = true,
			.rsa = true,
			.ecdsa = true,
			.verification = true,
		},
	[KV_LINUX_CHAIN] =
		{
			.name = "chain",
			.title = "hash-chain kernel",
			.hashes = SHA1_AND_2,
			.mldsa_named = true,
			.rsa = true,
			.ecdsa = true,
			.ecdsa_incomplete = true,
			.verification = true,
		},
};

const struct kv_rules *kv_rules(enum kv_line line)
{
	return &lines[line];
}

const char *kv_line_name(enum kv_line line)
{
	return lines[line].name;
}

const char *kv_line_title(enum kv_line line)
{
	return lines[line].title;
}

/* A number of at most four digits; *TEXT is moved past them. */
static bool parse_number(const char **text, unsigned int *ret)
{
	const char *at = *text;

	for (*ret = 0; isdigit((unsigned char)*at) && at - *text < 4; at++)
		*ret = *ret * 10 + (unsigned int)(*at - '0');
	if (at == *text)
		return false;
	*text = at;
	return true;
}

/* MAJOR.MINOR and the rest of what "uname -r" prints: 7.3.4+deb13-cloud-amd64, 7.2-rc1. */
static bool parse_version(const char *text, unsigned int *major, unsigned int *minor)
{
	return parse_number(&text, major) && *text++ == '.' && parse_number(&text, minor) &&
	       (!*text || strchr(".-+~", *text));
}

int kv_line_parse(const char *text, enum kv_line *ret, struct err *err)
{
	unsigned int major, minor;
	int found = -1;

	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		if (!strcmp(text, lines[line].name)) {
			*ret = line;
			return 0;
		}
	}
	if (!parse_version(text, &major, &minor))
		return err_set(err, -EINVAL,
			       "'%s' is not a kernel version: expected a version such as 7.3, or "
			       "chain",
			       text);
	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		const struct kv_rules *rules = &lines[line];

		if (rules->major &&
		    (major > rules->major || (major == rules->major && minor >= rules->minor)))
			found = (int)line;
	}
	if (found < 0)
		return err_set(err, -EINVAL,
			       "Linux %u.%u does not check signatures: expected %s or later", major,
			       minor, lines[0].title);
	*ret = (enum kv_line)found;
	return 0;
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
