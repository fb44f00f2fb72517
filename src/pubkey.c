// SPDX-License-Identifier: BSD-2-Clause
#include "pubkey.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <string.h>

#include "util.h"

DEFINE_CLEANUP(BN_CTX *, BN_CTX_free)
DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(ECDSA_SIG *, ECDSA_SIG_free)
DEFINE_CLEANUP(EC_GROUP *, EC_GROUP_free)
DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free)

/* The longest coordinate, in bytes: P-521. */
#define COORDINATE_MAX 66

static BIGNUM *number(struct view bytes)
{
	return BN_bin2bn(bytes.data, (int)bytes.size, NULL);
}

/* 1 < INPUT < MODULUS - 1 (0), or -ERANGE; LIMIT is scratch. */
static int rsa_check_range(const BIGNUM *input, const BIGNUM *modulus, BIGNUM *limit)
{
	if (!BN_copy(limit, modulus) || (!BN_is_zero(modulus) && !BN_sub_word(limit, 1)))
		return -ENOMEM;
	if (BN_is_zero(input) || BN_is_one(input) || BN_cmp(input, limit) >= 0)
		return -ERANGE;
	return 0;
}

int pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
	       size_t size)
{
	_cleanup_(BN_CTX_free_p) BN_CTX *ctx = BN_CTX_new();
	_cleanup_(BN_free_p) BIGNUM *n = number(modulus);
	_cleanup_(BN_free_p) BIGNUM *e = number(exponent);
	_cleanup_(BN_free_p) BIGNUM *m = number(input);
	_cleanup_(BN_free_p) BIGNUM *result = BN_new();
	int rc;

	if (!ctx || !n || !e || !m || !result)
		return -ENOMEM;
	rc = rsa_check_range(m, n, result);
	if (rc)
		return rc;
	if (!BN_mod_exp(result, m, e, n, ctx)) {
		ERR_clear_error();
		return -ENOMEM;
	}
	if ((size_t)BN_num_bytes(result) > size)
		return -ERANGE;
	return BN_bn2binpad(result, ret, (int)size) < 0 ? -ENOMEM : 0;
}

static const struct {
	int nid;
	const char *name;
	size_t bytes; /* of a coordinate */
} curves[PUBKEY_CURVE_NR] = {
	[PUBKEY_P192] = {NID_X9_62_prime192v1, SN_X9_62_prime192v1, 24},
	[PUBKEY_P256] = {NID_X9_62_prime256v1, SN_X9_62_prime256v1, 32},
	[PUBKEY_P384] = {NID_secp384r1, SN_secp384r1, 48},
	[PUBKEY_P521] = {NID_secp521r1, SN_secp521r1, COORDINATE_MAX},
};

/* A coordinate in exactly BYTES bytes; false if it is larger. */
static bool put_coordinate(uint8_t *ret, size_t bytes, struct view coordinate)
{
	while (coordinate.size > bytes && !coordinate.data[0])
		coordinate = view_sub(coordinate, 1, coordinate.size - 1);
	if (coordinate.size > bytes)
		return false;
	memset(ret, 0, bytes - coordinate.size);
	memcpy(ret + bytes - coordinate.size, coordinate.data, coordinate.size);
	return true;
}

/* -EINVAL: the point is not on the curve (OpenSSL checks that, and the range of x and y). */
static int ecdsa_key(enum pubkey_curve curve, struct view x, struct view y, EVP_PKEY **ret)
{
	_cleanup_(EVP_PKEY_CTX_free_p)
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	size_t bytes = curves[curve].bytes;
	uint8_t point[1 + 2 * COORDINATE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
						 (char *)curves[curve].name, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * bytes),
		OSSL_PARAM_construct_end(),
	};

	if (!put_coordinate(point + 1, bytes, x) || !put_coordinate(point + 1 + bytes, bytes, y))
		return -EINVAL;
	if (!ctx || EVP_PKEY_fromdata_init(ctx) <= 0)
		return -ENOTSUP;
	return EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) <= 0 ? -EINVAL : 0;
}

int pubkey_on_curve(enum pubkey_curve curve, struct view x, struct view y)
{
	_cleanup_(EVP_PKEY_free_p) EVP_PKEY *key = NULL;
	int ret = ecdsa_key(curve, x, y, &key);

	ERR_clear_error();
	return ret;
}

static bool in_order(const BIGNUM *value, const EC_GROUP *group)
{
	return !BN_is_zero(value) && BN_cmp(value, EC_GROUP_get0_order(group)) < 0;
}

/* (r, s) as DER Ecdsa-Sig-Value, to be freed with OPENSSL_free(). Returns its size or an errno. */
static int ecdsa_encode(const EC_GROUP *group, struct view r, struct view s, uint8_t **ret)
{
	_cleanup_(ECDSA_SIG_free_p) ECDSA_SIG *sig = ECDSA_SIG_new();
	_cleanup_(BN_free_p) BIGNUM *big_r = number(r);
	_cleanup_(BN_free_p) BIGNUM *big_s = number(s);
	int size;

	if (!sig || !big_r || !big_s)
		return -ENOMEM;
	if (!in_order(big_r, group) || !in_order(big_s, group))
		return -ERANGE;
	if (!ECDSA_SIG_set0(sig, big_r, big_s))
		return -ENOMEM;
	big_r = big_s = NULL; /* SIG's now */
	size = i2d_ECDSA_SIG(sig, ret);
	return size > 0 ? size : -ENOMEM;
}

static int evp_verify(EVP_PKEY *key, const uint8_t *signature, size_t size, struct view digest)
{
	_cleanup_(EVP_PKEY_CTX_free_p)
		EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);

	if (!ctx || EVP_PKEY_verify_init(ctx) <= 0)
		return -ENOTSUP;
	switch (EVP_PKEY_verify(ctx, signature, size, digest.data, digest.size)) {
	case 1:
		return 0;
	case 0:
		return -EKEYREJECTED;
	}
	return -ENOMEM; /* the signature was well-formed: OpenSSL could not tell */
}

int pubkey_ecdsa(enum pubkey_curve curve, struct view x, struct view y, struct view r,
		 struct view s, struct view digest)
{
	_cleanup_(EC_GROUP_free_p) EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[curve].nid);
	_cleanup_(EVP_PKEY_free_p) EVP_PKEY *key = NULL;
	uint8_t *signature = NULL;
	int ret;

	if (!group)
		return -ENOTSUP;
	ret = ecdsa_key(curve, x, y, &key);
	if (!ret)
		ret = ecdsa_encode(group, r, s, &signature);
	if (ret > 0)
		ret = evp_verify(key, signature, (size_t)ret, digest);
	OPENSSL_free(signature);
	ERR_clear_error();
	return ret;
}

int pubkey_mldsa(enum pubkey_mldsa level, struct view key, struct view message,
		 struct view signature)
{
	static const char *const names[PUBKEY_MLDSA_NR] = {
		[PUBKEY_MLDSA44] = "ML-DSA-44",
		[PUBKEY_MLDSA65] = "ML-DSA-65",
		[PUBKEY_MLDSA87] = "ML-DSA-87",
	};
	_cleanup_(EVP_PKEY_free_p) EVP_PKEY *pkey = EVP_PKEY_new_raw_public_key_ex(
		NULL, names[level], NULL, key.data, key.size);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	int ret = -ENOTSUP;

	if (pkey && ctx && EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, pkey, NULL) == 1)
		ret = EVP_DigestVerify(ctx, signature.data, signature.size, message.data,
				       message.size) == 1
			      ? 0
			      : -EKEYREJECTED;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ret;
}
