// SPDX-License-Identifier: BSD-2-Clause
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

static void add_string(struct buf *out, const char *text)
{
	const uint8_t *at = (const uint8_t *)text;

	buf_add_str(out, "\"");
	while (*at) {
		size_t size = utf8_size(at, strnlen((const char *)at, 4));

		if (!size)
			buf_add_str(out, "\\ufffd");
		else if (*at == '"' || *at == '\\')
			buf_printf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			buf_printf(out, "\\u%04x", *at);
		else if (*at == 0xc2 && at[1] < 0xa0)
			buf_printf(out, "\\u%04x", at[1]);
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
