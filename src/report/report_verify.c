// SPDX-License-Identifier: BSD-2-Clause
/* The output of verify: verdicts, and the kernels' answers to signatures. */
#include <stdio.h>
#include <string.h>

#include "report/report.h"
#include "report/report_terminal.h"
#include "report/report_text.h"

const char *const report_verdict_names[REPORT_OUTCOME_NR] = {
	[REPORT_DONE] = "accepted",	[REPORT_REJECTED] = "rejected",
	[REPORT_UNSIGNED] = "unsigned", [REPORT_FAILED] = "could not tell",
	[REPORT_SKIPPED] = "skipped",
};

/* The outcome for one signature. "accepted" is used only for inputs. */
static const char *row_name(enum judge_outcome outcome)
{
	static const char *const names[] = {
		[JUDGE_VALID] = "valid",
		[JUDGE_REJECTED] = "rejected",
		[JUDGE_UNSIGNED] = "unsigned",
		[JUDGE_UNDECIDED] = "could not tell",
	};

	return names[outcome];
}

static void json_answer(struct json *json, enum judge_outcome outcome,
			const struct kv_answer *answer)
{
	const int code = outcome == JUDGE_REJECTED ? answer->code : 0;

	json_text(json, "verdict", row_name(outcome));
	json_text(json, "errno", code ? kv_errno_name(code) : NULL);
	json_number(json, "code", code);
	json_text_or_null(json, "reason", answer->reason);
	report_who_json(json, answer);
}

enum judge_outcome report_signer_outcome(const struct kv_signer *signer)
{
	return !signer->known	     ? JUDGE_UNDECIDED
	       : signer->answer.code ? JUDGE_REJECTED
				     : JUDGE_VALID;
}

static void json_signers(struct json *json, const struct kv_signers *signers)
{
	json_array(json, "signers");
	for (size_t i = 0; i < signers->nr; i++) {
		json_object(json, NULL);
		json_answer(json, report_signer_outcome(&signers->list[i]),
			    &signers->list[i].answer);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_row(struct json *json, const struct judge_row *row)
{
	json_object(json, NULL);
	json_text(json, "scheme", scheme_name(row->scheme));
	json_array(json, "kernels");
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (row->kernels & KERNEL_BIT(kernel))
			json_text(json, NULL, kernel_rules(kernel)->name);
	}
	json_array_end(json);
	json_answer(json, row->outcome, &row->answer);
	json_signers(json, &row->signers);
	json_text(json, "assumes", row->outcome == JUDGE_VALID ? row->assumption : NULL);
	json_object_end(json);
}

static void json_judged(struct json *json, const char *file, const struct report_judged *judged)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "verdict", report_verdict_names[judged->outcome]);
	report_why_json(json, judged->why);
	json_array(json, "signatures");
	for (size_t i = 0; i < judged->rows->nr; i++)
		json_row(json, &judged->rows->list[i]);
	json_array_end(json);
	json_array(json, "findings");
	report_findings_json(json, judged->findings->list, judged->findings->nr);
	json_array_end(json);
	json_object_end(json);
}

static void text_verdict(struct report_part *part, enum report_outcome outcome)
{
	report_paint(&part->text, part->form.colored,
		     outcome == REPORT_DONE	  ? REPORT_GOOD
		     : outcome == REPORT_REJECTED ? REPORT_BAD
						  : REPORT_UNSURE,
		     report_verdict_names[outcome]);
}

/* "file: accepted (folded, chain)": each scheme once, even if several kernels were checked */
static void text_accepted(struct report_part *part, const char *file, const struct judge_rows *rows)
{
	scheme_set named = 0;

	report_file(&part->text, file);
	text_verdict(part, REPORT_DONE);
	buf_add_str(&part->text, " (");
	for (size_t i = 0; i < rows->nr; i++) {
		scheme_set bit = SCHEME_BIT(rows->list[i].scheme);

		if (!(named & bit))
			buf_printf(&part->text, "%s%s", named ? ", " : "",
				   scheme_name(rows->list[i].scheme));
		named |= bit;
	}
	buf_add_str(&part->text, ")\n");
}

/* "file: rejected" */
static void text_other(struct report_part *part, const char *file,
		       const struct report_judged *judged)
{
	const bool empty = judged->outcome == REPORT_UNSIGNED && !judged->rows->nr;

	report_file(&part->text, file);
	text_verdict(part, judged->outcome);
	buf_add_str(&part->text, empty ? " (no signature in it)\n" : "\n");
}

/* "EKEYREJECTED (-129)", or a word if there is no errno. */
static const char *answer_text(enum judge_outcome outcome, const struct kv_answer *answer,
			       char *dst, size_t room)
{
	if (outcome != JUDGE_REJECTED || !answer->code)
		return row_name(outcome);
	snprintf(dst, room, "%s (%d)", kv_errno_name(answer->code), answer->code);
	return dst;
}

/* A row for each of several signers: the answer if it were the only one. */
static void text_signers(struct report_part *part, const struct kv_signers *signers)
{
	for (size_t i = 0; signers->nr > 1 && i < signers->nr; i++) {
		const struct kv_answer *answer = &signers->list[i].answer;
		char code[32], id[REPORT_SHORT_DIGITS + sizeof("...")];

		snprintf(id, sizeof(id), "%.*s%s", REPORT_SHORT_DIGITS, answer->key_id,
			 strlen(answer->key_id) > REPORT_SHORT_DIGITS ? "..." : "");
		buf_printf(&part->text, "    signer %-20s  %-19s  %s%s%s\n",
			   part->form.verbose ? answer->key_id : id,
			   answer_text(report_signer_outcome(&signers->list[i]), answer, code,
				       sizeof(code)),
			   answer->signer, *answer->signer ? ": " : "", answer->reason);
	}
}

/* The width of the longest list of kernels in ROWS. */
static int kernels_width(const struct judge_rows *rows)
{
	char kernels[KERNEL_TEXT_MAX];
	size_t width = 0;

	for (size_t i = 0; i < rows->nr; i++) {
		size_t size = strlen(kernel_set_text(rows->list[i].kernels, kernels));

		width = size > width ? size : width;
	}
	return (int)width;
}

static void text_row(struct report_part *part, const struct judge_row *row, int width,
		     const char *reason)
{
	char kernels[KERNEL_TEXT_MAX], code[32];

	buf_printf(&part->text, "  %-7s  %-*s  %-19s", scheme_name(row->scheme), width,
		   kernel_set_text(row->kernels, kernels),
		   answer_text(row->outcome, &row->answer, code, sizeof(code)));
	if (*reason)
		buf_printf(&part->text, "  %s", reason);
	buf_add_str(&part->text, "\n");
	if (row->outcome == JUDGE_VALID && part->form.verbose)
		buf_printf(&part->text, "           if %s\n", row->assumption);
	text_signers(part, &row->signers);
}

static void text_rows(struct report_part *part, const struct judge_rows *rows)
{
	const int width = kernels_width(rows);
	const char *before = NULL;

	for (size_t i = 0; i < rows->nr; i++) {
		const struct judge_row *row = &rows->list[i];
		const bool valid = row->outcome == JUDGE_VALID;
		const char *reason = valid ? row->answer.signer : row->answer.reason;

		text_row(part, row, width,
			 !valid && before && !strcmp(before, reason) ? "(same)" : reason);
		before = valid ? NULL : reason;
	}
}

void report_judged(struct report_part *part, const char *file, const struct report_judged *judged)
{
	if (judged->why)
		report_say_error(part, file, judged->why);
	if (part->form.as_json)
		json_judged(&part->json, file, judged);
	if (part->form.as_json || part->form.quiet)
		return;
	if (judged->outcome == REPORT_DONE)
		text_accepted(part, file, judged->rows);
	else
		text_other(part, file, judged);
	if (judged->outcome != REPORT_DONE || part->form.verbose)
		text_rows(part, judged->rows);
}
