/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * json.h - write JSON (RFC 8259) to a buffer, indented by two spaces per level, or each top-level
 * value on one line.
 *
 * Does: commas and escapes; bytes that are not valid UTF-8 become U+FFFD.
 * Does not: read JSON (values.h does), or print.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
	struct buf *out; /* also keeps a failure */
	bool in_lines;	 /* each top-level value on one line, instead of indentation */
	unsigned int depth;
	bool comma; /* this level already has a value */
};

/* KEY is the member's name; NULL inside an array and at the top level. */
void json_object(struct json *json, const char *key);
void json_object_end(struct json *json);
void json_array(struct json *json, const char *key);
void json_array_end(struct json *json);

/* A NULL text is null; for json_text_or_null(), so is an empty one. */
void json_text(struct json *json, const char *key, const char *text);
void json_text_or_null(struct json *json, const char *key, const char *text);
void json_number(struct json *json, const char *key, int64_t number);
void json_bool(struct json *json, const char *key, bool value);
void json_hex(struct json *json, const char *key, struct view bytes);

#endif /* JSON_H */
