// SPDX-License-Identifier: BSD-2-Clause
/* What kernel lines have, and the names of errnos. */
#include "kverify/rules.h"

#include <errno.h>

#include "unit.h"

TEST(every_line_has_a_title)
{
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		CHECK(kv_line_title(line)[0]);
}

TEST(errnos_have_the_kernels_names)
{
	CHECK_STR(kv_errno_name(0), "0");
	CHECK_STR(kv_errno_name(-EKEYREJECTED), "EKEYREJECTED");
	CHECK_STR(kv_errno_name(-ENOKEY), "ENOKEY");
	CHECK_STR(kv_errno_name(-ENOPKG), "ENOPKG");
	CHECK_STR(kv_errno_name(-E2BIG), "E2BIG");
	CHECK_STR(kv_errno_name(-524), "ENOTSUPP");
	CHECK_STR(kv_errno_name(-EOPNOTSUPP), "EOPNOTSUPP");
	CHECK_STR(kv_errno_name(-4000), "unknown errno");
	CHECK_STR(kv_errno_name(EPERM), "unknown errno");
}

TEST(lines_have_the_digests_that_debian_builds_in)
{
	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		const struct kv_rules *rules = kv_rules(line);

		for (enum kv_hash hash = KV_SHA1; hash <= KV_SHA256; hash++)
			CHECK(kv_has_hash(rules, hash));
		CHECK_INT(kv_has_hash(rules, KV_SHA384), line != KV_LINUX_7_1);
		CHECK_INT(kv_has_hash(rules, KV_SHA512), line != KV_LINUX_7_1);
		CHECK_INT(kv_has_hash(rules, KV_SHA3_256),
			  line == KV_LINUX_6_18 || line == KV_LINUX_7_0);
		CHECK(!kv_has_hash(rules, KV_SM3));
		CHECK(!kv_has_hash(rules, KV_STREEBOG256));
		CHECK_INT(rules->mldsa_named, line != KV_LINUX_6_18);
		CHECK(!rules->mldsa);
	}
}

TEST(a_config_says_what_is_built_in)
{
	static const char text[] =
		"# a comment\nCONFIG_BPF_SYSCALL=y\nCONFIG_KEYS=y\r\n"
		"CONFIG_CRYPTO_RSA=m\n# CONFIG_CRYPTO_SHA1 is not set\n"
		"CONFIG_CRYPTO_ECDSA=y\nCONFIG_CRYPTO_SHA256=y\n"
		"CONFIG_CRYPTO_SHA512_SSSE3=y\nXCONFIG_CRYPTO_SHA3=y\n"
		"CONFIG_SYSTEM_DATA_VERIFICATION=y";
	struct kv_rules rules = *kv_rules(KV_LINUX_7_0);
	struct kv_config config;
	struct err err;

	CHECK_INT(kv_config_parse(view_str(text), &config, &err), 0);
	kv_rules_configure(&rules, &config);
	CHECK(rules.verification && rules.ecdsa && !rules.rsa && !rules.mldsa);
	CHECK(rules.mldsa_named);
	CHECK(kv_has_hash(&rules, KV_SHA224) && kv_has_hash(&rules, KV_SHA256));
	for (enum kv_hash hash = KV_SHA384; hash < KV_HASH_NR; hash++)
		CHECK(!kv_has_hash(&rules, hash));
	CHECK(!kv_has_hash(&rules, KV_SHA1));
	CHECK_INT(kv_config_parse(view_lit("CONFIG_KEYS=y\n"), &config, &err), -EBADMSG);
	CHECK_INT(kv_config_parse((struct view){NULL, 0}, &config, &err), -EBADMSG);
}

UNIT_MAIN
