// SPDX-License-Identifier: BSD-2-Clause
/* From parts to what stdout and stderr get. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "report.h"

void report_begin(struct report *report)
{
	report->json = (struct json){.out = &report->text};
	if (!report->as_json)
		return;
	json_object(&report->json, NULL);
	json_array(&report->json, "results");
}

/* The first failure sticks; what has been written cannot be taken back. */
static void note_failure(struct report *report, int code)
{
	if (!report->error)
		report->error = code ? code : EIO;
}

/* Write what PART holds; failures are WHOLE's. */
static void flush(struct report *whole, struct report *part)
{
	if (part->text.failed || part->messages.failed)
		note_failure(whole, ENOMEM);
	if (part->messages.size)
		fwrite(part->messages.data, 1, part->messages.size, stderr);
	errno = 0;
	if (part->text.size &&
	    fwrite(part->text.data, 1, part->text.size, stdout) != part->text.size)
		note_failure(whole, errno);
	buf_free(&part->messages);
	buf_free(&part->text);
}

enum cli_status report_end(struct report *report, enum cli_status status)
{
	if (report->as_json) {
		json_array_end(&report->json);
		json_object_end(&report->json);
	}
	flush(report, report);
	if (fflush(stdout))
		note_failure(report, errno);
	if (!report->error)
		return status;
	fprintf(stderr, "bpf-chainsign: cannot write the results: %s\n", strerror(report->error));
	return CLI_UNKNOWN;
}

void report_part(const struct report *whole, struct report *ret)
{
	*ret = (struct report){
		.as_json = whole->as_json,
		.quiet = whole->quiet,
		.verbose = whole->verbose,
	};
	ret->json = (struct json){.out = &ret->text, .depth = whole->json.depth};
}

void report_drop(struct report *part)
{
	buf_free(&part->text);
	part->json.comma = false;
}

void report_join(struct report *whole, struct report *part)
{
	if (whole->as_json && part->text.size) {
		if (whole->json.comma)
			buf_add_str(&whole->text, ",");
		whole->json.comma = true;
	}
	flush(whole, whole);
	flush(whole, part);
}
