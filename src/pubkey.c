// SPDX-License-Identifier: BSD-2-Clause
#include "pubkey.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <string.h>

#include "base/util.h"

DEFINE_CLEANUP(BN_CTX *, BN_CTX_free)
DEFINE_CLEANUP(BIGNUM *, BN_free)
DEFINE_CLEANUP(EC_POINT *, EC_POINT_free)
DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free)

/* The longest coordinate, in bytes: P-521. */
#define COORDINATE_MAX 66

static BIGNUM *number(struct view bytes)
{
	return BN_bin2bn(bytes.data, (int)bytes.size, NULL);
}

/* Check that 1 < INPUT < MODULUS - 1; -ERANGE: it is not. LIMIT is a temporary. */
static int rsa_check_range(const BIGNUM *input, const BIGNUM *modulus, BIGNUM *limit)
{
	if (!BN_copy(limit, modulus) || (!BN_is_zero(modulus) && !BN_sub_word(limit, 1)))
		return -ENOMEM;
	if (BN_is_zero(input) || BN_is_one(input) || BN_cmp(input, limit) >= 0)
		return -ERANGE;
	return 0;
}

/* BASE to the power of EXPONENT modulo 2^BITS. */
static bool power_modulo_bits(BIGNUM *ret, const BIGNUM *base, const BIGNUM *exponent, int bits,
			      BN_CTX *ctx)
{
	bool fine = BN_one(ret);

	for (int bit = BN_num_bits(exponent) - 1; fine && bit >= 0; bit--) {
		fine = BN_sqr(ret, ret, ctx);
		if (fine && BN_is_bit_set(exponent, bit))
			fine = BN_mul(ret, ret, base, ctx);
		if (fine && BN_num_bits(ret) > bits)
			fine = BN_mask_bits(ret, bits);
	}
	return fine;
}

/*
 * The same modulo MODULUS, which is even (kernels accept such keys): modulo its odd part and modulo
 * its power of two, then combined. OpenSSL's own method takes three times as long.
 */
static bool power_modulo_even(BIGNUM *ret, const BIGNUM *base, const BIGNUM *exponent,
			      const BIGNUM *modulus, BN_CTX *ctx)
{
	_cleanup_(BN_free_p) BIGNUM *odd = BN_new();
	_cleanup_(BN_free_p) BIGNUM *two = BN_new();
	_cleanup_(BN_free_p) BIGNUM *by_two = BN_new();
	_cleanup_(BN_free_p) BIGNUM *other = BN_new();
	int bits = 0;

	if (!odd || !two || !by_two || !other)
		return false;
	while (!BN_is_bit_set(modulus, bits))
		bits++;
	/* base^exponent = ret + odd ((by_two - ret) / odd modulo two) */
	return BN_rshift(odd, modulus, bits) && BN_set_bit(two, bits) &&
	       BN_nnmod(other, base, two, ctx) &&
	       power_modulo_bits(by_two, other, exponent, bits, ctx) &&
	       BN_mod_exp(ret, base, exponent, odd, ctx) && BN_sub(by_two, by_two, ret) &&
	       BN_mod_inverse(other, odd, two, ctx) &&
	       BN_mod_mul(by_two, by_two, other, two, ctx) && BN_mul(by_two, by_two, odd, ctx) &&
	       BN_add(ret, ret, by_two);
}

static bool power_modulo(BIGNUM *ret, const BIGNUM *base, const BIGNUM *exponent,
			 const BIGNUM *modulus, BN_CTX *ctx)
{
	if (BN_is_odd(modulus))
		return BN_mod_exp(ret, base, exponent, modulus, ctx);
	return power_modulo_even(ret, base, exponent, modulus, ctx);
}

/* The arguments of pubkey_rsa(), and its result. */
struct rsa_power {
	struct rsa_bytes {
		uint8_t bytes[PUBKEY_RSA_MAX];
		size_t size;
	} modulus, exponent, input;
	uint8_t result[PUBKEY_RSA_MAX];
	size_t size; /* 0: none yet */
};

/*
 * The latest results of this thread. The same signature is checked by the rules of several kernels,
 * and each certificate's by those of all.
 */
#define POWERS_MAX 4

static _Thread_local struct {
	struct rsa_power list[POWERS_MAX];
	size_t next; /* the oldest */
} powers;

static bool is_same(const struct rsa_bytes *known, struct view bytes)
{
	return view_equal(view_of(known->bytes, known->size), bytes);
}

static const struct rsa_power *find_power(struct view modulus, struct view exponent,
					  struct view input, size_t size)
{
	for (size_t i = 0; i < POWERS_MAX; i++) {
		const struct rsa_power *power = &powers.list[i];

		if (power->size && power->size == size && is_same(&power->input, input) &&
		    is_same(&power->modulus, modulus) && is_same(&power->exponent, exponent))
			return power;
	}
	return NULL;
}

static void keep_bytes(struct rsa_bytes *to, struct view bytes)
{
	to->size = bytes.size;
	if (bytes.size)
		memcpy(to->bytes, bytes.data, bytes.size);
}

static void keep_power(struct view modulus, struct view exponent, struct view input,
		       const uint8_t *result, size_t size)
{
	struct rsa_power *power = &powers.list[powers.next];

	if (modulus.size > PUBKEY_RSA_MAX || exponent.size > PUBKEY_RSA_MAX ||
	    input.size > PUBKEY_RSA_MAX || size > PUBKEY_RSA_MAX)
		return;
	powers.next = (powers.next + 1) % POWERS_MAX;
	keep_bytes(&power->modulus, modulus);
	keep_bytes(&power->exponent, exponent);
	keep_bytes(&power->input, input);
	memcpy(power->result, result, size);
	power->size = size;
}

static int compute_power(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
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
	if (!power_modulo(result, m, e, n, ctx)) {
		ERR_clear_error();
		return -ENOMEM;
	}
	if ((size_t)BN_num_bytes(result) > size)
		return -ERANGE;
	return BN_bn2binpad(result, ret, (int)size) < 0 ? -ENOMEM : 0;
}

int pubkey_rsa(struct view modulus, struct view exponent, struct view input, uint8_t *ret,
	       size_t size)
{
	const struct rsa_power *known = find_power(modulus, exponent, input, size);
	int rc;

	if (known) {
		memcpy(ret, known->result, size);
		return 0;
	}
	rc = compute_power(modulus, exponent, input, ret, size);
	if (!rc)
		keep_power(modulus, exponent, input, ret, size);
	return rc;
}

static const struct {
	int nid;
	size_t bytes; /* the size of a coordinate */
} curves[PUBKEY_CURVE_NR] = {
	[PUBKEY_P192] = {NID_X9_62_prime192v1, 24},
	[PUBKEY_P256] = {NID_X9_62_prime256v1, 32},
	[PUBKEY_P384] = {NID_secp384r1, 48},
	[PUBKEY_P521] = {NID_secp521r1, COORDINATE_MAX},
};

/* --- points of a curve, with OpenSSL --- */

/* A curve and a public key on it. */
struct ec {
	EC_GROUP *group; /* NULL: OpenSSL does not support the curve */
	BN_CTX *ctx;
	EC_POINT *key;
};

static void ec_close(struct ec *ec)
{
	EC_POINT_free(ec->key);
	BN_CTX_free(ec->ctx);
	EC_GROUP_free(ec->group);
}

/* Write a coordinate as exactly BYTES bytes; false: it is larger. */
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

/* The error after OpenSSL refused a point: -EINVAL for a wrong point, or -ENOMEM. */
static int why_no_point(void)
{
	unsigned long error = ERR_peek_last_error();

	if (ERR_GET_LIB(error) == ERR_LIB_EC &&
	    (ERR_GET_REASON(error) == EC_R_POINT_IS_NOT_ON_CURVE ||
	     ERR_GET_REASON(error) == EC_R_INVALID_ENCODING))
		return -EINVAL;
	return -ENOMEM;
}

/* -EINVAL: (X, Y) is not a point of CURVE. The caller must close RET even after a failure. */
static int ec_open(enum pubkey_curve curve, struct view x, struct view y, struct ec *ret)
{
	size_t bytes = curves[curve].bytes;
	uint8_t point[1 + 2 * COORDINATE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};

	ret->group = EC_GROUP_new_by_curve_name(curves[curve].nid);
	if (!ret->group)
		return -ENOTSUP;
	if (!put_coordinate(point + 1, bytes, x) || !put_coordinate(point + 1 + bytes, bytes, y))
		return -EINVAL;
	ret->ctx = BN_CTX_new();
	ret->key = EC_POINT_new(ret->group);
	if (!ret->ctx || !ret->key)
		return -ENOMEM;
	/* OpenSSL checks the range of the coordinates, and that the point is on the curve. */
	if (!EC_POINT_oct2point(ret->group, ret->key, point, 1 + 2 * bytes, ret->ctx))
		return why_no_point();
	return 0;
}

int pubkey_on_curve(enum pubkey_curve curve, struct view x, struct view y)
{
	_cleanup_(ec_close) struct ec ec = {0};
	int ret = ec_open(curve, x, y, &ec);

	ERR_clear_error();
	return ret;
}

/* --- ECDSA --- */

static bool in_order(const BIGNUM *value, const BIGNUM *order)
{
	return !BN_is_zero(value) && BN_cmp(value, order) < 0;
}

/* The remaining check of a signature: does U1 G + U2 KEY have the x coordinate R? */
struct equation {
	BIGNUM *r, *u1, *u2;
};

static void equation_free(struct equation *equation)
{
	BN_free(equation->r);
	BN_free(equation->u1);
	BN_free(equation->u2);
}

/* FIPS 186-5 6.4.2, steps 1 to 4. The caller must free RET even after a failure. */
static int equation_make(const struct ec *ec, struct view r, struct view s, struct view digest,
			 struct equation *ret)
{
	const BIGNUM *order = EC_GROUP_get0_order(ec->group);
	_cleanup_(BN_free_p) BIGNUM *inverse = number(s);
	_cleanup_(BN_free_p) BIGNUM *hash = number(digest);

	*ret = (struct equation){number(r), BN_new(), BN_new()};
	if (!inverse || !hash || !ret->r || !ret->u1 || !ret->u2)
		return -ENOMEM;
	if (!in_order(ret->r, order) || !in_order(inverse, order))
		return -ERANGE;
	if (!BN_mod_inverse(inverse, inverse, order, ec->ctx) ||
	    !BN_mod_mul(ret->u1, hash, inverse, order, ec->ctx) ||
	    !BN_mod_mul(ret->u2, ret->r, inverse, order, ec->ctx))
		return -ENOMEM;
	return 0;
}

/* FIPS 186-5 6.4.2, steps 5 to 8 */
static int equation_holds(const struct ec *ec, const struct equation *equation)
{
	const BIGNUM *order = EC_GROUP_get0_order(ec->group);
	_cleanup_(EC_POINT_free_p) EC_POINT *sum = EC_POINT_new(ec->group);
	_cleanup_(BN_free_p) BIGNUM *x = BN_new();

	if (!sum || !x ||
	    !EC_POINT_mul(ec->group, sum, equation->u1, ec->key, equation->u2, ec->ctx))
		return -ENOMEM;
	if (EC_POINT_is_at_infinity(ec->group, sum))
		return -EKEYREJECTED;
	if (!EC_POINT_get_affine_coordinates(ec->group, sum, x, NULL, ec->ctx) ||
	    !BN_nnmod(x, x, order, ec->ctx))
		return -ENOMEM;
	return BN_cmp(x, equation->r) ? -EKEYREJECTED : 0;
}

/* Arithmetic modulo the curve's prime, in Montgomery form. A failure (no memory) is kept. */
struct field {
	BN_CTX *ctx;
	BN_MONT_CTX *mont;
	BIGNUM *prime;
	bool failed;
};

static void field_multiply(struct field *field, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	field->failed |= !BN_mod_mul_montgomery(ret, a, b, field->mont, field->ctx);
}

static void field_add(struct field *field, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	field->failed |= !BN_mod_add_quick(ret, a, b, field->prime);
}

static void field_subtract(struct field *field, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	field->failed |= !BN_mod_sub_quick(ret, a, b, field->prime);
}

/* Jacobian coordinates: (X / Z^2, Y / Z^3); Z = 0 is infinity. An affine point has no Z. */
struct point {
	BIGNUM *x, *y, *z;
};

/*
 * The points to be added, and temporaries. CTX owns them all, between BN_CTX_start() and
 * BN_CTX_end().
 */
struct walk {
	struct field field;
	struct point sum;
	struct point points[4]; /* [1]: G, [2]: the key, [3]: both */
	BIGNUM *t[5];
};

/* Double the sum, by the formula for curves with a = -3. Infinity stays infinity. */
static void double_sum(struct walk *walk)
{
	struct field *f = &walk->field;
	BIGNUM *x = walk->sum.x, *y = walk->sum.y, *z = walk->sum.z;
	BIGNUM *yy = walk->t[0], *xyy = walk->t[1], *slope = walk->t[2], *t = walk->t[3];

	field_multiply(f, yy, y, y);
	field_multiply(f, xyy, x, yy);
	field_add(f, xyy, xyy, xyy);
	field_add(f, xyy, xyy, xyy);
	/* 3 (x - z^2) (x + z^2) */
	field_multiply(f, t, z, z);
	field_subtract(f, slope, x, t);
	field_add(f, t, x, t);
	field_multiply(f, t, t, slope);
	field_add(f, slope, t, t);
	field_add(f, slope, slope, t);
	field_multiply(f, z, y, z);
	field_add(f, z, z, z);
	field_multiply(f, x, slope, slope);
	field_subtract(f, x, x, xyy);
	field_subtract(f, x, x, xyy);
	/* slope (4 x y^2 - x') - 8 y^4 */
	field_subtract(f, t, xyy, x);
	field_multiply(f, y, slope, t);
	field_add(f, yy, yy, yy);
	field_multiply(f, yy, yy, yy);
	field_add(f, yy, yy, yy);
	field_subtract(f, y, y, yy);
}

/*
 * Add the affine POINT to the sum. Two points with the same x coordinate, and a sum at infinity,
 * are not handled: Z becomes or stays zero.
 */
static void add_to_sum(struct walk *walk, const struct point *point)
{
	struct field *f = &walk->field;
	BIGNUM *x = walk->sum.x, *y = walk->sum.y, *z = walk->sum.z;
	BIGNUM *px = walk->t[0], *py = walk->t[1], *dx = walk->t[2], *dy = walk->t[3];
	BIGNUM *t = walk->t[4];

	field_multiply(f, t, z, z);
	field_multiply(f, px, point->x, t);
	field_multiply(f, t, t, z);
	field_multiply(f, py, point->y, t);
	field_subtract(f, dx, x, px);
	field_subtract(f, dy, y, py);
	field_multiply(f, z, z, dx);
	/* px dx^2, x dx^2, and py dx^3 */
	field_multiply(f, t, dx, dx);
	field_multiply(f, px, px, t);
	field_multiply(f, x, x, t);
	field_multiply(f, t, t, dx);
	field_multiply(f, py, py, t);
	/* x' = dy^2 - px dx^2 - x dx^2; y' = dy (px dx^2 - x') - py dx^3 */
	field_multiply(f, t, dy, dy);
	field_subtract(f, t, t, px);
	field_subtract(f, x, t, x);
	field_subtract(f, px, px, x);
	field_multiply(f, t, dy, px);
	field_subtract(f, y, t, py);
}

/* Convert to affine: (X / Z^2, Y / Z^3). For Z = 0 the kernel uses 0 as the inverse. */
static void make_affine(struct walk *walk, struct point *ret)
{
	struct field *f = &walk->field;
	BIGNUM *inverse = walk->t[0], *power = walk->t[1];

	if (BN_is_zero(walk->sum.z)) {
		BN_zero(ret->x);
		BN_zero(ret->y);
		return;
	}
	f->failed |= !BN_from_montgomery(inverse, walk->sum.z, f->mont, f->ctx) ||
		     !BN_mod_inverse(inverse, inverse, f->prime, f->ctx) ||
		     !BN_to_montgomery(inverse, inverse, f->mont, f->ctx);
	if (f->failed)
		return;
	field_multiply(f, power, inverse, inverse);
	field_multiply(f, ret->x, walk->sum.x, power);
	field_multiply(f, power, power, inverse);
	field_multiply(f, ret->y, walk->sum.y, power);
}

static void start_from(struct walk *walk, const struct point *point)
{
	walk->field.failed |= !BN_copy(walk->sum.x, point->x) || !BN_copy(walk->sum.y, point->y) ||
			      !BN_to_montgomery(walk->sum.z, BN_value_one(), walk->field.mont,
						walk->field.ctx);
}

static void take_point(struct walk *walk, const struct ec *ec, const EC_POINT *point,
		       struct point *ret)
{
	struct field *f = &walk->field;

	f->failed |= !EC_POINT_get_affine_coordinates(ec->group, point, ret->x, ret->y, f->ctx) ||
		     !BN_to_montgomery(ret->x, ret->x, f->mont, f->ctx) ||
		     !BN_to_montgomery(ret->y, ret->y, f->mont, f->ctx);
}

static bool walk_start(struct walk *walk, const struct ec *ec)
{
	struct field *field = &walk->field;
	struct point *points[] = {&walk->sum, &walk->points[1], &walk->points[2], &walk->points[3]};

	*walk = (struct walk){.field = {.ctx = ec->ctx, .mont = BN_MONT_CTX_new()}};
	field->prime = BN_CTX_get(ec->ctx);
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		*points[i] = (struct point){BN_CTX_get(ec->ctx), BN_CTX_get(ec->ctx),
					    BN_CTX_get(ec->ctx)};
	for (size_t i = 0; i < ARRAY_SIZE(walk->t); i++)
		walk->t[i] = BN_CTX_get(ec->ctx);
	/* After one failure, BN_CTX_get() keeps failing, so the last result is enough. */
	if (!field->mont || !walk->t[ARRAY_SIZE(walk->t) - 1] ||
	    !EC_GROUP_get_curve(ec->group, field->prime, NULL, NULL, ec->ctx) ||
	    !BN_MONT_CTX_set(field->mont, field->prime, ec->ctx))
		return false;
	take_point(walk, ec, EC_GROUP_get0_generator(ec->group), &walk->points[1]);
	take_point(walk, ec, ec->key, &walk->points[2]);
	start_from(walk, &walk->points[2]);
	add_to_sum(walk, &walk->points[1]);
	make_affine(walk, &walk->points[3]);
	return !field->failed;
}

static int bits_at(const struct equation *equation, int bit)
{
	return BN_is_bit_set(equation->u1, bit) | BN_is_bit_set(equation->u2, bit) << 1;
}

/* Process both numbers bit by bit, from the highest bit that is set in either. */
static void walk_bits(struct walk *walk, const struct equation *equation)
{
	int bits1 = BN_num_bits(equation->u1), bits2 = BN_num_bits(equation->u2);
	int bit = (bits1 > bits2 ? bits1 : bits2) - 1;

	start_from(walk, &walk->points[bits_at(equation, bit)]);
	/* once at infinity, the sum stays there */
	while (bit-- > 0 && !walk->field.failed && !BN_is_zero(walk->sum.z)) {
		int bits = bits_at(equation, bit);

		double_sum(walk);
		if (bits)
			add_to_sum(walk, &walk->points[bits]);
	}
}

static int walk_ends_in(struct walk *walk, const struct ec *ec, const BIGNUM *r)
{
	struct field *field = &walk->field;
	BIGNUM *x = walk->points[3].x;

	make_affine(walk, &walk->points[3]);
	if (field->failed || !BN_from_montgomery(x, x, field->mont, field->ctx) ||
	    !BN_nnmod(x, x, EC_GROUP_get0_order(ec->group), field->ctx))
		return -ENOMEM;
	return BN_cmp(x, r) ? -EKEYREJECTED : 0;
}

static int equation_holds_incompletely(const struct ec *ec, const struct equation *equation)
{
	struct walk walk;
	int ret = -ENOMEM;

	BN_CTX_start(ec->ctx);
	if (walk_start(&walk, ec)) {
		walk_bits(&walk, equation);
		ret = walk_ends_in(&walk, ec, equation->r);
	}
	BN_MONT_CTX_free(walk.field.mont);
	BN_CTX_end(ec->ctx);
	return ret;
}

static int ecdsa(int (*holds)(const struct ec *ec, const struct equation *equation),
		 enum pubkey_curve curve, struct view x, struct view y, struct view r,
		 struct view s, struct view digest)
{
	_cleanup_(ec_close) struct ec ec = {0};
	_cleanup_(equation_free) struct equation equation = {0};
	int ret = ec_open(curve, x, y, &ec);

	if (!ret)
		ret = equation_make(&ec, r, s, digest, &equation);
	if (!ret)
		ret = holds(&ec, &equation);
	ERR_clear_error();
	return ret;
}

int pubkey_ecdsa(enum pubkey_curve curve, struct view x, struct view y, struct view r,
		 struct view s, struct view digest)
{
	return ecdsa(equation_holds, curve, x, y, r, s, digest);
}

int pubkey_ecdsa_incomplete(enum pubkey_curve curve, struct view x, struct view y, struct view r,
			    struct view s, struct view digest)
{
	return ecdsa(equation_holds_incompletely, curve, x, y, r, s, digest);
}

/* --- ML-DSA --- */

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
