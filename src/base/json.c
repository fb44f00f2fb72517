// SPDX-License-Identifier: BSD-2-Clause
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

size_t json_utf8_size(const uint8_t *text)
{
	uint8_t first = text[0];
	uint8_t low = 0x80, high = 0xbf;
	size_t size;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
	if (first == 0xe0)
		low = 0xa0;
	if (first == 0xed)
		high = 0x9f;
	if (first == 0xf0)
		low = 0x90;
	if (first == 0xf4)
		high = 0x8f;
	for (size_t i = 1; i < size; i++, low = 0x80, high = 0xbf) {
		if (text[i] < low || text[i] > high)
			return 0; /* this includes the NUL at the end */
	}
	return size;
}

static void add_string(struct buf *out, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;

	buf_add_str(out, "\"");
	while (*at) {
		size_t size = json_utf8_size(at);

		if (!size)
			buf_add_str(out, "\\ufffd");
		else if (*at == '"' || *at == '\\')
			buf_printf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			buf_printf(out, "\\u%04x", *at);
		else
			buf_add(out, at, size);
		at += size ?: 1;
	}
	buf_add_str(out, "\"");
}

static void new_line(struct json *json)
{
	if (!json->in_lines)
		buf_printf(json->out, "\n%*s", (int)(2 * json->depth), "");
}

/* Begin a value: comma, line, indentation, key. */
static void begin(struct json *json, const char *key)
{
	if (json->comma)
		buf_add_str(json->out, json->in_lines ? ", " : ",");
	if (json->depth)
		new_line(json);
	json->comma = true;
	if (!key)
		return;
	add_string(json->out, key);
	buf_add_str(json->out, ": ");
}

static void open_level(struct json *json, const char *key, const char *bracket)
{
	begin(json, key);
	buf_add_str(json->out, bracket);
	json->depth++;
	json->comma = false;
}

static void close_level(struct json *json, const char *bracket)
{
	json->depth--;
	if (json->comma)
		new_line(json);
	buf_add_str(json->out, bracket);
	json->comma = json->depth || !json->in_lines;
	if (!json->depth)
		buf_add_str(json->out, "\n");
}

void json_object(struct json *json, const char *key)
{
	open_level(json, key, "{");
}

void json_object_end(struct json *json)
{
	close_level(json, "}");
}

void json_array(struct json *json, const char *key)
{
	open_level(json, key, "[");
}

void json_array_end(struct json *json)
{
	close_level(json, "]");
}

void json_text(struct json *json, const char *key, const char *text)
{
	begin(json, key);
	if (text)
		add_string(json->out, text);
	else
		buf_add_str(json->out, "null");
}

void json_text_or_null(struct json *json, const char *key, const char *text)
{
	json_text(json, key, text && *text ? text : NULL);
}

void json_number(struct json *json, const char *key, int64_t number)
{
	begin(json, key);
	buf_printf(json->out, "%" PRId64, number);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	buf_add_str(json->out, value ? "true" : "false");
}

void json_hex(struct json *json, const char *key, struct view bytes)
{
	begin(json, key);
	buf_add_str(json->out, "\"");
	buf_hex(json->out, bytes.data, bytes.size);
	buf_add_str(json->out, "\"");
}
