// SPDX-License-Identifier: BSD-2-Clause
/*
 * Which kernels are asked about which signatures, and what comes of it: rows, demands, the order of
 * the run-time part, signatures without a name, loaders that nobody knows.
 */
#include "judge.h"

#include <errno.h>

#include "signed_sample.h"

#define FOLDED	   SCHEME_BIT(SCHEME_FOLDED)
#define CHAIN	   SCHEME_BIT(SCHEME_CHAIN)
#define INSNS	   SCHEME_BIT(SCHEME_INSNS)
#define INSNS_HASH SCHEME_BIT(SCHEME_INSNS_HASH)

static struct err err;

/* The kernels whose rules say IS. */
static kernel_set all_that(bool (*is)(const struct kernel_rules *))
{
	kernel_set set = 0;

	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++)
		set |= is(kernel_rules(kernel)) ? KERNEL_BIT(kernel) : 0;
	return set;
}

static bool folds(const struct kernel_rules *rules)
{
	return rules->folds_maps;
}

static bool is_insns(const struct kernel_rules *rules)
{
	return !rules->folds_maps && !rules->has_signature_maps;
}

static bool is_insns_with_excl(const struct kernel_rules *rules)
{
	return is_insns(rules) && rules->has_excl;
}

static void ask(struct sample *sample, struct judge_question question, struct judge_rows *ret)
{
	_sample_trust_ struct sample_trust trust = {.fails = 0};

	if (!question.keyring) {
		question.keyring = sample_keyring;
		question.arg = &trust;
	}
	CHECK_INT(judge_image(&question, &sample->subject, ret, &err), 0);
	for (size_t i = 0; i < ret->nr; i++) {
		CHECK(ret->list[i].kernels != 0);
		CHECK(ret->list[i].outcome == JUDGE_VALID || *ret->list[i].answer.reason);
	}
}

/* Whether row number I of ROWS is this. */
static bool row_is(const struct judge_rows *rows, size_t i, enum scheme scheme, kernel_set kernels,
		   enum judge_outcome outcome, int code)
{
	const struct judge_row *row = &rows->list[i];

	if (!CHECK(i < rows->nr))
		return false;
	if (row->scheme == scheme && row->kernels == kernels && row->outcome == outcome &&
	    row->answer.code == code)
		return true;
	printf("# row %zu: %s, kernels %x, outcome %d, code %d: %s\n", i, scheme_name(row->scheme),
	       row->kernels, row->outcome, row->answer.code, row->answer.reason);
	return false;
}

/* The answer of a single kernel to everything that is signed: one row. */
static bool load_is(struct sample *sample, struct judge_question question, enum kernel kernel,
		    enum scheme scheme, enum judge_outcome outcome, int code)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};

	question.kernels = KERNEL_BIT(kernel);
	ask(sample, question, &rows);
	return CHECK_INT((long long)rows.nr, 1) &&
	       row_is(&rows, 0, scheme, KERNEL_BIT(kernel), outcome, code);
}

static const struct judge_question plain = {.kernels = 0};

/* --- each signature for itself --- */

TEST(each_signature_is_judged_on_the_kernels_it_is_meant_for)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	ask(&sample, plain, &rows);
	CHECK_INT((long long)rows.nr, 4);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 2, SCHEME_INSNS, all_that(is_insns_with_excl), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 3, SCHEME_INSNS_HASH, all_that(is_insns), JUDGE_VALID, 0));
	CHECK_INT(judge_outcome(&rows), JUDGE_VALID);
	for (size_t i = 0; i < rows.nr; i++) {
		CHECK_INT((long long)rows.list[i].signers.nr, 1);
		CHECK(*rows.list[i].answer.signer && *rows.list[i].assumption);
	}
	CHECK(strcmp(rows.list[0].assumption, rows.list[1].assumption));
	CHECK(strcmp(rows.list[1].assumption, rows.list[2].assumption));
}

TEST(freed_rows_are_empty)
{
	struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	ask(&sample, plain, &rows);
	judge_rows_free(&rows);
	CHECK_INT((long long)rows.nr, 0);
	CHECK(!rows.list[0].signers.list);
}

TEST(what_nobody_signed_has_no_row)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_read(&sample, "tiny");
	ask(&sample, plain, &rows);
	ask(&sample, (struct judge_question){.kernels = KERNEL_ALL}, &rows);
	CHECK_INT((long long)rows.nr, 0);
	CHECK_INT(judge_outcome(&rows), JUDGE_UNSIGNED);
}

TEST(kernels_that_answer_differently_have_rows_of_their_own)
{
	static const enum kv_line untrusting = KV_LINUX_7_0;
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	kernel_set before = 0, there = 0, after = 0;
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	sample_trust(&trust, untrusting, "unrelated", NULL);
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		const struct kernel_rules *rules = kernel_rules(kernel);

		if (is_insns(rules))
			*(rules->line == untrusting  ? &there
			  : rules->line < untrusting ? &before
						     : &after) |= KERNEL_BIT(kernel);
	}
	ask(&sample,
	    (struct judge_question){
		    .schemes = INSNS_HASH, .keyring = sample_keyring, .arg = &trust},
	    &rows);
	CHECK_INT((long long)rows.nr, 3);
	CHECK(row_is(&rows, 0, SCHEME_INSNS_HASH, before, JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_INSNS_HASH, there, JUDGE_REJECTED, -ENOKEY));
	CHECK(row_is(&rows, 2, SCHEME_INSNS_HASH, after, JUDGE_VALID, 0));
	CHECK_INT(judge_outcome(&rows), JUDGE_REJECTED);
}

TEST(kernels_without_the_algorithm_are_left_out_unless_none_has_it)
{
	static const struct kv_config none = {.verification = true, .rsa = true, .sha512 = true};
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	const struct judge_question question = {
		.schemes = INSNS_HASH, .keyring = sample_keyring, .arg = &trust};
	_judge_rows_ struct judge_rows rows = {.nr = 0}, all = {.nr = 0};
	kernel_set without = 0;
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	sample_trust(&trust, KV_LINUX_7_1, NULL, &none);
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++)
		without |= kernel_rules(kernel)->line == KV_LINUX_7_1 ? KERNEL_BIT(kernel) : 0;
	ask(&sample, question, &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK_INT(rows.list[0].kernels | rows.list[1].kernels, all_that(is_insns) & ~without);
	CHECK(rows.list[0].outcome == JUDGE_VALID && rows.list[1].outcome == JUDGE_VALID);
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		sample_trust(&trust, line, NULL, &none);
	ask(&sample, question, &all);
	without = 0;
	for (size_t i = 0; i < all.nr; i++) {
		CHECK_INT(all.list[i].answer.code, -ENOPKG);
		without |= all.list[i].kernels;
	}
	CHECK_INT(without, all_that(is_insns));
}

TEST(a_form_that_no_kernel_of_its_scheme_runs_is_judged_on_all_of_them)
{
	struct verdict_loader loader = {
		.known = true, .begins = true, .checked = {.check = LOADER_CHECK_EXCL_HASH}};

	CHECK_INT(judge_meant(&loader, SCHEME_FOLDED), all_that(folds));
	CHECK_INT(judge_meant(&loader, SCHEME_INSNS), all_that(is_insns_with_excl));
	loader.checked.check = LOADER_CHECK_HASH;
	CHECK_INT(judge_meant(&loader, SCHEME_INSNS), all_that(is_insns));
	/* what was not recognised says nothing */
	loader = (struct verdict_loader){.checked = {.check = LOADER_CHECK_EXCL_HASH}};
	CHECK_INT(judge_meant(&loader, SCHEME_INSNS), all_that(is_insns));
}

/* --- what was changed --- */

TEST(changed_data_is_rejected_by_every_signature)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "typed");
	/* an initial value: the loader is known all the same, but it is not the one that was signed
	 */
	CHECK_INT(loader_set_value(&sample.loader, &sample.image, 0, 0, view_lit("z"), &err), 0);
	sample_again(&sample);
	CHECK(sample.loader.known);
	ask(&sample, plain, &rows);
	CHECK_INT((long long)rows.nr, 4);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_REJECTED, -EKEYREJECTED));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_REJECTED,
		     -EKEYREJECTED));
	/* the loader finds it as it runs */
	CHECK(row_is(&rows, 2, SCHEME_INSNS, all_that(is_insns_with_excl), JUDGE_REJECTED,
		     -EINVAL));
	CHECK(row_is(&rows, 3, SCHEME_INSNS_HASH, all_that(is_insns), JUDGE_REJECTED, -EINVAL));
}

/* --- demands --- */

TEST(a_demanded_signature_that_is_not_there_is_unsigned)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_read(&sample, "tiny");
	sample_prepare(&sample, &(struct prepare_options){.schemes = FOLDED});
	sample_sign(&sample, FOLDED, "rsa2048");
	ask(&sample, (struct judge_question){.schemes = FOLDED | CHAIN}, &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_UNSIGNED, 0));
	CHECK_INT(judge_outcome(&rows), JUDGE_UNSIGNED);
}

TEST(a_demand_is_judged_on_the_named_kernels_that_take_it)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	ask(&sample,
	    (struct judge_question){.schemes = FOLDED | INSNS,
				    .kernels = KERNEL_BIT(KERNEL_7_2) | KERNEL_BIT(KERNEL_7_3)},
	    &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, KERNEL_BIT(KERNEL_7_3), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_INSNS, KERNEL_BIT(KERNEL_7_2), JUDGE_VALID, 0));
}

TEST(a_demand_that_no_named_kernel_takes_is_judged_all_the_same)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0}, alone = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	/* another demand is taken there: this one has to be worth something where it is meant for
	 */
	ask(&sample,
	    (struct judge_question){.schemes = FOLDED | CHAIN, .kernels = KERNEL_BIT(KERNEL_7_3)},
	    &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, KERNEL_BIT(KERNEL_7_3), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_VALID, 0));
	/* none is taken there: the kernel answers */
	ask(&sample, (struct judge_question){.schemes = CHAIN, .kernels = KERNEL_BIT(KERNEL_7_2)},
	    &alone);
	CHECK_INT((long long)alone.nr, 1);
	CHECK(row_is(&alone, 0, SCHEME_CHAIN, KERNEL_BIT(KERNEL_7_2), JUDGE_REJECTED, -E2BIG));
}

/* --- the run-time part on a named kernel --- */

TEST(a_named_kernel_gets_what_the_run_time_part_gets_in_with)
{
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	CHECK(load_is(&sample, plain, KERNEL_CHAIN, SCHEME_CHAIN, JUDGE_VALID, 0));
	CHECK(load_is(&sample, plain, KERNEL_7_4, SCHEME_FOLDED, JUDGE_VALID, 0));
	CHECK(load_is(&sample, plain, KERNEL_7_2, SCHEME_INSNS, JUDGE_VALID, 0));
	CHECK(load_is(&sample, plain, KERNEL_6_18_40, SCHEME_INSNS, JUDGE_VALID, 0));
	CHECK(load_is(&sample, plain, KERNEL_6_18, SCHEME_INSNS_HASH, JUDGE_VALID, 0));
	CHECK(load_is(&sample, plain, KERNEL_7_1, SCHEME_INSNS_HASH, JUDGE_VALID, 0));
}

TEST(named_kernels_with_the_same_answer_share_a_row)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	ask(&sample,
	    (struct judge_question){.kernels = KERNEL_BIT(KERNEL_6_18) | KERNEL_BIT(KERNEL_6_19) |
					       KERNEL_BIT(KERNEL_7_3) | KERNEL_BIT(KERNEL_7_4)},
	    &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK(row_is(&rows, 0, SCHEME_INSNS_HASH, KERNEL_BIT(KERNEL_6_18) | KERNEL_BIT(KERNEL_6_19),
		     JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_FOLDED, KERNEL_BIT(KERNEL_7_3) | KERNEL_BIT(KERNEL_7_4),
		     JUDGE_VALID, 0));
}

/* Nobody's key is trusted: every way is refused, and one refusal tells why. */
TEST(the_error_of_a_load_is_the_telling_one)
{
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	const struct judge_question question = {.keyring = sample_keyring, .arg = &trust};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		sample_trust(&trust, line, "unrelated", NULL);
	CHECK(load_is(&sample, question, KERNEL_CHAIN, SCHEME_CHAIN, JUDGE_REJECTED, -ENOKEY));
	CHECK(load_is(&sample, question, KERNEL_7_3, SCHEME_FOLDED, JUDGE_REJECTED, -ENOKEY));
	CHECK(load_is(&sample, question, KERNEL_7_2, SCHEME_INSNS, JUDGE_REJECTED, -ENOKEY));
	CHECK(load_is(&sample, question, KERNEL_6_18, SCHEME_INSNS, JUDGE_REJECTED, -ENOKEY));
	/* where there is nothing better, the first tells */
	buf_free(&sample.image.sig[SCHEME_INSNS]);
	buf_free(&sample.image.sig[SCHEME_INSNS_HASH]);
	CHECK(load_is(&sample, question, KERNEL_7_2, SCHEME_FOLDED, JUDGE_REJECTED, -ENOKEY));
	buf_free(&sample.image.sig[SCHEME_FOLDED]);
	CHECK(load_is(&sample, question, KERNEL_7_2, SCHEME_CHAIN, JUDGE_REJECTED, -E2BIG));
}

TEST(a_form_that_the_kernel_cannot_run_tells_nothing_beside_one_that_it_can)
{
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	/* the third form's signature is of another form: 6.18 refuses it, and says why */
	buf_free(&sample.image.sig[SCHEME_INSNS_HASH]);
	buf_add_view(&sample.image.sig[SCHEME_INSNS_HASH],
		     buf_view(&sample.image.sig[SCHEME_INSNS]));
	CHECK(load_is(&sample, plain, KERNEL_6_18, SCHEME_INSNS_HASH, JUDGE_REJECTED,
		      -EKEYREJECTED));
	/* without it, that the second form does not run there */
	buf_free(&sample.image.sig[SCHEME_INSNS_HASH]);
	CHECK(load_is(&sample, plain, KERNEL_6_18, SCHEME_INSNS, JUDGE_REJECTED, -EACCES));
}

TEST(a_folded_signature_tells_on_kernels_that_do_not_fold_only_where_it_is_alone)
{
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	buf_free(&sample.image.sig[SCHEME_CHAIN]);
	buf_free(&sample.image.sig[SCHEME_INSNS]);
	sample.image.sig[SCHEME_INSNS_HASH].data[sample.image.sig[SCHEME_INSNS_HASH].size - 1] ^= 1;
	CHECK(load_is(&sample, plain, KERNEL_7_2, SCHEME_INSNS_HASH, JUDGE_REJECTED,
		      -EKEYREJECTED));
	buf_free(&sample.image.sig[SCHEME_INSNS_HASH]);
	CHECK(load_is(&sample, plain, KERNEL_7_2, SCHEME_FOLDED, JUDGE_REJECTED, -EKEYREJECTED));
}

static void move(struct buf *from, struct buf *to)
{
	buf_free(to);
	*to = buf_take(from);
}

TEST(a_loader_that_runs_and_fails_is_the_answer_whatever_else_is_signed)
{
	_sample_ struct sample sample = {0}, changed = {0};

	NEED_CLANG();
	sample_whole(&sample, "typed");
	sample_whole(&changed, "typed");
	CHECK_INT(loader_set_value(&sample.loader, &sample.image, 0, 0, view_lit("z"), &err), 0);
	CHECK_INT(loader_set_value(&changed.loader, &changed.image, 0, 0, view_lit("z"), &err), 0);
	sample_again(&sample);
	sample_again(&changed);
	/* insns is loaded, finds the changed data, and its EINVAL is NAME__load()'s */
	CHECK(load_is(&sample, plain, KERNEL_7_2, SCHEME_INSNS, JUDGE_REJECTED, -EINVAL));
	/* even where the third form would work */
	sample_prepare(&changed, &(struct prepare_options){.also_hash = true});
	sample_sign(&changed, SCHEME_ALL | INSNS_HASH, "rsa2048");
	CHECK(load_is(&changed, plain, KERNEL_6_18, SCHEME_INSNS_HASH, JUDGE_VALID, 0));
	move(&sample.image.insns_checked, &changed.image.insns_checked);
	move(&sample.image.excl_hash_checked, &changed.image.excl_hash_checked);
	move(&sample.image.sig[SCHEME_INSNS], &changed.image.sig[SCHEME_INSNS]);
	sample_again(&changed);
	CHECK(load_is(&changed, plain, KERNEL_6_18, SCHEME_INSNS_HASH, JUDGE_VALID, 0));
	CHECK(load_is(&changed, plain, KERNEL_7_2, SCHEME_INSNS, JUDGE_REJECTED, -EINVAL));
	CHECK(load_is(&sample, plain, KERNEL_7_3, SCHEME_FOLDED, JUDGE_REJECTED, -EKEYREJECTED));
}

TEST(a_form_that_nobody_knows_is_the_answer_though_a_later_one_would_work)
{
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	/* whether this form loads is not known, so neither is whether the third one is tried */
	sample.image.insns_checked.data[sample.image.insns_checked.size - 16] ^= 1;
	sample_again(&sample);
	CHECK_INT(scheme_set_excl_hashes(&sample.subject.contents, &sample.image, &err), 0);
	sample_sign(&sample, INSNS | INSNS_HASH, "rsa2048");
	CHECK(load_is(&sample, plain, KERNEL_7_2, SCHEME_INSNS, JUDGE_UNDECIDED, 0));
	CHECK(load_is(&sample, (struct judge_question){.allow_unknown = true}, KERNEL_7_2,
		      SCHEME_INSNS, JUDGE_VALID, 0));
}

/* --- a signature that does not say its scheme --- */

static void leave_unnamed(struct sample *sample, enum scheme scheme)
{
	struct buf signature = buf_take(&sample->image.sig[scheme]);

	image_unsign(&sample->image);
	sample->image.sig_unnamed = signature;
}

TEST(an_unnamed_signature_is_of_the_scheme_that_it_fits)
{
	const struct {
		enum scheme scheme;
		kernel_set kernels;
	} cases[] = {
		{SCHEME_FOLDED, all_that(folds)},
		{SCHEME_INSNS, all_that(is_insns_with_excl)},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_judge_rows_ struct judge_rows rows = {.nr = 0};
		_sample_ struct sample sample = {0};

		sample_whole(&sample, "tiny");
		leave_unnamed(&sample, cases[i].scheme);
		ask(&sample, plain, &rows);
		CHECK_INT((long long)rows.nr, 1);
		CHECK(row_is(&rows, 0, cases[i].scheme, cases[i].kernels, JUDGE_VALID, 0));
		CHECK(load_is(&sample, plain, KERNEL_7_3, cases[i].scheme,
			      i ? JUDGE_REJECTED : JUDGE_VALID, i ? -EACCES : 0));
		/* the image that was given is left as it is */
		CHECK(sample.image.sig_unnamed.data && !sample.image.sig[SCHEME_FOLDED].data &&
		      !sample.image.sig[SCHEME_INSNS].data);
	}
}

TEST(an_unnamed_signature_that_fits_nothing_is_taken_for_the_likely_one)
{
	_judge_rows_ struct judge_rows checked = {.nr = 0}, unchecked = {.nr = 0},
				       demanded = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	leave_unnamed(&sample, SCHEME_CHAIN);
	ask(&sample, plain, &checked);
	/* the loader of such a header has a form that checks its map, so that is what was signed */
	CHECK(row_is(&checked, 0, SCHEME_INSNS, all_that(is_insns_with_excl), JUDGE_REJECTED,
		     -EKEYREJECTED));
	ask(&sample, (struct judge_question){.schemes = FOLDED}, &demanded);
	CHECK_INT((long long)demanded.nr, 1);
	CHECK(row_is(&demanded, 0, SCHEME_FOLDED, all_that(folds), JUDGE_REJECTED, -EKEYREJECTED));
	buf_free(&sample.image.insns_checked);
	sample_again(&sample);
	ask(&sample, plain, &unchecked);
	CHECK(row_is(&unchecked, 0, SCHEME_FOLDED, all_that(folds), JUDGE_REJECTED, -EKEYREJECTED));
}

TEST(a_demand_says_what_an_unnamed_signature_is_tried_as)
{
	_judge_rows_ struct judge_rows as_folded = {.nr = 0}, as_insns = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	leave_unnamed(&sample, SCHEME_INSNS);
	/* it would fit insns, but that is not asked */
	ask(&sample, (struct judge_question){.schemes = FOLDED}, &as_folded);
	CHECK_INT((long long)as_folded.nr, 1);
	CHECK(row_is(&as_folded, 0, SCHEME_FOLDED, all_that(folds), JUDGE_REJECTED, -EKEYREJECTED));
	ask(&sample, (struct judge_question){.schemes = INSNS | CHAIN}, &as_insns);
	CHECK_INT((long long)as_insns.nr, 2);
	CHECK(row_is(&as_insns, 0, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_UNSIGNED, 0));
	CHECK(row_is(&as_insns, 1, SCHEME_INSNS, all_that(is_insns_with_excl), JUDGE_VALID, 0));
}

/* --- loaders that are not known, data that is not covered --- */

/* Instructions of no libbpf, with a map. */
static void make_unknown(struct sample *ret, bool has_map)
{
	_buf_ struct buf insns = {0}, value = {0};

	*ret = (struct sample){.loader = {.known = false}};
	buf_add_str(&insns, "insn 0..insn 1..");
	buf_add_str(&value, "contents");
	SAMPLE_MUST(image_set_insns(&ret->image, &insns, &sample_err));
	if (has_map)
		SAMPLE_MUST(image_add_map(&ret->image, "m", &value, 8, 1, &sample_err));
	sample_again(ret);
	sample_sign(ret, has_map ? SCHEME_ALL : FOLDED | INSNS, "rsa2048");
}

TEST(nobody_can_tell_of_an_unknown_loader_whose_signature_is_right)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0}, allowed = {.nr = 0};
	_sample_ struct sample sample = {0};

	make_unknown(&sample, true);
	ask(&sample, plain, &rows);
	CHECK_INT((long long)rows.nr, 3);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_UNDECIDED, 0));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_UNDECIDED, 0));
	CHECK(row_is(&rows, 2, SCHEME_INSNS, all_that(is_insns), JUDGE_UNDECIDED, 0));
	CHECK_INT(judge_outcome(&rows), JUDGE_UNDECIDED);
	/* whoever vouches for it has the kernel's answer to the signature */
	ask(&sample, (struct judge_question){.allow_unknown = true}, &allowed);
	CHECK_INT((long long)allowed.nr, 3);
	for (size_t i = 0; i < allowed.nr; i++)
		CHECK_INT(allowed.list[i].outcome, JUDGE_VALID);
	CHECK(load_is(&sample, plain, KERNEL_7_3, SCHEME_FOLDED, JUDGE_UNDECIDED, 0));
	/* a wrong signature is refused whatever the loader is */
	sample.image.sig[SCHEME_FOLDED].data[sample.image.sig[SCHEME_FOLDED].size - 1] ^= 1;
	CHECK(load_is(&sample, (struct judge_question){.schemes = FOLDED}, KERNEL_7_3,
		      SCHEME_FOLDED, JUDGE_REJECTED, -EKEYREJECTED));
}

TEST(a_load_that_fails_in_any_case_is_not_what_a_run_time_ends_with)
{
	_sample_ struct sample sample = {0};

	make_unknown(&sample, true);
	/* insns on 7.3: the map is not bound, so EACCES or an errno of the loader's own; folded
	 * loads */
	CHECK(load_is(&sample, (struct judge_question){.schemes = INSNS}, KERNEL_7_3, SCHEME_INSNS,
		      JUDGE_UNDECIDED, 0));
	buf_free(&sample.image.sig[SCHEME_CHAIN]);
	buf_free(&sample.image.sig[SCHEME_FOLDED]);
	CHECK(load_is(&sample, plain, KERNEL_7_3, SCHEME_INSNS, JUDGE_UNDECIDED, 0));
	CHECK(load_is(&sample, (struct judge_question){.allow_unknown = true}, KERNEL_7_3,
		      SCHEME_INSNS, JUDGE_REJECTED, -EACCES));
	CHECK(load_is(&sample, (struct judge_question){.raw = true}, KERNEL_7_3, SCHEME_INSNS,
		      JUDGE_REJECTED, -EACCES));
}

TEST(raw_parts_need_not_be_a_loader)
{
	const struct judge_question raw = {.raw = true};
	const struct judge_question uncovered = {.raw = true, .allow_uncovered = true};
	_judge_rows_ struct judge_rows rows = {.nr = 0}, allowed = {.nr = 0}, bare = {.nr = 0};
	_sample_ struct sample sample = {0}, without_map = {0};

	make_unknown(&sample, true);
	ask(&sample, raw, &rows);
	CHECK_INT((long long)rows.nr, 3);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_CHAIN, KERNEL_BIT(KERNEL_CHAIN), JUDGE_VALID, 0));
	/* the signature is over the instructions, and nothing known compares the map */
	CHECK(row_is(&rows, 2, SCHEME_INSNS, all_that(is_insns), JUDGE_REJECTED, 0));
	CHECK(!strncmp(rows.list[2].answer.reason, "[data-uncovered] ", 17));
	/* a refusal is not a load */
	CHECK(load_is(&sample, uncovered, KERNEL_7_2, SCHEME_INSNS, JUDGE_VALID, 0));
	ask(&sample, uncovered, &allowed);
	CHECK(row_is(&allowed, 2, SCHEME_INSNS, all_that(is_insns), JUDGE_VALID, 0));
	make_unknown(&without_map, false);
	ask(&without_map, raw, &bare);
	CHECK_INT((long long)bare.nr, 2);
	CHECK(row_is(&bare, 1, SCHEME_INSNS, all_that(is_insns), JUDGE_VALID, 0));
}

TEST(a_known_loader_that_checks_nothing_is_uncovered_by_insns)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0}, allowed = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_read(&sample, "tiny");
	sample_prepare(&sample, &(struct prepare_options){.schemes = FOLDED});
	sample_sign(&sample, FOLDED | INSNS, "rsa2048");
	ask(&sample, plain, &rows);
	CHECK_INT((long long)rows.nr, 2);
	CHECK(row_is(&rows, 0, SCHEME_FOLDED, all_that(folds), JUDGE_VALID, 0));
	CHECK(row_is(&rows, 1, SCHEME_INSNS, all_that(is_insns), JUDGE_REJECTED, 0));
	CHECK(!strncmp(rows.list[1].answer.reason, "[data-uncovered] ", 17));
	ask(&sample, (struct judge_question){.allow_uncovered = true}, &allowed);
	CHECK(row_is(&allowed, 1, SCHEME_INSNS, all_that(is_insns), JUDGE_VALID, 0));
	/* as raw parts, too: a beginning that is a loader's counts */
	CHECK(load_is(&sample, (struct judge_question){.raw = true, .schemes = INSNS}, KERNEL_7_2,
		      SCHEME_INSNS, JUDGE_REJECTED, 0));
}

/* --- errors, outcomes --- */

TEST(an_error_of_the_keyring_is_the_callers)
{
	static const struct judge_question questions[] = {
		{.kernels = 0},
		{.kernels = KERNEL_ALL},
		{.kernels = KERNEL_BIT(KERNEL_7_3), .schemes = FOLDED | CHAIN},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		struct sample_trust trust = {.fails = -EIO};
		struct judge_question question = questions[i];
		_judge_rows_ struct judge_rows rows = {.nr = 0};
		_sample_ struct sample sample = {0};

		question.keyring = sample_keyring;
		question.arg = &trust;
		sample_whole(&sample, "tiny");
		CHECK_INT(judge_image(&question, &sample.subject, &rows, &err), -EIO);
		CHECK_INT(trust.asked, 1);
		CHECK_INT((long long)rows.nr, 0);
		leave_unnamed(&sample, SCHEME_FOLDED);
		CHECK_INT(judge_image(&question, &sample.subject, &rows, &err), -EIO);
		CHECK_INT(trust.asked, 2);
	}
}

TEST(a_verdict_that_cannot_be_had_is_an_error)
{
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	const struct judge_question question = {
		.raw = true, .keyring = sample_keyring, .arg = &trust};
	_buf_ struct buf insns = {0}, value = {0};
	_sample_ struct sample sample = {.loader = {.known = false}};

	/* nothing is folded of a map with several elements */
	buf_add_str(&insns, "insn 0..insn 1..");
	buf_add_str(&value, "contents");
	SAMPLE_MUST(image_set_insns(&sample.image, &insns, &sample_err));
	SAMPLE_MUST(image_add_map(&sample.image, "m", &value, 4, 2, &sample_err));
	buf_add_str(&sample.image.sig[SCHEME_FOLDED], "0");
	sample_again(&sample);
	CHECK_INT(judge_image(&question, &sample.subject, &rows, &err), -EINVAL);
	CHECK_INT((long long)rows.nr, 0);
}

/* For struct judge_question: the keyring of another line. */
static int wrong_keyring(void *arg, enum kv_line line, const struct kv_keyring **ret,
			 struct err *of)
{
	return sample_keyring(arg, line == KV_LINUX_6_18 ? KV_LINUX_7_3 : KV_LINUX_6_18, ret, of);
}

TEST(a_keyring_of_another_line_is_an_error)
{
	_sample_trust_ struct sample_trust trust = {.fails = 0};
	const struct judge_question question = {.keyring = wrong_keyring, .arg = &trust};
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "tiny");
	CHECK_INT(judge_image(&question, &sample.subject, &rows, &err), -EINVAL);
	CHECK_INT((long long)rows.nr, 0);
}

TEST(the_worst_row_is_the_outcome)
{
	static const enum judge_outcome order[] = {JUDGE_VALID, JUDGE_UNDECIDED, JUDGE_UNSIGNED,
						   JUDGE_REJECTED};

	for (size_t a = 0; a < ARRAY_SIZE(order); a++) {
		for (size_t b = 0; b < ARRAY_SIZE(order); b++) {
			struct judge_rows rows = {.nr = 2};

			rows.list[0].outcome = order[a];
			rows.list[1].outcome = order[b];
			rows.list[2].outcome = JUDGE_REJECTED; /* not one of them */
			CHECK_INT(judge_outcome(&rows), order[a > b ? a : b]);
		}
	}
}

UNIT_MAIN
