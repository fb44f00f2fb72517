// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/: asymmetric_keys/public_key.c and the algorithms that it uses. */
#include "kverify/sigcheck.h"

#include <errno.h>
#include <string.h>

#include "crypto.h"
#include "hash.h"
#include "kverify/ber.h"
#include "kverify/mldsa.h"
#include "pubkey.h"

/* The kernel cannot read larger numbers (lib/crypto/mpi/mpicoder.c: MAX_EXTERN_MPI_BITS). */
#define NUMBER_BITS_MAX 16384
/* The kernel counts the size of an RSA modulus in 64-bit words. */
#define WORD_BYTES	8

static const char mismatch[] =
	"the signature does not match this content: the content was changed after signing, or "
	"another key signed it";

static const enum hash_alg openssl_hash[KV_HASH_NR] = {
	[KV_SHA1] = HASH_SHA1,	       [KV_SHA224] = HASH_SHA224,     [KV_SHA256] = HASH_SHA256,
	[KV_SHA384] = HASH_SHA384,     [KV_SHA512] = HASH_SHA512,     [KV_SHA3_256] = HASH_SHA3_256,
	[KV_SHA3_384] = HASH_SHA3_384, [KV_SHA3_512] = HASH_SHA3_512,
};

/* SHA-1, SHA-2 and SHA-3: the digests that RSA and ECDSA signatures may use. */
static bool is_sha(enum kv_hash hash)
{
	return hash >= KV_SHA1 && hash <= KV_SHA3_512;
}

bool kv_sig_takes_data(enum kv_sig_alg alg)
{
	return alg >= KV_SIG_MLDSA44;
}

int kv_digest_input(const struct kv_rules *rules, enum kv_hash hash, struct hash_input *input,
		    struct view *ret, struct kv_answer *answer)
{
	int error;

	if (!kv_has_hash(rules, hash))
		return kv_refuse(answer, -ENOPKG, "%s does not support the digest %s: %s",
				 rules->title, kv_hash_name(hash),
				 hash == KV_SHA256 ? "it is built without CRYPTO_SHA256"
						   : "sign with sha256");
	if (!is_sha(hash))
		return kv_cannot_tell(answer, "this tool cannot compute the digest %s",
				      kv_hash_name(hash));
	error = hash_input_digest(input, openssl_hash[hash], ret);
	if (error == -ENOMEM)
		return KV_NO_MEMORY;
	if (error)
		return kv_cannot_tell(
			answer, "OpenSSL does not have the digest %s, or its policy forbids it",
			kv_hash_name(hash));
	return 0;
}

int kv_digest(const struct kv_rules *rules, enum kv_hash hash, struct view data, uint8_t *room,
	      struct view *ret, struct kv_answer *answer)
{
	struct hash_input input = hash_input_of(data);
	struct view digest;
	int error = kv_digest_input(rules, hash, &input, &digest, answer);

	if (error)
		return error;
	memcpy(room, digest.data, digest.size);
	*ret = view_of(room, digest.size);
	return 0;
}

/* --- RSA --- */

struct rsa_key {
	struct view n, e;
};

static struct view without_zeros(struct view number)
{
	while (number.size && !number.data[0])
		number = view_sub(number, 1, number.size - 1);
	return number;
}

/* crypto/rsa_helper.c: rsa_get_n() */
static int rsa_note_n(struct ber *ber)
{
	struct rsa_key *key = ber->ctx;

	key->n = ber_value(ber);
	if (!key->n.size)
		return kv_refuse(ber->answer, -EINVAL, "the RSA key has an empty modulus");
	return 0;
}

/* crypto/rsa_helper.c: rsa_get_e() */
static int rsa_note_e(struct ber *ber)
{
	struct rsa_key *key = ber->ctx;

	key->e = ber_value(ber);
	if (!key->e.size || key->e.size > key->n.size)
		return kv_refuse(
			ber->answer, -EINVAL,
			"the RSA key has an empty exponent, or one longer than the modulus");
	return 0;
}

/* RFC 8017 A.1.1, as crypto/rsapubkey.asn1 has it */
static const struct ber_item rsa_numbers[] = {
	BER_LEAF(0, BER_INTEGER, rsa_note_n),
	BER_LEAF(0, BER_INTEGER, rsa_note_e),
	BER_LAST,
};
static const struct ber_item rsa_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, rsa_numbers, NULL),
	BER_LAST,
};

static bool readable_number(struct view number)
{
	return without_zeros(number).size <= NUMBER_BITS_MAX / 8;
}

/* crypto/rsa.c: rsa_set_pub_key(), rsa_check_key_length() */
static int rsa_read_key(struct view bits, struct rsa_key *key, size_t *size,
			struct kv_answer *answer)
{
	int ret = ber_decode(rsa_grammar, bits, "RSA key", key, answer);

	if (ret)
		return ret;
	if (!readable_number(key->e) || !readable_number(key->n))
		return kv_refuse(answer, -ENOMEM, "the RSA key has more than 16384 bits");
	key->n = without_zeros(key->n);
	key->e = without_zeros(key->e);
	*size = (key->n.size + WORD_BYTES - 1) / WORD_BYTES * WORD_BYTES;
	switch (*size * 8) {
	case 512:
	case 1024:
	case 1536:
	case 2048:
	case 3072:
	case 4096:
		return 0;
	}
	return kv_refuse(answer, -EINVAL,
			 "the RSA key has %zu bits: expected 512, 1024, 1536, 2048, 3072 or 4096",
			 *size * 8);
}

/* DigestInfo up to the digest itself (RFC 8017 9.2 note 1, and crypto/rsassa-pkcs1.c) */
static struct view digest_info(enum kv_hash hash)
{
	static const struct view infos[KV_HASH_NR] = {
#define NIST(length, last, digest)                                                     \
	view_lit("\x30" length "\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02" last \
		 "\x05\x00\x04" digest)
		[KV_SHA1] = view_lit(
			"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14"),
		[KV_SHA224] = NIST("\x2d", "\x04", "\x1c"),
		[KV_SHA256] = NIST("\x31", "\x01", "\x20"),
		[KV_SHA384] = NIST("\x41", "\x02", "\x30"),
		[KV_SHA512] = NIST("\x51", "\x03", "\x40"),
		[KV_SHA3_256] = NIST("\x31", "\x08", "\x20"),
		[KV_SHA3_384] = NIST("\x41", "\x09", "\x30"),
		[KV_SHA3_512] = NIST("\x51", "\x0a", "\x40"),
#undef NIST
	};

	return infos[hash];
}

/* 00 01 ff ... ff 00 DigestInfo digest. crypto/rsassa-pkcs1.c: rsassa_pkcs1_verify(), step 3 */
static int rsa_check_padding(struct view block, enum kv_hash hash, struct view digest,
			     struct kv_answer *answer)
{
	struct view info = digest_info(hash);
	size_t at = 2;

	if (block.data[0])
		return kv_refuse(answer, -EINVAL, "%s", mismatch);
	if (block.data[1] != 0x01)
		return kv_refuse(answer, -EBADMSG, "%s", mismatch);
	while (at < block.size && block.data[at] == 0xff)
		at++;
	/* The kernel counts without the leading zero: at least eight ff. */
	if (at < 10 || at == block.size || block.data[at])
		return kv_refuse(answer, -EBADMSG, "%s", mismatch);
	at++;
	if (info.size > block.size - at || !view_equal(view_sub(block, at, info.size), info))
		return kv_refuse(answer, -EBADMSG,
				 "the signature names another digest algorithm than %s",
				 kv_hash_name(hash));
	at += info.size;
	if (!view_equal(view_sub(block, at, block.size - at), digest))
		return kv_refuse(answer, -EKEYREJECTED, "%s", mismatch);
	return 0;
}

static int rsa_check(const struct kv_rules *rules, struct view key_bits, const struct kv_sig *sig,
		     struct kv_answer *answer)
{
	struct rsa_key key = {0};
	uint8_t block[PUBKEY_RSA_MAX];
	size_t size = 0;
	int ret;

	/* crypto/rsassa-pkcs1.c: rsassa_pkcs1_create() has no DigestInfo for other digests */
	if (!is_sha(sig->hash))
		return kv_refuse(answer, -EINVAL,
				 "kernels do not support RSA with the digest %s: "
				 "sign with sha256",
				 kv_hash_name(sig->hash));
	if (!rules->rsa) /* crypto_alloc_sig() */
		return kv_refuse(answer, -ENOENT, "the kernel is built without CRYPTO_RSA");
	ret = rsa_read_key(key_bits, &key, &size, answer);
	if (ret)
		return ret;
	/* crypto/rsassa-pkcs1.c: rsassa_pkcs1_verify(), step 1 */
	if (sig->value.size != size)
		return kv_refuse(answer, -EINVAL,
				 "the signature has %zu bytes: expected %zu, the "
				 "size of its RSA key",
				 sig->value.size, size);
	if (sig->over.size != hash_size(openssl_hash[sig->hash]))
		return kv_refuse(answer, -EINVAL, "the kernel could not compute digest %s",
				 kv_hash_name(sig->hash));
	ret = pubkey_rsa(key.n, key.e, sig->value, block, size);
	if (ret == -ENOMEM)
		return KV_NO_MEMORY;
	if (ret) /* crypto/rsa.c: rsa_check_payload() */
		return kv_refuse(answer, -EINVAL, "the signature is not less than the RSA modulus");
	return rsa_check_padding(view_of(block, size), sig->hash, sig->over, answer);
}

/* --- ECDSA --- */

struct ecdsa_value {
	size_t bytes; /* the size of a number, in whole 64-bit words */
	struct view r, s;
};

/* crypto/ecdsa-x962.c: ecdsa_get_signature_rs() */
static int ecdsa_note(struct ber *ber, struct view *ret)
{
	const struct ecdsa_value *value = ber->ctx;
	struct view number = ber_value(ber);

	if (!number.size || number.size > value->bytes + 1 ||
	    (number.size > value->bytes && number.data[0]))
		return kv_refuse(ber->answer, -EINVAL,
				 "a number in the ECDSA signature is too long for the curve");
	*ret = number;
	return 0;
}

static int ecdsa_note_r(struct ber *ber)
{
	struct ecdsa_value *value = ber->ctx;

	return ecdsa_note(ber, &value->r);
}

static int ecdsa_note_s(struct ber *ber)
{
	struct ecdsa_value *value = ber->ctx;

	return ecdsa_note(ber, &value->s);
}

/* RFC 3279 2.2.3, as crypto/ecdsasignature.asn1 has it */
static const struct ber_item ecdsa_numbers[] = {
	BER_LEAF(0, BER_INTEGER, ecdsa_note_r),
	BER_LEAF(0, BER_INTEGER, ecdsa_note_s),
	BER_LAST,
};
static const struct ber_item ecdsa_grammar[] = {
	BER_LIST(0, BER_SEQUENCE, ecdsa_numbers, NULL),
	BER_LAST,
};

static const size_t curve_words[PUBKEY_CURVE_NR] = {
	[PUBKEY_P192] = 3,
	[PUBKEY_P256] = 4,
	[PUBKEY_P384] = 6,
	[PUBKEY_P521] = 9,
};

/* crypto/ecdsa.c: ecdsa_set_pub_key(): 04 || x || y, with as many words as the curve has */
static int ecdsa_read_key(enum pubkey_curve curve, struct view bits, struct view *x, struct view *y,
			  struct kv_answer *answer)
{
	size_t half = bits.size / 2;

	if (bits.size % 2 == 0 || bits.data[0] != 0x04 ||
	    (half + WORD_BYTES - 1) / WORD_BYTES != curve_words[curve])
		return kv_refuse(answer, -EINVAL,
				 "the key is not an uncompressed point of its curve");
	*x = view_sub(bits, 1, half);
	*y = view_sub(bits, 1 + half, half);
	return 0;
}

static int ecdsa_answer(int ret, const struct kv_sig *sig, struct kv_answer *answer)
{
	switch (ret) {
	case 0:
		/* The kernel compares even without a digest, but then success means nothing. */
		if (sig->over.size)
			return 0;
		return kv_cannot_tell(answer,
				      "the kernel would check this signature without a digest: %s",
				      kv_hash_name(sig->hash));
	case -EINVAL: /* crypto/ecc.c: ecc_is_pubkey_valid_full() */
		return kv_refuse(answer, -EINVAL, "the key is not a point of its curve");
	case -ERANGE: /* crypto/ecdsa.c: _ecdsa_verify() */
		return kv_refuse(answer, -EBADMSG,
				 "a number in the ECDSA signature is out of range");
	case -EKEYREJECTED:
		return kv_refuse(answer, -EKEYREJECTED, "%s", mismatch);
	case -ENOMEM:
		return KV_NO_MEMORY;
	}
	return kv_cannot_tell(answer, "OpenSSL does not support the curve of the key");
}

/*
 * crypto/ecc.c: ecc_point_mult_shamir(), which up to 7.2 does not handle equal and opposite points.
 * A signature that needs such a sum is practically never an accident (1 in 2^248): its key or nonce
 * was chosen.
 */
static int ecdsa_by_line(const struct kv_rules *rules, enum pubkey_curve curve, struct view x,
			 struct view y, const struct ecdsa_value *value, const struct kv_sig *sig,
			 struct kv_answer *answer)
{
	/* crypto/ecdsa.c: ecdsa_verify() takes the leading bytes of the digest */
	struct view digest = view_head(sig->over, value->bytes);
	int ret, whole = pubkey_ecdsa(curve, x, y, value->r, value->s, digest);

	if (!rules->ecdsa_incomplete || (whole && whole != -EKEYREJECTED))
		return ecdsa_answer(whole, sig, answer);
	ret = pubkey_ecdsa_incomplete(curve, x, y, value->r, value->s, digest);
	if (ret == -EKEYREJECTED && !whole)
		return kv_refuse(answer, ret,
				 "the signature is valid, but %s computes it wrongly because its "
				 "key or nonce is special: sign again with a random nonce and key",
				 rules->title);
	return ecdsa_answer(ret, sig, answer);
}

static int ecdsa_check(const struct kv_rules *rules, const struct kv_key *key,
		       const struct kv_sig *sig, struct kv_answer *answer)
{
	enum pubkey_curve curve = PUBKEY_P192 + (key->alg - KV_KEY_P192);
	struct ecdsa_value value = {.bytes = curve_words[curve] * WORD_BYTES};
	struct view x, y;
	int ret;

	/* crypto/asymmetric_keys/public_key.c: software_key_determine_akcipher() */
	if (!is_sha(sig->hash))
		return kv_refuse(answer, -EINVAL,
				 "kernels do not support ECDSA with the digest "
				 "%s: sign with sha256",
				 kv_hash_name(sig->hash));
	if (!rules->ecdsa) /* crypto_alloc_sig() */
		return kv_refuse(answer, -ENOENT, "the kernel is built without CRYPTO_ECDSA");
	ret = ecdsa_read_key(curve, key->bits, &x, &y, answer);
	if (ret)
		return ret;
	ret = pubkey_on_curve(curve, x, y);
	if (ret)
		return ecdsa_answer(ret, sig, answer);
	ret = ber_decode(ecdsa_grammar, sig->value, "ECDSA signature", &value, answer);
	if (ret)
		return ret;
	return ecdsa_by_line(rules, curve, x, y, &value, sig, answer);
}

/* --- ML-DSA --- */

static int mldsa_check(const struct kv_rules *rules, const struct kv_key *key,
		       const struct kv_sig *sig, struct kv_answer *answer)
{
	enum pubkey_mldsa level = PUBKEY_MLDSA44 + (key->alg - KV_KEY_MLDSA44);
	int ret;

	/* crypto/asymmetric_keys/public_key.c: software_key_determine_akcipher() */
	if (sig->hash != KV_NO_HASH && sig->hash != KV_SHA512)
		return kv_refuse(answer, -EINVAL,
				 "kernels do not support ML-DSA with the digest "
				 "%s: sign with sha512",
				 kv_hash_name(sig->hash));
	if (!rules->mldsa)
		return kv_refuse(answer, -ENOENT, "%s does not support ML-DSA: use RSA or ECDSA",
				 rules->title);
	/* crypto/mldsa.c: crypto_mldsa_set_pub_key() */
	if (key->bits.size != mldsa_key_size(level))
		return kv_refuse(answer, -EINVAL, "the size of the ML-DSA key is wrong");
	/* lib/crypto/mldsa.c: mldsa_verify() */
	if (sig->value.size != mldsa_signature_size(level))
		return kv_refuse(answer, -EBADMSG, "the size of the ML-DSA signature is wrong");
	if (!mldsa_is_well_formed(level, sig->value))
		return kv_refuse(answer, -EBADMSG, "the ML-DSA signature is malformed");
	ret = pubkey_mldsa(level, key->bits, sig->over, sig->value);
	if (ret == -ENOMEM)
		return KV_NO_MEMORY;
	if (ret == -EKEYREJECTED)
		return kv_refuse(answer, ret, "%s", mismatch);
	return ret ? kv_cannot_tell(answer,
				    "only OpenSSL 3.5 and later can check ML-DSA signatures, "
				    "and this is OpenSSL %s",
				    crypto_version())
		   : 0;
}

/* --- all algorithms --- */

/* Measured with OpenSSL 3.0, on a processor of 2023. */
unsigned int kv_key_effort(const struct kv_key *key)
{
	static const unsigned int efforts[] = {
		[KV_KEY_RSA] = 1,     [KV_KEY_P192] = 4,    [KV_KEY_P256] = 5,
		[KV_KEY_P384] = 14,   [KV_KEY_P521] = 23,   [KV_KEY_ECRDSA] = 1,
		[KV_KEY_MLDSA44] = 2, [KV_KEY_MLDSA65] = 3, [KV_KEY_MLDSA87] = 4,
	};
	struct kv_answer ignored;
	struct rsa_key rsa = {0};

	if (key->alg == KV_KEY_RSA &&
	    !ber_decode(rsa_grammar, key->bits, "RSA key", &rsa, &ignored))
		return efforts[KV_KEY_RSA] + without_zeros(rsa.e).size / 8;
	return efforts[key->alg];
}

/* crypto/asymmetric_keys/public_key.c: public_key_verify_signature(), first comparison */
static bool same_family(enum kv_key_alg key, enum kv_sig_alg sig)
{
	switch (key) {
	case KV_KEY_RSA:
		return sig == KV_SIG_RSA;
	case KV_KEY_P192:
	case KV_KEY_P256:
	case KV_KEY_P384:
	case KV_KEY_P521:
		return sig == KV_SIG_ECDSA;
	case KV_KEY_ECRDSA:
		return sig == KV_SIG_ECRDSA;
	case KV_KEY_MLDSA44:
		return sig == KV_SIG_MLDSA44;
	case KV_KEY_MLDSA65:
		return sig == KV_SIG_MLDSA65;
	case KV_KEY_MLDSA87:
		return sig == KV_SIG_MLDSA87;
	}
	return false;
}

static bool same_key(const struct kv_key *a, const struct kv_key *b)
{
	return a->alg == b->alg && view_equal(a->bits, b->bits);
}

static int check_by_algorithm(const struct kv_rules *rules, const struct kv_key *key,
			      const struct kv_sig *sig, struct kv_answer *answer)
{
	switch (sig->alg) {
	case KV_SIG_RSA:
		return rsa_check(rules, key->bits, sig, answer);
	case KV_SIG_ECDSA:
		return ecdsa_check(rules, key, sig, answer);
	case KV_SIG_ECRDSA:
		/*
		 * software_key_determine_akcipher(), which then needs a module that no line has
		 * built in
		 */
		if (sig->hash != KV_STREEBOG256 && sig->hash != KV_STREEBOG512)
			return kv_refuse(answer, -EINVAL,
					 "kernels do not support EC-RDSA with the digest %s",
					 kv_hash_name(sig->hash));
		return kv_refuse(answer, -ENOENT, "%s does not support EC-RDSA: use RSA or ECDSA",
				 rules->title);
	default:
		return mldsa_check(rules, key, sig, answer);
	}
}

int kv_sigcheck(const struct kv_rules *rules, const struct kv_key *key, struct kv_sig *sig,
		struct kv_answer *answer)
{
	int ret;

	if (!same_family(key->alg, sig->alg))
		return kv_refuse(answer, -EKEYREJECTED,
				 "the signature and the key have different algorithms");
	if (sig->fits && same_key(sig->fits, key))
		return 0;
	ret = check_by_algorithm(rules, key, sig, answer);
	if (!ret)
		sig->fits = key;
	return ret;
}
