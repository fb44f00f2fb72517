// SPDX-License-Identifier: BSD-2-Clause
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "report_text.h"

const char *report_shown(const char *file)
{
	static __thread char text[4096];

	return err_escape(text, sizeof(text), file, strlen(file));
}

void report_error(struct report *report, const char *file, const struct err *err)
{
	struct buf *text = &report->messages;

	buf_printf(text, "bpf-chainsign: %s", file ? report_shown(file) : "");
	if (file && err->line)
		buf_printf(text, ":%u", err->line);
	buf_printf(text, "%s%s\n", file ? ": " : "", err->text);
	if (!report->as_json || !file)
		return;
	json_object(&report->json, NULL);
	json_text(&report->json, "file", file);
	if (err->line)
		json_number(&report->json, "line", err->line);
	json_text(&report->json, "status", "failed");
	json_text(&report->json, "error", err->text);
	json_object_end(&report->json);
}

static void add_warning(const struct report *report, struct buf *to, const char *file,
			const char *text)
{
	if (!report->quiet)
		buf_printf(to, "bpf-chainsign: warning: %s%s%s\n", file ? report_shown(file) : "",
			   file ? ": " : "", text);
}

void report_warning(struct report *report, const char *file, const char *text)
{
	add_warning(report, &report->messages, file, text);
}

void report_warning_once(struct report *part, const char *file, const char *text)
{
	add_warning(part, &part->said, file, text);
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

/* A loader that is not known is a finding, too, though none that can be looked for in it. */
static void json_findings(struct json *json, const struct report_findings *findings)
{
	const struct loader_finding unknown = {
		.id = LOADER_FINDING_NR,
		.name = "unknown-loader",
		.severity = LOADER_WARNING,
		.what = findings->unknown,
		.remedy = "see what it installs before you trust it",
	};

	json_array(json, "findings");
	report_findings_json(json, &unknown, *findings->unknown ? 1 : 0);
	report_findings_json(json, findings->list, findings->nr);
	json_array_end(json);
}

static const char *text_or_null(const char *text)
{
	return *text ? text : NULL;
}

static void json_who(struct json *json, const struct kv_answer *answer)
{
	json_text(json, "signer", text_or_null(answer->signer));
	json_text(json, "key_id", text_or_null(answer->key_id));
}

static void json_answer(struct json *json, const struct kv_answer *answer)
{
	json_text(json, "verdict", answer->code ? "rejected" : "accepted");
	json_text(json, "errno", answer->code ? kv_errno_name(answer->code) : NULL);
	json_number(json, "code", answer->code);
	json_text(json, "reason", text_or_null(answer->reason));
}

static void json_signers(struct json *json, const struct kv_signers *signers)
{
	json_array(json, "signers");
	for (size_t i = 0; i < signers->nr; i++) {
		const struct kv_answer *answer = &signers->list[i].answer;

		json_object(json, NULL);
		json_who(json, answer);
		if (signers->list[i].told) {
			json_answer(json, answer);
		} else {
			json_text(json, "verdict", "unknown");
			json_text(json, "errno", NULL);
			json_text(json, "code", NULL);
			json_text(json, "reason", answer->reason);
		}
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_verdict(struct json *json, const char *file, const struct report_verdict *verdict,
			 const struct report_findings *findings)
{
	const struct kv_answer *answer = &verdict->answer;

	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "scheme", scheme_name(verdict->scheme));
	json_text(json, "kernel", kv_line_name(verdict->line));
	json_answer(json, answer);
	json_who(json, answer);
	json_signers(json, &verdict->signers);
	json_text(json, "assumes", answer->code ? NULL : verdict->assumption);
	json_findings(json, findings);
	json_object_end(json);
}

static void json_unsigned(struct json *json, const char *file,
			  const struct report_findings *findings)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "scheme", NULL);
	json_text(json, "kernel", NULL);
	json_text(json, "verdict", "unsigned");
	json_text(json, "errno", NULL);
	json_number(json, "code", 0);
	json_text(json, "reason", "no signature in it");
	json_findings(json, findings);
	json_object_end(json);
}

static bool all_accepted(const struct report_verdict *verdicts, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (verdicts[i].answer.code)
			return false;
	}
	return nr > 0;
}

/* "file: accepted (folded, chain)": each scheme once, however many kernels were asked */
static void text_accepted(struct report *report, const char *file,
			  const struct report_verdict *verdicts, size_t nr)
{
	scheme_set named = 0;

	buf_printf(&report->text, "%s: accepted (", report_shown(file));
	for (size_t i = 0; i < nr; i++) {
		scheme_set bit = SCHEME_BIT(verdicts[i].scheme);

		if (!(named & bit))
			buf_printf(&report->text, "%s%s", named ? ", " : "",
				   scheme_name(verdicts[i].scheme));
		named |= bit;
	}
	buf_add_str(&report->text, ")\n");
}

static const char *code_text(const struct kv_answer *answer, char *dst, size_t room)
{
	if (!answer->code)
		return "accepted";
	snprintf(dst, room, "%s (%d)", kv_errno_name(answer->code), answer->code);
	return dst;
}

/* A row for each of several signers: what the answer would be if it were the only one. */
static void text_signers(struct report *report, const struct kv_signers *signers)
{
	for (size_t i = 0; signers->nr > 1 && i < signers->nr; i++) {
		const struct kv_answer *answer = &signers->list[i].answer;
		bool told = signers->list[i].told;
		char code[32], id[REPORT_SHORT_DIGITS + sizeof("...")];

		snprintf(id, sizeof(id), "%.*s%s", REPORT_SHORT_DIGITS, answer->key_id,
			 strlen(answer->key_id) > REPORT_SHORT_DIGITS ? "..." : "");
		buf_printf(&report->text, "    signer %-20s  %-19s  %s%s%s\n",
			   report->verbose ? answer->key_id : id,
			   told ? code_text(answer, code, sizeof(code)) : "cannot tell",
			   answer->signer, *answer->signer ? ": " : "", answer->reason);
	}
}

static void text_rows(struct report *report, const struct report_verdict *verdicts, size_t nr)
{
	const char *before = NULL;

	for (size_t i = 0; i < nr; i++) {
		const struct kv_answer *answer = &verdicts[i].answer;
		char code[32];

		buf_printf(&report->text, "  %-7s  %-17s  %-19s", scheme_name(verdicts[i].scheme),
			   kv_line_title(verdicts[i].line), code_text(answer, code, sizeof(code)));
		if (answer->code)
			buf_printf(&report->text, "  %s",
				   before && !strcmp(before, answer->reason) ? "(same)"
									     : answer->reason);
		else if (*answer->signer)
			buf_printf(&report->text, "  %s", answer->signer);
		buf_add_str(&report->text, "\n");
		if (!answer->code && report->verbose)
			buf_printf(&report->text, "           if %s\n", verdicts[i].assumption);
		text_signers(report, &verdicts[i].signers);
		before = answer->code ? answer->reason : NULL;
	}
}

void report_verdicts(struct report *report, const char *file, const struct report_verdict *verdicts,
		     size_t nr, const struct report_findings *findings)
{
	bool accepted = all_accepted(verdicts, nr);

	if (report->as_json) {
		for (size_t i = 0; i < nr; i++)
			json_verdict(&report->json, file, &verdicts[i], findings);
		if (!nr)
			json_unsigned(&report->json, file, findings);
		return;
	}
	if (report->quiet)
		return;
	if (accepted)
		text_accepted(report, file, verdicts, nr);
	else
		buf_printf(&report->text, "%s: %s\n", report_shown(file),
			   nr ? "rejected" : "unsigned (no signature in it)");
	if (!accepted || report->verbose)
		text_rows(report, verdicts, nr);
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
