/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_text.h - what the files of report/ have in common where text is made.
 *
 * Does: make names fit to be shown. Does not: know a layout.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

/* Digits of a digest in a summary; --verbose and --json show all. */
#define REPORT_SHORT_DIGITS 16

/* Append "FILE: ", as it may be shown on a terminal. */
void report_file(struct buf *text, const char *file);

/* The line on stderr that report_error() writes, without an entry in JSON; FILE may be NULL. */
void report_say_error(struct report_part *part, const char *file, const struct err *err);

/* Members of an entry in JSON: "line", where it is known, and "error"; "signer" and "key_id". */
void report_why_json(struct json *json, const struct err *why);
void report_who_json(struct json *json, const struct kv_answer *answer);

/* What the answer to a message would be if SIGNER were its only one. */
enum judge_outcome report_signer_outcome(const struct kv_signer *signer);

/* The entries of an array "findings". */
void report_findings_json(struct json *json, const struct loader_finding *findings, size_t nr);

/* Whether FINDING is of what the machine that a loader was built on has left in its bytes. */
bool report_is_of_host(const struct loader_finding *finding);

#endif /* REPORT_TEXT_H */
