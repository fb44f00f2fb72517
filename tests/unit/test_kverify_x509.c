// SPDX-License-Identifier: BSD-2-Clause
/* Which certificates a kernel takes into a keyring, and with which errno it refuses others. */
#include "kvtest.h"

static EVP_PKEY *key, *other;

__attribute__((constructor)) static void make_keys(void)
{
	key = pki_key("P-256");
	other = pki_key("P-256");
}

#define CERT(...) build_cert(key, key, &(struct cert_parts){__VA_ARGS__})

/* Extensions: of the usual certificate, and one more. */
static struct view with_extension(struct view oid, struct view value)
{
	return DER(0xa3,
		   DER(0x30, skid_extension(BYTES("an id")), DER(0x30, oid, DER(0x04, value))));
}

#define KEY_USAGE	  BYTES("\x06\x03\x55\x1d\x0f")
#define BASIC_CONSTRAINTS BYTES("\x06\x03\x55\x1d\x13")
#define AUTHORITY	  BYTES("\x06\x03\x55\x1d\x23")

TEST(the_usual_certificate_is_taken)
{
	CHECK_INT(add_to_all(CERT()), 0);
	CHECK_STR(answer.signer, "built");
	CHECK_STR(answer.key_id, "616e206964");
	CHECK_INT(add_to_all(JOIN(CERT(), BYTES("trailing bytes"))), 0);
}

TEST(an_empty_or_huge_payload_is_invalid)
{
	static uint8_t big[1024 * 1024];

	CHECK_INT(add_to_all(NOTHING), -EINVAL);
	CHECK_INT(add_to_all(view_of(big, sizeof(big))), -EINVAL);
	CHECK_INT(add_to_all(view_of(big, sizeof(big) - 1)), -EMSGSIZE);
}

TEST(the_version_is_not_looked_at)
{
	CHECK_INT(add_to_all(CERT(.version = NOTHING)), 0);
	CHECK_INT(add_to_all(CERT(.version = DER(0xa0, BYTES("\x02\x02\x12\x34")))), 0);
	CHECK_INT(add_to_all(CERT(.version = DER(0xa0, BYTES("\x04\x01\x02")))), -EBADMSG);
}

TEST(both_signature_algorithms_must_agree)
{
	CHECK_INT(add_to_all(CERT(.outer_alg = DER(0x30, OID_SHA256_DER))), -EINVAL);
	CHECK_INT(add_to_all(CERT(.sig_alg = DER(0x30, OID_SHA256_DER))), -ENOPKG);
	CHECK_INT(add_to_all(CERT(.sig_alg = DER(0x30, OID_UNKNOWN_DER))), -ENOPKG);
}

TEST(an_unknown_signature_algorithm_comes_before_later_faults)
{
	CHECK_INT(add_to_all(CERT(.sig_alg = DER(0x30, OID_UNKNOWN_DER), .validity = NOTHING)),
		  -ENOPKG);
	CHECK_INT(add_to_all(CERT(.serial = NOTHING, .sig_alg = DER(0x30, OID_UNKNOWN_DER))),
		  -EBADMSG);
}

TEST(bit_strings_are_of_whole_bytes)
{
	CHECK_INT(add_to_all(CERT(.signature = DER(0x03, BYTES("\1xx")))), -EBADMSG);
	CHECK_INT(add_to_all(CERT(.signature = DER(0x03, NOTHING))), -EBADMSG);
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_EC, OID_P256_DER),
						  DER(0x03, BYTES("\1xx"))))),
		  -EBADMSG);
}

TEST(keys_of_unknown_kinds_are_refused)
{
	struct view bits = DER(0x03, BYTES("\0xx"));

	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_UNKNOWN_DER), bits))),
		  -ENOPKG);
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_EC, OID_UNKNOWN_DER), bits))),
		  -ENOPKG);
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_EC, BYTES("\x06\x01\x2a")),
						  bits))),
		  -ENOPKG);
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_EC), bits))), -EBADMSG);
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30,
						  DER(0x30, OID_EC,
						      DER(0x04, view_sub(OID_P256_DER, 2, 8))),
						  bits))),
		  -EBADMSG);
	CHECK_INT(
		add_to_all(CERT(.key_info = DER(0x30, DER(0x30, OID_EC, BYTES("\x05\x00")), bits))),
		-EBADMSG);
}

TEST(keys_of_known_kinds_are_taken)
{
	EVP_PKEY *p521 = pki_key("P-521");
	struct view bits = DER(0x03, BYTES("\0xx")), ca = x500_name("ca");
	struct view p192 = BYTES("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x01");
	struct view gost = BYTES("\x06\x08\x2a\x85\x03\x07\x01\x01\x01\x01");

	CHECK_INT(
		add_to_all(pki_der(pki_cert(&(struct pki_profile){.name = "P-521", .key = p521}))),
		0);
	CHECK_INT(add_to_all(
			  CERT(.issuer = ca, .key_info = DER(0x30, DER(0x30, OID_EC, p192), bits))),
		  0);
	CHECK_INT(add_to_all(CERT(.issuer = ca, .key_info = DER(0x30, DER(0x30, gost), bits))), 0);
	/* Signed by itself, the signature must be of the kind of the key. */
	CHECK_INT(add_to_all(CERT(.key_info = DER(0x30, DER(0x30, gost), bits))), -EKEYREJECTED);
}

TEST(a_self_signed_certificate_must_hold)
{
	CHECK_INT(add_to_all(build_cert(key, other, &(struct cert_parts){0})), -EKEYREJECTED);
	CHECK_STR(answer.reason,
		  "the certificate's self-signature is not valid: "
		  "the signature does not match this content: the content was changed after "
		  "signing, or another key signed it");
	CHECK_INT(add_to_all(CERT(.signature = DER(0x03, BYTES("\0junk")))), -EBADMSG);
	/* ... but only of a self-signed one is it looked at. */
	CHECK_INT(add_to_all(
			  CERT(.issuer = x500_name("ca"), .signature = DER(0x03, BYTES("\0junk")))),
		  0);
}

TEST(the_key_itself_is_looked_at_with_the_first_signature)
{
	struct view junk = DER(0x30, DER(0x30, OID_EC, OID_P256_DER), DER(0x03, BYTES("\0junk")));

	CHECK_INT(add_to_all(CERT(.issuer = x500_name("ca"), .key_info = junk)), 0);
	CHECK_INT(add_to_all(CERT(.key_info = junk)), -EINVAL);
}

TEST(an_authority_key_id_says_who_is_self_signed)
{
	struct view other_id = DER(0x30, DER(0x80, BYTES("other")));
	struct view own_id = DER(0x30, DER(0x80, BYTES("an id")));
	struct view own_serial = JOIN(DER(0xa1, DER(0xa4, x500_name("built"))),
				      BYTES("\x82\x01\x07"));

	/* Of another authority: not self-signed, so the signature is not looked at. */
	CHECK_INT(add_to_all(build_cert(
			  key, other,
			  &(struct cert_parts){.extensions = with_extension(AUTHORITY, other_id)})),
		  0);
	CHECK_INT(add_to_all(build_cert(
			  key, other,
			  &(struct cert_parts){.extensions = with_extension(AUTHORITY, own_id)})),
		  -EKEYREJECTED);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(AUTHORITY, own_id))), 0);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(AUTHORITY, DER(0x30, own_serial)))),
		  0);
	/* Two ids, of which one is its own: no. */
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(
					  AUTHORITY,
					  DER(0x30, DER(0x80, BYTES("other")), own_serial)))),
		  -EKEYREJECTED);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(AUTHORITY, BYTES("junk")))),
		  -EBADMSG);
}

TEST(a_serial_in_the_authority_key_id_needs_a_directory_name)
{
	/* dNSName instead: no id at all, so the certificate counts as self-signed. */
	struct view id = DER(0x30, DER(0xa1, BYTES("\x82\x01x")), BYTES("\x82\x01\x09"));

	CHECK_INT(add_to_all(build_cert(
			  key, other,
			  &(struct cert_parts){.extensions = with_extension(AUTHORITY, id)})),
		  -EKEYREJECTED);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(AUTHORITY, id))), 0);
	/* A list of names may even be empty. */
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(AUTHORITY,
							       DER(0x30, DER(0xa1, NOTHING))))),
		  0);
}

TEST(a_subject_key_id_is_an_octet_string_and_there_once)
{
	struct view oid = BYTES("\x06\x03\x55\x1d\x0e");

	CHECK_INT(add_to_all(CERT(.extensions = NOTHING)), 0);
	CHECK_STR(answer.key_id, "07");
	CHECK_INT(add_to_all(CERT(.extensions = DER(0xa3, DER(0x30, skid_extension(NOTHING))))),
		  -EBADMSG);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(oid, DER(0x04, BYTES("x"))))),
		  -EBADMSG);
	CHECK_INT(add_to_all(CERT(.extensions = DER(
					  0xa3, DER(0x30, DER(0x30, oid,
							      DER(0x04, BYTES("\x04\x02x"))))))),
		  -EBADMSG);
	CHECK_INT(add_to_all(CERT(.extensions = DER(
					  0xa3, DER(0x30, DER(0x30, oid,
							      DER(0x04, BYTES("\x05\x01x"))))))),
		  -EBADMSG);
}

TEST(key_usage_is_a_bit_string_and_nothing_else_is_asked)
{
	CHECK_INT(add_to_all(
			  CERT(.extensions = with_extension(KEY_USAGE, BYTES("\x03\x02\x05\x20")))),
		  0);
	CHECK_INT(add_to_all(
			  CERT(.extensions = with_extension(KEY_USAGE, BYTES("\x03\x02\x07\x80")))),
		  0);
	CHECK_INT(add_to_all(
			  CERT(.extensions = with_extension(KEY_USAGE, BYTES("\x03\x02\x08\x80")))),
		  -EBADMSG);
	CHECK_INT(add_to_all(CERT(.extensions = with_extension(KEY_USAGE, BYTES("\x03\x01\x07")))),
		  -EBADMSG);
	CHECK_INT(add_to_all(
			  CERT(.extensions = with_extension(KEY_USAGE, BYTES("\x04\x02\x07\x80")))),
		  -EBADMSG);
}

TEST(basic_constraints_are_empty_or_say_ca)
{
	static const struct {
		const char *value;
		size_t size;
		int want;
	} cases[] = {
		{"\x30\x00", 2, 0},
		{"\x30\x03\x01\x01\xff", 5, 0},
		{"\x30\x06\x01\x01\xff\x02\x01\x00", 8, 0},
		{"\x30\x03\x01\x01\x00", 5, -EBADMSG}, /* CA:FALSE written out */
		{"\x30\x03\x01\x01\x01", 5, -EBADMSG}, /* not DER */
		{"\x30\x03\x02\x01\x00", 5, -EBADMSG}, /* pathlen alone */
		{"\x30\x04\x01\x01\xff", 5, -EBADMSG},
		{"\x30", 1, -EBADMSG},
		{"\x31\x00", 2, -EBADMSG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		CHECK_INT(add_to_all(CERT(.extensions = with_extension(
						  BASIC_CONSTRAINTS,
						  view_of(cases[i].value, cases[i].size)))),
			  cases[i].want);
}

TEST(other_extensions_are_ignored_even_if_critical)
{
	CHECK_INT(
		add_to_all(CERT(.extensions = DER(0xa3, DER(0x30, DER(0x30, OID_UNKNOWN_DER,
								      BYTES("\x01\x01\xff"),
								      DER(0x04, BYTES("junk"))))))),
		0);
}

static int with_time(uint8_t tag, const char *time)
{
	return add_to_all(CERT(.validity = DER(0x30, DER(0x17, BYTES("200101000000Z")),
					       DER(tag, view_str(time)))));
}

TEST(times_are_checked_to_be_times)
{
	CHECK_INT(with_time(0x17, "400101000000Z"), 0);
	CHECK_INT(with_time(0x17, "000229000000Z"), 0);
	CHECK_INT(with_time(0x17, "010229000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "691231235959Z"), -EBADMSG); /* 1969 */
	CHECK_INT(with_time(0x17, "700101000000Z"), 0);
	CHECK_INT(with_time(0x17, "990101240000Z"), 0);
	CHECK_INT(with_time(0x17, "990101250000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990101006000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990101000060Z"), 0);
	CHECK_INT(with_time(0x17, "990101000061Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "991301000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990001000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990132000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990100000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "500101000000Z"), -EBADMSG); /* 1950 */
	CHECK_INT(with_time(0x17, "9x0101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "9901010000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990101000000ZZ"), -EBADMSG);
	CHECK_INT(with_time(0x17, "20500101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x17, "990101000000+"), -EBADMSG);
	CHECK_INT(with_time(0x17, "99010100 000Z"), -EBADMSG);
}

TEST(generalized_time_is_for_years_that_utc_time_does_not_have)
{
	CHECK_INT(with_time(0x18, "20500101000000Z"), 0);
	CHECK_INT(with_time(0x18, "99991231235959Z"), 0);
	CHECK_INT(with_time(0x18, "20490101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "19500101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "19490101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "00010101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "x0500101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "210x0101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "21000101000000Z"), 0);
	CHECK_INT(with_time(0x18, "20500101000000ZZ"), -EBADMSG);
	CHECK_INT(with_time(0x18, "400101000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "21000229000000Z"), -EBADMSG);
	CHECK_INT(with_time(0x18, "24000229000000Z"), 0);
	CHECK_INT(with_time(0x19, "20500101000000Z"), -EBADMSG);
}

TEST(validity_is_not_compared_with_any_clock)
{
	X509 *expired = pki_cert(&(struct pki_profile){.name = "old",
						       .key = key,
						       .not_before = "20000101000000Z",
						       .not_after = "20000102000000Z"});

	CHECK_INT(add_to_all(pki_der(expired)), 0);
	CHECK_INT(ask(content, pki_sign(content, expired, key, NULL, PKI_PLAIN),
		      TRUST(pki_der(expired))),
		  0);
}

TEST(the_end_of_the_validity_may_be_missing)
{
	CHECK_INT(add_to_all(CERT(.validity = DER(0x30, DER(0x17, BYTES("200101000000Z"))))), 0);
	CHECK_INT(add_to_all(CERT(.validity = DER(0x30, NOTHING))), -EBADMSG);
}

TEST(names_are_described_as_the_kernel_does)
{
	static const struct {
		const char *organization, *common_name, *want;
	} cases[] = {
		{"Example", "signer", "Example: signer"},
		{"Example", "Example signer", "Example signer"},
		{"Example Org", "Example signer", "Example signer"}, /* the first seven bytes */
		{"Example Org", "Example", "Example"},
		{"Example Org", "Exampl", "Example Org: Exampl"},
		{"Exam", "Exa", "Exam: Exa"},
		{"Exam", "Exam", "Exam"},
		{"Exam", "Exam signer", "Exam signer"},
		{"Exam", "Exbm signer", "Exam: Exbm signer"},
		{"", "signer", "signer"},
		{"Example", "", "Example"},
		{"", "", ""},
		{"", "a\nb", "a\\x0ab"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct view name = DER(
			0x30,
			DER(0x31, DER(0x30, OID_O, DER(0x0c, view_str(cases[i].organization)))),
			DER(0x31, DER(0x30, OID_CN, DER(0x0c, view_str(cases[i].common_name)))));

		CHECK_INT(add_to_all(CERT(.subject = name)), 0);
		CHECK_STR(answer.signer, cases[i].want);
	}
}

TEST(a_name_may_be_an_address_alone)
{
	struct view email = BYTES("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01");

	CHECK_INT(add_to_all(CERT(.subject = DER(0x30, DER(0x31, DER(0x30, email,
								     DER(0x16, BYTES("a@b"))))))),
		  0);
	CHECK_STR(answer.signer, "a@b");
}

TEST(a_name_is_compared_up_to_its_end)
{
	/* Behind "Exa" stands 0x31, which is the tag of a SET and the digit 1. */
	struct view name = DER(0x30, DER(0x31, DER(0x30, OID_CN, DER(0x0c, BYTES("Exa")))),
			       DER(0x31, DER(0x30, OID_O, DER(0x0c, BYTES("Exa1")))));

	CHECK_INT(add_to_all(CERT(.subject = name)), 0);
	CHECK_STR(answer.signer, "Exa1: Exa");
}

TEST(a_name_is_not_empty)
{
	CHECK_INT(add_to_all(CERT(.subject = DER(0x30, NOTHING))), -EBADMSG);
	CHECK_INT(add_to_all(CERT(.issuer = DER(0x30, DER(0x31, NOTHING)))), -EBADMSG);
}

TEST(rsa_keys_are_of_certain_sizes)
{
	static const struct {
		const char *type;
		int want;
	} cases[] = {{"RSA1024", 0},	  {"RSA2048", 0},	{"RSA2040", 0},	     {"RSA3072", 0},
		     {"RSA768", -EINVAL}, {"RSA1280", -EINVAL}, {"RSA2560", -EINVAL}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EVP_PKEY *rsa = pki_key(cases[i].type);
		X509 *cert = pki_cert(&(struct pki_profile){.name = "rsa", .key = rsa});
		/* A signature has as many bytes as the key has in whole 64-bit words. */
		int want = strcmp(cases[i].type, "RSA2040") ? cases[i].want : -EINVAL;

		CHECK_INT(add_to_all(pki_der(cert)), want);
	}
}

TEST(sha3_signed_certificates_depend_on_the_line)
{
	X509 *cert = pki_cert(
		&(struct pki_profile){.name = "sha3", .key = key, .digest = "SHA3-256"});

	/* Where the digest is missing, the certificate is taken without a look at its signature. */
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		CHECK_INT(add_to_line(line, pki_der(cert)), 0);
}

TEST(a_digest_that_only_kernels_have_leaves_the_answer_open)
{
	struct view streebog = DER(0x30, BYTES("\x06\x08\x2a\x85\x03\x07\x01\x01\x03\x02"));
	struct view cert = CERT(.sig_alg = streebog, .outer_alg = streebog);
	const struct kv_config config = {.verification = true, .ecdsa = true, .streebog = true};
	struct kv_keyring *keyring = NULL;

	CHECK_INT(add_to_all(cert), 0);
	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	kv_keyring_configure(keyring, &config);
	CHECK_INT(add(keyring, cert), -ENOTSUP);
	CHECK_STR(answer.reason, "this tool cannot compute the digest streebog256");
	kv_keyring_free(keyring);
}

UNIT_MAIN
