/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * buf.h - bytes with their size: a read-only view, and a buffer that owns its bytes and grows.
 *
 * A writer need not check every step: after the first failure (FAILED) later additions do nothing,
 * and buf_done() reports it at the end.
 *
 * Does: check bounds. Does not: read or write files, or parse a format.
 */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* SIZE bytes at DATA, borrowed and read-only. {NULL, 0}: absent. */
struct view {
	const uint8_t *data;
	size_t size;
};

/* SIZE bytes at DATA, owned; zero-initialized, it is empty. buf_free() frees it. */
struct buf {
	uint8_t *data;
	size_t size;
	size_t room;
	bool failed; /* an addition failed for lack of memory, so the content is incomplete */
};

#define _buf_ _cleanup_(buf_free)

/* A view of a string literal without its NUL, of a buffer, or of SIZE bytes at DATA. */
#define view_lit(text) ((struct view){(const uint8_t *)(text), sizeof(text) - 1})
struct view view_of(const void *data, size_t size);
struct view view_str(const char *text);
struct view buf_view(const struct buf *buf);

bool view_equal(struct view a, struct view b);

/*
 * SIZE bytes of VIEW from OFFSET on; {NULL, 0} if they are not all inside. All range checks are
 * done here.
 */
struct view view_sub(struct view view, size_t offset, size_t size);

/* The first SIZE bytes of VIEW, or all if it has fewer. */
struct view view_head(struct view view, size_t size);

/* Free the bytes, leaving an empty buffer; buf_wipe() overwrites them first. */
void buf_free(struct buf *buf);
void buf_wipe(struct buf *buf);

/* Reserve room for SIZE more bytes, so that adding them does not allocate. A failure is kept. */
void buf_reserve(struct buf *buf, size_t size);

/* Append; a failure is kept. buf_space() returns SIZE zeroed bytes to fill in, or NULL. */
void buf_add(struct buf *buf, const void *data, size_t size);
void buf_add_view(struct buf *buf, struct view view);
void buf_add_str(struct buf *buf, const char *text);
void buf_printf(struct buf *buf, const char *fmt, ...) _printf_(2, 3);
uint8_t *buf_space(struct buf *buf, size_t size);

/* Append TEXT as err_escape() escapes it, without a limit; append SIZE bytes at DATA in hex. */
void buf_escape(struct buf *buf, struct view text);
void buf_hex(struct buf *buf, const void *data, size_t size);

/* 0, or -ENOMEM with *err filled, if an addition has failed. */
int buf_done(const struct buf *buf, struct err *err);

/* Move the bytes out of BUF, which is empty afterwards. */
struct buf buf_take(struct buf *buf);

/*
 * Append the bytes of FROM, which is empty afterwards. An empty BUF takes them over without a copy.
 */
void buf_move(struct buf *buf, struct buf *from);

/*
 * The bytes as a C string, which the buffer still owns (a NUL is added after them); NULL: no
 * memory.
 */
const char *buf_cstr(struct buf *buf);

/* A copy of VIEW as a C string. The caller frees it; NULL: no memory. */
char *view_strdup(struct view view);

/* SIZE bytes as 2 * SIZE lower-case hex digits and a NUL at DST. Returns DST. */
char *hex_string(char *dst, const void *data, size_t size);

#endif /* BUF_H */
