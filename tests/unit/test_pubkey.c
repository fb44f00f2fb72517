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
