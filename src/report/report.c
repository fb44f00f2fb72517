// SPDX-License-Identifier: BSD-2-Clause
/* Messages that all commands use: errors, warnings, findings, advice. */
#include "report/report.h"

#include "report/report_terminal.h"
#include "report/report_text.h"

void report_file(struct buf *text, const char *file)
{
	buf_escape(text, view_str(file));
	buf_add_str(text, ": ");
}

/* Begin a WARNING or a note of PART in MESSAGES; FILE may be NULL. */
static void begin(const struct report_part *part, struct buf *messages, bool warning,
		  const char *file)
{
	buf_add_str(messages, "bpf-chainsign: ");
	if (warning)
		report_paint(messages, part->form.colored_messages, REPORT_UNSURE, "warning");
	else
		buf_add_str(messages, "note");
	buf_add_str(messages, ": ");
	if (file)
		report_file(messages, file);
}

void report_say_error(struct report_part *part, const char *file, const struct err *err)
{
	struct buf *messages = &part->messages;

	buf_add_str(messages, "bpf-chainsign: ");
	if (file)
		buf_escape(messages, view_str(file));
	if (file && err->line)
		buf_printf(messages, ":%u", err->line);
	buf_printf(messages, "%s%s\n", file ? ": " : "", err->text);
}

/* The JSON members of an error. */
void report_why_json(struct json *json, const struct err *why)
{
	if (why && why->line)
		json_number(json, "line", why->line);
	json_text(json, "error", why ? why->text : NULL);
}

void report_who_json(struct json *json, const struct kv_answer *answer)
{
	json_text_or_null(json, "signer", answer->signer);
	json_text_or_null(json, "key_id", answer->key_id);
}

void report_error(struct report_part *part, const char *file, const struct err *err)
{
	report_say_error(part, file, err);
	if (!part->form.as_json)
		return;
	json_object(&part->json, NULL);
	json_text(&part->json, "file", file);
	json_text(&part->json, "status", "failed");
	report_why_json(&part->json, err);
	json_object_end(&part->json);
}

void report_warning(struct report_part *part, const char *file, const char *text)
{
	begin(part, &part->messages, true, file);
	buf_printf(&part->messages, "%s\n", text);
}

void report_warning_once(struct report_part *part, const char *file, const char *text)
{
	begin(part, &part->once, true, file);
	buf_printf(&part->once, "%s\n", text);
}

void report_finding(struct report_part *part, const char *file,
		    const struct loader_finding *finding)
{
	const bool note = finding->severity == LOADER_NOTE;

	if (note && part->form.quiet)
		return;
	begin(part, &part->messages, !note, file);
	buf_printf(&part->messages, "[%s] %s%s%s; %s\n", finding->name, finding->where,
		   *finding->where ? ": " : "", finding->what, finding->remedy);
}

void report_advise(struct report_part *part, const char *file, const struct report_advice *advice)
{
	begin(part, &part->messages, true, advice->cert ?: file);
	buf_printf(&part->messages, "[%s] %s; %s\n", advice->advice.id, advice->advice.what,
		   advice->advice.remedy);
}

/* Whether FINDING is about data of the build host in the loader. */
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
		json_text_or_null(json, "where", finding->where);
		json_text(json, "what", finding->what);
		json_text(json, "remedy", finding->remedy);
		json_bool(json, "build_host", report_is_of_host(finding));
		json_object_end(json);
	}
}
