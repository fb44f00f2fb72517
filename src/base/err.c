// SPDX-License-Identifier: BSD-2-Clause
#include "base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/* Copy the character at SRC, of SIZE bytes left, and set *ret_copied to its bytes; a byte is
 * escaped. */
static void escape_one(char dst[5], const uint8_t *src, size_t size, size_t *ret_copied)
{
	const size_t plain = *src == '\\' ? 0 : utf8_printable(src, size);

	if (plain)
		snprintf(dst, 5, "%.*s", (int)plain, (const char *)src);
	else
		snprintf(dst, 5, "\\x%02x", *src);
	*ret_copied = plain ?: 1;
}

char *err_escape(char *dst, size_t room, const void *src, size_t size)
{
	const uint8_t *bytes = src;
	size_t at = 0, copied;

	for (size_t i = 0; i < size; i += copied) {
		char escaped[5];
		size_t need;

		escape_one(escaped, bytes + i, size - i, &copied);
		need = strlen(escaped);
		if (at + need >= room)
			break;
		memcpy(dst + at, escaped, need);
		at += need;
	}
	if (room)
		dst[at] = '\0';
	return dst;
}

/* Format after the first AT characters of the text, escaping the result. */
static void err_format(struct err *err, size_t at, const char *fmt, va_list args)
{
	char raw[sizeof(err->text)];
	size_t size, copied;

	vsnprintf(raw, sizeof(raw), fmt, args);
	size = strlen(raw);
	for (size_t i = 0; i < size && at + 5 < sizeof(err->text); i += copied) {
		char escaped[5] = "\\";

		/* Keep a backslash, because it comes from err_escape(). */
		copied = 1;
		if (raw[i] != '\\')
			escape_one(escaped, (const uint8_t *)raw + i, size - i, &copied);
		at += strlen(strcpy(err->text + at, escaped));
	}
	err->text[at] = '\0';
}

static int err_fill(struct err *err, int code, unsigned int line, const char *fmt, va_list args)
{
	err->code = code;
	err->line = line;
	err_format(err, 0, fmt, args);
	return code;
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err_fill(err, code, 0, fmt, args);
	va_end(args);
	return code;
}

int err_at(struct err *err, int code, size_t offset, const char *fmt, ...)
{
	va_list args;
	int at;

	err->code = code;
	err->line = 0;
	at = snprintf(err->text, sizeof(err->text), "offset %zu: ", offset);
	va_start(args, fmt);
	err_format(err, (size_t)at, fmt, args);
	va_end(args);
	return code;
}

int err_line(struct err *err, int code, unsigned int line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err_fill(err, code, line, fmt, args);
	va_end(args);
	return code;
}

int err_nomem(struct err *err)
{
	return err_set(err, -ENOMEM, "out of memory");
}

int err_prefix(struct err *err, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	size_t at, keep;
	va_list args;

	memcpy(old, err->text, sizeof(old));
	va_start(args, fmt);
	err_format(err, 0, fmt, args);
	va_end(args);
	at = strlen(err->text);
	keep = sizeof(err->text) - at - 1;
	snprintf(err->text + at, keep, ": %.*s", (int)(keep > 3 ? keep - 3 : 0), old);
	utf8_trim(err->text);
	return err->code;
}
