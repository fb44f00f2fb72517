// SPDX-License-Identifier: BSD-2-Clause
/*
 * The detached signature around raw ones: the bytes that OpenSSL's own CMS makes, from whatever
 * side the raw signature comes. Run from the top of the tree (keys/test).
 */
#include "../bytes.h"
#include "cms.h"

#include <errno.h>
#include <openssl/pem.h>

#include "key/key.h"
#include "pki.h"
#include "unit.h"

#define CONTENT view_lit("insn 0..insn 1..map contents")

static struct key_signer *load(const char *name)
{
	char key[64], cert[64];
	const struct key_source source = {key, cert, NULL};
	struct key_signer *signer = NULL;
	struct err err;

	snprintf(key, sizeof(key), "keys/test/%s.key", name);
	snprintf(cert, sizeof(cert), "keys/test/%s.crt", name);
	CHECK_INT(key_signer_load(&source, &signer, &err), 0);
	return signer;
}

#define _signer_ _cleanup_(key_signer_free_p)

/* The raw signature of SIGNER over CONTENT. */
static void sign_raw(const struct key_signer *signer, struct buf *ret)
{
	_buf_ struct buf message = {0};
	struct err err;

	CHECK_INT(cms_to_be_signed(key_signer_cert(signer), HASH_SHA256, INPUT_OF(CONTENT),
				   &message, &err),
		  0);
	CHECK(view_equal(buf_view(&message), CONTENT));
	CHECK_INT(key_sign_raw(signer, HASH_SHA256, INPUT_OF(buf_view(&message)), ret, &err), 0);
}

static int assemble(const struct key_signer *signer, struct view raw, struct buf *ret)
{
	struct cms_part part = {key_signer_cert(signer), raw};
	struct err err;

	return cms_assemble(&part, 1, HASH_SHA256, INPUT_OF(CONTENT), ret, &err);
}

TEST(an_rsa_signature_is_the_one_of_openssl)
{
	static const char *const names[] = {"rsa2048", "rsa4096", "leaf", "noskid"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_signer_ struct key_signer *signer = load(names[i]);
		_buf_ struct buf made = {0};
		struct err err;
		struct view der, peer;
		FILE *file;
		char path[64];
		EVP_PKEY *key;
		X509 *cert;

		CHECK_INT(cms_sign((const struct key_signer *const[]){signer}, 1, HASH_SHA256,
				   INPUT_OF(CONTENT), &made, &err),
			  0);
		snprintf(path, sizeof(path), "keys/test/%s.key", names[i]);
		file = fopen(path, "r");
		PKI_MUST(file);
		key = pki_keep(PEM_read_PrivateKey(file, NULL, NULL, NULL));
		fclose(file);
		der = key_signer_cert(signer);
		cert = pki_keep(d2i_X509(NULL, &der.data, (long)der.size));
		peer = pki_sign(CONTENT, cert, key, "SHA256",
				strcmp(names[i], "noskid") ? PKI_PLAIN
							   : PKI_PLAIN & ~CMS_USE_KEYID);
		CHECK(view_equal(buf_view(&made), peer));
	}
}

TEST(a_raw_signature_gives_the_message_that_signing_at_once_gives)
{
	_signer_ struct key_signer *signer = load("rsa2048");
	_buf_ struct buf raw = {0}, once = {0}, made = {0};
	struct err err;

	CHECK_INT(cms_sign((const struct key_signer *const[]){signer}, 1, HASH_SHA256,
			   INPUT_OF(CONTENT), &once, &err),
		  0);
	sign_raw(signer, &raw);
	CHECK_INT(assemble(signer, buf_view(&raw), &made), 0);
	CHECK(view_equal(buf_view(&made), buf_view(&once)));
}

TEST(ecdsa_is_taken_as_der_or_as_r_and_s)
{
	static const char *const names[] = {"p256", "p384"};
	static const int halves[] = {32, 48};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_signer_ struct key_signer *signer = load(names[i]);
		_buf_ struct buf der = {0}, from_der = {0}, from_raw = {0};
		const uint8_t *at;
		ECDSA_SIG *value;
		uint8_t raw[2 * 48];

		sign_raw(signer, &der);
		at = der.data;
		value = d2i_ECDSA_SIG(NULL, &at, (long)der.size);
		PKI_MUST(value);
		BN_bn2binpad(ECDSA_SIG_get0_r(value), raw, halves[i]);
		BN_bn2binpad(ECDSA_SIG_get0_s(value), raw + halves[i], halves[i]);
		CHECK_INT(assemble(signer, buf_view(&der), &from_der), 0);
		CHECK_INT(assemble(signer, view_of(raw, 2 * (size_t)halves[i]), &from_raw), 0);
		CHECK(view_equal(buf_view(&from_der), buf_view(&from_raw)));
		ECDSA_SIG_free(value);
	}
}

TEST(a_signature_of_another_size_is_refused)
{
	static const char *const names[] = {"rsa2048", "p256"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_signer_ struct key_signer *signer = load(names[i]);
		_buf_ struct buf raw = {0}, made = {0};

		sign_raw(signer, &raw);
		CHECK_INT(assemble(signer, view_sub(buf_view(&raw), 0, raw.size - 1), &made),
			  -EBADMSG);
		buf_add(&raw, "", 1);
		CHECK_INT(assemble(signer, buf_view(&raw), &made), -EBADMSG);
		CHECK_INT(assemble(signer, NOTHING, &made), -EBADMSG);
		CHECK_INT(made.size, 0);
	}
}

TEST(the_order_of_signers_changes_no_byte)
{
	_signer_ struct key_signer *a = load("rsa2048"), *b = load("leaf"), *c = load("rsa4096");
	_buf_ struct buf first = {0}, second = {0};
	struct err err;

	CHECK_INT(cms_sign((const struct key_signer *const[]){a, b, c}, 3, HASH_SHA256,
			   INPUT_OF(CONTENT), &first, &err),
		  0);
	CHECK_INT(cms_sign((const struct key_signer *const[]){c, a, b}, 3, HASH_SHA256,
			   INPUT_OF(CONTENT), &second, &err),
		  0);
	CHECK(view_equal(buf_view(&first), buf_view(&second)));
}

TEST(no_signer_too_many_or_one_twice_are_refused)
{
	_signer_ struct key_signer *signer = load("rsa2048");
	const struct key_signer *signers[KEY_SIGNERS_MAX + 1];
	_buf_ struct buf made = {0};
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(signers); i++)
		signers[i] = signer;
	CHECK_INT(cms_sign(signers, 0, HASH_SHA256, INPUT_OF(CONTENT), &made, &err), -EINVAL);
	CHECK_INT(
		cms_sign(signers, ARRAY_SIZE(signers), HASH_SHA256, INPUT_OF(CONTENT), &made, &err),
		-EINVAL);
	CHECK_INT(cms_sign(signers, 2, HASH_SHA256, INPUT_OF(CONTENT), &made, &err), -EINVAL);
	CHECK_STR(err.text, "the same certificate is given twice: remove one");
	CHECK_INT(made.size, 0);
}

TEST(a_signer_without_a_private_key_knows_its_certificate_and_does_not_sign)
{
	const struct key_source source = {NULL, "keys/test/p256.crt", NULL};
	_signer_ struct key_signer *signer = NULL, *whole = load("p256");
	_buf_ struct buf raw = {0}, made = {0};
	struct err err;

	CHECK_INT(key_signer_from_cert(&source, &signer, &err), 0);
	CHECK(view_equal(key_signer_cert(signer), key_signer_cert(whole)));
	CHECK_STR(key_signer_skid(signer), key_signer_skid(whole));
	CHECK_INT(key_sign_raw(signer, HASH_SHA256, INPUT_OF(CONTENT), &raw, &err), -ENOKEY);
	sign_raw(whole, &raw);
	CHECK_INT(assemble(signer, buf_view(&raw), &made), 0);
}

TEST(what_is_no_certificate_is_refused)
{
	struct cms_part part = {view_lit("0\x03\x02\x01\x01"), view_lit("signature")};
	_buf_ struct buf made = {0};
	struct err err;

	CHECK_INT(cms_assemble(&part, 1, HASH_SHA256, INPUT_OF(CONTENT), &made, &err), -EBADMSG);
	CHECK_INT(cms_to_be_signed(part.cert, HASH_SHA256, INPUT_OF(CONTENT), &made, &err),
		  -EBADMSG);
	CHECK_INT(made.size, 0);
}

UNIT_MAIN
