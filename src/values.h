/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * values.h - read a file of values for variables (sign --values): one JSON object (RFC 8259), whose
 * members are variables or, inside others, parts of them:
 *
 *	{"level": 3, "cfg": {"limit": 5}, "cfg.mode": "FAST", "name": "abc", "table": [1, 2, 3]}
 *
 * Does: list what is set, by the names and texts of --set, with lines. It is strict: a key that is
 * repeated, null, an empty object or array inside another, and anything after the object are
 *errors, so that nothing in the file is without effect. Numbers stay the digits that they are. Does
 *not: know variables (prepare.h sets them).
 */
#ifndef VALUES_H
#define VALUES_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* The most bytes of a file, values in it, and objects and arrays inside each other. */
#define VALUES_SIZE_MAX	 (1 << 20)
#define VALUES_NR_MAX	 4096
#define VALUES_DEPTH_MAX 16

enum values_kind {
	VALUES_TEXT,   /* a string: whatever --set accepts */
	VALUES_NUMBER, /* a number, true or false */
	VALUES_ARRAY,  /* an array, whose elements come before it */
};

struct values_item {
	enum values_kind kind;
	char *name;	   /* "cfg.limit", "table[2]" */
	char *text;	   /* NULL for an array */
	size_t nr;	   /* of the array: how many elements it has */
	unsigned int line; /* where the value begins */
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct values {
	struct values_item *list;
	size_t nr;
};

#define _values_ _cleanup_(values_free)

void values_free(struct values *values);

/*
 * Parse TEXT. -EINVAL, with the line: it is not such an object, or is over a limit; -EFBIG: it has
 * more than VALUES_SIZE_MAX bytes; -ENOMEM.
 */
int values_parse(struct view text, struct values *ret, struct err *err);

#endif /* VALUES_H */
