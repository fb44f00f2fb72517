/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buf.h - bytes with their size: a read-only view, and a buffer that owns and grows.
 *
 * A writer does not check every step: the first failure sticks (failed), later additions do
 * nothing, and buf_done() reports it once at the end.
 *
 * Does: bounds. Does not: read or write files, or know any format.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* SIZE bytes at DATA, owned by somebody else and not written to. {NULL, 0}: nothing. */
struct view {
	const uint8_t *data;
	size_t size;
};

/* SIZE bytes at DATA, owned; zero-initialised is empty. Freed by buf_free(). */
struct buf {
	uint8_t *data;
	size_t size;
	size_t room;
	bool failed; /* out of memory at some addition: the content is not whole */
};

#define _buf_ _cleanup_(buf_free)

/* The whole of a string literal without its NUL, of a buffer, or of SIZE bytes at DATA. */
#define view_lit(text) ((struct view){(const uint8_t *)(text), sizeof(text) - 1})
struct view view_of(const void *data, size_t size);
struct view view_str(const char *text);
struct view buf_view(const struct buf *buf);

bool view_equal(struct view a, struct view b);

/* SIZE bytes of VIEW from OFFSET on; {NULL, 0} where that is not all inside. The one range check.
 */
struct view view_sub(struct view view, size_t offset, size_t size);

/* The first SIZE bytes of VIEW, or all of it where it has fewer. */
struct view view_head(struct view view, size_t size);

/* Release the bytes and leave an empty buffer; buf_wipe() overwrites them first. */
void buf_free(struct buf *buf);
void buf_wipe(struct buf *buf);

/* Room for SIZE more bytes, so that additions up to that do not allocate. Failure sticks. */
void buf_reserve(struct buf *buf, size_t size);

/* Append; failure sticks. buf_space() returns SIZE bytes to fill in (zeroed), or NULL. */
void buf_add(struct buf *buf, const void *data, size_t size);
void buf_add_view(struct buf *buf, struct view view);
void buf_add_str(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...) _printf_(2, 3);
uint8_t *buf_space(struct buf *buf, size_t size);

/* Append TEXT as err_escape() writes it, whole; append SIZE bytes at DATA as hex_string() does. */
void buf_escape(struct buf *buf, struct view text);
void buf_hex(struct buf *buf, const void *data, size_t size);

/* 0, or -ENOMEM with *err filled, if an addition has failed. */
int buf_done(const struct buf *buf, struct err *err);

/* Hand the bytes on: the old buffer is empty afterwards. */
struct buf buf_take(struct buf *buf);

/* Append the bytes of FROM, which is empty afterwards; an empty BUF gets them without a copy. */
void buf_move(struct buf *buf, struct buf *from);

/* The bytes as a C string that the buffer still owns (a NUL is put behind them), or NULL. */
const char *buf_cstr(struct buf *buf);

/* A copy of VIEW with a NUL behind it, owned by the caller, or NULL. */
char *view_strdup(struct view view);

/* SIZE bytes as 2 * SIZE lower-case hex digits and a NUL at DST. Returns DST. */
char *hex_string(char *dst, const void *data, size_t size);

#endif /* BUF_H */
