// SPDX-License-Identifier: BSD-2-Clause
#include "compare_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "hash.h"

void compare_rows_free(struct compare_rows *rows)
{
	for (size_t i = 0; i < rows->nr; i++) {
		free(rows->list[i].name);
		free(rows->list[i].in);
		free(rows->list[i].old_text);
		free(rows->list[i].new_text);
	}
	free(rows->list);
	*rows = (struct compare_rows){0};
}

/* A copy of TEXT, which is freed. */
static char *keep(struct comparer *c, struct buf *text)
{
	const char *string = text->failed ? NULL : buf_cstr(text);
	char *copy = string ? strdup(string) : NULL;

	c->failed |= !copy;
	buf_free(text);
	return copy;
}

/* NAME escaped; NULL if there is none. */
static char *keep_name(struct comparer *c, struct view name)
{
	struct buf text = {0};

	if (!name.data)
		return NULL;
	buf_escape(&text, name);
	return keep(c, &text);
}

static void add(struct comparer *c, const char *what, enum compare_change change, struct buf *old,
		struct buf *new)
{
	struct compare_row *list = reallocarray(c->rows.list, c->rows.nr + 1, sizeof(*list));

	if (!list) {
		c->failed = true;
		return;
	}
	c->rows.list = list;
	list[c->rows.nr++] = (struct compare_row){
		.subject = c->subject,
		.name = keep_name(c, c->name),
		.in = keep_name(c, c->in),
		.what = what,
		.change = change,
		.old_text = old ? keep(c, old) : NULL,
		.new_text = new ? keep(c, new) : NULL,
	};
}

void compare_one(struct comparer *c, enum compare_change change, struct buf *text)
{
	const bool is_new = change == COMPARE_ADDED;

	add(c, NULL, change, is_new ? NULL : text, is_new ? text : NULL);
	buf_free(text);
}

void compare_texts(struct comparer *c, const char *what, struct buf *old, struct buf *new)
{
	c->failed |= old->failed || new->failed;
	if (!view_equal(buf_view(old), buf_view(new)))
		add(c, what, COMPARE_CHANGED, old, new);
	buf_free(old);
	buf_free(new);
}

void compare_views(struct comparer *c, const char *what, struct view old, struct view new)
{
	struct buf before = {0}, after = {0};

	buf_escape(&before, old);
	buf_escape(&after, new);
	compare_texts(c, what, &before, &after);
}

void compare_numbers(struct comparer *c, const char *what, uint64_t old, uint64_t new)
{
	struct buf before = {0}, after = {0};

	if (old == new)
		return;
	buf_printf(&before, "%" PRIu64, old);
	buf_printf(&after, "%" PRIu64, new);
	compare_texts(c, what, &before, &after);
}

void compare_bools(struct comparer *c, const char *what, bool old, bool new)
{
	compare_views(c, what, view_str(old ? "yes" : "no"), view_str(new ? "yes" : "no"));
}

void compare_add_name(struct buf *out, enum names_table table, uint32_t number)
{
	const char *name = names_of(table, number);

	if (name)
		buf_add_str(out, name);
	else
		buf_printf(out, "%u", number);
}

void compare_names(struct comparer *c, const char *what, enum names_table table, uint32_t old,
		   uint32_t new)
{
	struct buf before = {0}, after = {0};

	compare_add_name(&before, table, old);
	compare_add_name(&after, table, new);
	compare_texts(c, what, &before, &after);
}

static void add_flags(struct buf *out, enum names_table table, uint32_t flags)
{
	const char *between = "";

	for (uint32_t bit = 0; bit < 32; bit++) {
		if (!(flags & 1u << bit))
			continue;
		buf_add_str(out, between);
		if (names_of(table, bit))
			buf_add_str(out, names_of(table, bit));
		else
			buf_printf(out, "0x%x", 1u << bit);
		between = ",";
	}
	buf_add_str(out, flags ? "" : "none");
}

void compare_flags(struct comparer *c, enum names_table table, uint32_t old, uint32_t new)
{
	struct buf before = {0}, after = {0};

	add_flags(&before, table, old);
	add_flags(&after, table, new);
	compare_texts(c, "flags", &before, &after);
}

void compare_digest(struct buf *out, const char *unit, size_t unit_size, struct view bytes)
{
	uint8_t sha256[HASH_SHA256_SIZE] = {0};

	if (hash_sha256(bytes, sha256))
		out->failed = true;
	buf_printf(out, "%zu %s, sha256 ", bytes.size / unit_size, unit);
	buf_hex(out, sha256, sizeof(sha256));
}

void compare_bytes(struct comparer *c, const char *what, const char *unit, size_t unit_size,
		   struct view old, struct view new)
{
	struct buf before = {0}, after = {0};

	if (view_equal(old, new))
		return;
	compare_digest(&before, unit, unit_size, old);
	compare_digest(&after, unit, unit_size, new);
	compare_texts(c, what, &before, &after);
}

/* --- pairs --- */

void compare_keys_begin(struct comparer *c, size_t nr, struct compare_keys *ret)
{
	*ret = (struct compare_keys){.list = calloc(nr ?: 1, sizeof(*ret->list))};
	c->failed |= !ret->list;
}

void compare_keys_free(struct compare_keys *keys)
{
	free(keys->list);
}

void compare_keys_add(struct compare_keys *keys, struct view name, uint32_t tag, size_t index)
{
	if (keys->list)
		keys->list[keys->nr++] = (struct compare_key){name, tag, index};
}

/* The order of names, then of tags. */
static int compare_key(const struct compare_key *a, const struct compare_key *b)
{
	size_t size = a->name.size < b->name.size ? a->name.size : b->name.size;
	int order = size ? memcmp(a->name.data, b->name.data, size) : 0;

	if (!order)
		order = (a->name.size > b->name.size) - (a->name.size < b->name.size);
	return order ?: (a->tag > b->tag) - (a->tag < b->tag);
}

static int compare_index(const void *a, const void *b)
{
	const struct compare_key *left = a, *right = b;

	return compare_key(left, right)
		       ?: (left->index > right->index) - (left->index < right->index);
}

static void sort(struct compare_keys *keys)
{
	if (keys->nr)
		qsort(keys->list, keys->nr, sizeof(*keys->list), compare_index);
}

void compare_keys_unique(struct compare_keys *keys)
{
	size_t nr = 0;

	sort(keys);
	for (size_t i = 0; i < keys->nr; i++) {
		if (!nr || compare_key(&keys->list[nr - 1], &keys->list[i]))
			keys->list[nr++] = keys->list[i];
	}
	keys->nr = nr;
}

void compare_pairs(struct comparer *c, struct compare_keys *old, struct compare_keys *new,
		   compare_pair pair, void *arg)
{
	size_t i = 0, j = 0;

	sort(old);
	sort(new);
	while (i < old->nr || j < new->nr) {
		int order = i == old->nr   ? 1
			    : j == new->nr ? -1
					   : compare_key(&old->list[i], &new->list[j]);
		const struct compare_key *key = order <= 0 ? &old->list[i] : &new->list[j];

		c->name = key->name;
		pair(c, order <= 0 ? old->list[i].index : COMPARE_NONE,
		     order >= 0 ? new->list[j].index : COMPARE_NONE, arg);
		i += order <= 0;
		j += order >= 0;
	}
}
