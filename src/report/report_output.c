// SPDX-License-Identifier: BSD-2-Clause
/* Join parts into the output, and summarize all inputs. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "report/report.h"
#include "report/report_terminal.h"
#include "report/report_text.h"

void report_begin(const struct report_form *form,
		  const char *const outcome_names[REPORT_OUTCOME_NR], struct report_output *ret)
{
	struct json *json = &ret->run.json;

	*ret = (struct report_output){.run.form = *form, .counts.outcome_names = outcome_names};
	ret->run.form.colored = report_colors(STDOUT_FILENO, form->color);
	ret->run.form.colored_messages = report_colors(STDERR_FILENO, form->color);
	ret->columns = form->as_json ? 0 : report_columns(STDOUT_FILENO);
	ret->message_columns = report_columns(STDERR_FILENO);
	*json = (struct json){.out = &ret->run.text, .in_lines = form->lines};
	if (!form->as_json || form->lines)
		return;
	json_object(json, NULL);
	json_number(json, "version", REPORT_JSON_VERSION);
	json_array(json, "results");
}

/* Keep the first error; what has been written stays. */
static void note_failure(struct report_output *output, int code)
{
	if (!output->error)
		output->error = code ? code : EIO;
}

static void hide_progress(struct report_output *output)
{
	if (output->shown)
		fputs("\r\033[K", stderr);
	output->shown = 0;
}

/* Break the lines of TEXT for a terminal of COLUMNS; 0: they stay. */
static void wrap(struct report_output *output, struct buf *text, size_t columns)
{
	struct buf wrapped = {0};

	if (!columns || !text->size)
		return;
	report_wrap(&wrapped, buf_view(text), columns);
	if (wrapped.failed)
		note_failure(output, ENOMEM);
	buf_free(text);
	*text = wrapped;
}

/* Write PART; errors are kept in OUTPUT. */
static void flush(struct report_output *output, struct report_part *part)
{
	if (part->text.failed || part->messages.failed)
		note_failure(output, ENOMEM);
	wrap(output, &part->messages, output->message_columns);
	wrap(output, &part->text, part->as_is ? 0 : output->columns);
	if (part->messages.size || (part->text.size && output->shown && isatty(STDOUT_FILENO)))
		hide_progress(output);
	if (part->messages.size)
		fwrite(part->messages.data, 1, part->messages.size, stderr);
	errno = 0;
	if (part->text.size &&
	    fwrite(part->text.data, 1, part->text.size, stdout) != part->text.size)
		note_failure(output, errno);
	buf_free(&part->messages);
	buf_free(&part->text);
}

void report_failure(struct report_output *output, const struct err *err)
{
	report_say_error(&output->run, NULL, err);
	if (!output->failure)
		output->failure = strdup(err->text);
}

/* --- parts --- */

void report_part_begin(const struct report_output *output, struct report_part *ret)
{
	*ret = (struct report_part){.form = output->run.form};
	ret->json = (struct json){
		.out = &ret->text,
		.in_lines = ret->form.lines,
		.depth = output->run.json.depth,
	};
}

void report_part_free(struct report_part *part)
{
	buf_free(&part->text);
	buf_free(&part->messages);
	buf_free(&part->once);
}

void report_part_drop(struct report_part *part)
{
	buf_free(&part->text);
	part->json.comma = false;
	part->sealed = false;
}

void report_document(struct report_part *part, struct buf *document)
{
	buf_move(&part->text, document);
	part->as_is = true;
}

/* Write the lines of PART->once that no earlier part had. */
static void join_once(struct report_output *output, struct report_part *part)
{
	struct buf *seen = &output->reported_once;
	struct view once = buf_view(&part->once);

	while (once.size) {
		const uint8_t *end = memchr(once.data, '\n', once.size);
		struct view line = view_head(once, end ? (size_t)(end + 1 - once.data) : once.size);

		if (!seen->size || !memmem(seen->data, seen->size, line.data, line.size)) {
			buf_add_view(seen, line);
			buf_add_view(&output->run.messages, line);
		}
		once = view_sub(once, line.size, once.size - line.size);
	}
	buf_free(&part->once);
}

void report_join(struct report_output *output, struct report_part *part,
		 enum report_outcome outcome)
{
	struct report_part *run = &output->run;

	if (run->form.as_json && !run->form.lines && part->text.size) {
		if (run->json.comma)
			buf_add_str(&run->text, ",");
		run->json.comma = true;
	}
	run->sealed |= part->sealed;
	output->counts.inputs[outcome]++;
	join_once(output, part);
	flush(output, run);
	flush(output, part);
	if (run->form.lines && fflush(stdout))
		note_failure(output, errno);
}

/* --- the summary, and the end --- */

/* The status of a skipped input in JSON, which text calls "skipped". */
static const char json_skipped[] = "skipped";

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

/* The end of a JSON document; a run that failed before its inputs counts none. */
static void json_summary(struct report_output *output)
{
	const struct report_counts *counts = &output->counts;
	struct json *json = &output->run.json;

	if (output->run.form.lines) {
		json_object(json, NULL);
		json_number(json, "version", REPORT_JSON_VERSION);
	} else {
		json_array_end(json);
	}
	json_object(json, "summary");
	for (size_t i = 0; i < REPORT_OUTCOME_NR; i++) {
		if (counts->outcome_names[i])
			json_count(json,
				   i == REPORT_SKIPPED ? json_skipped : counts->outcome_names[i],
				   counts->inputs[i]);
	}
	if (counts->searched)
		json_number(json, "ignored", (int64_t)counts->ignored);
	if (counts->programs)
		json_number(json, "programs_without_image", (int64_t)counts->programs);
	json_object_end(json);
	json_text(json, "error", output->failure);
	json_object_end(json);
}

static const char sealed_note[] =
	"note: initial values and map sizes are fixed by this signature; change them with\n"
	"      --set VAR=VALUE and --max-entries MAP=N, not in the program that loads\n";

static void text_summary(struct buf *text, const struct report_counts *counts, bool verbose)
{
	const char *comma = "";

	if (counts->ignored)
		buf_printf(text, "%zu other file%s ignored%s\n", counts->ignored,
			   counts->ignored == 1 ? "" : "s",
			   verbose ? "" : " (--verbose names them)");
	if (counts->programs)
		buf_printf(text, "%zu program%s without a signed image\n", counts->programs,
			   counts->programs == 1 ? "" : "s");
	for (size_t i = 0; i < REPORT_OUTCOME_NR; i++) {
		if (!counts->inputs[i])
			continue;
		buf_printf(text, "%s%zu %s", comma, counts->inputs[i], counts->outcome_names[i]);
		comma = ", ";
	}
	buf_add_str(text, "\n");
}

void report_summary(struct report_output *output, bool counted)
{
	struct report_part *run = &output->run;

	if (run->form.as_json || run->form.quiet)
		return;
	if (run->sealed)
		buf_add_str(&run->text, sealed_note);
	if (counted)
		text_summary(&run->text, &output->counts, run->form.verbose);
}

enum cli_status report_end(struct report_output *output, enum cli_status status)
{
	if (output->run.form.as_json)
		json_summary(output);
	flush(output, &output->run);
	hide_progress(output);
	report_part_free(&output->run);
	buf_free(&output->reported_once);
	free(output->failure);
	if (fflush(stdout))
		note_failure(output, errno);
	if (!output->error)
		return status;
	fprintf(stderr, "bpf-chainsign: cannot write the results: %s\n", strerror(output->error));
	return CLI_UNKNOWN;
}

/* --- inputs without a part --- */

void report_skipped(struct report_output *output, const char *file)
{
	struct json *json = &output->run.json;

	output->counts.inputs[REPORT_SKIPPED]++;
	if (!output->run.form.as_json)
		return;
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "status", json_skipped);
	json_object_end(json);
}

static void json_ignored(struct json *json, const char *file, const char *what)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "status", "ignored");
	json_text(json, "reason", what);
	json_object_end(json);
}

void report_ignored(struct report_output *output, const char *file, const char *what, bool matters)
{
	struct report_part *run = &output->run;
	char text[160];

	snprintf(text, sizeof(text), "ignored: %s", what);
	if (matters) {
		report_warning(run, file, text);
	} else if (run->form.as_json) {
		json_ignored(&run->json, file, what);
	} else {
		report_file(&run->text, file);
		buf_printf(&run->text, "%s\n", text);
	}
}

void report_searched(struct report_output *output, size_t ignored, size_t programs)
{
	output->counts.searched = true;
	output->counts.ignored = ignored;
	output->counts.programs = programs;
}

/* --- progress --- */

/* The shortest time between updates, in milliseconds. */
#define PROGRESS_INTERVAL 100

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000 + 1;
}

void report_progress(struct report_output *output, size_t done, size_t nr)
{
	const struct report_form *form = &output->run.form;
	long long time;

	if (nr < 2 || form->quiet || form->as_json || !isatty(STDERR_FILENO))
		return;
	time = now();
	if (output->shown && time - output->shown < PROGRESS_INTERVAL)
		return;
	fprintf(stderr, "\r%zu of %zu\033[K", done, nr);
	output->shown = time;
}
