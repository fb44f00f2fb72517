// SPDX-License-Identifier: BSD-2-Clause
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "base/util.h"

/* The most characters of a key and of a number. */
#define KEY_SIZE_MAX	256
#define NUMBER_SIZE_MAX 64

struct reader {
	const char *at; /* the text, which ends with a NUL */
	unsigned int line, depth;
	struct buf name; /* of the value that is read */
	struct values *values;
	struct err *err;
};

void values_free(struct values *values)
{
	for (size_t i = 0; i < values->nr; i++) {
		free(values->list[i].name);
		free(values->list[i].text);
	}
	free(values->list);
	*values = (struct values){0};
}

static int expected(const struct reader *r, const char *what)
{
	if (!*r->at)
		return err_line(r->err, -EINVAL, r->line, "expected %s, but the file ends", what);
	return err_line(r->err, -EINVAL, r->line, "expected %s, not '%c'", what, *r->at);
}

static void skip_space(struct reader *r)
{
	for (; *r->at && strchr(" \t\n\r", *r->at); r->at++)
		r->line += *r->at == '\n';
}

/* Skip the character C, and the space after it; whether it is there. */
static bool skip(struct reader *r, char c)
{
	if (*r->at != c)
		return false;
	r->at++;
	skip_space(r);
	return true;
}

/* --- strings --- */

/* Four hexadecimal digits at TEXT, or -1. */
static int32_t hex4(const char *text)
{
	int32_t number = 0;

	for (int i = 0; i < 4; i++) {
		const char c = text[i];

		if (!isxdigit((unsigned char)c))
			return -1;
		number = number * 16 +
			 (isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return number;
}

static void add_utf8(struct buf *out, uint32_t c)
{
	const uint8_t bytes[] = {(uint8_t)(c >> 18 | 0xf0), (uint8_t)((c >> 12 & 0x3f) | 0x80),
				 (uint8_t)((c >> 6 & 0x3f) | 0x80), (uint8_t)((c & 0x3f) | 0x80)};
	const uint8_t three = (uint8_t)(c >> 12 | 0xe0), two = (uint8_t)(c >> 6 | 0xc0);

	if (c < 0x80)
		buf_printf(out, "%c", (int)c);
	else if (c < 0x800)
		buf_add(out, (const uint8_t[]){two, bytes[3]}, 2);
	else if (c < 0x10000)
		buf_add(out, (const uint8_t[]){three, bytes[2], bytes[3]}, 3);
	else
		buf_add(out, bytes, 4);
}

/* What stands after \u: one code unit of UTF-16, or a pair. */
static int read_unicode(struct reader *r, struct buf *out)
{
	int32_t first = hex4(r->at), second = 0;
	const bool is_pair = first >= 0xd800 && first < 0xdc00;

	if (is_pair && r->at[4] == '\\' && r->at[5] == 'u')
		second = hex4(r->at + 6);
	if (first <= 0 || (first >= 0xdc00 && first < 0xe000) ||
	    (is_pair && (second < 0xdc00 || second >= 0xe000)))
		return err_line(r->err, -EINVAL, r->line, "\\u%.4s in a string is not a character",
				r->at);
	if (is_pair)
		first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
	add_utf8(out, (uint32_t)first);
	r->at += is_pair ? 10 : 4;
	return 0;
}

static int read_escape(struct reader *r, struct buf *out)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	const char *name = *r->at ? strchr(names, *r->at) : NULL;

	if (name) {
		buf_add(out, &values[name - names], 1);
		r->at++;
		return 0;
	}
	if (*r->at != 'u')
		return expected(r, "an escape of JSON after \\");
	r->at++;
	return read_unicode(r, out);
}

static int read_string(struct reader *r, struct buf *out)
{
	if (*r->at != '"')
		return expected(r, "a string");
	r->at++;
	while (*r->at != '"') {
		const uint8_t *at = (const uint8_t *)r->at;
		size_t size = *at < 0x20 ? 0 : utf8_size(at, strnlen(r->at, 4));

		if (!size)
			return expected(r, "UTF-8 without control characters up to a closing \"");
		r->at += size;
		if (*at != '\\')
			buf_add(out, at, size);
		else if (read_escape(r, out))
			return r->err->code;
	}
	r->at++;
	return buf_done(out, r->err);
}

/* --- the list --- */

static int add_item(struct reader *r, struct values_item item)
{
	struct values *values = r->values;
	struct values_item *longer;
	int rc = buf_done(&r->name, r->err);

	if (rc)
		return rc;
	if (values->nr == VALUES_NR_MAX)
		return err_line(r->err, -EINVAL, r->line, "more than %d values", VALUES_NR_MAX);
	longer = reallocarray(values->list, values->nr + 1, sizeof(*longer));
	if (!longer)
		return err_nomem(r->err);
	values->list = longer;
	item.name = view_strdup(buf_view(&r->name));
	if (!item.name)
		return err_nomem(r->err);
	longer[values->nr++] = item;
	return 0;
}

static int add_text(struct reader *r, enum values_kind kind, struct view text, unsigned int line)
{
	char *own = view_strdup(text);
	int rc;

	if (!own)
		return err_nomem(r->err);
	rc = add_item(r, (struct values_item){.kind = kind, .text = own, .line = line});
	if (rc)
		free(own);
	return rc;
}

/* --- values --- */

static int read_value(struct reader *r);

static const char *skip_digits(const char *at)
{
	while (isdigit((unsigned char)*at))
		at++;
	return at;
}

/* The end of the number at TEXT, or NULL. */
static const char *number_end(const char *text)
{
	const char *first = text + (*text == '-'), *at = skip_digits(first), *part;

	if (at == first || (*first == '0' && at != first + 1))
		return NULL;
	if (*at == '.') {
		part = at + 1;
		at = skip_digits(part);
		if (at == part)
			return NULL;
	}
	if (*at == 'e' || *at == 'E') {
		part = at + 1 + (at[1] == '+' || at[1] == '-');
		at = skip_digits(part);
		if (at == part)
			return NULL;
	}
	return at - text > NUMBER_SIZE_MAX ? NULL : at;
}

static int read_number(struct reader *r)
{
	const char *from = r->at, *end = number_end(from);

	if (!end)
		return err_line(r->err, -EINVAL, r->line,
				"expected a number of JSON, of at most %d characters",
				NUMBER_SIZE_MAX);
	r->at = end;
	return add_text(r, VALUES_NUMBER, view_of(from, (size_t)(end - from)), r->line);
}

static int read_word(struct reader *r)
{
	static const char *const words[] = {"true", "false"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const size_t size = strlen(words[i]);

		if (strncmp(r->at, words[i], size))
			continue;
		r->at += size;
		return add_text(r, VALUES_NUMBER, view_str(words[i]), r->line);
	}
	return expected(r, "a number, string, true, false, object or array");
}

static int read_text(struct reader *r)
{
	_buf_ struct buf text = {0};
	int rc = read_string(r, &text);

	return rc ?: add_text(r, VALUES_TEXT, buf_view(&text), r->line);
}

static int enter(struct reader *r)
{
	if (r->depth == VALUES_DEPTH_MAX)
		return err_line(r->err, -EINVAL, r->line,
				"more than %d objects and arrays inside each other",
				VALUES_DEPTH_MAX);
	r->depth++;
	return 0;
}

static int read_array(struct reader *r)
{
	const size_t before = r->name.size;
	const unsigned int line = r->line;
	size_t nr = 0;
	int rc = enter(r);

	skip(r, '[');
	for (bool more = true; !rc && more; more = skip(r, ',')) {
		buf_printf(&r->name, "[%zu]", nr++);
		rc = read_value(r);
		r->name.size = before;
	}
	if (rc)
		return rc;
	if (!skip(r, ']'))
		return expected(r, ", or ]");
	r->depth--;
	return add_item(r, (struct values_item){.kind = VALUES_ARRAY, .nr = nr, .line = line});
}

/* The keys of an object so far. */
struct keys {
	char **list;
	size_t nr;
};

static void keys_free(struct keys *keys)
{
	for (size_t i = 0; i < keys->nr; i++)
		free(keys->list[i]);
	free(keys->list);
}

static int check_key(const struct reader *r, const struct keys *keys, const char *key)
{
	const size_t size = strlen(key);
	bool fine = size && size < KEY_SIZE_MAX;

	for (const char *at = key; *at; at++)
		fine = fine && (isalnum((unsigned char)*at) || strchr("_.$[]", *at));
	if (!fine)
		return err_line(r->err, -EINVAL, r->line,
				"'%s' is not the name of a variable or of a part of one", key);
	for (size_t i = 0; i < keys->nr; i++) {
		if (!strcmp(keys->list[i], key))
			return err_line(r->err, -EINVAL, r->line, "%s is given twice", key);
	}
	return 0;
}

/* Read a key with its colon, and append it to KEYS and to the name. */
static int read_key(struct reader *r, struct keys *keys)
{
	_buf_ struct buf text = {0};
	_cleanup_(freep) char *key = NULL;
	char **longer;
	int rc = read_string(r, &text);

	if (rc)
		return rc;
	key = view_strdup(buf_view(&text));
	longer = key ? reallocarray(keys->list, keys->nr + 1, sizeof(*longer)) : NULL;
	if (!longer)
		return err_nomem(r->err);
	keys->list = longer;
	rc = check_key(r, keys, key);
	if (rc)
		return rc;
	buf_printf(&r->name, "%s%s", r->name.size ? "." : "", key);
	longer[keys->nr++] = take_ptr(key);
	skip_space(r);
	return skip(r, ':') ? 0 : expected(r, ":");
}

static int read_object(struct reader *r)
{
	_cleanup_(keys_free) struct keys keys = {0};
	const size_t before = r->name.size;
	int rc = enter(r);

	skip(r, '{');
	if (!before && skip(r, '}'))
		return rc;
	for (bool more = true; !rc && more; more = skip(r, ',')) {
		rc = read_key(r, &keys) ?: read_value(r);
		r->name.size = before;
	}
	if (rc)
		return rc;
	if (!skip(r, '}'))
		return expected(r, ", or }");
	r->depth--;
	return 0;
}

static int read_value(struct reader *r)
{
	int rc;

	if (*r->at == '{')
		rc = read_object(r);
	else if (*r->at == '[')
		rc = read_array(r);
	else if (*r->at == '"')
		rc = read_text(r);
	else if (*r->at == '-' || isdigit((unsigned char)*r->at))
		rc = read_number(r);
	else
		rc = read_word(r);
	skip_space(r);
	return rc;
}

int values_parse(struct view text, struct values *ret, struct err *err)
{
	_buf_ struct buf own = {0};
	_values_ struct values values = {0};
	struct reader r = {.line = 1, .values = &values, .err = err};
	int rc;

	if (text.size > VALUES_SIZE_MAX)
		return err_set(err, -EFBIG, "more than %d bytes", VALUES_SIZE_MAX);
	if (text.size && memchr(text.data, '\0', text.size))
		return err_set(err, -EINVAL, "expected text, but a byte of it is 0");
	buf_add_view(&own, text);
	r.at = buf_cstr(&own);
	if (!r.at)
		return err_nomem(err);
	skip_space(&r);
	rc = *r.at == '{' ? read_object(&r) : expected(&r, "an object, which begins with {");
	buf_free(&r.name);
	if (!rc && r.at != (const char *)own.data + text.size)
		rc = expected(&r, "the end of the file");
	if (rc)
		return rc;
	*ret = values;
	values = (struct values){0};
	return 0;
}
