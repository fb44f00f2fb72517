/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_text.h - what the files of report have in common where text is made.
 *
 * Does: make names fit to be shown. Does not: know a layout.
 */
#ifndef REPORT_TEXT_H
#define REPORT_TEXT_H

/* Digits of a digest in a summary; --verbose and --json show all. */
#define REPORT_SHORT_DIGITS 16

/* FILE as it may be shown on a terminal; valid until this thread's next call. */
const char *report_shown(const char *file);

#endif /* REPORT_TEXT_H */
