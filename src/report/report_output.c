// SPDX-License-Identifier: BSD-2-Clause
/* From parts to what stdout and stderr get, and what is said of all of them together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/report.h"
#include "report/report_text.h"

void report_begin(struct report *report)
{
	report->json = (struct json){.out = &report->text, .in_lines = report->lines};
	if (!report->as_json || report->lines)
		return;
	json_object(&report->json, NULL);
	json_number(&report->json, "version", REPORT_JSON_VERSION);
	json_array(&report->json, "results");
}

/* The first failure sticks; what has been written cannot be taken back. */
static void note_failure(struct report *report, int code)
{
	if (!report->error)
		report->error = code ? code : EIO;
}

static void hide_progress(struct report *whole)
{
	if (whole->shown)
		fputs("\r\033[K", stderr);
	whole->shown = 0;
}

/* Write what PART holds; failures are WHOLE's. */
static void flush(struct report *whole, struct report *part)
{
	if (part->text.failed || part->messages.failed)
		note_failure(whole, ENOMEM);
	if (part->messages.size || (part->text.size && whole->shown && isatty(STDOUT_FILENO)))
		hide_progress(whole);
	if (part->messages.size)
		fwrite(part->messages.data, 1, part->messages.size, stderr);
	errno = 0;
	if (part->text.size &&
	    fwrite(part->text.data, 1, part->text.size, stdout) != part->text.size)
		note_failure(whole, errno);
	buf_free(&part->messages);
	buf_free(&part->text);
}

/* "could not tell" is the member "could_not_tell". */
static void json_count(struct json *json, const char *word, size_t count)
{
	char key[32];

	snprintf(key, sizeof(key), "%s", word);
	for (char *at = key; *at; at++) {
		if (*at == ' ')
			*at = '_';
	}
	json_number(json, key, (int64_t)count);
}

static void json_summary(struct report *whole, const char *const words[REPORT_OUTCOME_NR],
			 const size_t counts[REPORT_OUTCOME_NR])
{
	struct json *json = &whole->json;

	if (whole->lines) {
		json_object(json, NULL);
		json_number(json, "version", REPORT_JSON_VERSION);
	} else {
		json_array_end(json);
	}
	json_object(json, "summary");
	for (size_t i = 0; i < REPORT_OUTCOME_NR; i++) {
		if (words[i])
			json_count(json, words[i], counts[i]);
	}
	if (whole->looked_through)
		json_number(json, "passed_over", (int64_t)whole->passed_over);
	json_object_end(json);
	whole->summed = true;
	if (!whole->lines)
		return;
	json_text(json, "error", whole->failure);
	json_object_end(json);
}

/* What ends a JSON document; a run that never came to its inputs counts nothing. */
static void end_json(struct report *report)
{
	static const char *const none[REPORT_OUTCOME_NR];
	static const size_t zero[REPORT_OUTCOME_NR];

	if (!report->summed)
		json_summary(report, none, zero);
	if (report->lines)
		return;
	json_text(&report->json, "error", report->failure);
	json_object_end(&report->json);
}

enum cli_status report_end(struct report *report, enum cli_status status)
{
	if (report->as_json)
		end_json(report);
	flush(report, report);
	hide_progress(report);
	buf_free(&report->said);
	free(report->failure);
	if (fflush(stdout))
		note_failure(report, errno);
	if (!report->error)
		return status;
	fprintf(stderr, "bpf-chainsign: cannot write the results: %s\n", strerror(report->error));
	return CLI_UNKNOWN;
}

/* --- parts --- */

void report_part(const struct report *whole, struct report *ret)
{
	*ret = (struct report){
		.as_json = whole->as_json,
		.lines = whole->lines,
		.quiet = whole->quiet,
		.verbose = whole->verbose,
	};
	ret->json = (struct json){
		.out = &ret->text,
		.in_lines = whole->lines,
		.depth = whole->json.depth,
	};
}

void report_free(struct report *part)
{
	buf_free(&part->text);
	buf_free(&part->messages);
	buf_free(&part->record);
	buf_free(&part->said);
}

void report_drop(struct report *part)
{
	buf_free(&part->text);
	buf_free(&part->record);
	part->json.comma = false;
	part->sealed = false;
}

/* The lines of PART->said that are not among WHOLE's. */
static void join_said(struct report *whole, struct report *part)
{
	struct view said = buf_view(&part->said);

	while (said.size) {
		const uint8_t *end = memchr(said.data, '\n', said.size);
		struct view line = view_of(said.data,
					   end ? (size_t)(end + 1 - said.data) : said.size);

		if (!whole->said.size ||
		    !memmem(whole->said.data, whole->said.size, line.data, line.size)) {
			buf_add_view(&whole->said, line);
			buf_add_view(&whole->messages, line);
		}
		said = view_sub(said, line.size, said.size - line.size);
	}
	buf_free(&part->said);
}

void report_join(struct report *whole, struct report *part)
{
	if (whole->as_json && !whole->lines && part->text.size) {
		if (whole->json.comma)
			buf_add_str(&whole->text, ",");
		whole->json.comma = true;
	}
	whole->sealed |= part->sealed;
	buf_move(&whole->record, &part->record);
	join_said(whole, part);
	flush(whole, whole);
	flush(whole, part);
	if (whole->lines && fflush(stdout))
		note_failure(whole, errno);
}

/* --- of all --- */

void report_skipped(struct report *whole, const char *file)
{
	if (!whole->as_json)
		return;
	json_object(&whole->json, NULL);
	json_text(&whole->json, "file", file);
	json_text(&whole->json, "status", "not looked at");
	json_object_end(&whole->json);
}

void report_passed_over(struct report *whole, const char *file, const char *what, bool matters)
{
	if (matters) {
		char text[160];

		snprintf(text, sizeof(text), "passed over: %s", what);
		report_warning(whole, file, text);
	} else if (whole->as_json) {
		json_object(&whole->json, NULL);
		json_text(&whole->json, "file", file);
		json_text(&whole->json, "status", "passed over");
		json_text(&whole->json, "reason", what);
		json_object_end(&whole->json);
	} else {
		buf_printf(&whole->text, "%s: passed over: %s\n", report_shown(file), what);
	}
}

static const char sealed_note[] =
	"note: initial values and map sizes are fixed by this signature; change them with\n"
	"      --set VAR=VALUE and --max-entries MAP=N, not in the program that loads\n";

void report_summary(struct report *whole, const char *const words[REPORT_OUTCOME_NR],
		    const size_t counts[REPORT_OUTCOME_NR], bool in_text)
{
	const char *comma = "";

	if (whole->as_json)
		json_summary(whole, words, counts);
	if (whole->as_json || whole->quiet)
		return;
	if (whole->sealed)
		buf_add_str(&whole->text, sealed_note);
	if (!in_text)
		return;
	if (whole->passed_over)
		buf_printf(&whole->text, "%zu other file%s passed over%s\n", whole->passed_over,
			   whole->passed_over == 1 ? "" : "s",
			   whole->verbose ? "" : " (--verbose names them)");
	for (size_t i = 0; i < REPORT_OUTCOME_NR; i++) {
		if (!counts[i])
			continue;
		buf_printf(&whole->text, "%s%zu %s", comma, counts[i], words[i]);
		comma = ", ";
	}
	buf_add_str(&whole->text, "\n");
}

/* Changes faster than this are not seen. */
#define PROGRESS_INTERVAL 100

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000 + 1;
}

void report_progress(struct report *whole, size_t done, size_t nr)
{
	long long time;

	if (nr < 2 || whole->quiet || whole->as_json || !isatty(STDERR_FILENO))
		return;
	time = now();
	if (whole->shown && time - whole->shown < PROGRESS_INTERVAL)
		return;
	fprintf(stderr, "\r%zu of %zu\033[K", done, nr);
	whole->shown = time;
}
