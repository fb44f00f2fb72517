// SPDX-License-Identifier: BSD-2-Clause
/* Which kernels are asked about which signatures of a file, and what they answer. */
#include <stdio.h>

#include "cmd_verify.h"
#include "loader/loader.h"
#include "util.h"
#include "verdict.h"

/*
 * The trusted keyring as a kernel of LINE holds it. What it does not take is said once, by the
 * first input that asks that kernel.
 */
static int trusted_keyring(const struct verify_question *ask, struct batch_job *job,
			   enum kv_line line, struct kv_keyring **ret, struct err *err)
{
	const struct trust_keyring *trusted;
	char text[2 * KV_TEXT_MAX];
	int rc = trust_keyring(ask->trust, line, &trusted, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < trusted->nr_refusals; i++) {
		const struct kv_answer *answer = &trusted->refusals[i].answer;

		snprintf(text, sizeof(text), "%s does not take it into a keyring: %s (%s)",
			 kv_line_title(line), kv_errno_name(answer->code), answer->reason);
		report_warning_once(&job->report, trusted->refusals[i].file, text);
	}
	*ret = trusted->keyring;
	return 0;
}

void verify_verdicts_free(struct verify_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->nr; i++)
		kv_signers_free(&verdicts->list[i].signers);
}

/* Ask LINE, or by default the line that SCHEME is for. */
#define OWN_LINE KV_LINE_NR

static int judge(const struct verify_question *ask, struct batch_job *job,
		 const struct image *image, enum scheme scheme, struct view signature,
		 enum kv_line line, struct report_verdict *ret, struct err *err)
{
	struct kv_keyring *keyring = NULL;
	int rc;

	ret->scheme = scheme;
	ret->line = line == OWN_LINE ? verdict_line(scheme) : line;
	ret->assumption = verdict_assumption(ret->line, scheme);
	rc = trusted_keyring(ask, job, ret->line, &keyring, err);
	if (rc)
		return rc;
	return verdict_ask(image, scheme, signature, ret->line, keyring, NULL, &ret->answer, err);
}

/*
 * A header in bpftool's form does not say which scheme its signature is of: it is the one that it
 * is accepted as. Where it is none, the verdict is that of the likely one.
 */
static int judge_unnamed(const struct verify_question *ask, struct batch_job *job,
			 const struct image *image, enum kv_line line, struct report_verdict *ret,
			 struct err *err)
{
	static const enum scheme orders[2][SCHEME_NR] = {
		{SCHEME_FOLDED, SCHEME_INSNS, SCHEME_CHAIN},
		{SCHEME_INSNS, SCHEME_FOLDED, SCHEME_CHAIN},
	};
	const enum scheme *order = orders[loader_has_check(image)];
	scheme_set wanted = ask->schemes ?: SCHEME_ALL;
	struct report_verdict verdict = {0};
	bool first = true;

	for (size_t i = 0; i < SCHEME_NR; i++) {
		int rc;

		if (!(wanted & SCHEME_BIT(order[i])))
			continue;
		rc = judge(ask, job, image, order[i], buf_view(&image->sig_unnamed), line, &verdict,
			   err);
		if (rc)
			return rc;
		if (first || !verdict.answer.code)
			*ret = verdict;
		if (!verdict.answer.code)
			break;
		first = false;
	}
	return 0;
}

/* Which of the signatures in IMAGE are put to LINE. */
static scheme_set choose_schemes(const struct verify_question *ask, const struct image *image,
				 enum kv_line line)
{
	scheme_set present = 0, meant = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!image->sig[scheme].data)
			continue;
		present |= SCHEME_BIT(scheme);
		if (line != OWN_LINE && verdict_takes(line, scheme))
			meant |= SCHEME_BIT(scheme);
	}
	if (ask->schemes)
		return present & ask->schemes;
	/* A run-time presents to a kernel what that kernel takes, if there is such a signature. */
	return meant ?: present;
}

/* Who made SIGNATURE, of which the verdict is there. */
static int list_signers(const struct verify_question *ask, struct batch_job *job,
			const struct image *image, struct view signature,
			struct report_verdict *verdict, struct err *err)
{
	struct kv_keyring *keyring = NULL;
	int rc = trusted_keyring(ask, job, verdict->line, &keyring, err);

	if (rc)
		return rc;
	return verdict_signers(image, verdict->scheme, signature, verdict->line, keyring,
			       &verdict->answer, &verdict->signers, err);
}

static int judge_line(const struct verify_question *ask, struct batch_job *job,
		      const struct image *image, enum kv_line line,
		      struct verify_verdicts *verdicts, struct err *err)
{
	scheme_set schemes = choose_schemes(ask, image, line);
	struct report_verdict *verdict;
	int rc = 0;

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		struct view signature = buf_view(&image->sig[scheme]);

		if (!(schemes & SCHEME_BIT(scheme)))
			continue;
		verdict = &verdicts->list[verdicts->nr++];
		rc = judge(ask, job, image, scheme, signature, line, verdict, err);
		if (!rc)
			rc = list_signers(ask, job, image, signature, verdict, err);
	}
	if (rc || !image->sig_unnamed.data)
		return rc;
	verdict = &verdicts->list[verdicts->nr++];
	rc = judge_unnamed(ask, job, image, line, verdict, err);
	return rc ?: list_signers(ask, job, image, buf_view(&image->sig_unnamed), verdict, err);
}

int verify_judge(const struct verify_question *ask, struct batch_job *job,
		 const struct image *image, struct verify_verdicts *verdicts, struct err *err)
{
	int rc = 0;

	if (!ask->lines)
		return judge_line(ask, job, image, OWN_LINE, verdicts, err);
	for (enum kv_line line = 0; !rc && line < KV_LINE_NR; line++) {
		if (ask->lines & 1u << line)
			rc = judge_line(ask, job, image, line, verdicts, err);
	}
	return rc;
}
