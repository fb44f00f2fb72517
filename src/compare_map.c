// SPDX-License-Identifier: BSD-2-Clause
#include "compare_map.h"

#include "base/util.h"

/* Bytes of a value that has no text. */
#define BYTES_MAX 16

struct sides {
	const struct listing *old, *new;
};

/* --- variables --- */

struct vars {
	const struct object_values *old, *new;
};

/* A value as text; its bytes if it has none, and the digest of these if TELL. */
static void add_value(struct buf *out, const struct object_value *var, bool tell)
{
	if (var->text)
		buf_add_str(out, var->text);
	for (size_t i = 0; !var->text && i < var->bytes.size && i < BYTES_MAX; i++)
		buf_printf(out, "%s%02x", i ? " " : "", var->bytes.data[i]);
	if (!var->text && var->bytes.size > BYTES_MAX)
		buf_add_str(out, " ...");
	if (!tell)
		return;
	buf_add_str(out, " (");
	compare_digest(out, "bytes", 1, var->bytes);
	buf_add_str(out, ")");
}

/* Values are the same if their bytes are; their texts may have been cut before they differ. */
static void compare_var(struct comparer *c, const struct object_value *old,
			const struct object_value *new)
{
	struct buf before = {0}, after = {0};

	compare_views(c, "type", view_str(old->type), view_str(new->type));
	if (view_equal(old->bytes, new->bytes))
		return;
	add_value(&before, old, false);
	add_value(&after, new, false);
	if (view_equal(buf_view(&before), buf_view(&after))) {
		buf_free(&before);
		buf_free(&after);
		add_value(&before, old, true);
		add_value(&after, new, true);
	}
	compare_texts(c, "value", &before, &after);
}

static void pair_vars(struct comparer *c, size_t old, size_t new, void *arg)
{
	const struct vars *vars = arg;
	struct buf text = {0};

	if (old != COMPARE_NONE && new != COMPARE_NONE) {
		compare_var(c, &vars->old->list[old], &vars->new->list[new]);
		return;
	}
	add_value(&text, old == COMPARE_NONE ? &vars->new->list[new] : &vars->old->list[old],
		  false);
	compare_one(c, old == COMPARE_NONE ? COMPARE_ADDED : COMPARE_REMOVED, &text);
}

static void var_keys(struct comparer *c, const struct object_values *values,
		     struct compare_keys *ret)
{
	compare_keys_begin(c, values->nr, ret);
	for (size_t i = 0; i < values->nr; i++)
		compare_keys_add(ret, view_str(values->list[i].name), 0, i);
}

static void compare_vars(struct comparer *c, struct view map, struct vars vars)
{
	_compare_keys_ struct compare_keys before, after;

	var_keys(c, vars.old, &before);
	var_keys(c, vars.new, &after);
	c->subject = "variable";
	c->in = map;
	compare_pairs(c, &before, &after, pair_vars, &vars);
	c->subject = "map";
	c->in = (struct view){NULL, 0};
	c->name = map;
}

/* The bytes of VALUE that are in no variable and are not zero. */
static void add_gaps(struct buf *out, struct view value, const struct object_values *values)
{
	size_t at = 0;

	for (size_t i = 0; i <= values->nr; i++) {
		size_t end = value.size;

		if (i < values->nr)
			end = (size_t)(values->list[i].bytes.data - value.data);
		for (; at < end; at++) {
			if (value.data[at])
				buf_add(out, &value.data[at], 1);
		}
		at = i < values->nr ? end + values->list[i].bytes.size : at;
	}
}

/* The initial values of a map, of which one side may have none. */
static void compare_value(struct comparer *c, struct view map, const struct loader_map *old,
			  const struct loader_map *new, struct vars vars)
{
	_buf_ struct buf before = {0}, after = {0};

	compare_bools(c, "initial value", old->has_value, new->has_value);
	if (old->value.size)
		add_gaps(&before, old->value, vars.old);
	if (new->value.size)
		add_gaps(&after, new->value, vars.new);
	c->failed |= before.failed || after.failed;
	compare_bytes(c, vars.old->nr || vars.new->nr ? "bytes between variables" : "contents",
		      "bytes that are not zero", 1, buf_view(&before), buf_view(&after));
	compare_vars(c, map, vars);
}

/* --- maps --- */

static void add_size(struct buf *out, const char *label, uint32_t size, const struct buf *type)
{
	buf_printf(out, ", %s %u", label, size);
	if (!type->size)
		return;
	buf_add_str(out, " (");
	buf_add_view(out, buf_view(type));
	buf_add_str(out, ")");
}

/* "hash, key 4 (__u32), value 8 (struct counter), max 1024" */
static void add_map(struct buf *out, const struct listing *listing, const struct loader_map *map)
{
	_buf_ struct buf key = {0}, value = {0};

	listing_key_type(listing, map, &key);
	listing_value_type(listing, map, &value);
	compare_add_name(out, NAMES_MAP_TYPE, map->type);
	add_size(out, "key", map->key_size, &key);
	add_size(out, "value", map->value_size, &value);
	buf_printf(out, ", max %u", map->max_entries);
	out->failed |= key.failed || value.failed;
}

static void add_slots(struct buf *out, const struct loader *loader, const struct loader_map *map)
{
	for (size_t i = 0; i < map->nr_slots; i++) {
		buf_printf(out, "%s[%u] = ", i ? ", " : "", map->slots[i].key);
		buf_escape(out, listing_map_name(&loader->maps[map->slots[i].map]));
	}
}

static void add_inner(struct buf *out, const struct listing *listing, const struct loader_map *map)
{
	if (map->inner)
		add_map(out, listing, map->inner);
}

static void compare_types(struct comparer *c, const struct sides *sides,
			  const struct loader_map *old, const struct loader_map *new)
{
	struct buf before = {0}, after = {0};

	listing_key_type(sides->old, old, &before);
	listing_key_type(sides->new, new, &after);
	compare_texts(c, "key type", &before, &after);
	listing_value_type(sides->old, old, &before);
	listing_value_type(sides->new, new, &after);
	compare_texts(c, "value type", &before, &after);
}

static void compare_inner(struct comparer *c, const struct sides *sides,
			  const struct loader_map *old, const struct loader_map *new)
{
	struct buf before = {0}, after = {0};

	add_inner(&before, sides->old, old);
	add_inner(&after, sides->new, new);
	compare_texts(c, "maps in it", &before, &after);
	add_slots(&before, sides->old->loader, old);
	add_slots(&after, sides->new->loader, new);
	compare_texts(c, "elements", &before, &after);
}

/* Whether the skeleton's pin() pins it, where both inputs have a skeleton. */
static void compare_pinned(struct comparer *c, const struct sides *sides, size_t i, size_t j)
{
	if (sides->old->skel && sides->new->skel)
		compare_bools(c, "pinned", listing_is_pinned(sides->old, i),
			      listing_is_pinned(sides->new, j));
}

static void compare_map(struct comparer *c, const struct sides *sides, size_t i, size_t j)
{
	const struct loader_map *old = &sides->old->loader->maps[i];
	const struct loader_map *new = &sides->new->loader->maps[j];

	compare_names(c, "type", NAMES_MAP_TYPE, old->type, new->type);
	compare_numbers(c, "key size", old->key_size, new->key_size);
	compare_numbers(c, "value size", old->value_size, new->value_size);
	compare_numbers(c, "max entries", old->max_entries, new->max_entries);
	compare_types(c, sides, old, new);
	compare_flags(c, NAMES_MAP_FLAG, old->flags, new->flags);
	compare_numbers(c, "NUMA node", old->numa_node, new->numa_node);
	compare_numbers(c, "device", old->ifindex, new->ifindex);
	compare_numbers(c, "extra", old->extra, new->extra);
	compare_bools(c, "frozen", old->frozen, new->frozen);
	compare_pinned(c, sides, i, j);
	compare_inner(c, sides, old, new);
	compare_value(c, listing_map_name(new), old, new,
		      (struct vars){&sides->old->values[i], &sides->new->values[j]});
}

/* A map that one side lacks, with its variables. */
static void describe_map(struct comparer *c, const struct sides *sides, size_t old, size_t new)
{
	static const struct object_values nothing;
	const bool is_new = old == COMPARE_NONE;
	const struct listing *listing = is_new ? sides->new : sides->old;
	const size_t n = is_new ? new : old;
	const struct loader_map *map = &listing->loader->maps[n];
	const struct object_values *values = &listing->values[n];
	struct buf text = {0};

	add_map(&text, listing, map);
	buf_add_str(&text, listing_is_pinned(listing, n) ? ", pinned" : "");
	if (map->has_value && !values->nr) {
		buf_add_str(&text, "; ");
		compare_digest(&text, "bytes", 1, map->value);
	}
	compare_one(c, is_new ? COMPARE_ADDED : COMPARE_REMOVED, &text);
	compare_vars(c, listing_map_name(map),
		     (struct vars){is_new ? &nothing : values, is_new ? values : &nothing});
}

static void pair_maps(struct comparer *c, size_t old, size_t new, void *arg)
{
	if (old != COMPARE_NONE && new != COMPARE_NONE)
		compare_map(c, arg, old, new);
	else
		describe_map(c, arg, old, new);
}

static void map_keys(struct comparer *c, const struct loader *loader, struct compare_keys *ret)
{
	compare_keys_begin(c, loader->nr_maps, ret);
	for (size_t i = 0; i < loader->nr_maps; i++)
		compare_keys_add(ret, listing_map_name(&loader->maps[i]), 0, i);
}

void compare_maps(struct comparer *c, const struct listing *old, const struct listing *new)
{
	_compare_keys_ struct compare_keys before, after;
	struct sides sides = {old, new};

	c->subject = "map";
	map_keys(c, old->loader, &before);
	map_keys(c, new->loader, &after);
	compare_pairs(c, &before, &after, pair_maps, &sides);
}
