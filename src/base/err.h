/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * err.h - error codes with messages.
 *
 * A function that can fail returns 0, or a negative errno and fills its caller's error object:
 * where (line or byte offset), what was expected, what the user can do. A message is lower case,
 * without a full stop and without the file name, which the command adds.
 *
 * Does: format, escape, and prepend context.
 * Does not: print (report.h does), allocate, or set errno.
 */
#ifndef ERR_H
#define ERR_H

#include <stdarg.h>
#include <stddef.h>

#include "base/util.h"

#define ERR_TEXT_MAX 768 /* with the NUL */

/*
 * Codes for callers, where no errno fits. They are below every errno, so that no answer of the
 * system can be mistaken for one.
 */
enum err_code {
	ERR_REFUSED = -10001,  /* the loader was read, but it has a finding that is not allowed */
	ERR_NO_CERT = -10002,  /* the file or token was read, but has no certificate */
	ERR_NO_INPUT = -10003, /* the file was read, but is none of the inputs */
	ERR_NO_IMAGE = -10004, /* the program was read, but has no signed image, or not that one */
};

struct err {
	int code;		 /* a negative errno, or enum err_code; 0: no error */
	unsigned int line;	 /* the line of a text input, counted from 1; 0: not applicable */
	char text[ERR_TEXT_MAX]; /* printable UTF-8: every other byte is escaped as \xNN */
};

/* Fill *err with CODE (a negative errno) and the formatted text; returns CODE. */
int err_set(struct err *err, int code, const char *fmt, ...) _printf_(3, 4);

/* As err_set, for byte OFFSET of a binary input: the text starts with "offset N: ". */
int err_at(struct err *err, int code, size_t offset, const char *fmt, ...) _printf_(4, 5);

/* As err_set, for LINE (from 1) of a text input: printed as "file:LINE: text". */
int err_line(struct err *err, int code, unsigned int line, const char *fmt, ...) _printf_(4, 5);

/* As err_set with -ENOMEM. */
int err_nomem(struct err *err);

/* Prepend context to the text: "CONTEXT: text". Returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) _printf_(2, 3);

/*
 * Copy SRC (SIZE arbitrary bytes) to DST (ROOM bytes with the NUL), with backslashes and all bytes
 * that are not part of a character that utf8_printable() accepts as \xNN; what does not fit is cut
 * off. Returns DST.
 */
char *err_escape(char *dst, size_t room, const void *src, size_t size);

#endif /* ERR_H */
