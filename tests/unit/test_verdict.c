// SPDX-License-Identifier: BSD-2-Clause
/*
 * What BPF_PROG_LOAD answers to an image and a signature: the rows that real kernels were asked,
 * as far as they concern maps, attributes and sizes. Run from the top of the tree (keys/test).
 */
#include "../bytes.h"
#include "verdict.h"

#include <errno.h>
#include <openssl/evp.h>

#include "cms.h"
#include "failing.h"
#include "key/key.h"
#include "signed_sample.h"
#include "unit.h"

#define ENOTSUPP 524

WRAP(EVP_MD_CTX *, EVP_MD_CTX_new, (void))

/* Whether KERNEL is a release of MAJOR.MINOR or later. */
static bool is_from(enum kernel kernel, unsigned int major, unsigned int minor)
{
	const struct kernel_rules *rules = kernel_rules(kernel);

	return rules->major > major || (rules->major == major && rules->minor >= minor);
}

static const enum kernel unfolding[] = {KERNEL_6_18, KERNEL_6_18_40, KERNEL_6_19, KERNEL_7_0,
					KERNEL_7_1,  KERNEL_7_1_5,   KERNEL_7_2,  KERNEL_CHAIN};

/* A loader with a map for each of VALUES (NULL ends); exclusive to itself. */
static void make_image(struct image *image, const char *const *values)
{
	_buf_ struct buf insns = {0};
	struct scheme_contents contents;
	struct err err;

	buf_add_str(&insns, "insn 0..insn 1..");
	CHECK_INT(image_set_insns(image, &insns, &err), 0);
	for (; *values; values++) {
		_buf_ struct buf value = {0};

		buf_add_str(&value, *values);
		CHECK_INT(image_add_map(image, "m", &value, (uint32_t)value.size, 1, &err), 0);
	}
	scheme_begin(&contents, image);
	CHECK_INT(scheme_set_excl_hashes(&contents, image, &err), 0);
}

/* The RSA-2048 test key's signature over CONTENT. */
static void sign_bytes(struct view content, struct buf *ret)
{
	_cleanup_(key_signer_free_p) struct key_signer *signer = NULL;
	const struct key_source source = {"keys/test/rsa2048.key", "keys/test/rsa2048.crt", NULL};
	const struct key_signer *signers[1];
	struct err err;

	CHECK_INT(key_signer_load(&source, &signer, &err), 0);
	signers[0] = signer;
	CHECK_INT(cms_sign(signers, 1, HASH_SHA256, INPUT_OF(content), ret, &err), 0);
}

static void sign_content(const struct image *image, enum scheme scheme, struct buf *ret)
{
	_buf_ struct buf content = {0};
	struct err err;

	CHECK_INT(scheme_content_copy(scheme, image, &content, &err), 0);
	sign_bytes(buf_view(&content), ret);
}

static int trust(void *keyring, const struct key_cert *cert, struct err *err)
{
	struct kv_answer answer;
	int rc = kv_keyring_add(keyring, cert->der, &answer, err);

	return rc ?: answer.code;
}

/* What KERNEL answers, and its code; the signer's certificate is in its keyring. */
static int ask_answer(const struct image *image, enum scheme scheme, const struct buf *signature,
		      enum kernel kernel, const struct verdict_assumptions *assumptions,
		      struct kv_answer *answer)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct scheme_contents contents;
	struct verdict_load load = {
		.contents = &contents,
		.scheme = scheme,
		.signature = buf_view(signature),
		.kernel = kernel,
	};
	struct err err;

	scheme_begin(&contents, image);
	if (assumptions)
		load.assumptions = *assumptions;
	CHECK_INT(kv_keyring_new(kernel_rules(kernel)->line, &keyring), 0);
	CHECK_INT(key_each_cert("keys/test/rsa2048.crt",
				&(struct key_certs){.cert = trust, .arg = keyring}, &err),
		  0);
	load.keyring = keyring;
	*answer = (struct kv_answer){.code = 1};
	CHECK_INT(verdict_ask(&load, answer, &err), 0);
	CHECK(!answer->code || *answer->reason);
	return answer->code;
}

static int ask(const struct image *image, enum scheme scheme, const struct buf *signature,
	       enum kernel kernel, const struct verdict_assumptions *assumptions)
{
	struct kv_answer answer;

	return ask_answer(image, scheme, signature, kernel, assumptions, &answer);
}

TEST(a_keyring_answers_for_its_line_alone)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct scheme_contents contents;
	struct kv_answer answer = {.code = 1};
	struct verdict_load load = {.contents = &contents, .kernel = KERNEL_7_3};
	_image_ struct image image = {0};
	struct err err;

	make_image(&image, (const char *const[]){"contents", NULL});
	scheme_begin(&contents, &image);
	CHECK_INT(kv_keyring_new(KV_LINUX_6_18, &keyring), 0);
	CHECK_INT(kv_keyring_line(keyring), KV_LINUX_6_18);
	load.keyring = keyring;
	CHECK_INT(verdict_ask(&load, &answer, &err), -EINVAL);
	CHECK_INT(answer.code, 1);
}

TEST(what_cannot_be_computed_is_an_error_and_no_answer)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct scheme_contents contents;
	struct kv_answer answer = {.code = 1};
	_image_ struct image image = {0};
	_buf_ struct buf chain = {0};
	struct verdict_load load = {
		.contents = &contents, .scheme = SCHEME_CHAIN, .kernel = KERNEL_CHAIN};
	struct err err;
	size_t nr = 0;

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_CHAIN, &chain);
	CHECK_INT(kv_keyring_new(KV_LINUX_CHAIN, &keyring), 0);
	load.keyring = keyring;
	load.signature = buf_view(&chain);
	for (bool failed = true; failed; nr++) {
		int rc;

		scheme_begin(&contents, &image);
		until_failure = nr;
		rc = verdict_ask(&load, &answer, &err);
		failed = has_failed();
		CHECK_INT(rc, failed ? -ENOMEM : 0);
		CHECK_INT(answer.code, failed ? 1 : -ENOKEY);
	}
	CHECK(nr > 4);
}

TEST(each_scheme_is_accepted_by_its_kernels)
{
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0}, chain = {0}, insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_CHAIN, &chain);
	sign_content(&image, SCHEME_INSNS, &insns);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), 0);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(unfolding); i++)
		CHECK_INT(ask(&image, SCHEME_INSNS, &insns, unfolding[i], NULL), 0);
}

TEST(the_second_form_of_a_loader_is_for_insns_alone)
{
	_buf_ struct buf folded = {0}, chain = {0}, insns = {0}, plain = {0};
	_image_ struct image image = {0};
	struct scheme_contents contents;
	struct err err;

	make_image(&image, (const char *const[]){"contents", NULL});
	buf_add_str(&image.insns_checked, "check...insn 0..insn 1..");
	scheme_begin(&contents, &image);
	CHECK_INT(scheme_set_excl_hashes(&contents, &image, &err), 0);
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_CHAIN, &chain);
	sign_content(&image, SCHEME_INSNS, &insns);
	sign_bytes(view_lit("insn 0..insn 1.."), &plain);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), 0);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), 0);
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_2, NULL), 0);
	CHECK_INT(ask(&image, SCHEME_INSNS, &plain, KERNEL_7_2, NULL), -EKEYREJECTED);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &insns, KERNEL_7_2, NULL), -EKEYREJECTED);
	/* its exclusive hash is its own */
	image.excl_hash_checked.data[0] ^= 1;
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_2, NULL), -EACCES);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), 0);
}

TEST(no_scheme_is_accepted_in_place_of_another)
{
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0}, chain = {0}, insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_CHAIN, &chain);
	sign_content(&image, SCHEME_INSNS, &insns);
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_3, NULL), -EACCES);
	for (size_t i = 0; i < ARRAY_SIZE(unfolding); i++)
		CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, unfolding[i], NULL), -EKEYREJECTED);
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (kernel != KERNEL_CHAIN)
			CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, kernel, NULL), -E2BIG);
		CHECK(verdict_takes(kernel, SCHEME_CHAIN) == (kernel == KERNEL_CHAIN));
		CHECK(verdict_takes(kernel, SCHEME_FOLDED) == is_from(kernel, 7, 3));
		CHECK(verdict_takes(kernel, SCHEME_INSNS) == (kernel <= KERNEL_7_2));
	}
}

TEST(folded_wants_maps_frozen_then_exclusive)
{
	const struct verdict_assumptions neither = {.not_frozen = true, .not_exclusive = true};
	const struct verdict_assumptions not_exclusive = {.not_exclusive = true};
	_buf_ struct buf folded = {0}, garbage = {0};
	_image_ struct image image = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	buf_add_str(&garbage, "not a signature");
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, &neither), -EPERM);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, &not_exclusive), -EPERM);
	/* the maps are looked at before the signature */
	CHECK_INT(ask(&image, SCHEME_FOLDED, &garbage, KERNEL_7_3, &not_exclusive), -EPERM);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &garbage, KERNEL_7_3, NULL), -EBADMSG);
}

TEST(chain_does_not_look_whether_maps_are_frozen_or_exclusive)
{
	const struct verdict_assumptions neither = {.not_frozen = true, .not_exclusive = true};
	_image_ struct image image = {0};
	_buf_ struct buf chain = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_CHAIN, &chain);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, KERNEL_CHAIN, &neither), 0);
}

TEST(where_there_are_no_maps_none_has_to_be_frozen)
{
	const struct verdict_assumptions neither = {.not_frozen = true, .not_exclusive = true};
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0};

	make_image(&image, (const char *const[]){NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, &neither), 0);
}

TEST(folded_without_fd_array_cnt_signs_instructions_alone)
{
	const struct verdict_assumptions assumptions = {.no_fd_array_cnt = true};
	_image_ struct image image = {0}, without_maps = {0};
	_buf_ struct buf folded = {0}, insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	make_image(&without_maps, (const char *const[]){NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_INSNS, &insns);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, &assumptions), -EKEYREJECTED);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &insns, KERNEL_7_3, &assumptions), -EACCES);
	CHECK_INT(ask(&without_maps, SCHEME_FOLDED, &insns, KERNEL_7_3, &assumptions), 0);
	CHECK_INT(ask(&without_maps, SCHEME_FOLDED, &insns, KERNEL_7_3, NULL), 0);
	/* signature_maps_size 0 */
	CHECK_INT(ask(&without_maps, SCHEME_CHAIN, &insns, KERNEL_CHAIN, NULL), 0);
}

TEST(padding_belongs_to_chain_and_not_to_folded)
{
	_image_ struct image odd = {0};
	_buf_ struct buf folded = {0}, chain = {0}, plain = {0}, padded_content = {0};
	uint8_t halves[64], digest[32];

	make_image(&odd, (const char *const[]){"odd", NULL});
	buf_add_str(&padded_content, "insn 0..insn 1..odd");
	buf_space(&padded_content, 5);
	sign_bytes(buf_view(&padded_content), &folded);
	CHECK_INT(ask(&odd, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), -EKEYREJECTED);
	sign_content(&odd, SCHEME_CHAIN, &chain);
	CHECK_INT(ask(&odd, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), 0);
	hash_sha256(view_lit("insn 0..insn 1.."), halves);
	hash_sha256(view_lit("odd"), halves + 32);
	hash_sha256(view_of(halves, 64), digest);
	sign_bytes(view_of(digest, 32), &plain);
	CHECK_INT(ask(&odd, SCHEME_CHAIN, &plain, KERNEL_CHAIN, NULL), -EKEYREJECTED);
}

TEST(maps_in_another_order_are_rejected)
{
	_image_ struct image ab = {0}, ba = {0};
	_buf_ struct buf folded = {0}, chain = {0};

	make_image(&ab, (const char *const[]){"a", "b", NULL});
	make_image(&ba, (const char *const[]){"b", "a", NULL});
	sign_content(&ab, SCHEME_FOLDED, &folded);
	sign_content(&ab, SCHEME_CHAIN, &chain);
	CHECK_INT(ask(&ab, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), 0);
	CHECK_INT(ask(&ba, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), -EKEYREJECTED);
	CHECK_INT(ask(&ab, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), 0);
	CHECK_INT(ask(&ba, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), -EKEYREJECTED);
}

TEST(folded_takes_maps_of_one_element)
{
	_image_ struct image image = {0};
	_buf_ struct buf value = {0}, signature = {0};
	struct err err;

	make_image(&image, (const char *const[]){NULL});
	buf_add_str(&value, "abcd");
	CHECK_INT(image_add_map(&image, "two", &value, 2, 2, &err), 0);
	sign_bytes(view_lit("x"), &signature);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &signature, KERNEL_7_3, NULL), -ENOTSUPP);
}

TEST(an_empty_signature_is_einval_since_7_3_and_ebadmsg_before)
{
	_image_ struct image image = {0};
	_buf_ struct buf empty = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	buf_reserve(&empty, 1);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &empty, KERNEL_7_3, NULL), -EINVAL);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &empty, KERNEL_CHAIN, NULL), -EBADMSG);
	for (size_t i = 0; i < ARRAY_SIZE(unfolding); i++)
		CHECK_INT(ask(&image, SCHEME_INSNS, &empty, unfolding[i], NULL), -EBADMSG);
}

TEST(a_signature_over_8192_bytes_is_einval_before_anything_is_read)
{
	_image_ struct image image = {0};
	_buf_ struct buf large = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	buf_space(&large, 8192);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &large, KERNEL_7_3, NULL), -EBADMSG);
	buf_space(&large, 1);
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (!is_from(kernel, 7, 4))
			CHECK_INT(ask(&image, SCHEME_INSNS, &large, kernel, NULL), -EINVAL);
	}
}

TEST(linux_7_4_bounds_a_signature_by_64_kib)
{
	_image_ struct image image = {0};
	_buf_ struct buf large = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	buf_space(&large, 65535);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &large, KERNEL_7_4, NULL), -EBADMSG);
	buf_space(&large, 1);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &large, KERNEL_7_4, NULL), -EMSGSIZE);
	buf_space(&large, 1);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &large, KERNEL_7_4, NULL), -EINVAL);
}

TEST(a_foreign_exclusive_hash_is_refused_when_the_map_is_bound)
{
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0}, chain = {0}, garbage = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_CHAIN, &chain);
	buf_add_str(&garbage, "not a signature");
	image.excl_hash.data[0] ^= 1;
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), -EACCES);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), -EACCES);
	/* 7.3 binds maps first, the others look at the signature first */
	CHECK_INT(ask(&image, SCHEME_FOLDED, &garbage, KERNEL_7_3, NULL), -EACCES);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &garbage, KERNEL_CHAIN, NULL), -EBADMSG);
	/* a wrong size already fails when the map is made */
	image.excl_hash.size = 31;
	CHECK_INT(ask(&image, SCHEME_CHAIN, &garbage, KERNEL_CHAIN, NULL), -EINVAL);
}

TEST(a_foreign_exclusive_hash_comes_before_the_size_of_the_signature_since_7_3)
{
	_image_ struct image image = {0};
	_buf_ struct buf large = {0}, empty = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	image.excl_hash.data[0] ^= 1;
	buf_space(&large, 8193);
	buf_reserve(&empty, 1);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &large, KERNEL_7_3, NULL), -EACCES);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &empty, KERNEL_7_3, NULL), -EACCES);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &large, KERNEL_CHAIN, NULL), -EINVAL);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &large, KERNEL_7_3, NULL), -E2BIG);
}

TEST(before_7_3_exclusive_maps_cannot_be_bound_by_fd_array_cnt)
{
	const struct verdict_assumptions not_exclusive = {.not_exclusive = true};
	_image_ struct image image = {0};
	_buf_ struct buf insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_INSNS, &insns);
	for (size_t i = 0; i < ARRAY_SIZE(unfolding); i++) {
		CHECK_INT(ask(&image, SCHEME_FOLDED, &insns, unfolding[i], NULL), -EACCES);
		CHECK_INT(ask(&image, SCHEME_FOLDED, &insns, unfolding[i], &not_exclusive), 0);
	}
}

TEST(a_map_without_an_exclusive_hash_is_not_exclusive)
{
	_buf_ struct buf folded = {0}, chain = {0}, insns = {0};
	_image_ struct image image = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_CHAIN, &chain);
	sign_content(&image, SCHEME_INSNS, &insns);
	buf_free(&image.excl_hash);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, NULL), -EPERM);
	CHECK_INT(ask(&image, SCHEME_CHAIN, &chain, KERNEL_CHAIN, NULL), 0);
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_2, NULL), 0);
}

/* What becomes of a load by SCHEME that BPF_PROG_LOAD has let pass so far. */
static struct verdict_end run(const struct image *image, enum scheme scheme, enum kernel kernel,
			      enum loader_check check, bool fits, int *ret_code)
{
	const struct verdict_loader loader = {.known = true,
					      .begins = true,
					      .runs = true,
					      .checked = {.check = check, .fits = fits}};
	struct scheme_contents contents;
	const struct verdict_load load = {
		.contents = &contents,
		.scheme = scheme,
		.kernel = kernel,
	};
	struct kv_answer answer = {.code = 0};
	struct verdict_end end;

	scheme_begin(&contents, image);
	verdict_run(&load, &loader, &answer, &end);
	CHECK(!answer.code || *answer.reason);
	*ret_code = answer.code;
	return end;
}

TEST(the_verifier_refuses_to_read_a_field_that_is_not_there)
{
	static const enum kernel with[] = {KERNEL_6_18_40, KERNEL_7_1_5, KERNEL_7_2, KERNEL_CHAIN};
	_image_ struct image image = {0};
	int code;

	make_image(&image, (const char *const[]){"contents", NULL});
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		bool has_field = false;

		for (size_t i = 0; i < ARRAY_SIZE(with); i++)
			has_field |= with[i] == kernel;
		CHECK(run(&image, SCHEME_INSNS, kernel, LOADER_CHECK_EXCL_HASH, true, &code)
			      .loaded == has_field);
		CHECK_INT(code, has_field ? 0 : -EACCES);
	}
}

TEST(the_check_of_a_loader_ends_its_run)
{
	_image_ struct image image = {0};
	int code;

	make_image(&image, (const char *const[]){"contents", NULL});
	CHECK(run(&image, SCHEME_INSNS, KERNEL_7_2, LOADER_CHECK_EXCL_HASH, false, &code).loaded);
	CHECK_INT(code, -EINVAL);
	CHECK(run(&image, SCHEME_INSNS, KERNEL_6_18, LOADER_CHECK_HASH, false, &code).loaded);
	CHECK_INT(code, -EINVAL);
	CHECK(run(&image, SCHEME_INSNS, KERNEL_6_18, LOADER_CHECK_HASH, true, &code).loaded);
	CHECK_INT(code, 0);
	/* nothing computes the hash */
	CHECK(run(&image, SCHEME_FOLDED, KERNEL_7_3, LOADER_CHECK_HASH, true, &code).loaded);
	CHECK_INT(code, -EINVAL);
	/* the chain does */
	CHECK(run(&image, SCHEME_CHAIN, KERNEL_CHAIN, LOADER_CHECK_HASH, true, &code).loaded);
	CHECK_INT(code, 0);
	buf_free(&image.excl_hash);
	CHECK(run(&image, SCHEME_INSNS, KERNEL_7_2, LOADER_CHECK_EXCL_HASH, true, &code).loaded);
	CHECK_INT(code, -EINVAL);
}

TEST(instructions_alone_leave_the_data_uncovered)
{
	_image_ struct image image = {0};
	int code;

	make_image(&image, (const char *const[]){"contents", NULL});
	CHECK(run(&image, SCHEME_INSNS, KERNEL_7_2, LOADER_CHECK_NONE, true, &code).uncovered);
	CHECK(!run(&image, SCHEME_INSNS, KERNEL_7_2, LOADER_CHECK_HASH, true, &code).uncovered);
	CHECK(!run(&image, SCHEME_FOLDED, KERNEL_7_3, LOADER_CHECK_NONE, true, &code).uncovered);
	CHECK(!run(&image, SCHEME_CHAIN, KERNEL_CHAIN, LOADER_CHECK_NONE, true, &code).uncovered);
	/* what such a kernel checks of a folded signature is the instructions, too */
	CHECK(run(&image, SCHEME_FOLDED, KERNEL_7_2, LOADER_CHECK_NONE, true, &code).uncovered);
}

TEST(what_is_taken_for_granted_depends_on_what_the_kernel_checks)
{
	const char *folded = verdict_assumption(KERNEL_7_3, SCHEME_FOLDED),
		   *chain = verdict_assumption(KERNEL_CHAIN, SCHEME_CHAIN),
		   *insns = verdict_assumption(KERNEL_7_2, SCHEME_INSNS);

	CHECK(strstr(folded, "freezes the map"));
	CHECK(strstr(chain, "signature_maps"));
	CHECK(strstr(insns, "without fd_array_cnt"));
	/* a kernel that does not know the scheme checks the instructions alone */
	CHECK_STR(verdict_assumption(KERNEL_7_2, SCHEME_FOLDED), insns);
	CHECK_STR(verdict_assumption(KERNEL_7_2, SCHEME_CHAIN), insns);
	CHECK_STR(verdict_assumption(KERNEL_7_3, SCHEME_CHAIN), insns);
	CHECK_STR(verdict_assumption(KERNEL_CHAIN, SCHEME_FOLDED), insns);
}

TEST(a_foreign_exclusive_hash_matters_only_for_a_map_that_is_exclusive)
{
	const struct verdict_assumptions not_exclusive = {.not_exclusive = true};
	_image_ struct image image = {0}, without_maps = {0};
	_buf_ struct buf insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	make_image(&without_maps, (const char *const[]){NULL});
	sign_content(&image, SCHEME_INSNS, &insns);
	image.excl_hash.data[0] ^= 1;
	without_maps.excl_hash.data[0] ^= 1;
	for (size_t i = 0; i < ARRAY_SIZE(unfolding); i++) {
		CHECK_INT(ask(&image, SCHEME_INSNS, &insns, unfolding[i], NULL), -EACCES);
		CHECK_INT(ask(&image, SCHEME_INSNS, &insns, unfolding[i], &not_exclusive), 0);
		CHECK_INT(ask(&without_maps, SCHEME_INSNS, &insns, unfolding[i], NULL), 0);
	}
	CHECK_INT(ask(&without_maps, SCHEME_FOLDED, &insns, KERNEL_7_3, NULL), 0);
}

TEST(an_exclusive_hash_of_a_wrong_size_makes_no_map)
{
	_image_ struct image image = {0};
	_buf_ struct buf insns = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_INSNS, &insns);
	image.excl_hash.size--;
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_2, NULL), -EINVAL);
	/* before anything else is looked at */
	CHECK_INT(ask(&image, SCHEME_CHAIN, &insns, KERNEL_7_2, NULL), -EINVAL);
}

TEST(a_map_that_is_not_frozen_is_refused_by_that)
{
	const struct verdict_assumptions not_frozen = {.not_frozen = true};
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0}, insns = {0};

	make_image(&image, (const char *const[]){"contents", "more", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	sign_content(&image, SCHEME_INSNS, &insns);
	CHECK_INT(ask(&image, SCHEME_FOLDED, &folded, KERNEL_7_3, &not_frozen), -EPERM);
	CHECK_INT(ask(&image, SCHEME_INSNS, &insns, KERNEL_7_2, &not_frozen), 0);
}

/* --- a loader that is known in part, or not at all --- */

/* How the load of a loader ends, of which this is known, after BPF_PROG_LOAD's own CODE. */
static struct verdict_end run_known(const struct image *image, enum scheme scheme,
				    enum kernel kernel, const struct verdict_loader *loader,
				    const struct verdict_assumptions *assumptions,
				    struct kv_answer *answer)
{
	struct scheme_contents contents;
	struct verdict_load load = {.contents = &contents, .scheme = scheme, .kernel = kernel};
	struct verdict_end end;

	if (assumptions)
		load.assumptions = *assumptions;
	scheme_begin(&contents, image);
	verdict_run(&load, loader, answer, &end);
	return end;
}

/* What it says to insns on Linux 7.2. */
static int run_reach(const struct image *image, uint64_t points, uint64_t uses, bool too_many)
{
	const struct verdict_loader loader = {
		.known = true,
		.begins = true,
		.runs = true,
		.too_many = too_many,
		.reach = {.points = points, .uses = uses},
		.checked = {.check = LOADER_CHECK_HASH, .fits = true},
	};
	struct kv_answer answer = {.code = 0};
	struct verdict_end end = run_known(image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);

	CHECK(end.loaded == !answer.code && !end.untold && !end.uncovered && !end.refused);
	CHECK(!answer.code || *answer.reason);
	return answer.code;
}

TEST(the_verifier_refuses_what_reaches_beyond_the_data)
{
	_image_ struct image image = {0}, without_maps = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	make_image(&without_maps, (const char *const[]){NULL});
	CHECK_INT(run_reach(&image, 7, 8, false), 0);
	CHECK_INT(run_reach(&image, 8, 8, false), -EINVAL);
	CHECK_INT(run_reach(&image, 7, 9, false), -EACCES);
	/* pointers are looked at first */
	CHECK_INT(run_reach(&image, 8, 9, true), -EINVAL);
	CHECK_INT(run_reach(&image, 7, 8, true), -EACCES);
	CHECK_INT(run_reach(&without_maps, 0, 0, false), -EINVAL);
}

TEST(who_sees_no_map_frozen_has_no_hash_of_it)
{
	const struct verdict_assumptions not_frozen = {.not_frozen = true};
	const struct verdict_loader loader = {
		.known = true,
		.begins = true,
		.runs = true,
		.checked = {.check = LOADER_CHECK_HASH, .fits = true},
	};
	_image_ struct image image = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		struct kv_answer frozen = {.code = 0}, open = {.code = 0};

		run_known(&image, scheme, KERNEL_7_2, &loader, NULL, &frozen);
		run_known(&image, scheme, KERNEL_7_2, &loader, &not_frozen, &open);
		CHECK_INT(frozen.code,
			  scheme == SCHEME_INSNS || scheme == SCHEME_INSNS_HASH ? 0 : -EINVAL);
		CHECK_INT(open.code, -EINVAL);
	}
}

TEST(of_an_unknown_loader_nobody_can_tell_more_than_of_its_signature)
{
	static const struct verdict_loader unknown = {.why = "unknown loader: because"};
	_image_ struct image image = {0};
	struct verdict_end end;

	make_image(&image, (const char *const[]){"contents", NULL});
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		struct kv_answer fine = {.code = 0}, refused = {.code = -ENOKEY, .reason = "why"},
				 unbound = {.code = -EACCES, .reason = "why"};

		end = run_known(&image, SCHEME_INSNS, kernel, &unknown, NULL, &fine);
		CHECK(!end.loaded && end.untold && !end.refused && !end.uncovered);
		CHECK_INT(fine.code, 0);
		CHECK_STR(fine.reason, unknown.why);
		end = run_known(&image, SCHEME_INSNS, kernel, &unknown, NULL, &refused);
		CHECK(!end.loaded && !end.untold && !end.refused && !end.uncovered);
		CHECK_INT(refused.code, -ENOKEY);
		CHECK_STR(refused.reason, "why");
		/* Linux 7.3 comes to a map that is not bound as it walks the instructions */
		end = run_known(&image, SCHEME_INSNS, kernel, &unknown, NULL, &unbound);
		CHECK(end.untold == is_from(kernel, 7, 3) && end.refused == end.untold);
		CHECK_INT(unbound.code, end.untold ? 0 : -EACCES);
	}
	/* with the map bound it does not come to that */
	for (enum scheme scheme = SCHEME_FOLDED; scheme <= SCHEME_CHAIN; scheme++) {
		struct kv_answer unbound = {.code = -EACCES, .reason = "why"};

		end = run_known(&image, scheme, KERNEL_7_3, &unknown, NULL, &unbound);
		CHECK(end.untold == (scheme != SCHEME_FOLDED));
	}
}

TEST(a_loader_whose_instructions_are_known_is_judged_by_them)
{
	struct verdict_loader loader = {.begins = true,
					.runs = true,
					.reach = {.points = 8},
					.checked = {.check = LOADER_CHECK_NONE},
					.why = "unknown data"};
	struct kv_answer answer = {.code = 0};
	_image_ struct image image = {0};
	struct verdict_end end;

	make_image(&image, (const char *const[]){"contents", NULL});
	/* whatever the data holds, the verifier refuses it */
	end = run_known(&image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);
	CHECK(!end.loaded && !end.untold);
	CHECK_INT(answer.code, -EINVAL);
	/* it is loaded; what it then does nobody can tell */
	loader.reach.points = 0;
	answer = (struct kv_answer){.code = 0};
	end = run_known(&image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);
	CHECK(end.loaded && end.untold && end.uncovered && !end.refused);
	CHECK_STR(answer.reason, "unknown data");
	/* but that its check fails */
	loader.checked = (struct loader_checked){.check = LOADER_CHECK_HASH, .fits = false};
	answer = (struct kv_answer){.code = 0};
	end = run_known(&image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);
	CHECK(end.loaded && !end.untold && !end.uncovered);
	CHECK_INT(answer.code, -EINVAL);
	/* where the beginning is not known, there is no check to fail */
	loader.begins = false;
	answer = (struct kv_answer){.code = 0};
	end = run_known(&image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);
	CHECK(end.loaded && end.untold && !end.uncovered);
	CHECK_INT(answer.code, 0);
}

TEST(a_long_reason_fits_into_an_answer)
{
	struct verdict_loader unknown = {.known = false};
	struct kv_answer answer = {.code = 0};
	_image_ struct image image = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	memset(unknown.why, 'x', sizeof(unknown.why) - 1);
	run_known(&image, SCHEME_INSNS, KERNEL_7_2, &unknown, NULL, &answer);
	CHECK_INT((long long)strlen(answer.reason), KV_TEXT_MAX - 1);
}

TEST(a_loader_without_maps_leaves_nothing_uncovered)
{
	const struct verdict_loader loader = {.known = true, .begins = true, .runs = true};
	_image_ struct image image = {0};
	struct verdict_end end;
	struct kv_answer answer = {.code = 0};

	make_image(&image, (const char *const[]){NULL});
	end = run_known(&image, SCHEME_INSNS, KERNEL_7_2, &loader, NULL, &answer);
	CHECK(!end.uncovered);
}

TEST(a_signature_of_a_scheme_that_the_kernel_does_not_check_is_told_apart)
{
	static const char *const unknown = "this kernel verifies only the instructions, which a ";
	_image_ struct image image = {0};
	_buf_ struct buf folded = {0};
	struct kv_answer answer = {.code = 0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_FOLDED, &folded);
	CHECK_INT(ask_answer(&image, SCHEME_FOLDED, &folded, KERNEL_7_2, NULL, &answer),
		  -EKEYREJECTED);
	CHECK(!strncmp(answer.reason, unknown, strlen(unknown)));
	CHECK_INT(ask_answer(&image, SCHEME_INSNS, &folded, KERNEL_7_2, NULL, &answer),
		  -EKEYREJECTED);
	CHECK(strncmp(answer.reason, unknown, strlen(unknown)) && *answer.reason);
}

/* --- what is known of a form --- */

TEST(each_form_of_a_sealed_loader_is_known_and_has_its_check)
{
	static const enum loader_check checks[SCHEME_NR] = {
		[SCHEME_INSNS] = LOADER_CHECK_EXCL_HASH,
		[SCHEME_INSNS_HASH] = LOADER_CHECK_HASH,
	};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "typed");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		struct verdict_loader loader;
		struct err err = {.text = "not of this"};

		CHECK_INT(verdict_read_form(&sample.subject, scheme, &loader, &err), 0);
		CHECK(loader.known && loader.begins && loader.runs && loader.checked.fits);
		CHECK(!loader.too_many && !loader.reach.points && !loader.reach.uses);
		CHECK_INT(loader.checked.check, checks[scheme]);
		CHECK_STR(loader.why, "");
	}
}

TEST(a_form_that_sealing_does_not_give_is_not_known)
{
	struct verdict_loader loader;
	_sample_ struct sample sample = {0};
	struct err err;

	NEED_CLANG();
	/* an instruction behind the check, that libbpf would not write */
	sample_whole(&sample, "typed");
	sample.image.insns_checked.data[sample.image.insns_checked.size - 16] ^= 1;
	CHECK_INT(verdict_read_form(&sample.subject, SCHEME_INSNS, &loader, &err), 0);
	CHECK(!loader.known && loader.begins && !loader.runs && *loader.why);
	CHECK_INT(loader.checked.check, LOADER_CHECK_EXCL_HASH);
	CHECK(loader.checked.fits);
	CHECK_INT(verdict_read_form(&sample.subject, SCHEME_FOLDED, &loader, &err), 0);
	CHECK(loader.known);
	/* one in the check */
	sample.image.insns_checked.data[sample.image.insns_checked.size - 16] ^= 1;
	sample.image.insns_checked.data[0] ^= 1;
	CHECK_INT(verdict_read_form(&sample.subject, SCHEME_INSNS, &loader, &err), 0);
	CHECK(!loader.known && !loader.begins && !loader.runs && *loader.why);
}

TEST(a_loader_with_other_data_runs_but_its_check_fails)
{
	struct verdict_loader loader;
	_sample_ struct sample sample = {0};
	struct err err;

	NEED_CLANG();
	sample_whole(&sample, "typed");
	CHECK_INT(loader_set_value(&sample.loader, &sample.image, 0, 0, view_lit("z"), &err), 0);
	sample_again(&sample);
	CHECK_INT(verdict_read_form(&sample.subject, SCHEME_INSNS, &loader, &err), 0);
	CHECK(!loader.known && loader.begins && loader.runs && !loader.checked.fits);
	CHECK(loader.reach.points && loader.reach.points < sample.image.maps[0].value.size);
	CHECK(loader.reach.uses && loader.reach.uses <= sample.image.maps[0].value.size);
	/* data that is no loader's: the first form is not known either, and why is what reading
	 * says */
	memset(sample.image.maps[0].value.data, 0xff, sample.image.maps[0].value.size);
	sample_again(&sample);
	CHECK(!sample.loader.known);
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		CHECK_INT(verdict_read_form(&sample.subject, scheme, &loader, &err), 0);
		CHECK(!loader.known && loader.begins && loader.runs);
		CHECK_STR(loader.why, sample.loader.why);
	}
}

/* --- who signed --- */

/* How many signers are listed of SIGNATURE, where verdict_ask() has answered CODE. */
static size_t count_signers(const struct image *image, enum scheme scheme,
			    const struct buf *signature, enum kernel kernel, int code)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	const struct kv_answer answer = {.code = code};
	_kv_signers_ struct kv_signers signers = {.nr = 0};
	struct scheme_contents contents;
	struct verdict_load load = {
		.contents = &contents,
		.scheme = scheme,
		.signature = buf_view(signature),
		.kernel = kernel,
	};
	struct err err;

	scheme_begin(&contents, image);
	CHECK_INT(kv_keyring_new(kernel_rules(kernel)->line, &keyring), 0);
	CHECK_INT(key_each_cert("keys/test/rsa2048.crt",
				&(struct key_certs){.cert = trust, .arg = keyring}, &err),
		  0);
	load.keyring = keyring;
	CHECK_INT(verdict_signers(&load, &answer, &signers, &err), 0);
	/* what the answer says of one signer is taken for it; else it is asked anew */
	for (size_t i = 0; i < signers.nr; i++)
		CHECK_INT(signers.list[i].answer.code, 0);
	return signers.nr;
}

TEST(signers_are_listed_whatever_else_is_against_the_load)
{
	_image_ struct image image = {0};
	_buf_ struct buf insns = {0}, large = {0};

	make_image(&image, (const char *const[]){"contents", NULL});
	sign_content(&image, SCHEME_INSNS, &insns);
	CHECK_INT((long long)count_signers(&image, SCHEME_INSNS, &insns, KERNEL_7_2, 0), 1);
	CHECK_INT((long long)count_signers(&image, SCHEME_INSNS, &insns, KERNEL_7_2, -EACCES), 1);
	/* 8192 bytes, most of them behind the message */
	buf_add_view(&large, buf_view(&insns));
	memset(buf_space(&large, 8192 - insns.size), 0, 8192 - insns.size);
	CHECK_INT((long long)count_signers(&image, SCHEME_INSNS, &large, KERNEL_7_2, 0), 1);
	memset(buf_space(&large, 1), 0, 1);
	CHECK_INT((long long)count_signers(&image, SCHEME_INSNS, &large, KERNEL_7_2, -EINVAL), 0);
}

UNIT_MAIN
