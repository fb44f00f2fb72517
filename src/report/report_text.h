/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_text.h - what the files of report have in common where text is made.
 *
 * Does: make names fit to be shown. Does not: know a layout.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

/* Digits of a digest in a summary; --verbose and --json show all. */
#define REPORT_SHORT_DIGITS 16

/* FILE as it may be shown on a terminal; valid until this thread's next call. */
const char *report_shown(const char *file);

/* "valid", "rejected", "unsigned", "could not tell": the answer to one signature. */
const char *report_row_name(enum judge_outcome outcome);

/* The line of report_error(), without an entry in the JSON document; and the entry's members. */
void report_say_error(struct report *report, const char *file, const struct err *err);
void report_why_json(struct json *json, const struct err *why);

#endif /* REPORT_TEXT_H */
