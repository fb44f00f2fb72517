/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_text.h - functions that several files of report/ share; private to report/.
 *
 * Does: escape names, write members that several results have. Does not: know a whole layout.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

#include "report/report.h"

/* Digits of a digest in text; --verbose and --json print all of them. */
#define REPORT_SHORT_DIGITS 16

/* Append "FILE: ", escaped for a terminal. */
void report_file(struct buf *text, const char *file);

/* Print the message of report_error(), without the entry in JSON. FILE may be NULL. */
void report_say_error(struct report_part *part, const char *file, const struct err *err);

/* Write members in JSON: "error", and "line" if it is known; "signer" and "key_id". */
void report_why_json(struct json *json, const struct err *why);
void report_who_json(struct json *json, const struct kv_answer *answer);

/* The answer to a message if SIGNER were its only signer. */
enum judge_outcome report_signer_outcome(const struct kv_signer *signer);

/* Write the elements of an array of findings. */
void report_findings_json(struct json *json, const struct loader_finding *findings, size_t nr);

/* Whether FINDING is about traces of the machine on which the loader was built. */
bool report_is_of_host(const struct loader_finding *finding);

#endif /* REPORT_TEXT_H */
