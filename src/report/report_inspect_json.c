// SPDX-License-Identifier: BSD-2-Clause
/* The listing of a loader as JSON. It is complete: loaders that differ have different listings. */
#include "hash.h"
#include "report/report_inspect.h"
#include "report/report_text.h"

/* sizeof(struct bpf_core_relo), linux/bpf.h; one size for all kernels so far */
#define CORE_RELO_SIZE 16

/* The names of checks in JSON. */
static const char *check_name(enum loader_check check)
{
	static const char *const names[] = {
		[LOADER_CHECK_NONE] = "none",
		[LOADER_CHECK_HASH_1_7] = "hash-1.7.0",
		[LOADER_CHECK_HASH] = "hash",
		[LOADER_CHECK_EXCL_HASH] = "exclusive-hash",
	};

	return names[check];
}

static const char *extern_kind(enum loader_extern_kind kind)
{
	static const char *const kinds[] = {
		[LOADER_KFUNC] = "function",
		[LOADER_KSYM] = "symbol",
		[LOADER_KSYM_ADDR] = "address",
	};

	return kinds[kind];
}

/* A text from the file, escaped as on a terminal. */
static void json_escaped(struct json *json, const char *key, struct view text)
{
	_buf_ struct buf escaped = {0};

	buf_escape(&escaped, text);
	json_text(json, key, buf_cstr(&escaped));
	json->out->failed |= escaped.failed;
}

static void json_sha256(struct json *json, const char *key, struct view bytes)
{
	struct err err;

	if (hash_sha256_json(json, key, bytes, &err))
		json->out->failed = true;
}

/* A number with its name; null: unknown. */
static void json_named(struct json *json, const char *key, enum names_table table, uint32_t number)
{
	json_object(json, key);
	json_number(json, "number", number);
	json_text(json, "name", names_of(table, number));
	json_object_end(json);
}

/* Text that is already escaped; null if it is empty. */
static void json_buf(struct json *json, const char *key, struct buf *text)
{
	json_text_or_null(json, key, buf_cstr(text));
	json->out->failed |= text->failed;
}

static void json_types(struct json *json, const struct listing *listing,
		       const struct loader_map *map)
{
	_buf_ struct buf key = {0}, value = {0};

	listing_key_type(listing, map, &key);
	listing_value_type(listing, map, &value);
	json_buf(json, "key_type", &key);
	json_buf(json, "value_type", &value);
}

static void json_attributes(struct json *json, const struct listing *listing,
			    const struct loader_map *map)
{
	json_escaped(json, "name", listing_kernel_name(map->name));
	json_escaped(json, "whole_name", listing_map_name(map));
	json_named(json, "type", NAMES_MAP_TYPE, map->type);
	json_number(json, "key_size", map->key_size);
	json_number(json, "value_size", map->value_size);
	json_number(json, "max_entries", map->max_entries);
	json_number(json, "flags", map->flags);
	json_number(json, "numa_node", map->numa_node);
	json_number(json, "ifindex", map->ifindex);
	/* most JSON readers cannot represent 64-bit numbers */
	json_number(json, "extra_low", (uint32_t)map->extra);
	json_number(json, "extra_high", (uint32_t)(map->extra >> 32));
	json_number(json, "btf_key", map->btf_key);
	json_number(json, "btf_value", map->btf_value);
	json_types(json, listing, map);
}

static void json_host(struct json *json, const struct listing_host *host)
{
	json_object(json, "host");
	json_bool(json, "sets_size", host->sets_size);
	json_bool(json, "sets_value", host->sets_value);
	json_bool(json, "writes", host->writes);
	json_object_end(json);
}

static void json_value(struct json *json, struct view value, const struct object_values *vars)
{
	json_hex(json, "contents", value);
	json_array(json, "variables");
	for (size_t i = 0; i < vars->nr; i++) {
		const struct object_value *var = &vars->list[i];

		json_object(json, NULL);
		json_text(json, "name", var->name);
		json_text_or_null(json, "type", var->type);
		json_number(json, "offset", (int64_t)(var->bytes.data - value.data));
		json_number(json, "size", (int64_t)var->bytes.size);
		json_text(json, "value", var->text);
		json_bool(json, "partial", var->partial);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_map(struct json *json, const struct listing *listing, size_t n)
{
	const struct loader_map *map = &listing->loader->maps[n];
	const struct listing_host host = listing_host(listing->loader, map);

	json_object(json, NULL);
	json_attributes(json, listing, map);
	json_bool(json, "frozen", map->frozen);
	json_host(json, &host);
	json_bool(json, "pinned", listing_is_pinned(listing, n));
	if (map->inner) {
		json_object(json, "inner");
		json_attributes(json, listing, map->inner);
		json_object_end(json);
	}
	json_array(json, "elements");
	for (size_t i = 0; i < map->nr_slots; i++) {
		json_object(json, NULL);
		json_number(json, "key", map->slots[i].key);
		json_number(json, "map", map->slots[i].map);
		json_object_end(json);
	}
	json_array_end(json);
	if (map->has_value)
		json_value(json, map->value, &listing->values[n]);
	json_object_end(json);
}

static void json_uses(struct json *json, const struct loader *loader,
		      const struct loader_prog *prog)
{
	char number[REPORT_NUMBER_ROOM];

	json_array(json, "maps");
	for (size_t i = 0; i < loader->nr_maps; i++) {
		if (prog->maps & (uint64_t)1 << i)
			json_number(json, NULL, (int64_t)i);
	}
	json_array_end(json);
	json_array(json, "helpers");
	for (unsigned int i = 0; i < LOADER_HELPERS_MAX; i++) {
		if (loader_prog_calls(prog, i))
			json_text(json, NULL, report_number(NAMES_HELPER, i, number));
	}
	json_array_end(json);
	json_array(json, "externs");
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		json_object(json, NULL);
		json_escaped(json, "name", ext->name);
		json_text(json, "kind", extern_kind(ext->kind));
		json_number(json, "instruction", ext->insn);
		json_number(json, "btf_kind", ext->btf_kind);
		json_number(json, "fd_slot", ext->fd_slot);
		json_bool(json, "weak", ext->weak);
		json_bool(json, "again", ext->repeated);
		json_object_end(json);
	}
	json_array_end(json);
}

/* NR records of SIZE bytes each, in BYTES. */
static void json_records(struct json *json, const char *key, uint32_t nr, uint32_t size,
			 struct view bytes)
{
	json_object(json, key);
	json_number(json, "records", nr);
	json_number(json, "record_size", size);
	json_sha256(json, "sha256", bytes);
	json_object_end(json);
}

static void json_funcs(struct json *json, const struct listing *listing,
		       const struct loader_prog *prog)
{
	json_array(json, "functions");
	for (size_t i = 0; i < loader_prog_nr_funcs(prog); i++) {
		struct loader_func func = loader_prog_func(listing->loader, prog, i);
		_buf_ struct buf name = {0};
		bool is_static = false;

		if (listing->types)
			is_static = object_func_name(listing->types, func.type, &name);
		json_object(json, NULL);
		json_buf(json, "name", &name);
		json_bool(json, "static", is_static);
		json_number(json, "first", func.first);
		json_number(json, "instructions", func.insns);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_attach(struct json *json, const struct listing *listing, size_t n)
{
	_buf_ struct buf text = {0};

	listing_attach(listing, n, &text);
	json_buf(json, "attach", &text);
}

static void json_prog(struct json *json, const struct listing *listing, size_t n)
{
	const struct loader *loader = listing->loader;
	const struct loader_prog *prog = &loader->progs[n];

	json_object(json, NULL);
	json_escaped(json, "name", listing_prog_name(prog));
	json_escaped(json, "kernel_name", listing_kernel_name(prog->name));
	json_named(json, "type", NAMES_PROG_TYPE, prog->type);
	json_named(json, "attach_type", NAMES_ATTACH_TYPE, prog->attach_type);
	if (prog->target.size)
		json_escaped(json, "target", prog->target);
	else
		json_text(json, "target", NULL);
	json_number(json, "target_kind", prog->target_kind);
	json_attach(json, listing, n);
	json_number(json, "instructions", (int64_t)(prog->insns.size / IMAGE_INSN_SIZE));
	json_sha256(json, "sha256", prog->insns);
	json_funcs(json, listing, prog);
	json_number(json, "flags", prog->flags);
	json_number(json, "ifindex", prog->ifindex);
	json_records(json, "func_info", prog->nr_func_info, prog->func_info_rec, prog->func_info);
	json_records(json, "line_info", prog->nr_line_info, prog->line_info_rec, prog->line_info);
	json_records(json, "core_relocations", prog->nr_core_relos, CORE_RELO_SIZE,
		     prog->core_relos);
	json_escaped(json, "license", prog->license);
	json_uses(json, loader, prog);
	json_object_end(json);
}

/* The first difference between a header's text and its arrays, or null. */
static void json_text_why(struct json *json, const struct err *why)
{
	if (!why) {
		json_text(json, "text", NULL);
		return;
	}
	json_object(json, "text");
	json_number(json, "line", why->line);
	json_text(json, "what", why->text);
	json_object_end(json);
}

void report_listing_json(struct json *json, const char *file, const struct listing *listing)
{
	const struct loader *loader = listing->loader;

	json_object(json, NULL);
	json_text(json, "file", file);
	json_text_why(json, listing->text_why);
	json_object(json, "loader");
	json_bool(json, "sealed", loader_is_sealed(loader));
	json_text(json, "check", check_name(loader->check));
	json_text(json, "insns_check", listing->second ? check_name(listing->second) : NULL);
	json_bool(json, "open_sizes", loader->open_sizes);
	json_bool(json, "open_values", loader->open_values);
	json_bool(json, "old_kfunc", loader->old_kfunc);
	json_bool(json, "old_ksym", loader->old_ksym);
	json_number(json, "slots", (int64_t)loader->nr_slots);
	json_text(json, "byte_order", loader->big ? "big" : "little");
	json_object_end(json);
	json_number(json, "btf_size", (int64_t)loader->btf.size);
	json_sha256(json, "btf_sha256", loader->btf);
	json_number(json, "core_relocations", (int64_t)report_count_relos(loader));
	json_array(json, "programs");
	for (size_t i = 0; i < loader->nr_progs; i++)
		json_prog(json, listing, i);
	json_array_end(json);
	json_array(json, "maps");
	for (size_t i = 0; i < loader->nr_maps; i++)
		json_map(json, listing, i);
	json_array_end(json);
	json_array(json, "findings");
	report_findings_json(json, listing->findings, listing->nr_findings);
	json_array_end(json);
	report_why_json(json, listing->why);
	json_object_end(json);
}
