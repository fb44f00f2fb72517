// SPDX-License-Identifier: BSD-2-Clause
#include "judge.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/util.h"
#include "loader/loader.h"

void judge_rows_free(struct judge_rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++)
		kv_signers_free(&rows->list[i].signers);
	*rows = (struct judge_rows){.nr = 0};
}

/* The state of one judgment. Each form of the loader is read once. */
struct judging {
	const struct judge_question *ask;
	struct subject *subject;
	const struct image *image; /* the subject's image; its signatures have a scheme */
	struct verdict_loader loaders[SCHEME_NR];
	struct judge_rows *rows;
};

static bool is_instructions_alone(enum scheme scheme)
{
	return scheme == SCHEME_INSNS || scheme == SCHEME_INSNS_HASH;
}

/* --- one signature, one kernel --- */

/* Whether the loader affects the verdict. Raw input need not be a loader. */
static bool loader_matters(const struct judging *j, enum scheme scheme)
{
	return !j->ask->raw || j->loaders[scheme].begins ||
	       (is_instructions_alone(scheme) && j->image->nr_maps);
}

static void refuse_uncovered(struct judge_row *row)
{
	const struct loader_finding finding = loader_finding(LOADER_DATA_UNCOVERED);

	row->outcome = JUDGE_REJECTED;
	snprintf(row->answer.reason, sizeof(row->answer.reason), "[%s] %s", finding.name,
		 finding.what);
}

/* Set the outcome of ROW, whose answer is that of BPF_PROG_LOAD so far. */
static void judge_rest(const struct judging *j, const struct verdict_load *load,
		       struct judge_row *row, struct verdict_end *end)
{
	const struct kv_answer first = row->answer;

	*end = (struct verdict_end){.loaded = !row->answer.code};
	if (loader_matters(j, load->scheme))
		verdict_run(load, &j->loaders[load->scheme], &row->answer, end);
	/* the caller vouches for the loader, so only the kernel's answer about its maps counts */
	if (end->refused && (j->ask->raw || j->ask->allow_unknown)) {
		row->answer = first;
		*end = (struct verdict_end){.loaded = false};
	}
	/* raw input need not be a loader, but then nothing covers its maps */
	if (j->ask->raw && end->untold) {
		end->untold = false;
		end->uncovered = true;
	}
	row->outcome = row->answer.code ? JUDGE_REJECTED : JUDGE_VALID;
	if (end->untold && !j->ask->allow_unknown)
		row->outcome = JUDGE_UNDECIDED;
	else if (end->uncovered && !j->ask->allow_uncovered)
		refuse_uncovered(row);
}

static int judge_one(const struct judging *j, enum scheme scheme, enum kernel kernel,
		     struct judge_row *ret, struct verdict_end *end, struct err *err)
{
	const struct judge_question *ask = j->ask;
	struct judge_row row = {
		.scheme = scheme,
		.kernels = KERNEL_BIT(kernel),
		.assumption = verdict_assumption(kernel, scheme),
	};
	struct verdict_load load = {
		.contents = &j->subject->contents,
		.scheme = scheme,
		.signature = buf_view(&j->image->sig[scheme]),
		.kernel = kernel,
	};
	int rc;

	*end = (struct verdict_end){.loaded = false};
	rc = ask->keyring(ask->arg, kernel_rules(kernel)->line, &load.keyring, err);
	if (rc)
		return rc;
	rc = verdict_ask(&load, &row.answer, err);
	if (!rc)
		rc = verdict_signers(&load, &row.answer, &row.signers, err);
	if (rc)
		return rc;
	judge_rest(j, &load, &row, end);
	*ret = row;
	return 0;
}

/* --- rows --- */

static bool is_same_answer(const struct judge_row *a, const struct judge_row *b)
{
	return a->scheme == b->scheme && a->outcome == b->outcome &&
	       a->answer.code == b->answer.code && !strcmp(a->answer.reason, b->answer.reason) &&
	       !strcmp(a->answer.signer, b->answer.signer) && a->assumption == b->assumption;
}

/* Append ROW, which is taken over, or merge it with the last row if that has the same answer. */
static void add_row(struct judge_rows *rows, struct judge_row *row)
{
	struct judge_row *last = rows->nr ? &rows->list[rows->nr - 1] : NULL;

	if (last && is_same_answer(last, row)) {
		last->kernels |= row->kernels;
		kv_signers_free(&row->signers);
		return;
	}
	rows->list[rows->nr++] = *row;
}

static void add_unsigned(struct judging *j, enum scheme scheme, kernel_set kernels)
{
	struct judge_row row = {.scheme = scheme, .kernels = kernels, .outcome = JUDGE_UNSIGNED};

	snprintf(row.answer.reason, sizeof(row.answer.reason), "no signature of this scheme");
	add_row(j->rows, &row);
}

/* --- each signature, on the kernels it is meant for --- */

kernel_set judge_meant(const struct verdict_loader *loader, enum scheme scheme)
{
	const kernel_set all = verdict_kernels(scheme);
	kernel_set set = all;

	for_each_kernel (kernel, all) {
		if (loader->begins && loader->checked.check == LOADER_CHECK_EXCL_HASH &&
		    !kernel_rules(kernel)->has_excl)
			set &= ~KERNEL_BIT(kernel);
	}
	return set ?: all;
}

/*
 * Among the rows from FIRST on, drop those of kernels that lack an algorithm (ENOPKG) which other
 * kernels have: the signature is not meant for them.
 */
static void drop_lacking(struct judge_rows *rows, size_t first)
{
	size_t kept = first;
	bool has = false;

	for (size_t i = first; i < rows->nr; i++)
		has |= rows->list[i].answer.code != -ENOPKG;
	for (size_t i = first; i < rows->nr; i++) {
		if (has && rows->list[i].answer.code == -ENOPKG)
			kv_signers_free(&rows->list[i].signers);
		else
			rows->list[kept++] = rows->list[i];
	}
	rows->nr = kept;
}

static int judge_scheme(struct judging *j, enum scheme scheme, kernel_set kernels, struct err *err)
{
	if (!j->image->sig[scheme].data) {
		add_unsigned(j, scheme, kernels);
		return 0;
	}
	for_each_kernel (kernel, kernels) {
		struct verdict_end ignored;
		struct judge_row row;
		int rc = judge_one(j, scheme, kernel, &row, &ignored, err);

		if (rc)
			return rc;
		add_row(j->rows, &row);
	}
	return 0;
}

/* Judge SCHEME on the kernels that it is meant for. */
static int judge_meaning(struct judging *j, enum scheme scheme, struct err *err)
{
	size_t first = j->rows->nr;
	int rc = judge_scheme(j, scheme, judge_meant(&j->loaders[scheme], scheme), err);

	if (!rc)
		drop_lacking(j->rows, first);
	return rc;
}

static int judge_by_scheme(struct judging *j, scheme_set schemes, struct err *err)
{
	for_each_scheme (scheme, schemes) {
		int rc = judge_meaning(j, scheme, err);

		if (rc)
			return rc;
	}
	return 0;
}

/* The schemes among SCHEMES that KERNEL accepts. */
static scheme_set taken_of(scheme_set schemes, enum kernel kernel)
{
	scheme_set taken = 0;

	for_each_scheme (scheme, schemes)
		taken |= verdict_takes(kernel, scheme) ? SCHEME_BIT(scheme) : 0;
	return taken;
}

/*
 * Judge each demanded scheme on those of the requested kernels that accept it; a kernel that
 * accepts none of them judges all. A scheme that no requested kernel accepts is judged on the
 * kernels that it is meant for, so that a demand is met only by a valid signature.
 */
static int judge_demands(struct judging *j, struct err *err)
{
	const struct judge_question *ask = j->ask;

	for_each_scheme (scheme, ask->schemes) {
		kernel_set kernels = 0;
		int rc;

		for_each_kernel (kernel, ask->kernels) {
			scheme_set taken = taken_of(ask->schemes, kernel) ?: ask->schemes;

			kernels |= taken & SCHEME_BIT(scheme) ? KERNEL_BIT(kernel) : 0;
		}
		rc = kernels ? judge_scheme(j, scheme, kernels, err)
			     : judge_meaning(j, scheme, err);
		if (rc)
			return rc;
	}
	return 0;
}

/* --- the signature that the run-time part uses --- */

/*
 * Whether the refusal of SCHEME says what is wrong (docs/run-time.md). It does not if the kernel
 * does not support the scheme: E2BIG; any folded signature on a kernel that does not fold maps;
 * and, if there is a hash-only form, the checked form on a kernel without struct bpf_map.excl.
 */
static bool tells(const struct judging *j, const struct judge_row *row, enum kernel kernel)
{
	const struct image *image = j->image;

	if (row->answer.code == -E2BIG)
		return false;
	if (row->scheme == SCHEME_FOLDED)
		return kernel_rules(kernel)->folds_maps ||
		       (!image->sig[SCHEME_INSNS].data && !image->sig[SCHEME_INSNS_HASH].data);
	return row->scheme != SCHEME_INSNS || row->answer.code != -EACCES ||
	       !image->sig[SCHEME_INSNS_HASH].data;
}

/* The order in which the run-time part tries schemes. */
static const enum scheme ways[SCHEME_NR] = {SCHEME_CHAIN, SCHEME_FOLDED, SCHEME_INSNS,
					    SCHEME_INSNS_HASH};

/*
 * Simulate NAME__load() on KERNEL: find the row of the signature that succeeds, or that says what
 * is wrong.
 */
static int judge_load(struct judging *j, enum kernel kernel, struct judge_row *ret, struct err *err)
{
	struct judge_row best = {.outcome = JUDGE_UNSIGNED};
	bool has_told = false, has_any = false;

	*ret = best;
	for (size_t i = 0; i < SCHEME_NR; i++) {
		struct verdict_end end;
		struct judge_row row;
		bool decides;
		int rc;

		if (!j->image->sig[ways[i]].data)
			continue;
		rc = judge_one(j, ways[i], kernel, &row, &end, err);
		if (rc) {
			kv_signers_free(&best.signers);
			return rc;
		}
		decides = end.loaded || row.outcome == JUDGE_VALID ||
			  (row.outcome == JUDGE_UNDECIDED && !end.refused);
		if (decides || !has_any || (!has_told && tells(j, &row, kernel))) {
			kv_signers_free(&best.signers);
			best = row;
		} else {
			kv_signers_free(&row.signers);
		}
		has_any = true;
		has_told |= tells(j, &row, kernel);
		if (decides)
			break;
	}
	*ret = best;
	return 0;
}

static int judge_loads(struct judging *j, struct err *err)
{
	for_each_kernel (kernel, j->ask->kernels) {
		struct judge_row row;
		int rc = judge_load(j, kernel, &row, err);

		if (rc || !row.kernels) /* there is no signature */
			return rc;
		add_row(j->rows, &row);
	}
	return 0;
}

/* --- a header of bpftool, whose signature does not name its scheme --- */

/* The newest kernel in KERNELS. */
static enum kernel newest(kernel_set kernels)
{
	return (enum kernel)(31 - __builtin_clz(kernels));
}

/* Whether the signature without a scheme is, or may be, accepted as one of SCHEME. */
static int fits(struct judging *j, enum scheme scheme, bool *ret, struct err *err)
{
	kernel_set kernels = judge_meant(&j->loaders[scheme], scheme);
	struct verdict_end ignored;
	struct judge_row row;
	int rc = judge_one(j, scheme, newest(kernels), &row, &ignored, err);

	if (rc)
		return rc;
	*ret = row.outcome != JUDGE_REJECTED;
	kv_signers_free(&row.signers);
	return 0;
}

/*
 * Find the scheme of the signature in a header of bpftool: the one for which it is valid; if there
 * is none, the likely one. It is never chain, because such headers have no signature_maps. NAMED,
 * which borrows from the image, gets the signature with its scheme.
 */
static int name_signature(struct judging *j, struct image *named, struct err *err)
{
	const scheme_set both = SCHEME_BIT(SCHEME_FOLDED) | SCHEME_BIT(SCHEME_INSNS);
	enum scheme schemes[2] = {SCHEME_FOLDED, SCHEME_INSNS};
	scheme_set wanted = j->ask->schemes & both ?: both;
	bool fit = false;
	int rc = 0;

	if (!(wanted & SCHEME_BIT(SCHEME_FOLDED)) ||
	    (j->loaders[SCHEME_INSNS].checked.check != LOADER_CHECK_NONE &&
	     wanted & SCHEME_BIT(SCHEME_INSNS)))
		schemes[0] = SCHEME_INSNS, schemes[1] = SCHEME_FOLDED;
	j->image = named;
	for (size_t i = 0; !rc && !fit && i < 2; i++) {
		named->sig[SCHEME_FOLDED] = named->sig[SCHEME_INSNS] = (struct buf){0};
		named->sig[schemes[i]] = named->sig_unnamed;
		if (wanted & SCHEME_BIT(schemes[i]))
			rc = fits(j, schemes[i], &fit, err);
	}
	if (!rc && !fit) {
		named->sig[schemes[1]] = (struct buf){0};
		named->sig[schemes[0]] = named->sig_unnamed;
	}
	return rc;
}

/* --- the whole image --- */

static int read_loaders(struct judging *j, struct err *err)
{
	int rc = 0;

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		const struct buf *insns = image_insns(j->image, scheme);

		if (scheme && insns == image_insns(j->image, SCHEME_FOLDED))
			j->loaders[scheme] = j->loaders[SCHEME_FOLDED];
		else if (insns->data)
			rc = verdict_read_form(j->subject, scheme, &j->loaders[scheme], err);
	}
	return rc;
}

int judge_image(const struct judge_question *ask, struct subject *subject, struct judge_rows *ret,
		struct err *err)
{
	struct image named = *subject->image; /* borrows */
	struct judging j = {
		.ask = ask,
		.subject = subject,
		.image = subject->image,
		.rows = ret,
	};
	int rc = read_loaders(&j, err);

	if (!rc && named.sig_unnamed.data)
		rc = name_signature(&j, &named, err);
	if (rc)
		return rc;
	if (!ask->kernels)
		return judge_by_scheme(&j, ask->schemes ?: scheme_signed(j.image), err);
	return ask->schemes ? judge_demands(&j, err) : judge_loads(&j, err);
}

enum judge_outcome judge_outcome(const struct judge_rows *rows)
{
	enum judge_outcome outcome = rows->nr ? JUDGE_VALID : JUDGE_UNSIGNED;
	/* a rejection outweighs an unknown answer */
	static const int rank[] = {[JUDGE_VALID] = 0,
				   [JUDGE_UNDECIDED] = 1,
				   [JUDGE_UNSIGNED] = 2,
				   [JUDGE_REJECTED] = 3};

	for (size_t i = 0; i < rows->nr; i++) {
		if (rank[rows->list[i].outcome] > rank[outcome])
			outcome = rows->list[i].outcome;
	}
	return outcome;
}
