// SPDX-License-Identifier: BSD-2-Clause
#include "report/report.h"

#include <stdio.h>
#include <string.h>

#include "report/report_text.h"

const char *report_shown(const char *file)
{
	static __thread char text[4096];

	return err_escape(text, sizeof(text), file, strlen(file));
}

void report_say_error(struct report *report, const char *file, const struct err *err)
{
	struct buf *text = &report->messages;

	buf_printf(text, "bpf-chainsign: %s", file ? report_shown(file) : "");
	if (file && err->line)
		buf_printf(text, ":%u", err->line);
	buf_printf(text, "%s%s\n", file ? ": " : "", err->text);
}

/* The members that say what went wrong. */
void report_why_json(struct json *json, const struct err *why)
{
	if (why && why->line)
		json_number(json, "line", why->line);
	json_text(json, "error", why ? why->text : NULL);
}

void report_error(struct report *report, const char *file, const struct err *err)
{
	report_say_error(report, file, err);
	if (!file && !report->failure)
		report->failure = strdup(err->text);
	if (!report->as_json || !file)
		return;
	json_object(&report->json, NULL);
	json_text(&report->json, "file", file);
	json_text(&report->json, "status", "failed");
	report_why_json(&report->json, err);
	json_object_end(&report->json);
}

static void add_warning(struct buf *to, const char *file, const char *text)
{
	buf_printf(to, "bpf-chainsign: warning: %s%s%s\n", file ? report_shown(file) : "",
		   file ? ": " : "", text);
}

void report_warning(struct report *report, const char *file, const char *text)
{
	add_warning(&report->messages, file, text);
}

void report_warning_once(struct report *part, const char *file, const char *text)
{
	add_warning(&part->said, file, text);
}

void report_finding(struct report *report, const char *file, const struct loader_finding *finding)
{
	struct buf text = {0};
	const char *words;

	buf_printf(&text, "[%s] %s%s%s; %s", finding->name, finding->where,
		   *finding->where ? ": " : "", finding->what, finding->remedy);
	words = buf_cstr(&text);
	report_warning(report, file, words ? words : finding->name);
	buf_free(&text);
}

void report_advise(struct report *report, const char *file, const struct report_advice *advice)
{
	char text[sizeof(advice->advice.what) + 200];

	snprintf(text, sizeof(text), "[%s] %s; %s", advice->advice.id, advice->advice.what,
		 advice->advice.remedy);
	report_warning(report, advice->cert ?: file, text);
}

/* What the machine that built it has left in the bytes is among the findings. */
bool report_is_of_host(const struct loader_finding *finding)
{
	return finding->id == LOADER_KERNEL_ADDRESS || finding->id == LOADER_HOST_CONFIG ||
	       finding->id == LOADER_HOST_CPUS;
}

void report_findings_json(struct json *json, const struct loader_finding *findings, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		const struct loader_finding *finding = &findings[i];

		json_object(json, NULL);
		json_text(json, "id", finding->name);
		json_text(json, "severity", loader_severity_name(finding->severity));
		json_text(json, "where", *finding->where ? finding->where : NULL);
		json_text(json, "what", finding->what);
		json_text(json, "remedy", finding->remedy);
		json_bool(json, "build_host", report_is_of_host(finding));
		json_object_end(json);
	}
}

/* --- verify --- */

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void json_who(struct json *json, const struct kv_answer *answer)
{
	json_text(json, "signer", text_or_null(answer->signer));
	json_text(json, "key_id", text_or_null(answer->key_id));
}

const char *report_verdict_name(enum report_outcome outcome)
{
	static const char *const names[REPORT_OUTCOME_NR] = {
		[REPORT_DONE] = "accepted",	    [REPORT_REJECTED] = "rejected",
		[REPORT_UNSIGNED] = "unsigned",	    [REPORT_FAILED] = "could not tell",
		[REPORT_SKIPPED] = "not looked at",
	};

	return names[outcome];
}

/* Of one signature; "accepted" is said of inputs alone. */
const char *report_row_name(enum judge_outcome outcome)
{
	static const char *const names[] = {
		[JUDGE_VALID] = "valid",
		[JUDGE_REJECTED] = "rejected",
		[JUDGE_UNSIGNED] = "unsigned",
		[JUDGE_UNTOLD] = "could not tell",
	};

	return names[outcome];
}

static void json_answer(struct json *json, enum judge_outcome outcome,
			const struct kv_answer *answer)
{
	const int code = outcome == JUDGE_REJECTED ? answer->code : 0;

	json_text(json, "verdict", report_row_name(outcome));
	json_text(json, "errno", code ? kv_errno_name(code) : NULL);
	json_number(json, "code", code);
	json_text(json, "reason", text_or_null(answer->reason));
	json_who(json, answer);
}

/* What the message would be worth with this signer alone. */
static enum judge_outcome signer_outcome(const struct kv_signer *signer)
{
	return !signer->told ? JUDGE_UNTOLD : signer->answer.code ? JUDGE_REJECTED : JUDGE_VALID;
}

static void json_signers(struct json *json, const struct kv_signers *signers)
{
	json_array(json, "signers");
	for (size_t i = 0; i < signers->nr; i++) {
		json_object(json, NULL);
		json_answer(json, signer_outcome(&signers->list[i]), &signers->list[i].answer);
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
	json_text(json, "verdict", report_verdict_name(judged->outcome));
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

/* "file: accepted (folded, chain)": each scheme once, however many kernels were asked */
static void text_accepted(struct report *report, const char *file, const struct judge_rows *rows)
{
	scheme_set named = 0;

	buf_printf(&report->text, "%s: accepted (", report_shown(file));
	for (size_t i = 0; i < rows->nr; i++) {
		scheme_set bit = SCHEME_BIT(rows->list[i].scheme);

		if (!(named & bit))
			buf_printf(&report->text, "%s%s", named ? ", " : "",
				   scheme_name(rows->list[i].scheme));
		named |= bit;
	}
	buf_add_str(&report->text, ")\n");
}

/* "EKEYREJECTED (-129)", or a word where no errno says it. */
static const char *answer_text(enum judge_outcome outcome, const struct kv_answer *answer,
			       char *dst, size_t room)
{
	if (outcome != JUDGE_REJECTED || !answer->code)
		return report_row_name(outcome);
	snprintf(dst, room, "%s (%d)", kv_errno_name(answer->code), answer->code);
	return dst;
}

/* A row for each of several signers: what the answer would be if it were the only one. */
static void text_signers(struct report *report, const struct kv_signers *signers)
{
	for (size_t i = 0; signers->nr > 1 && i < signers->nr; i++) {
		const struct kv_answer *answer = &signers->list[i].answer;
		char code[32], id[REPORT_SHORT_DIGITS + sizeof("...")];

		snprintf(id, sizeof(id), "%.*s%s", REPORT_SHORT_DIGITS, answer->key_id,
			 strlen(answer->key_id) > REPORT_SHORT_DIGITS ? "..." : "");
		buf_printf(
			&report->text, "    signer %-20s  %-19s  %s%s%s\n",
			report->verbose ? answer->key_id : id,
			answer_text(signer_outcome(&signers->list[i]), answer, code, sizeof(code)),
			answer->signer, *answer->signer ? ": " : "", answer->reason);
	}
}

/* The widest text of kernels in ROWS. */
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

static void text_row(struct report *report, const struct judge_row *row, int width,
		     const char *reason)
{
	char kernels[KERNEL_TEXT_MAX], code[32];

	buf_printf(&report->text, "  %-7s  %-*s  %-19s", scheme_name(row->scheme), width,
		   kernel_set_text(row->kernels, kernels),
		   answer_text(row->outcome, &row->answer, code, sizeof(code)));
	if (*reason)
		buf_printf(&report->text, "  %s", reason);
	buf_add_str(&report->text, "\n");
	if (row->outcome == JUDGE_VALID && report->verbose)
		buf_printf(&report->text, "           if %s\n", row->assumption);
	text_signers(report, &row->signers);
}

static void text_rows(struct report *report, const struct judge_rows *rows)
{
	const int width = kernels_width(rows);
	const char *before = NULL;

	for (size_t i = 0; i < rows->nr; i++) {
		const struct judge_row *row = &rows->list[i];
		const bool valid = row->outcome == JUDGE_VALID;
		const char *reason = valid ? row->answer.signer : row->answer.reason;

		text_row(report, row, width,
			 !valid && before && !strcmp(before, reason) ? "(same)" : reason);
		before = valid ? NULL : reason;
	}
}

void report_judged(struct report *report, const char *file, const struct report_judged *judged)
{
	if (judged->why)
		report_say_error(report, file, judged->why);
	if (report->as_json)
		json_judged(&report->json, file, judged);
	if (report->as_json || report->quiet)
		return;
	if (judged->outcome == REPORT_DONE)
		text_accepted(report, file, judged->rows);
	else
		buf_printf(&report->text, "%s: %s%s\n", report_shown(file),
			   report_verdict_name(judged->outcome),
			   judged->rows->nr || judged->outcome != REPORT_UNSIGNED
				   ? ""
				   : " (no signature in it)");
	if (judged->outcome != REPORT_DONE || report->verbose)
		text_rows(report, judged->rows);
}

/* --- chain --- */

static void json_map(struct json *json, const struct image_map *map, const struct hash_link *link,
		     size_t n)
{
	json_object(json, NULL);
	json_number(json, "index", (int64_t)n);
	json_text(json, "name", map->name);
	json_number(json, "value_size", map->value_size);
	json_number(json, "max_entries", map->max_entries);
	json_number(json, "hashed_size",
		    (int64_t)hash_array_map_size(map->value_size, map->max_entries));
	json_hex(json, "sha256", view_of(link->map, HASH_SHA256_SIZE));
	json_hex(json, "h", view_of(link->h, HASH_SHA256_SIZE));
	json_object_end(json);
}

/* The first signer, and all. */
static void json_chain_signers(struct json *json, const struct kv_signers *signers)
{
	json_text(json, "key_id",
		  signers->nr ? text_or_null(signers->list[0].answer.key_id) : NULL);
	json_array(json, "signers");
	for (size_t n = 0; n < signers->nr; n++) {
		json_object(json, NULL);
		json_who(json, &signers->list[n].answer);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_chain(struct json *json, const char *file, const struct image *image,
		       const struct scheme_chain *chain, const struct report_signer *signers,
		       size_t nr)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_hex(json, "final", view_of(chain->final, HASH_SHA256_SIZE));
	json_object(json, "program");
	json_number(json, "instructions", (int64_t)(image->insns.size / IMAGE_INSN_SIZE));
	json_number(json, "size", (int64_t)image->insns.size);
	json_hex(json, "sha256", view_of(chain->program, HASH_SHA256_SIZE));
	json_object_end(json);
	json_array(json, "maps");
	for (size_t n = 0; n < image->nr_maps; n++)
		json_map(json, &image->maps[n], &chain->links[n], n);
	json_array_end(json);
	json_array(json, "signatures");
	for (size_t i = 0; i < nr; i++) {
		json_object(json, NULL);
		json_text(json, "scheme", signers[i].scheme);
		json_chain_signers(json, &signers[i].signers);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}

/* Valid until this thread's next call. */
static const char *hex32(const uint8_t *digest)
{
	static __thread char hex[2 * HASH_SHA256_SIZE + 1];

	return hex_string(hex, digest, HASH_SHA256_SIZE);
}

/* Columns up to the digests: room for the tree, which grows by three characters a level. */
#define TREE_WIDTH(nr_maps) (14 + 3 * (int)(nr_maps))

/* h(N) and what it is made of; the last h is its map's hash. */
static void text_link(struct buf *text, const struct image *image, const struct scheme_chain *chain,
		      size_t n)
{
	const struct image_map *map = &image->maps[n];
	bool last = n + 1 == image->nr_maps;
	int width = TREE_WIDTH(image->nr_maps);
	int indent = 3 * (int)n;
	char label[32];

	snprintf(label, sizeof(label), "`- h(%zu)", n);
	buf_printf(text, "%*s%-*s %s  ", indent, "", width - indent, label,
		   hex32(chain->links[n].h));
	if (last)
		buf_printf(text, "= map %zu\n", n);
	else
		buf_printf(text, "sha256(h(%zu) || map %zu)\n", n + 1, n);
	snprintf(label, sizeof(label), "%s- map %zu", last ? "`" : "|", n);
	buf_printf(text, "%*s%-*s %s  ", indent + 3, "", width - indent - 3, label,
		   hex32(chain->links[n].map));
	buf_printf(text, "%s: array, %u x %u bytes, hashed as %llu\n", report_shown(map->name),
		   map->max_entries, map->value_size,
		   (unsigned long long)hash_array_map_size(map->value_size, map->max_entries));
}

/* "signature folded  by key 9a3f... and key 11bc..." */
static void text_chain_signers(struct buf *text, const struct report_signer *signer)
{
	buf_printf(text, "signature %-7s by key", signer->scheme);
	if (!signer->signers.nr)
		buf_add_str(text, " (not readable)");
	for (size_t n = 0; n < signer->signers.nr; n++)
		buf_printf(text, "%s %s", n ? " and key" : "",
			   signer->signers.list[n].answer.key_id);
	buf_add_str(text, "\n");
}

static void text_chain(struct buf *text, const char *file, const struct image *image,
		       const struct scheme_chain *chain, const struct report_signer *signers,
		       size_t nr)
{
	int width = TREE_WIDTH(image->nr_maps);

	buf_printf(text, "%s\n", report_shown(file));
	buf_printf(text, "%-*s %s  sha256(program || h(0))\n", width, "final", hex32(chain->final));
	buf_printf(text, "%-*s %s  %zu instructions, %zu bytes\n", width, "|- program",
		   hex32(chain->program), image->insns.size / IMAGE_INSN_SIZE, image->insns.size);
	for (size_t n = 0; n < image->nr_maps; n++)
		text_link(text, image, chain, n);
	if (!nr)
		buf_add_str(text, "signatures: none\n");
	for (size_t i = 0; i < nr; i++)
		text_chain_signers(text, &signers[i]);
}

void report_chain(struct report *report, const char *file, const struct image *image,
		  const struct scheme_chain *chain, const struct report_signer *signers, size_t nr)
{
	if (report->as_json)
		json_chain(&report->json, file, image, chain, signers, nr);
	else if (!report->quiet)
		text_chain(&report->text, file, image, chain, signers, nr);
}
