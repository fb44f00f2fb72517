// SPDX-License-Identifier: BSD-2-Clause
/* Messages built byte by byte: what of PKCS#7 a kernel takes, and the errno for the rest. */
#include "kvtest.h"

static EVP_PKEY *key, *other;
static struct view cert; /* of key, with the key id "an id" */

__attribute__((constructor)) static void make_keys(void)
{
	key = pki_key("P-256");
	other = pki_key("P-256");
	cert = build_cert(key, key, &(struct cert_parts){0});
}

/* The answer to a message with these parts, signed by key. */
#define ASK(...) \
	ask(content, build_message(key, content, &(struct message_parts){__VA_ARGS__}), TRUST(cert))

TEST(the_built_message_is_accepted)
{
	CHECK_INT(ASK(.crls = {NULL, 0}), 0);
	CHECK_STR(answer.signer, "built");
	CHECK_STR(answer.key_id, "616e206964");
}

TEST(the_outer_type_is_signed_data)
{
	CHECK_INT(ASK(.outer_oid = OID_DATA_DER), -EINVAL);
	CHECK_INT(ASK(.outer_oid = OID_UNKNOWN_DER), -EINVAL);
	CHECK_INT(ask(content, DER(0x30, OID_SIGNED_DATA_DER), TRUST(cert)), -EINVAL);
	CHECK_STR(answer.reason, "the message has no signature");
}

TEST(versions_are_1_or_3_and_agree)
{
	struct view one = BYTES("\x02\x01\x01"), three = BYTES("\x02\x01\x03");
	struct view two = BYTES("\x02\x01\x02"), long_one = BYTES("\x02\x02\x00\x01");

	CHECK_INT(ASK(.version = two), -EINVAL);
	CHECK_INT(ASK(.version = long_one), -EINVAL);
	CHECK_INT(ASK(.version = three, .signer_version = two), -EINVAL);
	CHECK_INT(ASK(.version = three, .signer_version = long_one), -EINVAL);
	CHECK_INT(ASK(.version = one, .signer_version = three), -EBADMSG);
	CHECK_INT(ASK(.version = three, .signer_version = one), -EBADMSG);
}

TEST(the_version_says_how_the_signer_is_named)
{
	struct view one = BYTES("\x02\x01\x01");
	struct view serial = DER(0x30, x500_name("built"), BYTES("\x02\x01\x07"));

	CHECK_INT(ASK(.version = one, .signer_version = one, .id = serial), 0);
	/* The other kind of id is read and not used: what is left is an empty id. */
	CHECK_INT(ASK(.version = one, .signer_version = one), -EINVAL);
	CHECK_INT(ASK(.id = serial), -EINVAL);
	CHECK_STR(answer.reason, "the signer's key id is empty");
	CHECK_INT(ASK(.id = DER(0x80, NOTHING)), -EINVAL);
	CHECK_INT(ASK(.id = DER(0x80, BYTES("an idea"))), -ENOKEY);
	CHECK_STR(answer.reason,
		  "no certificate in the keyring has the signer's key id 616e2069646561");
	CHECK_INT(ASK(.id = DER(0xa0, BYTES("an id"))), -EBADMSG);
}

TEST(a_serial_number_followed_by_the_issuer_is_a_key_id_too)
{
	/* id[0] of a key is serial and issuer in one: a subjectKeyIdentifier may name it. */
	struct view name = DER(0x31, DER(0x30, OID_CN, DER(0x0c, BYTES("built"))));

	CHECK_INT(ASK(.id = DER(0x80, BYTES("\x07"), name)), 0);
}

TEST(the_content_is_plain_data)
{
	CHECK_INT(ASK(.content_info = DER(0x30, OID_UNKNOWN_DER)), -EINVAL);
	CHECK_INT(ASK(.content_info = DER(0x30, OID_AUTHENTICODE)), -EBADMSG);
	CHECK_INT(ASK(.content_info = DER(0x30, OID_DATA_DER, DER(0xa0, DER(0x04, content)))),
		  -EBADMSG);
	CHECK_INT(ASK(.content_info = DER(0x30, OID_DATA_DER, DER(0xa0, DER(0x04, NOTHING)))),
		  -EBADMSG);
}

TEST(the_list_of_digest_algorithms_is_not_used)
{
	CHECK_INT(ASK(.algorithms = DER(0x31, DER(0x30, OID_UNKNOWN_DER, BYTES("\x05\x00")))), 0);
	CHECK_INT(ASK(.algorithms = DER(0x30, DER(0x30, OID_UNKNOWN_DER))), 0);
	CHECK_INT(ASK(.algorithms = DER(0x31, NOTHING)), -EBADMSG);
	CHECK_INT(ASK(.algorithms = NOTHING), -EBADMSG);
}

TEST(unknown_algorithms_are_enopkg_and_come_before_later_faults)
{
	struct view unknown = DER(0x30, OID_UNKNOWN_DER);

	CHECK_INT(ASK(.digest_alg = unknown), -ENOPKG);
	CHECK_INT(ASK(.digest_alg = unknown, .signature = NOTHING), -ENOPKG);
	CHECK_INT(ASK(.sig_alg = unknown), -ENOPKG);
	CHECK_INT(ASK(.sig_alg = unknown, .signature = NOTHING), -ENOPKG);
	CHECK_INT(ASK(.signature = NOTHING), -EBADMSG);
}

TEST(the_digest_of_the_signature_algorithm_is_not_used)
{
	/* ecdsa-with-SHA512 over a SHA-256 digest: the digestAlgorithm decides. */
	CHECK_INT(ASK(.sig_alg = DER(0x30, BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04"))), 0);
	/* An RSA signature by an ECDSA key is none. */
	CHECK_INT(ASK(.sig_alg = DER(0x30, BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"))),
		  -EKEYREJECTED);
}

TEST(known_digests_that_the_kernel_lacks_are_enopkg)
{
	struct view sm3 = DER(0x30, BYTES("\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11"));
	struct view sha3 = DER(0x30, BYTES("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x08"));
	struct view signature = DER(0x04, pki_raw_sign(key, "SHA3-256", content));
	struct view message = build_message(
		key, content, &(struct message_parts){.digest_alg = sha3, .signature = signature});

	CHECK_INT(ASK(.digest_alg = sm3), -ENOPKG);
	CHECK_INT(ask_line(KV_LINUX_6_18, content, message, TRUST(cert)), 0);
	CHECK_INT(ask_line(KV_LINUX_7_0, content, message, TRUST(cert)), 0);
	CHECK_INT(ask_line(KV_LINUX_7_2, content, message, TRUST(cert)), -ENOPKG);
	CHECK_INT(ask_line(KV_LINUX_7_3, content, message, TRUST(cert)), -ENOPKG);
	CHECK_STR(answer.reason,
		  "Linux 7.3 does not support the digest sha3-256: sign with sha256");
}

TEST(signers_may_be_a_sequence_and_must_not_be_none)
{
	struct view signer = build_signer(key, content, &(struct message_parts){0});

	CHECK_INT(ASK(.signers = DER(0x30, signer)), 0);
	CHECK_INT(ASK(.signers = DER(0x31, NOTHING)), -EBADMSG);
	/* A message that ends before the signers is parsed, and then has none. */
	CHECK_INT(ASK(.signers = NOTHING), -EINVAL);
	CHECK_INT(ASK(.signers = JOIN(DER(0x31, signer), DER(0x31, signer))), -EBADMSG);
}

TEST(a_signer_with_a_digest_that_the_kernel_lacks_does_not_count)
{
	struct view sm3 = DER(0x30, BYTES("\x06\x08\x2a\x81\x1c\xcf\x55\x01\x83\x11"));
	struct view one = build_signer(key, content, &(struct message_parts){0});
	struct view two = build_signer(key, content, &(struct message_parts){.digest_alg = sm3});
	struct view orders[] = {DER(0x31, one, two), DER(0x31, two, one)};

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		struct view message = build_message(key, content,
						    &(struct message_parts){.signers = orders[i]});

		CHECK_INT(ask(content, message, TRUST(cert)), 0);
		CHECK_INT(ask(content, message, NOBODY), -ENOPKG);
		CHECK_INT(ask(tampered, message, TRUST(cert)), -EKEYREJECTED);
	}
}

TEST(unsigned_attributes_and_revocation_lists_are_read)
{
	struct view attribute = DER(0x30, OID_UNKNOWN_DER, DER(0x31, BYTES("\x05\x00")));

	CHECK_INT(ASK(.unsigned_attributes = DER(0xa1, attribute)), 0);
	CHECK_INT(ASK(.unsigned_attributes = DER(0xa3, attribute)), 0);
	CHECK_INT(ASK(.unsigned_attributes = DER(0xa1, DER(0x30, OID_UNKNOWN_DER))), -EBADMSG);
	/* What is in a revocation list is taken for certificates. */
	CHECK_INT(ASK(.crls = DER(0xa1, DER(0x30, cert))), 0);
	CHECK_INT(ASK(.crls = DER(0xa1, DER(0x30, DER(0x30, OID_SHA256_DER)))), -EBADMSG);
}

TEST(included_certificates_must_parse)
{
	struct view forged = build_cert(key, other, &(struct cert_parts){0});

	CHECK_INT(ASK(.certs = DER(0xa0, cert)), 0);
	CHECK_INT(ASK(.certs = DER(0xa2, cert)), 0);
	CHECK_INT(ASK(.certs = DER(0xa0, NOTHING)), 0);
	CHECK_INT(ASK(.certs = DER(0xa2, NOTHING)), -EBADMSG);
	CHECK_INT(ASK(.certs = DER(0xa0, cert, BYTES("\x05\x00"))), -EBADMSG);
	CHECK_INT(ASK(.certs = DER(0xa0, cert, forged)), -EKEYREJECTED);
	CHECK(!strncmp(answer.reason, "certificate 2 in the message: the certificate's self", 52));
	CHECK_INT(ASK(.certs = DER(0xa0, JOIN(BYTES("\x30\x80"), view_sub(cert, 4, cert.size - 4),
					      BYTES("\0\0")))),
		  0);
}

/* --- signed attributes --- */

#define TYPE   BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03")
#define DIGEST BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04")
#define TIME   BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")
#define SMIME  BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0f")
#define KIND   BYTES("\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0b")
#define OPUS   BYTES("\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0c")

static struct view attribute(struct view oid, struct view value)
{
	return DER(0x30, oid, DER(0x31, value));
}

static struct view content_digest(void)
{
	uint8_t *digest = pki_keep(malloc(32));

	EVP_Digest(content.data, content.size, digest, NULL, EVP_sha256(), NULL);
	return DER(0x04, view_of(digest, 32));
}

/* The answer to a message with these signed attributes, rightly signed. */
static int ask_attributes(struct view attributes)
{
	return ASK(.attributes = DER(0xa0, attributes),
		   .signature = DER(0x04, pki_raw_sign(key, NULL, DER(0x31, attributes))));
}

static struct view usual(void)
{
	return JOIN(attribute(TYPE, OID_DATA_DER), attribute(DIGEST, content_digest()));
}

TEST(signed_attributes_hold_type_and_digest_at_least)
{
	CHECK_INT(ask_attributes(usual()), 0);
	CHECK_INT(ask_attributes(attribute(DIGEST, content_digest())), -EBADMSG);
	CHECK_INT(ask_attributes(attribute(TYPE, OID_DATA_DER)), -EBADMSG);
	CHECK_INT(ask_attributes(NOTHING), -EBADMSG);
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(OID_UNKNOWN_DER, BYTES("\x05\x00")))), 0);
}

TEST(signed_attributes_are_what_is_signed)
{
	CHECK_INT(ASK(.attributes = DER(0xa0, usual())), -EKEYREJECTED);
	CHECK_INT(ask_attributes(JOIN(attribute(TYPE, OID_DATA_DER),
				      attribute(DIGEST, DER(0x04, BYTES("short"))))),
		  -EBADMSG);
	CHECK_INT(ask_attributes(JOIN(attribute(TYPE, OID_DATA_DER),
				      attribute(DIGEST, DER(0x03, BYTES("short"))))),
		  -EBADMSG);
	CHECK_INT(ask_attributes(JOIN(
			  attribute(TYPE, OID_DATA_DER),
			  attribute(DIGEST, DER(0x04, BYTES("0123456789abcdef0123456789abcdef"))))),
		  -EKEYREJECTED);
	CHECK_STR(
		answer.reason,
		"the signature does not match this content: the content was changed after signing");
}

TEST(signed_attributes_are_not_repeated_and_agree)
{
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(TYPE, OID_DATA_DER))), -EKEYREJECTED);
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(DIGEST, content_digest()))),
		  -EKEYREJECTED);
	CHECK_INT(ask_attributes(JOIN(attribute(TYPE, OID_SIGNED_DATA_DER),
				      attribute(DIGEST, content_digest()))),
		  -EBADMSG);
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(OID_UNKNOWN_DER, BYTES("\x05\x00")),
				      attribute(OID_UNKNOWN_DER, BYTES("\x05\x00")))),
		  0);
}

TEST(attributes_for_authenticode_are_rejected)
{
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(SMIME, BYTES("\x30\x00")))),
		  -EKEYREJECTED);
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(OPUS, BYTES("\x30\x00")))), -EKEYREJECTED);
	CHECK_INT(ask_attributes(JOIN(usual(), attribute(KIND, BYTES("\x30\x00")))), -EKEYREJECTED);
}

TEST(signed_attributes_in_a_sequence_do_not_count)
{
	/* They are checked like others, but the signature is then over the content. */
	CHECK_INT(ASK(.attributes = DER(0xa2, DER(0x30, usual()))), 0);
	CHECK_INT(ASK(.attributes = DER(0xa2, DER(0x30, attribute(SMIME, BYTES("\x30\x00"))))),
		  -EKEYREJECTED);
}

TEST(all_signers_have_signed_attributes_or_none)
{
	struct message_parts with = {
		.attributes = DER(0xa0, usual()),
		.signature = DER(0x04, pki_raw_sign(key, NULL, DER(0x31, usual()))),
	};
	struct view one = build_signer(key, content, &with);
	struct view two = build_signer(key, content, &(struct message_parts){0});

	CHECK_INT(ASK(.signers = DER(0x31, one, one)), 0);
	CHECK_INT(ASK(.signers = DER(0x31, two, two)), 0);
	CHECK_INT(ASK(.signers = DER(0x31, one, two)), -EINVAL);
	CHECK_INT(ASK(.signers = DER(0x31, two, one)), -EINVAL);
}

/* A message with the certificate in it and a signing time. */
static int ask_time(const char *time)
{
	struct view one = BYTES("\x02\x01\x01");
	struct view attributes = JOIN(usual(), attribute(TIME, DER(0x17, view_str(time))));

	return ASK(.version = one, .signer_version = one, .certs = DER(0xa0, cert),
		   .id = DER(0x30, x500_name("built"), BYTES("\x02\x01\x07")),
		   .attributes = DER(0xa0, attributes),
		   .signature = DER(0x04, pki_raw_sign(key, NULL, DER(0x31, attributes))));
}

TEST(a_signing_time_is_compared_with_an_included_certificate)
{
	struct view late = JOIN(usual(), attribute(TIME, DER(0x17, BYTES("410101000000Z"))));

	CHECK_INT(ask_time("200101000000Z"), 0);
	CHECK_INT(ask_time("400101000000Z"), 0);
	CHECK_INT(ask_time("191231235959Z"), -EKEYREJECTED);
	CHECK_INT(ask_time("400101000001Z"), -EKEYREJECTED);
	CHECK_INT(ask_time("junk"), -EBADMSG);
	/* With the certificate only in the keyring, it is not. */
	CHECK_INT(ask_attributes(late), 0);
}

/* --- ECDSA signatures --- */

/* The message's signature with r and s put together by hand. */
static int ask_rs(struct view r, struct view s)
{
	return ASK(.signature = DER(0x04, DER(0x30, DER(0x02, r), DER(0x02, s))));
}

TEST(ecdsa_numbers_may_lack_their_zero_and_have_one_too_many)
{
	struct view der = pki_raw_sign(key, NULL, content);
	const uint8_t *at = der.data;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
	uint8_t r[33] = {0}, s[33] = {0};

	BN_bn2binpad(ECDSA_SIG_get0_r(sig), r + 1, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), s + 1, 32);
	ECDSA_SIG_free(sig);
	CHECK_INT(ask_rs(view_of(r, 33), view_of(s, 33)), 0);
	CHECK_INT(ask_rs(view_of(r + 1, 32), view_of(s + 1, 32)), 0);
	CHECK_INT(ask_rs(JOIN(BYTES("\0"), view_of(r, 33)), view_of(s, 33)), -EKEYREJECTED);
	CHECK_INT(ask_rs(NOTHING, view_of(s, 33)), -EKEYREJECTED);
	CHECK_INT(ASK(.signature = DER(0x04, der, BYTES("trailing bytes"))), 0);
}

TEST(errnos_of_bad_signatures_show_with_an_included_certificate)
{
	/* Against the keyring they all become EKEYREJECTED. */
	struct view one = BYTES("\x02\x01\x01");
	struct message_parts parts = {
		.version = one,
		.signer_version = one,
		.certs = DER(0xa0, cert),
		.id = DER(0x30, x500_name("built"), BYTES("\x02\x01\x07")),
	};
	struct view numbers[] = {BYTES("\x02\x01\0"), BYTES("\x02\0"), BYTES("\x04\1x")};
	static const int want[] = {-EBADMSG, -EINVAL, -EBADMSG};

	CHECK_INT(ask(content, build_message(key, content, &parts), TRUST(cert)), 0);
	CHECK_INT(ask(content, build_message(other, content, &parts), TRUST(cert)), -EKEYREJECTED);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		parts.signature = DER(0x04, DER(0x30, numbers[i], BYTES("\x02\1x")));
		CHECK_INT(ask(content, build_message(key, content, &parts), TRUST(cert)), want[i]);
		parts.certs = NOTHING;
		CHECK_INT(ask(content, build_message(key, content, &parts), TRUST(cert)),
			  -EKEYREJECTED);
		parts.certs = DER(0xa0, cert);
	}
}

TEST(more_than_65535_bytes_are_too_many)
{
	uint8_t *big = calloc(1, 65536);
	struct view message = build_message(key, content, &(struct message_parts){0});

	memcpy(big, message.data, message.size);
	CHECK_INT(ask(content, view_of(big, 65535), TRUST(cert)), 0);
	CHECK_INT(ask(content, view_of(big, 65536), TRUST(cert)), -EMSGSIZE);
	free(big);
}

UNIT_MAIN
