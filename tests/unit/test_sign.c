// SPDX-License-Identifier: BSD-2-Clause
/*
 * Signatures over an image: what is put into it and what goes, what is refused before anybody gets
 * to see it, signatures that were made elsewhere, and whether those that are there still fit.
 */
#include "sign.h"

#include <errno.h>
#include <openssl/pem.h>

#include "judge.h"
#include "pki.h"
#include "signed_sample.h"

#define FOLDED	   SCHEME_BIT(SCHEME_FOLDED)
#define CHAIN	   SCHEME_BIT(SCHEME_CHAIN)
#define INSNS	   SCHEME_BIT(SCHEME_INSNS)
#define INSNS_HASH SCHEME_BIT(SCHEME_INSNS_HASH)

static struct err err;

/* Signers by keys/test/NAME, one or two, and their keyrings. */
struct signing {
	struct sign sign;
	struct key_signer *owned[2];
};

static void signing_free(struct signing *signing)
{
	sign_end(&signing->sign);
	for (size_t i = 0; i < ARRAY_SIZE(signing->owned); i++)
		key_signer_free(signing->owned[i]);
}

#define _signing_ _cleanup_(signing_free)

static void begin(struct signing *ret, const char *first, const char *second)
{
	const char *names[] = {first, second};

	*ret = (struct signing){.sign = {.hash = HASH_SHA256}};
	for (size_t i = 0; i < ARRAY_SIZE(names) && names[i]; i++) {
		char key[64], cert[64];
		const struct key_source source = {.key = key, .cert = cert};

		snprintf(key, sizeof(key), "keys/test/%s.key", names[i]);
		snprintf(cert, sizeof(cert), "keys/test/%s.crt", names[i]);
		SAMPLE_MUST(key_signer_load(&source, &ret->owned[i], &sample_err));
		ret->sign.signers[i] = ret->owned[i];
		ret->sign.nr_signers++;
	}
	SAMPLE_MUST(sign_begin(&ret->sign, &sample_err));
}

/* Instructions and a map of SIZE bytes, which need not be a loader. */
static void make_parts(struct sample *ret, size_t size)
{
	_buf_ struct buf insns = {0}, value = {0};

	*ret = (struct sample){.loader = {.known = false}};
	buf_add_str(&insns, "insn 0..insn 1..");
	memset(buf_space(&value, size), 7, size);
	SAMPLE_MUST(image_set_insns(&ret->image, &insns, &sample_err));
	SAMPLE_MUST(image_add_map(&ret->image, "m", &value, (uint32_t)size, 1, &sample_err));
	sample_again(ret);
}

/* A loader with every form, which is not signed yet. */
static void make_forms(struct sample *ret, const char *name)
{
	sample_read(ret, name);
	sample_prepare(ret, &(struct prepare_options){.also_hash = true});
}

static int sign_all(const struct signing *signing, struct sample *sample, scheme_set schemes)
{
	struct sign_signature made[SCHEME_NR];
	size_t nr;

	return sign_image(&signing->sign, &sample->subject, schemes, made, &nr, &err);
}

/* --- what is put into the image --- */

TEST(each_scheme_has_its_signature_and_is_described)
{
	struct sign_signature made[SCHEME_NR];
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};
	size_t nr = 0;

	NEED_CLANG();
	begin(&signing, "rsa2048", NULL);
	make_forms(&sample, "tiny");
	CHECK_INT(sign_image(&signing.sign, &sample.subject, SCHEME_ALL | INSNS_HASH, made, &nr,
			     &err),
		  0);
	CHECK_INT((long long)nr, SCHEME_NR);
	for (enum scheme scheme = 0; scheme < nr; scheme++) {
		_buf_ struct buf content = {0};
		uint8_t digest[HASH_SHA256_SIZE];

		CHECK_INT(made[scheme].scheme, scheme);
		CHECK_INT((long long)made[scheme].size, (long long)sample.image.sig[scheme].size);
		CHECK(made[scheme].size > 256);
		CHECK_INT(scheme_content_copy(scheme, &sample.image, &content, &err), 0);
		if (scheme == SCHEME_CHAIN)
			memcpy(digest, content.data, sizeof(digest));
		else
			hash_sha256(buf_view(&content), digest);
		CHECK(!memcmp(made[scheme].digest, digest, sizeof(digest)));
	}
	CHECK_INT(made[SCHEME_CHAIN].kernels, KERNEL_BIT(KERNEL_CHAIN));
	CHECK_INT(made[SCHEME_INSNS_HASH].kernels, verdict_kernels(SCHEME_INSNS));
	CHECK(made[SCHEME_INSNS].kernels &&
	      !(made[SCHEME_INSNS].kernels & KERNEL_BIT(KERNEL_6_18)));
}

TEST(what_was_signed_before_goes)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};
	struct view before;

	NEED_CLANG();
	begin(&signing, "p256", NULL);
	sample_whole(&sample, "tiny");
	buf_add_str(&sample.image.sig_unnamed, "unnamed");
	sample.image.excl_hash.data[0] ^= 1;
	sample.image.excl_hash_checked.data[0] ^= 1;
	before = buf_view(&sample.image.sig[SCHEME_FOLDED]);
	CHECK_INT(sign_all(&signing, &sample, FOLDED), 0);
	CHECK_INT(scheme_signed(&sample.image), FOLDED);
	CHECK(!sample.image.sig_unnamed.data);
	CHECK(sample.image.sig[SCHEME_FOLDED].size < before.size); /* ECDSA, no longer RSA */
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		const uint8_t *hash = NULL;

		CHECK_INT(scheme_excl_hash(&sample.subject.contents, scheme, &hash, &err), 0);
		CHECK(view_equal(buf_view(image_excl_hash(&sample.image, scheme)),
				 view_of(hash, HASH_SHA256_SIZE)));
	}
}

TEST(each_of_two_signers_is_accepted_where_it_alone_is_trusted)
{
	static const char *const names[] = {"rsa2048", "p384"};
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	begin(&signing, names[0], names[1]);
	make_forms(&sample, "tiny");
	CHECK_INT(sign_all(&signing, &sample, SCHEME_ALL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_sample_trust_ struct sample_trust trust = {.fails = 0};
		const struct judge_question question = {.keyring = sample_keyring, .arg = &trust};
		_judge_rows_ struct judge_rows rows = {.nr = 0};

		for (enum kv_line line = 0; line < KV_LINE_NR; line++)
			sample_trust(&trust, line, names[i], NULL);
		CHECK_INT(judge_image(&question, &sample.subject, &rows, &err), 0);
		CHECK_INT(judge_outcome(&rows), JUDGE_VALID);
		CHECK_INT((long long)rows.list[0].signers.nr, 2);
	}
}

/* --- what is refused --- */

TEST(a_map_that_makes_a_chain_ambiguous_is_not_chained)
{
	static const struct {
		size_t size;
		bool ambiguous; /* its hashed size is 64 */
	} maps[] = {{56, false}, {57, true}, {64, true}, {65, false}};
	_signing_ struct signing signing = {0};

	begin(&signing, "rsa2048", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		_sample_ struct sample sample = {0};

		make_parts(&sample, maps[i].size);
		signing.sign.allow_ambiguous = false;
		CHECK_INT(sign_all(&signing, &sample, CHAIN | FOLDED),
			  maps[i].ambiguous ? ERR_REFUSED : 0);
		CHECK(!maps[i].ambiguous || strstr(err.text, "--allow-ambiguous"));
		CHECK_INT(scheme_signed(&sample.image), maps[i].ambiguous ? 0 : CHAIN | FOLDED);
		CHECK_INT(sign_all(&signing, &sample, FOLDED | INSNS), 0);
		signing.sign.allow_ambiguous = true;
		CHECK_INT(sign_all(&signing, &sample, CHAIN), 0);
		CHECK_INT(scheme_signed(&sample.image), CHAIN);
	}
}

/* KEY and a certificate of it that is signed with MD5, in one file. */
static void write_md5(const char *path, const char *name)
{
	EVP_PKEY *key = pki_key("RSA2048");
	X509 *cert = pki_cert(&(struct pki_profile){.name = name, .key = key, .digest = "MD5"});
	FILE *file = fopen(path, "w");

	if (!CHECK(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) &&
		   PEM_write_X509(file, cert) && !fclose(file)))
		abort();
}

TEST(a_certificate_that_kernels_do_not_take_is_what_is_said)
{
	char path[] = "/tmp/test_sign.XXXXXX";
	const struct key_source source = {.key = path};
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};
	int fd = mkstemp(path);

	write_md5(path, "md5");
	close(fd);
	/* the first is fine, the second is named */
	begin(&signing, "rsa2048", NULL);
	sign_end(&signing.sign);
	memset(signing.sign.keyrings, 0, sizeof(signing.sign.keyrings));
	SAMPLE_MUST(key_signer_load(&source, &signing.owned[1], &sample_err));
	signing.sign.signers[1] = signing.owned[1];
	signing.sign.nr_signers = 2;
	CHECK_INT(sign_begin(&signing.sign, &err), 0);
	make_parts(&sample, 8);
	CHECK_INT(sign_all(&signing, &sample, FOLDED), -ENOPKG);
	CHECK(!strncmp(err.text, path, strlen(path)));
	CHECK(strstr(err.text, " would not add the certificate to a keyring: ENOPKG ("));
	unlink(path);
}

/* --- signatures that were made elsewhere --- */

/* The signature of SCHEME that KEY makes of SAMPLE, which is left unsigned. */
static struct buf make_elsewhere(struct sample *sample, enum scheme scheme, const char *key)
{
	_signing_ struct signing signing = {0};

	begin(&signing, key, NULL);
	CHECK_INT(sign_all(&signing, sample, SCHEME_BIT(scheme)), 0);
	return buf_take(&sample->image.sig[scheme]);
}

/* What is said of GIVEN, which is taken, as one of SCHEME over SAMPLE. */
static int take(const struct signing *signing, struct sample *sample, enum scheme scheme,
		struct buf given, struct sign_signature *ret)
{
	int rc;

	CHECK_INT(sign_start(&signing->sign, &sample->subject, SCHEME_BIT(scheme), &err), 0);
	rc = sign_take(&signing->sign, &sample->subject, scheme, &given, ret, &err);
	CHECK(!given.data);
	return rc;
}

TEST(a_signature_made_elsewhere_is_taken_if_it_fits)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	begin(&signing, "rsa2048", NULL);
	make_forms(&sample, "tiny");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		struct buf given = make_elsewhere(&sample, scheme, "rsa2048");
		const size_t size = given.size;
		struct sign_signature made;

		CHECK_INT(take(&signing, &sample, scheme, given, &made), 0);
		CHECK_INT(made.scheme, scheme);
		CHECK_INT((long long)made.size, (long long)size);
		CHECK(made.kernels && !(made.kernels & ~verdict_kernels(scheme)));
		CHECK_INT((long long)sample.image.sig[scheme].size, (long long)size);
	}
}

TEST(a_signature_of_another_scheme_is_called_that)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};
	struct sign_signature made;

	NEED_CLANG();
	begin(&signing, "rsa2048", NULL);
	make_forms(&sample, "tiny");
	CHECK_INT(take(&signing, &sample, SCHEME_FOLDED,
		       make_elsewhere(&sample, SCHEME_CHAIN, "rsa2048"), &made),
		  -EKEYREJECTED);
	CHECK_STR(err.text, "the signature belongs to the chain scheme, not to folded");
	CHECK_INT(take(&signing, &sample, SCHEME_INSNS,
		       make_elsewhere(&sample, SCHEME_INSNS_HASH, "rsa2048"), &made),
		  -EKEYREJECTED);
	CHECK_STR(err.text, "the signature belongs to the insns-hash scheme, not to insns");
	/* a form that is not there is not looked at */
	buf_free(&sample.image.insns_hash);
	CHECK_INT(take(&signing, &sample, SCHEME_CHAIN,
		       make_elsewhere(&sample, SCHEME_FOLDED, "rsa2048"), &made),
		  -EKEYREJECTED);
	CHECK_STR(err.text, "the signature belongs to the folded scheme, not to chain");
}

TEST(a_signature_of_something_else_or_somebody_else_is_refused)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0}, other = {0};
	struct sign_signature made;
	struct buf garbage = {0};

	begin(&signing, "rsa2048", NULL);
	make_parts(&sample, 8);
	make_parts(&other, 16);
	signing.sign.raw = true;
	CHECK_INT(take(&signing, &sample, SCHEME_FOLDED,
		       make_elsewhere(&other, SCHEME_FOLDED, "rsa2048"), &made),
		  -EKEYREJECTED);
	CHECK(!strncmp(err.text, "it does not match this file, scheme, key and options: ", 54));
	CHECK_INT(take(&signing, &sample, SCHEME_FOLDED,
		       make_elsewhere(&sample, SCHEME_FOLDED, "p256"), &made),
		  -ENOKEY);
	CHECK(strstr(err.text, " would refuse the new folded signature: ENOKEY ("));
	buf_add_str(&garbage, "garbage");
	CHECK_INT(take(&signing, &sample, SCHEME_FOLDED, garbage, &made), -EBADMSG);
}

/* --- kernels that have to load it --- */

static int check_kernels(struct signing *signing, struct sample *sample, kernel_set kernels)
{
	signing->sign.kernels = kernels;
	return sign_check_kernels(&signing->sign, &sample->subject, &err);
}

TEST(each_kernel_that_is_named_has_to_load_what_was_signed)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	begin(&signing, "rsa2048", NULL);
	make_forms(&sample, "tiny");
	CHECK_INT(sign_all(&signing, &sample, SCHEME_ALL | INSNS_HASH), 0);
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_ALL), 0);
	CHECK_INT(sign_all(&signing, &sample, SCHEME_ALL), 0);
	CHECK_INT(check_kernels(&signing, &sample, 0), 0);
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_2) | KERNEL_BIT(KERNEL_7_3)),
		  0);
	/* the second form reads a field that this one does not have */
	CHECK_INT(
		check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_2) | KERNEL_BIT(KERNEL_6_18)),
		-EACCES);
	CHECK(strstr(err.text, "Linux 6.18 before 6.18.40 would not load it (insns): EACCES ("));
	CHECK(strstr(err.text, "--insns-form=exclusive,hash-only"));
	CHECK_INT(sign_all(&signing, &sample, FOLDED), 0);
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_2)), -EKEYREJECTED);
	CHECK(!strstr(err.text, "--insns-form"));
}

TEST(each_signer_is_asked_for)
{
	_signing_ struct signing both = {0}, one = {0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	begin(&both, "rsa2048", "p256");
	begin(&one, "rsa2048", NULL);
	make_forms(&sample, "tiny");
	CHECK_INT(sign_all(&one, &sample, FOLDED), 0);
	CHECK_INT(check_kernels(&one, &sample, KERNEL_BIT(KERNEL_7_3)), 0);
	CHECK_INT(check_kernels(&both, &sample, KERNEL_BIT(KERNEL_7_3)), -ENOKEY);
}

TEST(what_nobody_can_tell_of_is_not_for_a_named_kernel)
{
	_signing_ struct signing signing = {0};
	_sample_ struct sample sample = {0};

	begin(&signing, "rsa2048", NULL);
	make_parts(&sample, 8);
	CHECK_INT(sign_all(&signing, &sample, FOLDED), 0);
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_3)), -EKEYREJECTED);
	CHECK(!strncmp(err.text, "would not be accepted by Linux 7.3 (folded): ", 45));
	signing.sign.allow_unknown = true;
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_3)), 0);
	signing.sign.allow_unknown = false;
	signing.sign.raw = true;
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_3)), 0);
	CHECK_INT(sign_all(&signing, &sample, INSNS), 0);
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_2)), -EKEYREJECTED);
	CHECK(strstr(err.text, "[data-uncovered]"));
	signing.sign.allow_uncovered = true;
	CHECK_INT(check_kernels(&signing, &sample, KERNEL_BIT(KERNEL_7_2)), 0);
}

/* --- signatures that are there --- */

/* What is said of them by the certificate of KEY: 1, all of them are its; 0, not; or an error. */
static int present(struct sample *sample, const char *key)
{
	_signing_ struct signing signing = {0};
	bool known = false;
	int rc;

	begin(&signing, key, NULL);
	rc = sign_check_present(&signing.sign, &sample->subject, &known, &err);
	return rc ?: known;
}

TEST(signatures_that_are_there_are_known_by_their_signer)
{
	_sample_ struct sample sample = {0}, mixed = {0};
	struct buf other;

	NEED_CLANG();
	sample_whole(&sample, "typed");
	CHECK_INT(present(&sample, "rsa2048"), 1);
	CHECK_INT(present(&sample, "p256"), 0);
	/* all of them have to be */
	sample_whole(&mixed, "typed");
	sample_sign(&mixed, CHAIN, "p256");
	other = buf_take(&mixed.image.sig[SCHEME_CHAIN]);
	sample_sign(&mixed, FOLDED, "rsa2048");
	mixed.image.sig[SCHEME_CHAIN] = other;
	CHECK_INT(present(&mixed, "rsa2048"), 0);
	CHECK_INT(present(&mixed, "p256"), 0);
}

TEST(what_was_changed_under_a_signature_is_found)
{
	_sample_ struct sample data = {0}, insns = {0}, signature = {0}, form = {0};

	NEED_CLANG();
	sample_whole(&data, "typed");
	data.image.maps[0].value.data[data.image.maps[0].value.size - 1] ^= 1;
	sample_again(&data);
	CHECK_INT(present(&data, "rsa2048"), -EKEYREJECTED);
	/* the hash of the second form tells, whoever signed */
	sample_whole(&form, "typed");
	CHECK_INT(loader_set_value(&form.loader, &form.image, 0, 0, view_lit("z"), &err), 0);
	sample_again(&form);
	CHECK_INT(present(&form, "p256"), -EKEYREJECTED);
	CHECK_STR(err.text, "the present insns signature does not match (its data was changed)");
	sample_whole(&insns, "typed");
	insns.image.insns.data[0] ^= 1;
	sample_again(&insns);
	CHECK_INT(present(&insns, "p256"), -EKEYREJECTED);
	CHECK_STR(err.text,
		  "the present folded signature does not match (its instructions were changed)");
	sample_whole(&signature, "typed");
	signature.image.sig[SCHEME_CHAIN].data[signature.image.sig[SCHEME_CHAIN].size - 1] ^= 1;
	CHECK_INT(present(&signature, "rsa2048"), -EKEYREJECTED);
	CHECK(!strncmp(err.text, "the present chain signature does not match (", 44));
	CHECK_INT(present(&signature, "p256"), 0);
}

TEST(a_signature_without_a_name_fits_as_one_of_either)
{
	static const enum scheme schemes[] = {SCHEME_FOLDED, SCHEME_INSNS, SCHEME_CHAIN};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		_sample_ struct sample sample = {0};
		struct buf signature;

		sample_whole(&sample, "tiny");
		signature = buf_take(&sample.image.sig[schemes[i]]);
		image_unsign(&sample.image);
		sample.image.sig_unnamed = signature;
		CHECK_INT(present(&sample, "rsa2048"),
			  schemes[i] == SCHEME_CHAIN ? -EKEYREJECTED : 1);
		CHECK_INT(present(&sample, "p256"), 0);
	}
}

UNIT_MAIN
