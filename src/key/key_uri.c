// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_uri.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/util.h"

#define SCHEME "pkcs11:"

void key_uri_free(struct key_uri *uri)
{
	free(uri->path);
	free(uri->token);
	free(uri->serial);
	free(uri->model);
	free(uri->manufacturer);
	free(uri->object);
	buf_free(&uri->id);
	free(uri->pin_source);
	free(uri->module);
	*uri = (struct key_uri){0};
}

bool key_uri_is(const char *text)
{
	return !strncasecmp(text, SCHEME, strlen(SCHEME));
}

static int hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static int bad_escape(struct err *err)
{
	return err_set(err, -EINVAL, "not a PKCS#11 URI: expected two hex digits after %%");
}

/* Refused by RFC 7512 2.3; OpenSSL's provider and engine would not use the same one of the two. */
static int is_twice(struct err *err)
{
	return err_set(err, -EINVAL, "not a PKCS#11 URI: an attribute is given twice");
}

/* VALUE with its %XX decoded. */
static int decode(struct view value, struct buf *ret, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc;

	if (ret->size)
		return is_twice(err);
	for (size_t i = 0; i < value.size; i++) {
		uint8_t byte = value.data[i];

		if (byte == '%') {
			struct view digits = view_sub(value, i + 1, 2);
			int high = digits.size ? hex_digit((char)digits.data[0]) : -1;
			int low = digits.size ? hex_digit((char)digits.data[1]) : -1;

			if (high < 0 || low < 0)
				return bad_escape(err);
			byte = (uint8_t)(high << 4 | low);
			i += 2;
		}
		buf_add(&bytes, &byte, 1);
	}
	rc = buf_done(&bytes, err);
	if (rc)
		return rc;
	*ret = buf_take(&bytes);
	return 0;
}

/* The same as a string, which holds no NUL. */
static int decode_text(struct view value, char **ret, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc = decode(value, &bytes, err);
	char *text;

	if (rc)
		return rc;
	if (*ret)
		return is_twice(err);
	if (bytes.size && memchr(bytes.data, 0, bytes.size))
		return err_set(err, -EINVAL, "not a PKCS#11 URI: %%00 in a text");
	text = view_strdup(buf_view(&bytes));
	if (!text)
		return err_nomem(err);
	*ret = text;
	return 0;
}

static bool is_named(struct view name, const char *text)
{
	return view_equal(name, view_str(text));
}

/* The file of a pin-source: a path, which may begin with file: or file://. */
static int read_pin_source(struct view value, struct key_uri *uri, struct err *err)
{
	const char *path;
	char *file;
	int rc = decode_text(value, &uri->pin_source, err);

	if (rc)
		return rc;
	path = uri->pin_source;
	if (!strncasecmp(path, "file:", 5)) {
		path += 5;
		path += strncmp(path, "//", 2) ? 0 : 2;
	}
	if (!*path || *path == '|')
		return err_set(err, -EINVAL, "pin-source does not name a file");
	file = strdup(path);
	if (!file)
		return err_nomem(err);
	free(uri->pin_source);
	uri->pin_source = file;
	return 0;
}

/* Read an attribute that selects a token or an object. It also stays in the path. */
static int read_name(struct view name, struct view value, struct key_uri *uri, struct err *err)
{
	const struct {
		const char *name;
		char **text;
	} texts[] = {
		{"token", &uri->token},
		{"serial", &uri->serial},
		{"model", &uri->model},
		{"object", &uri->object},
		{"manufacturer", &uri->manufacturer},
	};

	if (is_named(name, "id"))
		return decode(value, &uri->id, err);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (is_named(name, texts[i].name))
			return decode_text(value, texts[i].text, err);
	}
	return err_set(err, -EINVAL,
		       "the URI has an attribute other than token, serial, model, manufacturer, "
		       "object, id, type, pin-source and module-path");
}

/* One NAME=VALUE. */
static int read_attribute(struct view text, struct key_uri *uri, struct buf *path, struct err *err)
{
	const uint8_t *equals = text.size ? memchr(text.data, '=', text.size) : NULL;
	struct view name, value;

	if (!equals)
		return err_set(err, -EINVAL,
			       "not a PKCS#11 URI: expected NAME=VALUE, separated by ;");
	name = view_of(text.data, (size_t)(equals - text.data));
	value = view_of(equals + 1, text.size - name.size - 1);
	if (is_named(name, "pin-value"))
		return err_set(err, -EINVAL,
			       "other users can see a PIN on the command line (pin-value): use "
			       "BPF_CHAINSIGN_PIN, BPF_CHAINSIGN_PIN_FILE or the URI's pin-source "
			       "instead");
	if (is_named(name, "pin-source"))
		return read_pin_source(value, uri, err);
	if (is_named(name, "module-path"))
		return decode_text(value, &uri->module, err);
	if (is_named(name, "type"))
		return 0; /* the option decides the type */
	if (path->size > strlen(SCHEME))
		buf_add_str(path, ";");
	buf_add_view(path, text);
	return read_name(name, value, uri, err);
}

int key_uri_read(const char *text, struct key_uri *ret, struct err *err)
{
	_cleanup_(key_uri_free) struct key_uri uri = {0};
	_buf_ struct buf path = {0};
	const char *at = text + strlen(SCHEME);
	int rc = 0;

	buf_add_str(&path, SCHEME);
	while (!rc && *at) {
		size_t size = strcspn(at, ";?&");

		rc = read_attribute(view_of(at, size), &uri, &path, err);
		at += size;
		at += *at != '\0';
	}
	if (rc)
		return rc;
	rc = buf_done(&path, err);
	if (rc)
		return rc;
	uri.path = view_strdup(buf_view(&path));
	if (!uri.path)
		return err_nomem(err);
	*ret = uri;
	uri = (struct key_uri){0};
	return 0;
}
