/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * compare_rows.h - a list of differences, and what fills it.
 *
 * Does: collect differences of texts, pair things by their names.
 * Does not: know what is compared, or print.
 */
#ifndef COMPARE_ROWS_H
#define COMPARE_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "names.h"

enum compare_change {
	COMPARE_ADDED,	 /* OLD is NULL */
	COMPARE_REMOVED, /* NEW is NULL */
	COMPARE_CHANGED,
};

/* A difference. All texts are escaped. */
struct compare_row {
	const char *subject; /* "program", "map", "variable", ...; static */
	char *name;	     /* which one; NULL: there is only one */
	char *in;	     /* what it is a part of; NULL: nothing */
	const char *what;    /* which of its properties changed; static; NULL: all of it */
	enum compare_change change;
	char *old_text, *new_text;
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct compare_rows {
	struct compare_row *list;
	size_t nr;
};

#define _compare_rows_ _cleanup_(compare_rows_free)

void compare_rows_free(struct compare_rows *rows);

/* --- filling it --- */

/* The list, and what the next rows are about. */
struct comparer {
	struct compare_rows rows;
	const char *subject;
	struct view name, in; /* not escaped; {NULL, 0}: none */
	bool failed;	      /* out of memory: rows are missing */
};

/* Add a row that OLD became NEW; does nothing if they are equal. Both are empty afterwards. */
void compare_texts(struct comparer *c, const char *what, struct buf *old, struct buf *new);

/* The same for texts that are not escaped, and for numbers. */
void compare_views(struct comparer *c, const char *what, struct view old, struct view new);
void compare_numbers(struct comparer *c, const char *what, uint64_t old, uint64_t new);
void compare_bools(struct comparer *c, const char *what, bool old, bool new);

/* The same for numbers and sets of flags that have names. */
void compare_names(struct comparer *c, const char *what, enum names_table table, uint32_t old,
		   uint32_t new);
void compare_flags(struct comparer *c, enum names_table table, uint32_t old, uint32_t new);

/* The same for bytes, as "SIZE UNIT, sha256 ...". */
void compare_bytes(struct comparer *c, const char *what, const char *unit, size_t unit_size,
		   struct view old, struct view new);

/*
 * Add a row that what NAME and IN stand for, described by TEXT, is new or gone. TEXT is empty
 * afterwards.
 */
void compare_one(struct comparer *c, enum compare_change change, struct buf *text);

/* Append the name of NUMBER in TABLE, or the number. */
void compare_add_name(struct buf *out, enum names_table table, uint32_t number);

/* Append "SIZE UNIT, sha256 ..." for BYTES. A failure is kept in OUT. */
void compare_digest(struct buf *out, const char *unit, size_t unit_size, struct view bytes);

/* --- pairs --- */

/* The name of a thing, and which it is. Those with different tags are never a pair. */
struct compare_key {
	struct view name;
	uint32_t tag;
	size_t index;
};

struct compare_keys {
	struct compare_key *list;
	size_t nr;
};

#define _compare_keys_ _cleanup_(compare_keys_free)

/* Room for NR keys, none of which is there yet; a failure is kept in C. */
void compare_keys_begin(struct comparer *c, size_t nr, struct compare_keys *ret);
void compare_keys_free(struct compare_keys *keys);

/* Add a key; does nothing if there is no room. */
void compare_keys_add(struct compare_keys *keys, struct view name, uint32_t tag, size_t index);

/* Keep one of several keys that have the same name and tag. */
void compare_keys_unique(struct compare_keys *keys);

#define COMPARE_NONE SIZE_MAX

/*
 * Call PAIR for each name in either of OLD and NEW, which are sorted by this: with the index of
 * each, or COMPARE_NONE. The first of several with one name belongs to the first, and so on.
 */
typedef void (*compare_pair)(struct comparer *c, size_t old, size_t new, void *arg);
void compare_pairs(struct comparer *c, struct compare_keys *old, struct compare_keys *new,
		   compare_pair pair, void *arg);

#endif /* COMPARE_ROWS_H */
