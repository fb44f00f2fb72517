// SPDX-License-Identifier: BSD-2-Clause
/* The differences between two inputs. */
#include <string.h>

#include "report/report.h"
#include "report/report_text.h"

/* Old and new text that are both this short stand on one line. */
#define SHORT_TEXT 36

static const char *change_name(enum compare_change change)
{
	static const char *const names[] = {
		[COMPARE_ADDED] = "added",
		[COMPARE_REMOVED] = "removed",
		[COMPARE_CHANGED] = "changed",
	};

	return names[change];
}

static void json_row(struct json *json, const struct compare_row *row)
{
	json_object(json, NULL);
	json_text(json, "subject", row->subject);
	json_text(json, "name", row->name);
	json_text(json, "in", row->in);
	json_text(json, "what", row->what);
	json_text(json, "change", change_name(row->change));
	json_text(json, "old", row->old_text);
	json_text(json, "new", row->new_text);
	json_object_end(json);
}

static void json_comparison(struct json *json, const char *old, const char *file,
			    const struct compare_rows *rows)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "compared_with", old);
	json_array(json, "differences");
	for (size_t i = 0; i < rows->nr; i++)
		json_row(json, &rows->list[i]);
	json_array_end(json);
	json_object_end(json);
}

/* "nothing", for a text that is empty */
static const char *or_nothing(const char *text)
{
	return *text ? text : "(nothing)";
}

static void text_row(struct buf *out, const struct compare_row *row)
{
	buf_printf(out, "  %s%s%s%s%s: ", row->subject, row->name ? " " : "",
		   row->name ? row->name : "", row->in ? " in " : "", row->in ? row->in : "");
	if (row->change != COMPARE_CHANGED) {
		const char *text = row->old_text ? row->old_text : row->new_text;

		buf_printf(out, "%s: %s\n", change_name(row->change), or_nothing(text));
	} else if (strlen(row->old_text) <= SHORT_TEXT && strlen(row->new_text) <= SHORT_TEXT) {
		buf_printf(out, "%s: %s -> %s\n", row->what, or_nothing(row->old_text),
			   or_nothing(row->new_text));
	} else {
		buf_printf(out, "%s\n    old %s\n    new %s\n", row->what,
			   or_nothing(row->old_text), or_nothing(row->new_text));
	}
}

static void text_comparison(struct buf *out, const char *old, const char *file,
			    const struct compare_rows *rows)
{
	buf_escape(out, view_str(old));
	buf_add_str(out, " -> ");
	buf_escape(out, view_str(file));
	if (!rows->nr)
		buf_add_str(out, ": nothing changed\n");
	else
		buf_printf(out, ": %zu difference%s\n", rows->nr, rows->nr == 1 ? "" : "s");
	for (size_t i = 0; i < rows->nr; i++)
		text_row(out, &rows->list[i]);
}

void report_comparison(struct report_part *part, const char *old, const char *file,
		       const struct compare_rows *rows)
{
	if (part->form.as_json)
		json_comparison(&part->json, old, file, rows);
	else if (!part->form.quiet)
		text_comparison(&part->text, old, file, rows);
}
