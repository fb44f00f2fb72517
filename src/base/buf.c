// SPDX-License-Identifier: BSD-2-Clause
#include "base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct view view_of(const void *data, size_t size)
{
	return (struct view){data, size};
}

struct view view_str(const char *text)
{
	return view_of(text, strlen(text));
}

struct view buf_view(const struct buf *buf)
{
	return view_of(buf->data, buf->size);
}

bool view_equal(struct view a, struct view b)
{
	return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

struct view view_sub(struct view view, size_t offset, size_t size)
{
	if (!view.data || offset > view.size || size > view.size - offset)
		return (struct view){NULL, 0};
	return view_of(view.data + offset, size);
}

struct view view_head(struct view view, size_t size)
{
	return view_of(view.data, size < view.size ? size : view.size);
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void buf_wipe(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->room);
	buf_free(buf);
}

void buf_reserve(struct buf *buf, size_t size)
{
	size_t want;
	uint8_t *data;

	if (buf->failed || size <= buf->room - buf->size)
		return;
	if (size > SIZE_MAX / 4 - buf->size) {
		buf->failed = true;
		return;
	}
	want = buf->size + size;
	if (want < 2 * buf->room)
		want = 2 * buf->room;
	if (want < 64)
		want = 64;
	data = realloc(buf->data, want);
	if (!data) {
		buf->failed = true;
		return;
	}
	buf->data = data;
	buf->room = want;
}

uint8_t *buf_space(struct buf *buf, size_t size)
{
	uint8_t *space;

	buf_reserve(buf, size ? size : 1); /* so that DATA is not NULL even for 0 bytes */
	if (buf->failed)
		return NULL;
	space = buf->data + buf->size;
	if (size)
		memset(space, 0, size);
	buf->size += size;
	return space;
}

void buf_add(struct buf *buf, const void *data, size_t size)
{
	buf_reserve(buf, size);
	if (buf->failed || !size)
		return;
	memcpy(buf->data + buf->size, data, size);
	buf->size += size;
}

void buf_add_view(struct buf *buf, struct view view)
{
	buf_add(buf, view.data, view.size);
}

void buf_add_str(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *fmt, ...)
{
	va_list args;
	int size;

	va_start(args, fmt);
	size = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (size < 0) {
		buf->failed = true;
		return;
	}
	buf_reserve(buf, (size_t)size + 1);
	if (buf->failed)
		return;
	va_start(args, fmt);
	vsnprintf((char *)buf->data + buf->size, (size_t)size + 1, fmt, args);
	va_end(args);
	buf->size += (size_t)size;
}

void buf_escape(struct buf *buf, struct view text)
{
	for (size_t i = 0; i < text.size;) {
		const size_t size = utf8_size(text.data + i, text.size - i) ?: 1;
		char escaped[4 * sizeof("\\xNN")];

		buf_add_str(buf, err_escape(escaped, sizeof(escaped), text.data + i, size));
		i += size;
	}
}

void buf_hex(struct buf *buf, const void *data, size_t size)
{
	buf_reserve(buf, 2 * size + 1);
	if (buf->failed)
		return;
	hex_string((char *)buf->data + buf->size, data, size);
	buf->size += 2 * size;
}

int buf_done(const struct buf *buf, struct err *err)
{
	return buf->failed ? err_nomem(err) : 0;
}

struct buf buf_take(struct buf *buf)
{
	struct buf taken = *buf;

	*buf = (struct buf){0};
	return taken;
}

void buf_move(struct buf *buf, struct buf *from)
{
	bool failed = buf->failed || from->failed;

	if (buf->size) {
		buf_add_view(buf, buf_view(from));
		buf_free(from);
	} else {
		buf_free(buf);
		*buf = buf_take(from);
	}
	buf->failed |= failed;
}

const char *buf_cstr(struct buf *buf)
{
	buf_reserve(buf, 1);
	if (buf->failed)
		return NULL;
	buf->data[buf->size] = '\0';
	return (const char *)buf->data;
}

char *view_strdup(struct view view)
{
	char *copy = malloc(view.size + 1);

	if (!copy)
		return NULL;
	if (view.size)
		memcpy(copy, view.data, view.size);
	copy[view.size] = '\0';
	return copy;
}

char *hex_string(char *dst, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *byte = data;

	for (size_t i = 0; i < size; i++) {
		dst[2 * i] = digits[byte[i] >> 4];
		dst[2 * i + 1] = digits[byte[i] & 0xf];
	}
	dst[2 * size] = '\0';
	return dst;
}
