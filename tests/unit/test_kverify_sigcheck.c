// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which signature fits which key, and the errno where it does not. Against a keyring most of these
 * become EKEYREJECTED, so the question is put to kv_sigcheck() itself.
 */
#include "kverify/sigcheck.h"

#include <openssl/sha.h>

#include "hash.h"
#include "kvtest.h"
#include "pubkey.h"

static EVP_PKEY *rsa, *p256;
static struct view rsa_bits, p256_bits;
static uint8_t digest[SHA256_DIGEST_LENGTH];

static const struct {
	enum kv_hash hash;
	const char *name;
} shas[] = {
	{KV_SHA1, "SHA1"},	   {KV_SHA224, "SHA224"},     {KV_SHA256, "SHA256"},
	{KV_SHA384, "SHA384"},	   {KV_SHA512, "SHA512"},     {KV_SHA3_256, "SHA3-256"},
	{KV_SHA3_384, "SHA3-384"}, {KV_SHA3_512, "SHA3-512"},
};

__attribute__((constructor)) static void make_keys(void)
{
	unsigned char *der = NULL;
	int size;

	rsa = pki_key("RSA1024");
	size = i2d_PublicKey(rsa, &der);
	PKI_MUST(size > 0);
	rsa_bits = view_of(pki_keep(der), (size_t)size);
	p256 = pki_key("P-256");
	p256_bits = public_point(p256);
	EVP_Digest(content.data, content.size, digest, NULL, EVP_sha256(), NULL);
}

static struct view over(void)
{
	return view_of(digest, sizeof(digest));
}

static int check_by(const struct kv_rules *rules, struct kv_key key, struct kv_sig sig)
{
	answer = (struct kv_answer){0};
	return kv_sigcheck(rules, &key, &sig, &answer);
}

/* Does VALUE fit the key BITS, by a kernel that has everything? */
static int check(enum kv_key_alg alg, struct view bits, enum kv_hash hash, struct view digested,
		 struct view value)
{
	struct kv_rules rules = *kv_rules(KV_LINUX_7_0);
	enum kv_sig_alg sig = alg == KV_KEY_RSA	     ? KV_SIG_RSA
			      : alg < KV_KEY_ECRDSA  ? KV_SIG_ECDSA
			      : alg == KV_KEY_ECRDSA ? KV_SIG_ECRDSA
						     : KV_SIG_MLDSA44 + (alg - KV_KEY_MLDSA44);

	rules.mldsa = true;
	return check_by(&rules, (struct kv_key){alg, bits},
			(struct kv_sig){sig, hash, value, digested, NULL});
}

/* --- RSA --- */

static int check_rsa(struct view bits, struct view value)
{
	return check(KV_KEY_RSA, bits, KV_SHA256, over(), value);
}

/* BLOCK to the power of the private exponent. */
static struct view rsa_raw(struct view block)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
	uint8_t *value = pki_keep(malloc(block.size));
	size_t size = block.size;

	PKI_MUST(EVP_PKEY_sign_init(ctx) == 1 &&
		 EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
		 EVP_PKEY_sign(ctx, value, &size, block.data, block.size) == 1);
	EVP_PKEY_CTX_free(ctx);
	return view_of(value, size);
}

/* START, as many ff as fill the 128 bytes, and END, signed: the answer. */
static int check_block(struct view start, struct view end)
{
	uint8_t ff[128];

	memset(ff, 0xff, sizeof(ff));
	return check_rsa(rsa_bits,
			 rsa_raw(JOIN(start, view_of(ff, 128 - start.size - end.size), end)));
}

#define TYPE_1 BYTES("\0\1")
#define INFO_SHA256 \
	BYTES("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01\x05\x00\x04\x20")
#define INFO_SHA512 \
	BYTES("\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x03\x05\x00\x04\x40")

TEST(rsa_signs_every_sha)
{
	for (size_t i = 0; i < ARRAY_SIZE(shas); i++) {
		struct view value = pki_raw_sign(rsa, shas[i].name, content);
		uint8_t room[HASH_SIZE_MAX];
		struct view digested;

		CHECK_INT(kv_digest(kv_rules(KV_LINUX_7_0), shas[i].hash, content, room, &digested,
				    &answer),
			  0);
		CHECK_INT(check(KV_KEY_RSA, rsa_bits, shas[i].hash, digested, value), 0);
		room[digested.size - 1] ^= 1;
		CHECK_INT(check(KV_KEY_RSA, rsa_bits, shas[i].hash, digested, value),
			  -EKEYREJECTED);
	}
}

TEST(rsa_padding_is_that_of_pkcs1)
{
	struct view zero = BYTES("\0"), end = JOIN(zero, INFO_SHA256, over());
	struct view other = view_of("0123456789abcdef0123456789abcdef", 32);

	CHECK_INT(check_block(TYPE_1, end), 0);
	CHECK_INT(check_block(BYTES("\1\1"), end), -EINVAL);
	CHECK_INT(check_block(BYTES("\0\2"), end), -EBADMSG);
	CHECK_INT(check_block(TYPE_1, NOTHING), -EBADMSG);
	CHECK_INT(check_block(TYPE_1, JOIN(BYTES("\1"), INFO_SHA256, over())), -EBADMSG);
	CHECK_INT(check_block(TYPE_1, JOIN(zero, INFO_SHA256, other)), -EKEYREJECTED);
	CHECK_INT(check_block(TYPE_1, JOIN(zero, INFO_SHA512, over())), -EBADMSG);
	CHECK_STR(answer.reason, "the signature names another digest algorithm than sha256");
	/* The digest is what is left, whatever its size. */
	CHECK_INT(check_block(TYPE_1, JOIN(zero, INFO_SHA256)), -EKEYREJECTED);
	CHECK_INT(check_block(TYPE_1, JOIN(zero, view_head(INFO_SHA256, 18))), -EBADMSG);
	CHECK_INT(check_block(TYPE_1, zero), -EBADMSG);
	CHECK_INT(check_block(TYPE_1, JOIN(end, zero)), -EKEYREJECTED);
}

TEST(rsa_padding_has_at_least_eight_ff)
{
	struct view tail = JOIN(BYTES("\0"), INFO_SHA256, over());
	struct view eight = BYTES("\0\1\xff\xff\xff\xff\xff\xff\xff\xff");
	uint8_t zeros[128] = {0};
	struct view rest = view_of(zeros, 128 - 10 - tail.size);

	/* With eight, the digest is compared, and is too long. */
	CHECK_INT(check_rsa(rsa_bits, rsa_raw(JOIN(eight, tail, rest))), -EKEYREJECTED);
	CHECK_INT(check_rsa(rsa_bits, rsa_raw(JOIN(view_head(eight, 9), tail, rest, BYTES("\0")))),
		  -EBADMSG);
}

TEST(an_rsa_signature_is_as_long_as_the_modulus_and_below_it)
{
	struct view value = pki_raw_sign(rsa, NULL, content);
	uint8_t ff[128];

	memset(ff, 0xff, sizeof(ff));
	CHECK_INT(check_rsa(rsa_bits, value), 0);
	CHECK_INT(check_rsa(rsa_bits, view_head(value, 127)), -EINVAL);
	CHECK_STR(answer.reason,
		  "the signature has 127 bytes: expected 128, the size of its RSA key");
	CHECK_INT(check_rsa(rsa_bits, JOIN(BYTES("\0"), value)), -EINVAL);
	CHECK_INT(check_rsa(rsa_bits, view_of(ff, 128)), -EINVAL);
	CHECK_STR(answer.reason, "the signature is not less than the RSA modulus");
}

/* The answer to a key of these numbers, which sign nothing. */
static int check_numbers(struct view n, struct view e)
{
	static const uint8_t two[4096 / 8] = {[4096 / 8 - 1] = 2};
	size_t size = n.size <= sizeof(two) ? n.size : sizeof(two);

	return check_rsa(DER(0x30, DER(0x02, n), DER(0x02, e)),
			 view_of(two + sizeof(two) - size, size));
}

TEST(rsa_keys_have_limits)
{
	static uint8_t ff[2049], zero_and_ff[2049];
	struct view three = BYTES("\3");

	memset(ff, 0xff, sizeof(ff));
	memset(zero_and_ff + 2049 - 128, 0xff, 128);
	CHECK_INT(check_numbers(NOTHING, three), -EINVAL);
	CHECK_STR(answer.reason, "the RSA key has an empty modulus");
	CHECK_INT(check_numbers(view_of(ff, 128), NOTHING), -EINVAL);
	CHECK_STR(answer.reason,
		  "the RSA key has an empty exponent, or one longer than the modulus");
	CHECK_INT(check_numbers(view_of(ff, 64), view_of(ff, 65)), -EINVAL);
	CHECK_STR(answer.reason,
		  "the RSA key has an empty exponent, or one longer than the modulus");
	CHECK_INT(check_numbers(view_of(ff, 2048), three), -EINVAL);
	CHECK_INT(check_numbers(view_of(ff, 2049), three), -ENOMEM);
	CHECK_INT(check_numbers(view_of(zero_and_ff, 2049), view_of(ff, 2049)), -ENOMEM);
	CHECK_INT(check_rsa(BYTES("junk"), NOTHING), -EBADMSG);
}

TEST(rsa_moduli_are_counted_in_words)
{
	static const unsigned int taken[] = {512, 1024, 1536, 2048, 3072, 4096};
	static uint8_t ff[4096 / 8 + 8];
	struct view three = BYTES("\3");

	memset(ff, 0xff, sizeof(ff));
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		size_t size = taken[i] / 8;

		/* Taken: the 2 in the place of a signature becomes an 8, which is no padding. */
		CHECK_INT(check_numbers(view_of(ff, size), three), -EBADMSG);
		CHECK_INT(check_numbers(JOIN(BYTES("\0\0"), view_of(ff, size - 7)), three),
			  -EINVAL);
		CHECK(!strncmp(answer.reason, "the signature has ", 18));
		CHECK_INT(check_numbers(view_of(ff, size - 8), three), -EINVAL);
		CHECK(!strncmp(answer.reason, "the RSA key has ", 16));
		CHECK_INT(check_numbers(view_of(ff, size + 1), three), -EINVAL);
		CHECK(!strncmp(answer.reason, "the RSA key has ", 16));
	}
}

TEST(rsa_needs_a_digest_of_the_sha_family)
{
	static const enum kv_hash others[] = {KV_NO_HASH, KV_SM3, KV_STREEBOG256, KV_STREEBOG512};
	struct view value = pki_raw_sign(rsa, NULL, content);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK_INT(check(KV_KEY_RSA, rsa_bits, others[i], over(), value), -EINVAL);
	CHECK_STR(answer.reason,
		  "kernels do not support RSA with the digest streebog512: sign with sha256");
	/* Of another size than it says: the kernel could not compute it. */
	CHECK_INT(check(KV_KEY_RSA, rsa_bits, KV_SHA256, NOTHING, value), -EINVAL);
	CHECK_STR(answer.reason, "the kernel could not compute digest sha256");
}

/* --- ECDSA --- */

static int check_p256(struct view bits, struct view value)
{
	return check(KV_KEY_P256, bits, KV_SHA256, over(), value);
}

TEST(ecdsa_signs_every_sha)
{
	for (size_t i = 0; i < ARRAY_SIZE(shas); i++) {
		struct view value = pki_raw_sign(p256, shas[i].name, content);
		uint8_t room[HASH_SIZE_MAX];
		struct view digested;

		CHECK_INT(kv_digest(kv_rules(KV_LINUX_7_0), shas[i].hash, content, room, &digested,
				    &answer),
			  0);
		CHECK_INT(check(KV_KEY_P256, p256_bits, shas[i].hash, digested, value), 0);
		room[0] ^= 1;
		CHECK_INT(check(KV_KEY_P256, p256_bits, shas[i].hash, digested, value),
			  -EKEYREJECTED);
	}
}

TEST(ecdsa_needs_a_digest_of_the_sha_family)
{
	static const enum kv_hash others[] = {KV_NO_HASH, KV_SM3, KV_STREEBOG256, KV_STREEBOG512};
	struct view value = pki_raw_sign(p256, NULL, content);

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK_INT(check(KV_KEY_P256, p256_bits, others[i], over(), value), -EINVAL);
}

TEST(an_ecdsa_signature_over_no_digest_leaves_the_answer_open)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(p256, NULL);
	uint8_t value[128];
	size_t size = sizeof(value);

	PKI_MUST(EVP_PKEY_sign_init(ctx) == 1 && EVP_PKEY_sign(ctx, value, &size, digest, 0) == 1);
	EVP_PKEY_CTX_free(ctx);
	CHECK_INT(
		check(KV_KEY_P256, p256_bits, KV_SHA256, view_of(digest, 0), view_of(value, size)),
		KV_CANNOT_TELL);
	CHECK_INT(check(KV_KEY_P256, p256_bits, KV_SHA256, over(), view_of(value, size)),
		  -EKEYREJECTED);
}

TEST(an_ecdsa_key_is_an_uncompressed_point_of_its_curve)
{
	struct view value = pki_raw_sign(p256, NULL, content), zero = BYTES("\0"),
		    x = view_sub(p256_bits, 1, 32), y = view_sub(p256_bits, 33, 32);
	static const char point[] = "the key is not an uncompressed point of its curve";

	CHECK_INT(check_p256(p256_bits, value), 0);
	CHECK_INT(check_p256(NOTHING, value), -EINVAL);
	CHECK_INT(check_p256(view_head(p256_bits, 64), value), -EINVAL);
	CHECK_STR(answer.reason, point);
	CHECK_INT(check_p256(JOIN(BYTES("\6"), x, y), value), -EINVAL);
	CHECK_STR(answer.reason, point);
	CHECK_INT(check_p256(JOIN(BYTES("\4"), zero, x, zero, y), value), -EINVAL);
	CHECK_STR(answer.reason, point);
	CHECK_INT(check_p256(JOIN(BYTES("\4"), view_head(x, 24), view_head(y, 24)), value),
		  -EINVAL);
	CHECK_STR(answer.reason, point);
	/* As many words, but not on the curve */
	CHECK_INT(check_p256(JOIN(BYTES("\4"), view_head(x, 25), view_head(y, 25)), value),
		  -EINVAL);
	CHECK_STR(answer.reason, "the key is not a point of its curve");
	CHECK_INT(check(KV_KEY_P384, p256_bits, KV_SHA256, over(), value), -EINVAL);
	CHECK_STR(answer.reason, point);
}

TEST(ecdsa_numbers_fit_the_words_of_the_curve)
{
	static const uint8_t zeros[34],
		ones[34] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
			    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
	struct view one = DER(0x02, BYTES("\1"));
	const struct {
		struct view number;
		int want;
	} cases[] = {
		{BYTES("\1"), -EKEYREJECTED},
		{view_of(ones, 32), -EKEYREJECTED},
		{view_of(ones, 33), -EINVAL},
		{JOIN(BYTES("\0"), view_of(ones, 32)), -EKEYREJECTED},
		{JOIN(BYTES("\0\0"), view_of(ones, 32)), -EINVAL},
		{NOTHING, -EINVAL},
		{view_of(zeros, 33), -EBADMSG},
		{view_of(zeros, 34), -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view number = DER(0x02, cases[i].number);

		CHECK_INT(check_p256(p256_bits, DER(0x30, number, one)), cases[i].want);
		CHECK_INT(check_p256(p256_bits, DER(0x30, one, number)), cases[i].want);
	}
	CHECK_INT(check_p256(p256_bits, BYTES("junk")), -EBADMSG);
}

TEST(every_curve_of_openssl_signs)
{
	static const char *const names[] = {"P-256", "P-384", "P-521"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EVP_PKEY *key = pki_key(names[i]);
		struct view bits = public_point(key), value = pki_raw_sign(key, NULL, content);

		CHECK_INT(check(KV_KEY_P256 + i, bits, KV_SHA256, over(), value), 0);
	}
}

/* --- ECDSA of kernels that cannot add a point to itself or to its opposite --- */

static bool is_before_7_3(enum kv_line line)
{
	return line == KV_LINUX_CHAIN || line < KV_LINUX_7_3;
}

/*
 * The signature by private key KEY and NONCE over the digest of COUNT, P-256: whether fit by the
 * formulas up to 7.2. *ret_digest has room for it.
 */
static bool fits_incompletely(const EC_GROUP *group, long key, long nonce, uint32_t count,
			      struct kv_key *ret_key, struct kv_sig *ret, uint8_t *ret_digest)
{
	BIGNUM *d = pki_scalar(group, key), *k = pki_scalar(group, nonce), *hash;
	struct view point = pki_point(group, d), r, s;
	uint8_t *bytes = pki_keep(malloc(64));
	BIGNUM *big_r = pki_ecdsa_r(group, k);

	SHA256((const uint8_t *)&count, sizeof(count), ret_digest);
	hash = pki_keep(BN_bin2bn(ret_digest, SHA256_DIGEST_LENGTH, NULL));
	BN_bn2binpad(big_r, bytes, 32);
	BN_bn2binpad(pki_ecdsa_s(group, hash, big_r, d, k), bytes + 32, 32);
	r = view_of(bytes, 32);
	s = view_of(bytes + 32, 32);
	*ret_key = (struct kv_key){KV_KEY_P256, point};
	*ret = (struct kv_sig){KV_SIG_ECDSA, KV_SHA256,
			       pki_ecdsa(group, view_of(ret_digest, SHA256_DIGEST_LENGTH), d, k),
			       view_of(ret_digest, SHA256_DIGEST_LENGTH), NULL};
	return !pubkey_ecdsa_incomplete(PUBKEY_P256, view_sub(point, 1, 32),
					view_sub(point, 33, 32), r, s, ret->over);
}

TEST(before_7_3_points_must_differ_to_be_added)
{
	static const long pairs[][2] = {{1, 2}, {1, 7}, {-1, 5}, {2, 1}, {7, 7}, {1000, 1}, {3, 2}};
	EC_GROUP *group = pki_group("prime256v1");
	unsigned int seen = 0;

	for (size_t i = 0; i < 8 * ARRAY_SIZE(pairs); i++) {
		const long *pair = pairs[i / 8];
		uint8_t room[SHA256_DIGEST_LENGTH];
		struct kv_key point;
		struct kv_sig sig;
		bool fits = fits_incompletely(group, pair[0], pair[1], (uint32_t)i, &point, &sig,
					      room);

		seen |= 1u << fits;
		for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
			int want = fits || !is_before_7_3(line) ? 0 : -EKEYREJECTED;

			CHECK_INT(check_by(kv_rules(line), point, sig), want);
			CHECK(!want || strstr(answer.reason, "the signature is valid, but"));
		}
	}
	CHECK_INT(seen, 3);
}

TEST(before_7_3_a_certificate_that_signs_itself_with_key_1_is_not_taken)
{
	EC_GROUP *group = pki_group("prime256v1");
	BIGNUM *d = pki_scalar(group, 1);
	struct cert_parts parts = {.key_info = ec_point_info(OID_P256_DER, pki_point(group, d))};
	struct view tbs = build_tbs(NULL, &parts), cert;
	uint8_t hash[SHA256_DIGEST_LENGTH];

	SHA256(tbs.data, tbs.size, hash);
	cert = DER(0x30, tbs, DER(0x30, OID_ECDSA_256),
		   DER(0x03, BYTES("\0"),
		       pki_ecdsa(group, view_of(hash, sizeof(hash)), d, pki_scalar(group, 12345))));
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		CHECK_INT(add_to_line(line, cert), is_before_7_3(line) ? -EKEYREJECTED : 0);
}

TEST(a_sum_at_infinity_is_no_want_of_memory)
{
	/* hash + r d = 0 */
	EC_GROUP *group = pki_group("prime256v1");
	BIGNUM *hash = pki_keep(BN_bin2bn(digest, sizeof(digest), NULL)), *r = pki_scalar(group, 9);
	BIGNUM *d = pki_over(group, pki_times(group, hash, pki_scalar(group, -1)), r);
	struct kv_key point = {KV_KEY_P256, pki_point(group, d)};
	struct kv_sig sig = {KV_SIG_ECDSA, KV_SHA256, pki_ecdsa_der(r, pki_scalar(group, 77)),
			     over(), NULL};

	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		CHECK_INT(check_by(kv_rules(line), point, sig), -EKEYREJECTED);
}

/* --- ML-DSA: a key of zeros, and signatures that do not fit --- */

TEST(mldsa_keys_and_signatures_have_their_sizes_and_form)
{
	/* FIPS 204 table 2; where the response begins and ends; bits of a number of it */
	static const struct {
		size_t key, signature, from, to;
		unsigned int bits;
	} sizes[] = {
		{1312, 2420, 32, 2336, 18}, {1952, 3309, 48, 3248, 20}, {2592, 4627, 64, 4544, 20}};
	static const uint8_t zeros[4627 + 1];
	const char *openssl = OpenSSL_version(OPENSSL_VERSION_STRING);
	int junk = strverscmp(openssl, "3.5") < 0 ? KV_CANNOT_TELL : -EKEYREJECTED;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		enum kv_key_alg alg = KV_KEY_MLDSA44 + i;
		uint8_t *room = pki_keep(calloc(1, sizes[i].signature));
		struct view key = view_of(zeros, sizes[i].key),
			    value = view_of(room, sizes[i].signature);

		/* A response of zeros: the highest bit alone is set. */
		for (size_t bit = sizes[i].bits - 1; bit < (sizes[i].to - sizes[i].from) * 8;
		     bit += sizes[i].bits)
			room[sizes[i].from + bit / 8] |= (uint8_t)(1 << bit % 8);
		CHECK_INT(check(alg, key, KV_NO_HASH, content, value), junk);
		CHECK_INT(check(alg, key, KV_SHA512, content, value), junk);
		CHECK_INT(check(alg, key, KV_SHA256, content, value), -EINVAL);
		CHECK_INT(check(alg, view_head(key, key.size - 1), KV_NO_HASH, content, value),
			  -EINVAL);
		CHECK_INT(check(alg, view_of(zeros, key.size + 1), KV_NO_HASH, content, value),
			  -EINVAL);
		CHECK_INT(check(alg, key, KV_NO_HASH, content, view_head(value, value.size - 1)),
			  -EBADMSG);
		CHECK_INT(check(alg, key, KV_NO_HASH, content, view_of(zeros, value.size + 1)),
			  -EBADMSG);
		/* Malformed: no OpenSSL is needed to say so. */
		CHECK_INT(check(alg, key, KV_NO_HASH, content, view_of(zeros, value.size)),
			  -EBADMSG);
		room[sizes[i].to] = 1; /* a hint that is not counted */
		CHECK_INT(check(alg, key, KV_NO_HASH, content, value), -EBADMSG);
		CHECK_INT(check(alg, view_head(key, key.size - 1), KV_NO_HASH, content, value),
			  -EINVAL);
	}
}

/* --- all --- */

TEST(key_and_signature_are_of_one_family)
{
	static const enum kv_sig_alg fits[] = {
		[KV_KEY_RSA] = KV_SIG_RSA,	   [KV_KEY_P192] = KV_SIG_ECDSA,
		[KV_KEY_P256] = KV_SIG_ECDSA,	   [KV_KEY_P384] = KV_SIG_ECDSA,
		[KV_KEY_P521] = KV_SIG_ECDSA,	   [KV_KEY_ECRDSA] = KV_SIG_ECRDSA,
		[KV_KEY_MLDSA44] = KV_SIG_MLDSA44, [KV_KEY_MLDSA65] = KV_SIG_MLDSA65,
		[KV_KEY_MLDSA87] = KV_SIG_MLDSA87,
	};

	for (size_t key = 0; key < ARRAY_SIZE(fits); key++) {
		for (enum kv_sig_alg sig = KV_SIG_RSA; sig <= KV_SIG_MLDSA87; sig++) {
			int ret = check_by(kv_rules(KV_LINUX_7_3),
					   (struct kv_key){(enum kv_key_alg)key, NOTHING},
					   (struct kv_sig){sig, KV_SHA256, NOTHING, over(), NULL});

			if (fits[key] == sig)
				CHECK(ret < 0 && ret != -EKEYREJECTED);
			else
				CHECK_INT(ret, -EKEYREJECTED);
		}
	}
}

TEST(what_is_not_built_in_is_not_found)
{
	struct kv_rules none = *kv_rules(KV_LINUX_7_3);
	struct kv_sig sig = {KV_SIG_RSA, KV_SHA256, pki_raw_sign(rsa, NULL, content), over(), NULL};

	kv_rules_configure(&none, &(struct kv_config){.verification = true, .sha256 = true});
	CHECK_INT(check_by(&none, (struct kv_key){KV_KEY_RSA, rsa_bits}, sig), -ENOENT);
	sig = (struct kv_sig){KV_SIG_ECDSA, KV_SHA256, pki_raw_sign(p256, NULL, content), over(),
			      NULL};
	CHECK_INT(check_by(&none, (struct kv_key){KV_KEY_P256, p256_bits}, sig), -ENOENT);
	sig = (struct kv_sig){KV_SIG_MLDSA44, KV_NO_HASH, content, content, NULL};
	CHECK_INT(check_by(&none, (struct kv_key){KV_KEY_MLDSA44, content}, sig), -ENOENT);
	/* No kernel has EC-RDSA built in. */
	CHECK_INT(check(KV_KEY_ECRDSA, content, KV_STREEBOG256, over(), content), -ENOENT);
	CHECK_INT(check(KV_KEY_ECRDSA, content, KV_STREEBOG512, over(), content), -ENOENT);
	CHECK_INT(check(KV_KEY_ECRDSA, content, KV_SHA256, over(), content), -EINVAL);
}

TEST(digests_are_computed_where_the_kernel_and_openssl_have_them)
{
	struct kv_rules rules = *kv_rules(KV_LINUX_7_3);
	struct view untouched = content;
	uint8_t room[HASH_SIZE_MAX];

	CHECK_INT(kv_digest(&rules, KV_SM3, content, room, &untouched, &answer), -ENOPKG);
	kv_rules_configure(&rules, &(struct kv_config){.sm3 = true, .streebog = true});
	CHECK_INT(kv_digest(&rules, KV_SM3, content, room, &untouched, &answer), KV_CANNOT_TELL);
	CHECK_INT(kv_digest(&rules, KV_STREEBOG512, content, room, &untouched, &answer),
		  KV_CANNOT_TELL);
	CHECK_INT(kv_digest(&rules, KV_SHA256, content, room, &untouched, &answer), -ENOPKG);
	CHECK(untouched.data == content.data);
}

UNIT_MAIN
