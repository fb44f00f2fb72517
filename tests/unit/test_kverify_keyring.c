// SPDX-License-Identifier: BSD-2-Clause
/* How a key is found, chains of certificates, revocation. */
#include "kverify/keyring.h"
#include "kvtest.h"

static EVP_PKEY *ca_key, *mid_key, *key, *key_of_nobody;
static X509 *ca, *mid, *leaf;

__attribute__((constructor)) static void make_chain(void)
{
	ca_key = pki_key("P-256");
	mid_key = pki_key("P-384");
	key = pki_key("RSA2048");
	key_of_nobody = pki_key("P-256");
	ca = pki_cert(&(struct pki_profile){.name = "ca", .key = ca_key, .serial = 100});
	mid = pki_cert(&(struct pki_profile){.name = "intermediate",
					     .key = mid_key,
					     .issuer = ca,
					     .issuer_key = ca_key,
					     .serial = 101,
					     .authority = "keyid:always,issuer:always"});
	leaf = pki_cert(&(struct pki_profile){
		.name = "leaf", .key = key, .issuer = mid, .issuer_key = mid_key, .serial = 102});
}

#define BY_SERIAL (PKI_PLAIN & ~(CMS_USE_KEYID | CMS_NOCERTS))

/* A message by the leaf that includes the certificates up to a NULL. */
static struct view message_with(unsigned int flags, X509 **certs)
{
	CMS_ContentInfo *cms = pki_cms(content, &(struct pki_signer){leaf, key, NULL}, 1, flags);

	for (; *certs; certs++)
		PKI_MUST(CMS_add1_cert(cms, *certs));
	return pki_cms_der(cms);
}

#define WITH(...) ((X509 *[]){__VA_ARGS__, NULL})
#define ALONE	  ((X509 *[]){NULL})

TEST(a_trusted_leaf_needs_nobody_else)
{
	CHECK_INT(ask(content, message_with(PKI_PLAIN, ALONE), TRUST(pki_der(leaf))), 0);
}

TEST(a_trusted_ca_needs_the_chain_in_the_message)
{
	struct view trusted[] = {pki_der(ca), {NULL, 0}};

	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid)), trusted), 0);
	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid, ca)), trusted), 0);
	CHECK_INT(ask(content, message_with(BY_SERIAL, ALONE), trusted), -ENOKEY);
	CHECK_INT(ask(content, message_with(PKI_PLAIN, ALONE), trusted), -ENOKEY);
	CHECK_INT(ask(content, message_with(BY_SERIAL, ALONE), TRUST(pki_der(mid))), 0);
	CHECK_INT(ask(tampered, message_with(BY_SERIAL, WITH(mid)), trusted), -EKEYREJECTED);
}

TEST(chains_that_meet_are_trusted_alike)
{
	EVP_PKEY *other_key = pki_key("P-256");
	X509 *other = pki_cert(&(struct pki_profile){.name = "other leaf",
						     .key = other_key,
						     .issuer = mid,
						     .issuer_key = mid_key,
						     .serial = 103});
	struct pki_signer signers[] = {{leaf, key, NULL}, {other, other_key, NULL}};
	CMS_ContentInfo *cms = pki_cms(content, signers, 2, BY_SERIAL);

	PKI_MUST(CMS_add1_cert(cms, mid));
	CHECK_INT(ask(content, pki_cms_der(cms), TRUST(pki_der(ca))), 0);
	CHECK_INT(ask(content, pki_cms_der(cms), NOBODY), -ENOKEY);
	CHECK_INT(ask(tampered, pki_cms_der(cms), TRUST(pki_der(ca))), -EKEYREJECTED);
}

TEST(a_signer_by_key_id_does_not_find_its_certificate_in_the_message)
{
	/* The kernel looks for included certificates by issuer and serial number alone. */
	unsigned int flags = PKI_PLAIN & ~CMS_NOCERTS;

	CHECK_INT(ask(content, message_with(flags, WITH(mid)), TRUST(pki_der(ca))), -ENOKEY);
	CHECK_INT(ask(content, message_with(flags, WITH(mid)), TRUST(pki_der(leaf))), 0);
}

TEST(an_untrusted_root_in_the_message_ends_the_search)
{
	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid, ca)), NOBODY), -ENOKEY);
	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid)), NOBODY), -ENOKEY);
}

TEST(a_chain_must_be_signed)
{
	X509 *forged = pki_cert(&(struct pki_profile){.name = "intermediate",
						      .key = mid_key,
						      .issuer = ca,
						      .issuer_key = pki_key("P-256"),
						      .serial = 101,
						      .authority = "keyid:always,issuer:always"});
	struct view trusted[] = {pki_der(ca), {NULL, 0}};

	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(forged)), trusted), -EKEYREJECTED);
	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(forged, ca)), trusted), -EKEYREJECTED);
}

TEST(an_issuer_with_the_right_serial_and_a_wrong_key_id_is_rejected)
{
	X509 *twin = pki_cert(
		&(struct pki_profile){.name = "ca", .key = pki_key("P-256"), .serial = 100});
	struct view trusted[] = {pki_der(twin), {NULL, 0}};

	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid)), trusted), -EKEYREJECTED);
	CHECK_STR(answer.reason, "the signer's two ids belong to different certificates");
	CHECK_INT(ask(content, message_with(BY_SERIAL, WITH(mid, twin)), trusted), -EKEYREJECTED);
}

TEST(certificates_that_sign_each_other_are_no_endless_loop)
{
	EVP_PKEY *key_a = pki_key("P-256"), *key_b = pki_key("P-256");
	struct view id_a = DER(0x30, DER(0x80, BYTES("a"))),
		    id_b = DER(0x30, DER(0x80, BYTES("b")));
	struct view oid = BYTES("\x06\x03\x55\x1d\x23");
	struct view a = build_cert(
		key_a, key_b,
		&(struct cert_parts){
			.issuer = x500_name("b"),
			.subject = x500_name("a"),
			.extensions = DER(0xa3, DER(0x30, skid_extension(BYTES("a")),
						    DER(0x30, oid, DER(0x04, id_b))))});
	struct view b = build_cert(
		key_b, key_a,
		&(struct cert_parts){
			.issuer = x500_name("a"),
			.subject = x500_name("b"),
			.extensions = DER(0xa3, DER(0x30, skid_extension(BYTES("b")),
						    DER(0x30, oid, DER(0x04, id_a))))});
	struct message_parts parts = {
		.version = BYTES("\x02\x01\x01"),
		.signer_version = BYTES("\x02\x01\x01"),
		.id = DER(0x30, x500_name("b"), BYTES("\x02\x01\x07")),
		.certs = DER(0xa0, a, b),
	};

	CHECK_INT(ask(content, build_message(key_a, content, &parts), NOBODY), -ENOKEY);
	CHECK_INT(ask(content, build_message(key_a, content, &parts), TRUST(a)), 0);
	CHECK_INT(ask(content, build_message(key_a, content, &parts), TRUST(b)), 0);
}

/* --- the keyring itself --- */

static int ask_two(X509 *first, X509 *second, struct view signature)
{
	int there = ask(content, signature, TRUST(pki_der(first), pki_der(second)));

	CHECK_INT(ask(content, signature, TRUST(pki_der(second), pki_der(first))), there);
	return there;
}

TEST(two_keys_of_one_id_that_disagree_leave_the_answer_open)
{
	/* The same key id by hand on two keys: the kernel takes the one it meets first. */
	EVP_PKEY *one = pki_key("P-256"), *two = pki_key("P-256");
	struct view a = build_cert(
		one, one,
		&(struct cert_parts){.subject = x500_name("one"), .issuer = x500_name("one")});
	struct view b = build_cert(
		two, two,
		&(struct cert_parts){.subject = x500_name("two"), .issuer = x500_name("two")});
	struct view message = build_message(one, content, &(struct message_parts){0});

	CHECK_INT(ask(content, message, TRUST(a)), 0);
	CHECK_INT(ask(content, message, TRUST(b)), -EKEYREJECTED);
	CHECK_INT(ask(content, message, TRUST(a, b)), -ENOTSUP);
	CHECK_INT(ask(content, message, TRUST(b, a)), -ENOTSUP);
	CHECK_INT(ask(tampered, message, TRUST(a, b)), -EKEYREJECTED);
}

/* A certificate for SUBJECT, issued under the serial number 7, with the key id ID. */
static struct view named(const char *subject, const char *issuer, struct view id)
{
	return build_cert(
		key_of_nobody, key_of_nobody,
		&(struct cert_parts){.issuer = x500_name(issuer),
				     .subject = x500_name(subject),
				     .extensions = DER(0xa3, DER(0x30, skid_extension(id)))});
}

static bool is_ambiguous(const struct view *certs)
{
	struct keyring keyring = {0};
	bool ambiguous;

	for (; certs->data; certs++) {
		struct buf nothing = {0};
		struct x509 *cert = NULL;

		PKI_MUST(!x509_parse(kv_rules(KV_LINUX_7_3), *certs, &cert, &answer));
		PKI_MUST(!keyring_add(&keyring, cert, &nothing));
	}
	ambiguous = keyring_is_ambiguous(&keyring);
	keyring_free(&keyring);
	return ambiguous;
}

static bool are_ambiguous(struct view a, struct view b)
{
	CHECK_INT(is_ambiguous(TRUST(a, b)), is_ambiguous(TRUST(b, a)));
	return is_ambiguous(TRUST(a, b));
}

TEST(a_keyring_is_ambiguous_where_two_keys_share_an_id_of_any_kind)
{
	struct view a = named("a", "ca", BYTES("id a"));
	struct view b_names_a = JOIN(BYTES("\x07"),
				     DER(0x31, DER(0x30, OID_CN, DER(0x0c, BYTES("ca")))));

	CHECK(!is_ambiguous(NOBODY));
	CHECK(!is_ambiguous(TRUST(a)));
	CHECK(!are_ambiguous(a, named("b", "other ca", BYTES("id b"))));
	CHECK(are_ambiguous(a, named("b", "other ca", BYTES("id a"))));
	CHECK(are_ambiguous(a, named("b", "ca", BYTES("id b"))));
	CHECK(are_ambiguous(a, named("b", "other ca", b_names_a)));
}

TEST(an_id_that_is_not_there_is_like_no_other)
{
	const struct kv_id none = {0}, empty = {.set = true}, a = {true, {BYTES("a")}},
			   ab = {true, {BYTES("a"), BYTES("b")}}, whole = {true, {BYTES("ab")}};

	CHECK(!kv_id_same(&none, &none));
	CHECK(!kv_id_same(&none, &empty) && !kv_id_same(&empty, &none));
	CHECK(!kv_id_same(&a, &ab) && !kv_id_same(&ab, &a));
	CHECK(kv_id_same(&empty, &empty) && kv_id_same(&ab, &whole));
}

TEST(two_certificates_of_one_key_agree)
{
	X509 *old = pki_cert(&(struct pki_profile){.name = "old", .key = key, .serial = 1});
	X509 *new = pki_cert(&(struct pki_profile){.name = "new", .key = key, .serial = 2});
	struct view message = pki_sign(content, old, key, NULL, PKI_PLAIN);

	CHECK_INT(ask_two(old, new, message), 0);
}

TEST(a_certificate_takes_the_place_of_one_with_the_same_description)
{
	/* Same subject and key id, other serial number: key_create_or_update() replaces. */
	X509 *old = pki_cert(&(struct pki_profile){.name = "renewed", .key = key, .serial = 1});
	X509 *new = pki_cert(&(struct pki_profile){.name = "renewed", .key = key, .serial = 2});
	struct view message = pki_sign(content, old, key, NULL, PKI_PLAIN & ~CMS_USE_KEYID);

	CHECK_INT(ask(content, message, TRUST(pki_der(new), pki_der(old))), 0);
	CHECK_INT(ask(content, message, TRUST(pki_der(old), pki_der(new))), -ENOKEY);
}

/* --- revocation --- */

/* Revoke a certificate, then trust another (NULL: nobody) and ask. */
static int ask_revoked(X509 *revoked, X509 *trusted, struct view data, struct view signature)
{
	struct kv_keyring *keyring = NULL;
	struct err err = {0};
	int ret;

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(kv_keyring_revoke(keyring, pki_der(revoked), &err), 0);
	CHECK_INT(kv_keyring_revoke(keyring, pki_der(revoked), &err), 0);
	if (trusted)
		add(keyring, pki_der(trusted));
	ret = kv_verify(keyring, data, signature, &answer, &err);
	kv_keyring_free(keyring);
	return ret ? ret : answer.code;
}

TEST(a_revoked_signer_is_rejected)
{
	struct view plain = message_with(PKI_PLAIN, ALONE),
		    chain = message_with(BY_SERIAL, WITH(mid));

	CHECK_INT(ask_revoked(leaf, leaf, content, plain), -EKEYREJECTED);
	CHECK_STR(answer.reason, "the signer's certificate is revoked");
	CHECK_INT(ask_revoked(leaf, NULL, content, plain), -EKEYREJECTED);
	CHECK_INT(ask_revoked(leaf, ca, content, chain), -EKEYREJECTED);
	CHECK_INT(ask_revoked(mid, ca, content, chain), -EKEYREJECTED);
	CHECK_INT(ask_revoked(ca, leaf, content, chain), -EKEYREJECTED);
	CHECK_INT(ask_revoked(ca, leaf, content, plain), 0);
	CHECK_INT(ask_revoked(ca, leaf, tampered, plain), -EKEYREJECTED);
}

TEST(a_revoked_certificate_is_not_taken)
{
	struct kv_keyring *keyring = NULL;
	struct err err = {0};

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_3, &keyring));
	CHECK_INT(kv_keyring_revoke(keyring, pki_der(leaf), &err), 0);
	CHECK_INT(add(keyring, pki_der(leaf)), -EKEYREJECTED);
	CHECK_STR(answer.reason, "the certificate is revoked");
	CHECK_INT(add(keyring, pki_der(mid)), 0);
	CHECK_INT(kv_keyring_revoke(keyring, BYTES("junk"), &err), -EBADMSG);
	kv_keyring_free(keyring);
}

UNIT_MAIN
