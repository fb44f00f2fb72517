// SPDX-License-Identifier: BSD-2-Clause
#include "lskel/lskel_text.h"

#include <string.h>

/* The number of escapes that bpftool puts on one line. */
#define LINE_MAX_ESCAPES 78

/* The number of characters of the longest escape, \xNN, and of \0. */
#define ESCAPE_LONG 4
#define ESCAPE_ZERO 2

const char *const lskel_added[] = {
	"__u32 enforce;",
	"const char *loaded_as;",
	"const char *why;",
};

const size_t lskel_added_nr = ARRAY_SIZE(lskel_added);

void lskel_put(struct buf *out, const char *text, const struct lskel_names *names)
{
	for (;;) {
		size_t size = strcspn(text, "@$%");

		buf_add(out, text, size);
		text += size;
		if (!*text)
			break;
		buf_add_str(out, *text == '@'	? names->name
				 : *text == '$' ? names->ident
						: names->prefix);
		text++;
	}
}

static void fill_escapes(char escapes[256][ESCAPE_LONG])
{
	static const char digits[] = "0123456789abcdef";

	for (int byte = 1; byte < 256; byte++) {
		escapes[byte][0] = '\\';
		escapes[byte][1] = 'x';
		escapes[byte][2] = digits[byte >> 4];
		escapes[byte][3] = digits[byte & 0xf];
	}
	memcpy(escapes[0], "\\0\0", ESCAPE_LONG);
}

void lskel_put_bytes(struct buf *out, struct view bytes)
{
	/* The worst case: only long escapes, and a line break after every 76 characters. */
	size_t most = ESCAPE_LONG * bytes.size;
	char escapes[256][ESCAPE_LONG], *at;
	size_t line = 0;

	fill_escapes(escapes);
	buf_reserve(out, most + 2 * (most / (LINE_MAX_ESCAPES - ESCAPE_ZERO)) + ESCAPE_LONG);
	if (out->failed)
		return;
	at = (char *)out->data + out->size;
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t byte = bytes.data[i];
		size_t size = byte ? ESCAPE_LONG : ESCAPE_ZERO;

		line += size;
		if (line > LINE_MAX_ESCAPES) {
			memcpy(at, "\\\n", 2);
			at += 2;
			line = size;
		}
		memcpy(at, escapes[byte], ESCAPE_LONG);
		at += size;
	}
	out->size = (size_t)(at - (char *)out->data);
}
