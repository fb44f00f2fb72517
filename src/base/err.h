/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * err.h - what went wrong, in words.
 *
 * Every function that can fail returns 0 or a negative errno and fills the error object of its
 * caller: where (line or byte offset), what was expected, what the user can do. A message is
 * lower case, without a full stop and without the file name; the command adds the name.
 *
 * Does: format, escape, and put context in front.
 * Does not: print (report.h does), allocate, or set errno.
 */
#ifndef ERR_H
#define ERR_H

#include <stdarg.h>
#include <stddef.h>

#include "base/util.h"

#define ERR_TEXT_MAX 768 /* with the NUL */

/*
 * Codes that a caller decides by, for what no errno means: below every errno, so that nothing the
 * system answers is taken for one of them.
 */
enum err_code {
	ERR_REFUSED = -10001, /* a loader was read, and something found in it is not allowed */
	ERR_NO_CERT = -10002, /* a file or token was read, and it has no certificate */
};

struct err {
	int code;		 /* negative errno, or enum err_code; 0: nothing has gone wrong */
	unsigned int line;	 /* line of a text input, from 1; 0: does not apply */
	char text[ERR_TEXT_MAX]; /* printable ASCII: every other byte is escaped as \xNN */
};

/* Fill *err with CODE (a negative errno) and the formatted text; returns CODE. */
int err_set(struct err *err, int code, const char *fmt, ...) _printf_(3, 4);

/* As err_set, for byte OFFSET of a binary input: the text starts with "offset N: ". */
int err_at(struct err *err, int code, size_t offset, const char *fmt, ...) _printf_(4, 5);

/* As err_set, for LINE (from 1) of a text input: printed as "file:LINE: text". */
int err_line(struct err *err, int code, unsigned int line, const char *fmt, ...) _printf_(4, 5);

/* As err_set with -ENOMEM. */
int err_nomem(struct err *err);

/* Put context before the text that is there: "CONTEXT: text". Returns err->code. */
int err_prefix(struct err *err, const char *fmt, ...) _printf_(2, 3);

/*
 * Copy SRC (SIZE bytes, may hold anything) to DST (ROOM bytes with the terminating NUL), every
 * byte that is not printable ASCII, and the backslash, as \xNN. Cuts at ROOM. Returns DST.
 */
char *err_escape(char *dst, size_t room, const void *src, size_t size);

#endif /* ERR_H */
