// SPDX-License-Identifier: BSD-2-Clause
/* How a key is found, chains of certificates, revocation. */
#include "kverify/keyring.h"
#include "kvtest.h"

static EVP_PKEY *ca_key, *mid_key, *signing_key, *key, *key_of_nobody;
static X509 *ca, *mid, *leaf;

__attribute__((constructor)) static void make_chain(void)
{
	ca_key = pki_key("P-256");
	mid_key = pki_key("P-384");
	key = pki_key("RSA2048");
	key_of_nobody = pki_key("P-256");
	signing_key = pki_key("P-256");
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

/* --- several keys of one id --- */

/* A certificate of KEY for NAME with the key id ID, under the serial number 7. */
static struct view with_id(const char *name, EVP_PKEY *own, struct view id)
{
	return build_cert(
		own, own,
		&(struct cert_parts){.subject = x500_name(name),
				     .issuer = x500_name(name),
				     .extensions = DER(0xa3, DER(0x30, skid_extension(id)))});
}

#define RING_MAX 20

/* NR certificates with one id: number SIGNER is of the key that signs, the others of another. */
static int ask_ring(size_t nr, size_t signer, struct view data)
{
	struct view certs[RING_MAX + 1] = {{NULL, 0}};

	for (size_t i = 0; i < nr; i++) {
		char name[] = {'c', (char)('a' + i), '\0'};

		certs[i] = with_id(name, i == signer ? signing_key : key_of_nobody, BYTES("an id"));
	}
	return ask(data, build_message(signing_key, content, &(struct message_parts){0}), certs);
}

TEST(of_up_to_16_keys_the_first_is_met_first)
{
	for (size_t nr = 1; nr <= 16; nr += 5) {
		for (size_t signer = 0; signer < nr; signer++)
			CHECK_INT(ask_ring(nr, signer, content), signer ? -EKEYREJECTED : 0);
	}
}

TEST(of_more_than_16_keys_the_first_is_chance)
{
	CHECK_INT(ask_ring(17, 0, content), -ENOTSUP);
	CHECK(strstr(answer.reason, "several certificates"));
	CHECK_INT(ask_ring(20, 13, content), -ENOTSUP);
	CHECK_INT(ask_ring(20, RING_MAX, content), -EKEYREJECTED);
	CHECK_INT(ask_ring(17, RING_MAX, tampered), -EKEYREJECTED);
}

/* Behind others, the last one that was added is met first. */
TEST(of_up_to_16_keys_the_last_is_met_second)
{
	struct view message = build_message(signing_key, content, &(struct message_parts){0});
	struct view first = with_id("first", key_of_nobody, BYTES("another id")),
		    good = with_id("good", signing_key, BYTES("an id")),
		    bad = with_id("bad", key_of_nobody, BYTES("an id")),
		    other = with_id("other", key_of_nobody, BYTES("a third id"));

	CHECK_INT(ask(content, message, TRUST(first, bad, good)), 0);
	CHECK_INT(ask(content, message, TRUST(first, good, bad)), -EKEYREJECTED);
	CHECK_INT(ask(content, message, TRUST(first, bad, other, good)), 0);
	CHECK_INT(ask(content, message, TRUST(first, bad, good, other)), 0);
	CHECK_INT(ask(content, message, TRUST(first, good, bad, other)), -EKEYREJECTED);
	CHECK_INT(ask(content, message, TRUST(good, bad, other)), 0);
	CHECK_INT(ask(content, message, TRUST(bad, other, good)), -EKEYREJECTED);
}

TEST(a_key_that_takes_the_place_of_another_keeps_its_order)
{
	struct view message = build_message(signing_key, content, &(struct message_parts){0});
	struct view bad = with_id("a", key_of_nobody, BYTES("an id")),
		    good = with_id("a", signing_key, BYTES("an id")),
		    rival = with_id("b", key_of_nobody, BYTES("an id"));

	CHECK_INT(ask(content, message, TRUST(bad, rival, good)), 0);
	CHECK_INT(ask(content, message, TRUST(good, rival, bad)), -EKEYREJECTED);
	CHECK_INT(ask(content, message, TRUST(rival, bad, good)), -EKEYREJECTED);
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

/* Is it open which of A and B answers to ID, were there other keys besides? */
static bool is_open(struct view a, struct view b, struct view id)
{
	static const struct kv_id no_id;
	const struct kv_id wanted = {true, {id}};
	const struct x509 *ignored;
	struct keyring keyring = {.unordered = true};
	const struct view certs[] = {a, b};
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(certs); i++) {
		struct buf nothing = {0};
		struct x509 *cert = NULL;

		PKI_MUST(!x509_parse(kv_rules(KV_LINUX_7_3), certs[i], &cert, &answer));
		PKI_MUST(!keyring_add(&keyring, cert, &nothing));
	}
	ret = keyring_find(&keyring, &wanted, &no_id, &ignored);
	keyring_free(&keyring);
	return ret == KV_CANNOT_TELL;
}

TEST(two_keys_may_share_an_id_of_any_kind)
{
	struct view of_a = DER(0x31, DER(0x30, OID_CN, DER(0x0c, BYTES("ca"))));
	struct view serial = JOIN(BYTES("\x07"), of_a), id = BYTES("id a");
	struct view a = named("a", "ca", id);
	struct view alike = named("b", "other ca", id);
	struct view b = with_id("b", signing_key, id);
	struct view by_serial = build_cert(
		signing_key, key_of_nobody,
		&(struct cert_parts){.issuer = x500_name("ca"), .subject = x500_name("b")});

	CHECK(!is_open(a, with_id("b", signing_key, BYTES("id b")), id));
	CHECK(!is_open(a, alike, id)); /* of one key */
	CHECK(is_open(a, b, id) && is_open(b, a, id));
	CHECK(is_open(a, by_serial, serial) && is_open(by_serial, a, serial));
	CHECK(!is_open(a, by_serial, id));
	CHECK(is_open(a, with_id("b", signing_key, serial), serial));
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

TEST(too_many_certificates_are_no_answer)
{
	struct view cert = pki_der(
		pki_cert(&(struct pki_profile){.name = "slow", .key = pki_key("P-521")}));
	struct kv_keyring *keyring;
	struct err err;
	int rc = 0, nr = 0;

	PKI_MUST(!kv_keyring_new(KV_LINUX_7_2, &keyring));
	while (!rc && nr < 1000) {
		rc = kv_keyring_add(keyring, cert, &answer, &err);
		CHECK(rc || !answer.code);
		nr++;
	}
	CHECK_INT(rc, -ENOTSUP);
	CHECK(nr > 150 && nr < 200);
	CHECK(strstr(err.text, "too many self-signed certificates"));
	kv_keyring_free(keyring);
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
	ret = kv_verify(keyring, INPUT_OF(data), signature, &answer, &err);
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
