// SPDX-License-Identifier: BSD-2-Clause
/* Public-key arithmetic, against signatures made by OpenSSL and small numbers. */
#include "pubkey.h"

#include <errno.h>

#include "pki.h"
#include "unit.h"

TEST(rsa_computes_powers)
{
	uint8_t got[3];

	/* 5^3 mod 253 = 125 */
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\x03"), BYTES("\x05"), got, 3), 0);
	CHECK(!memcmp(got, "\0\0\x7d", 3));
	/* an even modulus, leading zeros, an exponent of zero: all the same to a kernel */
	CHECK_INT(pubkey_rsa(BYTES("\0\xfc"), BYTES("\0\3"), BYTES("\0\5"), got, 1), 0);
	CHECK_INT(got[0], 125);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\0"), BYTES("\x05"), got, 1), 0);
	CHECK_INT(got[0], 1);
}

/* Whatever powers of two are in it, and whatever is odd: as OpenSSL has it. */
TEST(rsa_computes_modulo_even_numbers)
{
	BN_CTX *ctx = BN_CTX_new();

	for (int bits = 1; bits < 300; bits++) {
		BIGNUM *n = BN_new(), *e = BN_new(), *m = BN_new(), *power = BN_new();
		uint8_t bytes[4][40], got[40];

		PKI_MUST(ctx && BN_rand(n, 300 - bits, 0, 1) && BN_lshift(n, n, bits) &&
			 BN_rand(e, bits % 9 ? 1 + bits : 3, 0, 0) && BN_rand_range(m, n) &&
			 BN_mod_exp(power, m, e, n, ctx));
		BN_bn2binpad(n, bytes[0], 40);
		BN_bn2binpad(e, bytes[1], 40);
		BN_bn2binpad(m, bytes[2], 40);
		BN_bn2binpad(power, bytes[3], 40);
		CHECK_INT(pubkey_rsa(view_of(bytes[0], 40), view_of(bytes[1], 40),
				     view_of(bytes[2], 40), got, 40),
			  0);
		CHECK(!memcmp(got, bytes[3], 40));
		BN_free(n);
		BN_free(e);
		BN_free(m);
		BN_free(power);
	}
	BN_CTX_free(ctx);
}

/* A result is remembered; whatever differs in the question, the answer is the question's own. */
TEST(rsa_answers_the_same_again_and_no_other_question)
{
	static const struct {
		struct view modulus, exponent, input;
		size_t size;
		int code;
		uint8_t last;
	} questions[] = {
		{BYTES("\xfd"), BYTES("\3"), BYTES("\5"), 1, 0, 125},
		{BYTES("\xfd"), BYTES("\3"), BYTES("\5"), 2, 0, 125},
		{BYTES("\xfd"), BYTES("\3"), BYTES("\5"), 0, -ERANGE, 0},
		{BYTES("\xfd"), BYTES("\3"), BYTES("\4"), 1, 0, 64},
		{BYTES("\xfd"), BYTES("\2"), BYTES("\5"), 1, 0, 25},
		{BYTES("\xfb"), BYTES("\3"), BYTES("\6"), 1, 0, 216},
		{BYTES("\x7d"), BYTES("\3"), BYTES("\6"), 1, 0, 91},
		{BYTES("\xfd"), BYTES(""), BYTES("\5"), 1, 0, 1},
		{BYTES("\xfd"), BYTES("\3"), BYTES("\xfc"), 1, -ERANGE, 0},
	};

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
			/* once more and, in the second round, the last four again */
			for (size_t again = 0; again < 2; again++) {
				size_t at = round == 1 && again && i > 3 ? i - 3 : i;
				uint8_t got[2] = {0xee, 0xee};

				CHECK_INT(pubkey_rsa(questions[at].modulus, questions[at].exponent,
						     questions[at].input, got, questions[at].size),
					  questions[at].code);
				if (!questions[at].code)
					CHECK_INT(got[questions[at].size - 1], questions[at].last);
			}
		}
	}
}

TEST(rsa_input_has_a_range)
{
	uint8_t got[2];

	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\0"), got, 2), -ERANGE);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\1"), got, 2), -ERANGE);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\2"), got, 2), 0);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\xfb"), got, 2), 0);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\xfc"), got, 2), -ERANGE);
	CHECK_INT(pubkey_rsa(BYTES("\xfd"), BYTES("\3"), BYTES("\1\0"), got, 2), -ERANGE);
}

/* A key of CURVE and its signature over DIGEST, taken apart. */
struct signed_digest {
	struct view x, y, r, s;
};

static struct view big_endian(const BIGNUM *number)
{
	uint8_t *bytes = pki_keep(malloc(80));

	return view_of(bytes, (size_t)BN_bn2bin(number, bytes));
}

static struct signed_digest sign(const char *curve, struct view digest)
{
	EVP_PKEY *key = pki_key(curve);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	uint8_t *point = pki_keep(malloc(256)), der[256];
	const uint8_t *at = der;
	size_t size = 0, der_size = sizeof(der), half;
	ECDSA_SIG *sig;
	struct signed_digest out;

	EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", point, 256, &size);
	PKI_MUST(EVP_PKEY_sign_init(ctx) == 1 &&
		 EVP_PKEY_sign(ctx, der, &der_size, digest.data, digest.size) == 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)der_size);
	half = (size - 1) / 2;
	out = (struct signed_digest){
		view_of(point + 1, half),
		view_of(point + 1 + half, half),
		big_endian(ECDSA_SIG_get0_r(sig)),
		big_endian(ECDSA_SIG_get0_s(sig)),
	};
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
	return out;
}

static const char *const curves[PUBKEY_CURVE_NR] = {"prime192v1", "P-256", "P-384", "P-521"};
static const struct view digest = {(const uint8_t *)"0123456789abcdef01234567", 24};

TEST(ecdsa_fits_its_digest_alone)
{
	for (enum pubkey_curve curve = 0; curve < PUBKEY_CURVE_NR; curve++) {
		struct signed_digest is = sign(curves[curve], digest);

		CHECK_INT(pubkey_ecdsa(curve, is.x, is.y, is.r, is.s, digest), 0);
		CHECK_INT(pubkey_ecdsa(curve, is.x, is.y, is.r, is.s, view_sub(digest, 0, 20)),
			  -EKEYREJECTED);
		CHECK_INT(pubkey_ecdsa(curve, is.x, is.y, is.s, is.r, digest), -EKEYREJECTED);
		CHECK_INT(pubkey_on_curve(curve, is.x, is.y), 0);
		/* leading zeros make no other number */
		CHECK_INT(pubkey_ecdsa(curve, JOIN(BYTES("\0\0"), is.x), is.y,
				       JOIN(BYTES("\0"), is.r), is.s, digest),
			  0);
	}
}

TEST(ecdsa_numbers_have_a_range)
{
	struct signed_digest is = sign("P-256", digest);
	/* FIPS 186: the order of P-256 */
	struct view order = BYTES(
		"\xff\xff\xff\xff\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51");

	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.x, is.y, BYTES("\0"), is.s, digest), -ERANGE);
	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.x, is.y, is.r, NOTHING, digest), -ERANGE);
	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.x, is.y, order, is.s, digest), -ERANGE);
	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.x, is.y, is.r, order, digest), -ERANGE);
	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.x, is.y, BYTES("\1"), BYTES("\1"), digest),
		  -EKEYREJECTED);
}

/* --- sums of equal and opposite points: everything is a multiple of the base point --- */

static const char *const curve_names[PUBKEY_CURVE_NR] = {"prime192v1", "prime256v1", "secp384r1",
							 "secp521r1"};

/* Is NUMBER one of + - OTHER, modulo the order? */
static bool same_x(const EC_GROUP *group, const BIGNUM *number, const BIGNUM *other)
{
	BIGNUM *opposite = BN_new();
	bool same;

	PKI_MUST(opposite && BN_sub(opposite, EC_GROUP_get0_order(group), other));
	same = !BN_cmp(number, other) || !BN_cmp(number, opposite);
	BN_free(opposite);
	return same;
}

/*
 * Does U1 + U2 KEY, bit by bit from the highest on, come upon a sum that incomplete addition cannot
 * form? The same in numbers, without points: twice the sum is +- what is to be added, or zero.
 */
static bool comes_to_naught(const EC_GROUP *group, const BIGNUM *u1, const BIGNUM *u2,
			    const BIGNUM *key)
{
	const BIGNUM *order = EC_GROUP_get0_order(group);
	BIGNUM *sum = pki_scalar(group, 0), *add[4];
	bool naught = false;

	add[0] = pki_scalar(group, 0);
	add[1] = pki_scalar(group, 1);
	add[2] = pki_keep(BN_dup(key));
	add[3] = pki_keep(BN_new());
	PKI_MUST(BN_mod_add_quick(add[3], add[1], add[2], order));
	for (int bit = BN_num_bits(order); bit-- > 0 && !naught;) {
		int bits = BN_is_bit_set(u1, bit) | BN_is_bit_set(u2, bit) << 1;
		bool first = BN_is_zero(sum);

		PKI_MUST(BN_mod_lshift1_quick(sum, sum, order));
		if (!bits)
			continue;
		naught = (!first && same_x(group, sum, add[bits])) ||
			 (bits == 3 && same_x(group, add[1], key));
		PKI_MUST(BN_mod_add_quick(sum, sum, add[bits], order));
		naught |= BN_is_zero(sum);
	}
	return naught;
}

static struct view coordinate(struct view point, size_t which)
{
	size_t half = point.size / 2;

	return view_sub(point, 1 + which * half, half);
}

/* A signature that is right if R is the x coordinate of the sum. 1 if incomplete addition fails. */
static int check_sum(enum pubkey_curve curve, const EC_GROUP *group, const BIGNUM *key,
		     const BIGNUM *u1, const BIGNUM *u2)
{
	struct view point = pki_point(group, key);
	struct view x = coordinate(point, 0), y = coordinate(point, 1);
	BIGNUM *sum = pki_times(group, u2, key);
	BIGNUM *r, *s, *hash;
	bool infinity, naught = comes_to_naught(group, u1, u2, key);

	PKI_MUST(BN_mod_add_quick(sum, sum, u1, EC_GROUP_get0_order(group)));
	infinity = BN_is_zero(sum);
	r = infinity ? pki_scalar(group, 5) : pki_ecdsa_r(group, sum);
	s = pki_over(group, r, u2);
	hash = pki_times(group, u1, s);
	CHECK(naught || !infinity);
	CHECK_INT(pubkey_ecdsa(curve, x, y, big_endian(r), big_endian(s), big_endian(hash)),
		  infinity ? -EKEYREJECTED : 0);
	CHECK_INT(pubkey_ecdsa_incomplete(curve, x, y, big_endian(r), big_endian(s),
					  big_endian(hash)),
		  naught ? -EKEYREJECTED : 0);
	return naught;
}

TEST(incomplete_addition_cannot_double_or_cancel)
{
	static const long numbers[] = {1, 2, 3, 6, 7, -1, -2, -3};

	for (enum pubkey_curve curve = 0; curve < PUBKEY_CURVE_NR; curve++) {
		EC_GROUP *group = pki_group(curve_names[curve]);
		size_t nr = ARRAY_SIZE(numbers);
		int failed = 0, fine = 0;

		for (size_t i = 0; i < nr * nr * nr; i++) {
			/* all of them on one curve, a part on each */
			if (curve != PUBKEY_P256 && i % 9 != (size_t)curve)
				continue;
			if (check_sum(curve, group, pki_scalar(group, numbers[i % nr]),
				      pki_scalar(group, numbers[i / nr % nr]),
				      pki_scalar(group, numbers[i / nr / nr])))
				failed++;
			else
				fine++;
		}
		CHECK(failed > 5 && fine > 5);
	}
}

/* Nonces that somebody may choose, with keys like any other, and keys that somebody may choose. */
TEST(nonces_next_to_the_key_meet_it_on_the_way)
{
	EC_GROUP *group = pki_group("prime256v1");
	const BIGNUM *order = EC_GROUP_get0_order(group);
	int failed = 0, fine = 0;

	for (unsigned int i = 0; i < 120; i++) {
		BIGNUM *random = pki_keep(BN_new()), *hash = pki_keep(BN_new());
		BIGNUM *keys[] = {random, pki_scalar(group, 2), pki_scalar(group, -1)};
		BIGNUM *key = keys[i % 12 / 4], *nonce, *r, *s;

		PKI_MUST(BN_priv_rand_range(random, order) && BN_priv_rand_range(hash, order));
		nonce = i % 4 == 0   ? pki_scalar(group, 1)
			: i % 4 == 1 ? key
			: i % 4 == 2 ? pki_scalar(group, -1)
				     : pki_times(group, key, pki_scalar(group, 2));
		r = pki_ecdsa_r(group, nonce);
		s = pki_ecdsa_s(group, hash, r, key, nonce);
		if (check_sum(PUBKEY_P256, group, key, pki_over(group, hash, s),
			      pki_over(group, r, s)))
			failed++;
		else
			fine++;
	}
	CHECK(failed > 5 && fine > 5);
}

TEST(incomplete_addition_is_right_for_ordinary_signatures)
{
	for (enum pubkey_curve curve = 0; curve < PUBKEY_CURVE_NR; curve++) {
		struct signed_digest is = sign(curves[curve], digest);

		CHECK_INT(pubkey_ecdsa_incomplete(curve, is.x, is.y, is.r, is.s, digest), 0);
		CHECK_INT(pubkey_ecdsa_incomplete(curve, is.x, is.y, is.r, is.s,
						  view_sub(digest, 0, 20)),
			  -EKEYREJECTED);
		CHECK_INT(pubkey_ecdsa_incomplete(curve, is.y, is.x, is.r, is.s, digest), -EINVAL);
		CHECK_INT(pubkey_ecdsa_incomplete(curve, is.x, is.y, NOTHING, is.s, digest),
			  -ERANGE);
	}
}

TEST(a_point_must_be_on_the_curve)
{
	struct signed_digest is = sign("P-256", digest);

	CHECK_INT(pubkey_on_curve(PUBKEY_P256, is.y, is.x), -EINVAL);
	CHECK_INT(pubkey_on_curve(PUBKEY_P256, BYTES("\0"), BYTES("\0")), -EINVAL);
	CHECK_INT(pubkey_on_curve(PUBKEY_P256, JOIN(BYTES("\1"), is.x), is.y), -EINVAL);
	CHECK_INT(pubkey_on_curve(PUBKEY_P384, is.x, is.y), -EINVAL);
	CHECK_INT(pubkey_ecdsa(PUBKEY_P256, is.y, is.x, is.r, is.s, digest), -EINVAL);
}

TEST(mldsa_needs_an_openssl_that_has_it)
{
	uint8_t key[1312] = {0}, signature[2420] = {0};
	int ret = pubkey_mldsa(PUBKEY_MLDSA44, view_of(key, sizeof(key)), digest,
			       view_of(signature, sizeof(signature)));

	CHECK(ret == -ENOTSUP || ret == -EKEYREJECTED);
}

UNIT_MAIN
