// SPDX-License-Identifier: BSD-2-Clause
/*
 * What real kernels answered to real signatures: one test per row of what was measured with Linux
 * 6.18.15, 7.0.13, 7.2.13 and 7.3.4 (docs/KERNEL-RULES.md, "Measured").
 */
#include "kvtest.h"

static EVP_PKEY *rsa, *p256, *p384, *rsa2;
static X509 *cert, *p256_cert, *p384_cert, *cert2;
static struct view der, der2;

__attribute__((constructor)) static void make_keys(void)
{
	rsa = pki_key("RSA2048");
	rsa2 = pki_key("RSA2048");
	p256 = pki_key("P-256");
	p384 = pki_key("P-384");
	cert = pki_cert(&(struct pki_profile){.name = "signer", .key = rsa});
	cert2 = pki_cert(&(struct pki_profile){.name = "another signer", .key = rsa2});
	p256_cert = pki_cert(&(struct pki_profile){.name = "P-256 signer", .key = p256});
	p384_cert = pki_cert(&(struct pki_profile){.name = "P-384 signer", .key = p384});
	der = pki_der(cert);
	der2 = pki_der(cert2);
}

static struct view sign(unsigned int flags)
{
	return pki_sign(content, cert, rsa, NULL, flags);
}

TEST(a_correct_signature_is_accepted)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN), TRUST(der)), 0);
	CHECK_STR(answer.reason, "signed by a trusted key");
	CHECK_STR(answer.signer, "signer");
	CHECK_INT((long long)strlen(answer.key_id), 40);
}

TEST(tampered_content_is_rejected)
{
	CHECK_INT(ask(tampered, sign(PKI_PLAIN), TRUST(der)), -EKEYREJECTED);
	CHECK(strstr(answer.reason, "the signature does not match this content"));
}

TEST(a_signer_whose_certificate_is_not_in_the_keyring_is_enokey)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN), TRUST(der2)), -ENOKEY);
	CHECK(!strncmp(answer.reason, "no certificate in the keyring has the signer's key id ",
		       54));
	CHECK_INT(ask(content, sign(PKI_PLAIN), NOBODY), -ENOKEY);
}

TEST(what_is_not_asn1_is_a_bad_message)
{
	CHECK_INT(ask(content, BYTES("garbage"), TRUST(der)), -EBADMSG);
	CHECK_STR(answer.reason,
		  "malformed PKCS#7 message: expected SEQUENCE at offset 0, found 67");
	CHECK_INT(ask(content, view_sub(sign(PKI_PLAIN), 0, 100), TRUST(der)), -EBADMSG);
}

TEST(an_empty_signature_is_a_bad_message)
{
	/* Linux 7.3 refuses it with EINVAL before it asks: not here, in the caller. */
	CHECK_INT(ask(content, NOTHING, TRUST(der)), -EBADMSG);
}

TEST(bytes_behind_the_signature_are_ignored)
{
	CHECK_INT(ask(content, JOIN(sign(PKI_PLAIN), BYTES("trailing bytes")), TRUST(der)), 0);
}

/* Debian's 7.1 has neither SHA-384 nor SHA-512 built in. */
static void check_long_digest(struct view signature, const struct view *trusted)
{
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		CHECK_INT(ask_line(line, content, signature, trusted),
			  line == KV_LINUX_7_1 ? -ENOPKG : 0);
}

TEST(ecdsa_signatures_are_accepted)
{
	struct view trusted[] = {pki_der(p256_cert), pki_der(p384_cert), {NULL, 0}};

	CHECK_INT(ask(content, pki_sign(content, p256_cert, p256, NULL, PKI_PLAIN), trusted), 0);
	check_long_digest(pki_sign(content, p384_cert, p384, "SHA384", PKI_PLAIN), trusted);
	check_long_digest(pki_sign(content, p256_cert, p256, "SHA512", PKI_PLAIN), trusted);
	CHECK_INT(ask(tampered, pki_sign(content, p256_cert, p256, NULL, PKI_PLAIN), trusted),
		  -EKEYREJECTED);
}

TEST(a_signer_by_issuer_and_serial_is_accepted)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_USE_KEYID), TRUST(der)), 0);
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_USE_KEYID), TRUST(der2)), -ENOKEY);
	CHECK_STR(answer.signer, "signer");
	CHECK_STR(answer.key_id, "01");
}

TEST(certificates_may_be_included)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_NOCERTS), TRUST(der)), 0);
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~(CMS_NOCERTS | CMS_USE_KEYID)), TRUST(der)), 0);
}

TEST(included_content_is_a_bad_message)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_DETACHED), TRUST(der)), -EBADMSG);
	CHECK_STR(answer.reason,
		  "the message contains the signed content: make a detached signature");
}

TEST(signed_attributes_with_smime_capabilities_are_rejected)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~(CMS_NOATTR | CMS_NOSMIMECAP)), TRUST(der)),
		  -EKEYREJECTED);
}

TEST(signed_attributes_without_them_are_accepted)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_NOATTR), TRUST(der)), 0);
	CHECK_INT(ask(tampered, sign(PKI_PLAIN & ~CMS_NOATTR), TRUST(der)), -EKEYREJECTED);
}

TEST(digests_sha1_sha384_sha512_are_accepted)
{
	static const char *const digests[] = {"SHA1", "SHA224"}, *const longer[] = {"SHA384",
										    "SHA512"};

	for (size_t i = 0; i < ARRAY_SIZE(digests); i++)
		CHECK_INT(ask(content, pki_sign(content, cert, rsa, digests[i], PKI_PLAIN),
			      TRUST(der)),
			  0);
	for (size_t i = 0; i < ARRAY_SIZE(longer); i++)
		check_long_digest(pki_sign(content, cert, rsa, longer[i], PKI_PLAIN), TRUST(der));
}

TEST(digest_md5_is_not_known)
{
	CHECK_INT(ask(content, pki_sign(content, cert, rsa, "MD5", PKI_PLAIN), TRUST(der)),
		  -ENOPKG);
}

TEST(rsa_pss_is_not_known)
{
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, PKI_PLAIN | CMS_PARTIAL);
	CMS_SignerInfo *signer = CMS_add1_signer(cms, cert, rsa, EVP_sha256(),
						 PKI_PLAIN | CMS_KEY_PARAM);
	BIO *bio = BIO_new_mem_buf(content.data, (int)content.size);

	pki_keep(cms);
	EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(signer), RSA_PKCS1_PSS_PADDING);
	PKI_MUST(CMS_final(cms, bio, NULL, PKI_PLAIN));
	BIO_free(bio);
	CHECK_INT(ask(content, pki_cms_der(cms), TRUST(der)), -ENOPKG);
}

TEST(a_certificate_without_key_id_signs_by_issuer_and_serial)
{
	X509 *plain = pki_cert(
		&(struct pki_profile){.name = "no id", .key = rsa, .no_key_id = true});

	CHECK_INT(ask(content, pki_sign(content, plain, rsa, NULL, PKI_PLAIN & ~CMS_USE_KEYID),
		      TRUST(pki_der(plain))),
		  0);
}

TEST(key_usage_does_not_matter)
{
	X509 *encipher = pki_cert(&(struct pki_profile){
		.name = "encipher", .key = rsa, .key_usage = "keyEncipherment"});

	CHECK_INT(ask(content, pki_sign(content, encipher, rsa, NULL, PKI_PLAIN),
		      TRUST(pki_der(encipher))),
		  0);
}

TEST(one_of_two_signers_in_the_keyring_is_enough)
{
	struct pki_signer signers[] = {{cert, rsa, NULL}, {cert2, rsa2, NULL}};
	struct view both = pki_cms_der(pki_cms(content, signers, 2, PKI_PLAIN));

	CHECK_INT(ask(content, both, TRUST(der)), 0);
	CHECK_INT(ask(content, both, TRUST(der2)), 0);
	CHECK_INT(ask(content, both, TRUST(pki_der(p256_cert))), -ENOKEY);
	CHECK_INT(ask(tampered, both, TRUST(der)), -EKEYREJECTED);
}

TEST(included_certificates_do_not_save_tampered_content)
{
	CHECK_INT(ask(tampered, sign(PKI_PLAIN & ~CMS_NOCERTS), TRUST(der)), -EKEYREJECTED);
	CHECK_INT(ask(tampered, sign(PKI_PLAIN & ~(CMS_NOCERTS | CMS_USE_KEYID)), TRUST(der)),
		  -EKEYREJECTED);
}

TEST(an_included_self_signed_certificate_is_not_trusted)
{
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~CMS_NOCERTS), TRUST(der2)), -ENOKEY);
	CHECK_INT(ask(content, sign(PKI_PLAIN & ~(CMS_NOCERTS | CMS_USE_KEYID)), TRUST(der2)),
		  -ENOKEY);
}

/* --- ML-DSA: keys and signatures of junk, since the answer does not depend on them --- */

#define OID_MLDSA44_DER BYTES("\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11")

static struct view mldsa_cert(void)
{
	struct view alg = DER(0x30, OID_MLDSA44_DER);

	return build_cert(p256, p256,
			  &(struct cert_parts){
				  .sig_alg = alg,
				  .outer_alg = alg,
				  .key_info = DER(0x30, alg, DER(0x03, BYTES("\0some key"))),
			  });
}

TEST(mldsa_is_unknown_to_6_18_and_absent_from_debian_later)
{
	struct view message = build_message(p256, content,
					    &(struct message_parts){
						    .sig_alg = DER(0x30, OID_MLDSA44_DER),
					    });

	CHECK_INT(add_to_line(KV_LINUX_6_18, mldsa_cert()), -ENOPKG);
	CHECK_INT(ask_line(KV_LINUX_6_18, content, message, NOBODY), -ENOPKG);
	for (enum kv_line line = KV_LINUX_7_0; line <= KV_LINUX_7_3; line++) {
		CHECK_INT(add_to_line(line, mldsa_cert()), -ENOENT);
		CHECK_INT(ask_line(line, content, message, TRUST(mldsa_cert())), -ENOKEY);
	}
}

static int add_mldsa(struct view signature)
{
	const struct kv_config config = {
		.verification = true, .sha256 = true, .sha512 = true, .mldsa = true};
	static const uint8_t zeros[1312];
	struct view alg = DER(0x30, OID_MLDSA44_DER), zero = BYTES("\0");
	struct view signer = build_cert(
		p256, p256,
		&(struct cert_parts){
			.sig_alg = alg,
			.outer_alg = alg,
			.key_info = DER(0x30, alg, DER(0x03, zero, view_of(zeros, sizeof(zeros)))),
			.signature = DER(0x03, zero, signature),
		});
	struct kv_keyring *keyring = NULL;
	int ret;

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_2, &keyring));
	kv_keyring_configure(keyring, &config);
	ret = add(keyring, signer);
	kv_keyring_free(keyring);
	return ret;
}

/* Size and form as FIPS 204 has them, so that nothing but the arithmetic is left to refuse it. */
TEST(mldsa_built_in_is_asked_of_openssl)
{
	const char *openssl = OpenSSL_version(OPENSSL_VERSION_STRING);
	static uint8_t value[2420];

	CHECK_INT(add_mldsa(view_of(value, sizeof(value))), -EBADMSG);
	for (size_t bit = 32 * 8 + 17; bit < 2336 * 8; bit += 18)
		value[bit / 8] |= (uint8_t)(1 << bit % 8);
	CHECK_INT(add_mldsa(view_of(value, sizeof(value))),
		  strverscmp(openssl, "3.5") < 0 ? -ENOTSUP : -EKEYREJECTED);
}

UNIT_MAIN
