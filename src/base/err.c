// SPDX-License-Identifier: BSD-2-Clause
#include "base/err.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

char *err_escape(char *dst, size_t room, const void *src, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = src;
	size_t at = 0;

	for (size_t i = 0; i < size; i++) {
		bool plain = byte[i] >= 0x20 && byte[i] < 0x7f && byte[i] != '\\';
		size_t need = plain ? 1 : 4;

		if (at + need >= room)
			break;
		if (plain) {
			dst[at++] = (char)byte[i];
			continue;
		}
		dst[at++] = '\\';
		dst[at++] = 'x';
		dst[at++] = digits[byte[i] >> 4];
		dst[at++] = digits[byte[i] & 0xf];
	}
	if (room)
		dst[at] = '\0';
	return dst;
}

/* Format after the first AT characters of the text, escaping the result. */
static void err_format(struct err *err, size_t at, const char *fmt, va_list args)
{
	char raw[sizeof(err->text)];
	size_t from = 0;

	vsnprintf(raw, sizeof(raw), fmt, args);
	/* Keep a backslash, because it comes from err_escape(). */
	for (; raw[from] && at + 5 < sizeof(err->text); from++) {
		uint8_t byte = (uint8_t)raw[from];

		if (byte >= 0x20 && byte < 0x7f)
			err->text[at++] = raw[from];
		else
			at += (size_t)snprintf(err->text + at, 5, "\\x%02x", byte);
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
	return err->code;
}
