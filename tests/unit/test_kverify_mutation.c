// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every bit of a signature and of a certificate flipped, every length cut: no crash, and nothing
 * changed is accepted unless the kernel does not look at it. What may change is listed here.
 */
#include "kvtest.h"

static EVP_PKEY *key;
static X509 *cert;
static struct view der;

__attribute__((constructor)) static void make_keys(void)
{
	key = pki_key("RSA2048");
	cert = pki_cert(&(struct pki_profile){.name = "signer", .key = key});
	der = pki_der(cert);
}

/* One keyring for all: making one for each question would take most of the time. */
static struct kv_keyring *keyring;

static int ask_quickly(struct view signature)
{
	struct err err = {0};
	int ret = kv_verify(keyring, INPUT_OF(content), signature, &answer, &err);

	return ret ? ret : answer.code;
}

static void trust(struct view trusted)
{
	kv_keyring_free(take_ptr(keyring));
	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(add(keyring, trusted), 0);
}

/* Where PART is in WHOLE. */
static size_t offset_of(struct view whole, struct view part)
{
	const uint8_t *at = memmem(whole.data, whole.size, part.data, part.size);

	PKI_MUST(at);
	return (size_t)(at - whole.data);
}

/*
 * In the kernel's own form of a signature these bits may be flipped:
 * - the tags of lists: bit 5 (0x20), which says that they are lists;
 * - the list of digest algorithms: each bit of its identifier, and bit 0 of its own tag, which
 *   makes it a SEQUENCE;
 * - bit 0 of the tag of the list of signers: a SEQUENCE;
 * - the parameters of the signer's algorithms: any tag but a long one will do for the NULL.
 */
struct free_bits {
	uint8_t *mask; /* 1: may change */
	struct view message;
};

static void free_at(struct free_bits *bits, size_t offset, uint8_t mask)
{
	PKI_MUST(offset < bits->message.size);
	bits->mask[offset] |= mask;
}

/* Lists: their "constructed" bit, from OFFSET on down while a list starts with a list. */
static void free_lists(struct free_bits *bits, struct view message)
{
	struct view sha256 = OID_SHA256_DER;
	size_t digests = offset_of(message, sha256), data = offset_of(message, OID_DATA_DER);
	size_t signer_digest = data +
			       offset_of(view_sub(message, data, message.size - data), sha256);
	size_t rsa = offset_of(message, BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"));

	free_at(bits, 0, 0x20);			 /* ContentInfo */
	free_at(bits, 15, 0x20);		 /* [0] */
	free_at(bits, 19, 0x20);		 /* SignedData */
	free_at(bits, digests - 4, 0x20 | 0x01); /* the digest algorithms, and */
	free_at(bits, digests - 2, 0x20);	 /* the one in there, */
	for (size_t i = 2; i < sha256.size; i++) /* which is not used */
		free_at(bits, digests + i, 0xff);
	free_at(bits, data - 2, 0x20);		/* content */
	free_at(bits, data + 11, 0x20 | 0x01);	/* the signers, and */
	free_at(bits, data + 15, 0x20);		/* the one in there */
	free_at(bits, signer_digest - 2, 0x20); /* digestAlgorithm */
	free_at(bits, rsa - 2, 0x20);		/* signatureAlgorithm */
	free_at(bits, rsa + 11, 0xff);		/* its NULL: any tag */
}

TEST(every_changed_bit_of_a_signature_counts_or_is_not_looked_at)
{
	struct view signature = pki_sign(content, cert, key, NULL, PKI_PLAIN);
	uint8_t *copy = pki_copy(signature);
	struct free_bits bits = {pki_keep(calloc(1, signature.size)), signature};
	size_t accepted = 0, allowed = 0;

	trust(der);
	free_lists(&bits, signature);
	for (size_t bit = 0; bit < 8 * signature.size; bit++) {
		uint8_t mask = (uint8_t)(1 << bit % 8);
		int ret;

		copy[bit / 8] ^= mask;
		ret = ask_quickly(view_of(copy, signature.size));
		copy[bit / 8] ^= mask;
		accepted += ret == 0;
		if (ret == 0 && !CHECK(bits.mask[bit / 8] & mask))
			printf("# accepted with bit %zu of byte %zu flipped\n", bit % 8, bit / 8);
		CHECK(ret == 0 || ret == -EKEYREJECTED || ret == -EBADMSG || ret == -EINVAL ||
		      ret == -ENOKEY || ret == -ENOPKG);
		allowed += ret == 0 && bits.mask[bit / 8] & mask;
	}
	CHECK(accepted == allowed && accepted < 110);
}

TEST(every_truncated_signature_is_a_bad_message)
{
	struct view signature = pki_sign(content, cert, key, NULL, PKI_PLAIN);

	trust(der);
	for (size_t size = 0; size < signature.size; size++)
		CHECK_INT(ask_quickly(view_sub(signature, 0, size)), -EBADMSG);
}

/* Is AT in the name at START, behind the header? */
static bool in_name(size_t at, size_t start)
{
	return at > start + 1 && at < start + 2 + der.data[start + 1];
}

/*
 * Taken with one bit flipped are only:
 * - a certificate with another subject or issuer: it is not self-signed any more, and nobody
 *   looks at its signature until it is used;
 * - outside of the signed part, which bit 5 of the tags of lists is, and the parameters of the
 *   outer algorithm.
 */
TEST(every_changed_bit_of_a_self_signed_certificate_counts_or_is_not_looked_at)
{
	struct view alg = BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b");
	struct view name = x500_name("signer");
	size_t issuer = offset_of(der, name), after = issuer + name.size;
	size_t subject = after + offset_of(view_sub(der, after, der.size - after), name);
	size_t key_at = subject + name.size;
	size_t outer = key_at + offset_of(view_sub(der, key_at, der.size - key_at), alg);
	uint8_t *copy = pki_copy(der);

	for (size_t bit = 0; bit < 8 * der.size; bit++) {
		uint8_t mask = (uint8_t)(1 << bit % 8);
		size_t at = bit / 8;
		int ret;

		copy[at] ^= mask;
		ret = add_to_line(KV_LINUX_7_3, view_of(copy, der.size));
		copy[at] ^= mask;
		if (ret)
			continue;
		CHECK(in_name(at, issuer) || in_name(at, subject) ||
		      (mask == 0x20 && (at == 0 || at == outer - 2)) || at == outer + alg.size);
	}
}

TEST(a_certificate_of_which_a_bit_changed_does_not_verify)
{
	struct view signature = pki_sign(content, cert, key, NULL, PKI_PLAIN);
	uint8_t *copy = pki_copy(der);
	struct view point = BYTES("\x02\x82\x01\x01\x00"); /* the modulus */
	size_t modulus = offset_of(der, point) + point.size;

	/* Only the key's bits decide, and the id that it is found by. */
	for (size_t bit = 8 * modulus; bit < 8 * (modulus + 256); bit += 7) {
		struct kv_keyring *changed = NULL;
		struct err err = {0};

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &changed));
		CHECK(add(changed, view_of(copy, der.size)) < 0);
		CHECK_INT(kv_verify(changed, INPUT_OF(content), signature, &answer, &err), 0);
		CHECK_INT(answer.code, -ENOKEY);
		kv_keyring_free(changed);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

TEST(every_truncated_certificate_is_refused)
{
	CHECK_INT(add_to_line(KV_LINUX_7_3, view_sub(der, 0, 0)), -EINVAL);
	for (size_t size = 1; size < der.size; size++)
		CHECK_INT(add_to_line(KV_LINUX_7_3, view_sub(der, 0, size)), -EBADMSG);
}

TEST(every_changed_bit_of_a_signature_with_everything_is_survived)
{
	/* Attributes, certificates, two signers: what is accepted was compared with the kernel's
	 * own code; here only: no crash, and never for other content. */
	X509 *other_cert;
	EVP_PKEY *other = pki_key("P-256");
	struct view signature;
	uint8_t *copy;
	struct err err = {0};

	other_cert = pki_cert(&(struct pki_profile){.name = "other", .key = other});
	signature = pki_cms_der(pki_cms(
		content, (struct pki_signer[]){{cert, key, NULL}, {other_cert, other, "SHA384"}}, 2,
		CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP));
	copy = pki_copy(signature);
	trust(der);
	CHECK_INT(ask_quickly(signature), 0);
	for (size_t bit = 0; bit < 8 * signature.size; bit++) {
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		CHECK(kv_verify(keyring, INPUT_OF(tampered), view_of(copy, signature.size), &answer,
				&err) ||
		      answer.code);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t size = 0; size < signature.size; size++)
		CHECK(ask_quickly(view_sub(signature, 0, size)) < 0);
}

TEST(the_keyring_is_let_go)
{
	kv_keyring_free(take_ptr(keyring));
	CHECK(!keyring);
}

UNIT_MAIN
