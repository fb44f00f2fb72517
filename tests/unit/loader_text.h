/* SPDX-License-Identifier: BSD-2-Clause */
/* loader_text.h - a listing as text with every byte of the loader in it, to compare listings. */
#ifndef LOADER_TEXT_H
#define LOADER_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sealed.h"
#include "hash.h"
#include "loader/loader.h"

static inline void print_name(FILE *out, const char *what, const void *name, size_t size)
{
	char text[1024];

	fprintf(out, " %s=%s", what, err_escape(text, sizeof(text), name, size));
}

static inline void print_bytes(FILE *out, const char *what, struct view bytes)
{
	uint8_t hash[HASH_SHA256_SIZE];
	char hex[2 * HASH_SHA256_SIZE + 1];

	if (!hash_sha256(bytes, hash))
		fprintf(out, " %s=%zu:%s", what, bytes.size, hex_string(hex, hash, 8));
}

static inline void print_map(FILE *out, const struct loader_map *map, const char *what)
{
	fprintf(out, "%s", what);
	print_name(out, "name", map->name, strlen(map->name));
	fprintf(out,
		" type=%u key=%u value=%u max=%u flags=%#x numa=%u ifindex=%u btf=%u,%u extra=%llu",
		map->type, map->key_size, map->value_size, map->max_entries, map->flags,
		map->numa_node, map->ifindex, map->btf_key, map->btf_value,
		(unsigned long long)map->extra);
	if (map->has_value)
		print_bytes(out, "contents", map->value);
	for (size_t i = 0; i < map->nr_slots; i++)
		fprintf(out, " [%u]=%u", map->slots[i].key, map->slots[i].map);
	fprintf(out, "%s\n", map->frozen ? " frozen" : "");
	if (map->inner)
		print_map(out, map->inner, "  inner");
}

static inline void print_prog(FILE *out, const struct loader_prog *prog)
{
	fprintf(out, "prog");
	print_name(out, "name", prog->name, strlen(prog->name));
	print_name(out, "full", prog->full_name.data, prog->full_name.size);
	print_name(out, "license", prog->license.data, prog->license.size);
	fprintf(out, " type=%u attach=%u ifindex=%u flags=%#x maps=%#llx", prog->type,
		prog->attach_type, prog->ifindex, prog->flags, (unsigned long long)prog->maps);
	print_bytes(out, "insns", prog->insns);
	fprintf(out, " %u*%u", prog->nr_func_info, prog->func_info_rec);
	print_bytes(out, "func_info", prog->func_info);
	fprintf(out, " %u*%u", prog->nr_line_info, prog->line_info_rec);
	print_bytes(out, "line_info", prog->line_info);
	fprintf(out, " %u", prog->nr_core_relos);
	print_bytes(out, "core_relos", prog->core_relos);
	if (prog->target_kind) {
		fprintf(out, " target_kind=%u", prog->target_kind);
		print_name(out, "target", prog->target.data, prog->target.size);
	}
	fprintf(out, " helpers=");
	for (unsigned int i = 0; i < LOADER_HELPERS_MAX; i++) {
		if (loader_prog_calls(prog, i))
			fprintf(out, "%u,", i);
	}
	fprintf(out, "\n");
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		fprintf(out, "  extern kind=%u btf=%u insn=%u slot=%u%s%s", ext->kind,
			ext->btf_kind, ext->insn, ext->fd_slot, ext->weak ? " weak" : "",
			ext->repeated ? " again" : "");
		print_name(out, "name", ext->name.data, ext->name.size);
		fprintf(out, "\n");
	}
}

static inline void print_loader(FILE *out, const struct loader *loader)
{
	fprintf(out, "loader big=%d check=%d sizes=%d values=%d kfunc=%d ksym=%d slots=%zu wide=%d",
		loader->big, loader->check, loader->open_sizes, loader->open_values,
		loader->old_kfunc, loader->old_ksym, loader->nr_slots, loader->wide_stack);
	print_bytes(out, "btf", loader->btf);
	fprintf(out, "\n");
	for (size_t i = 0; i < loader->nr_maps; i++)
		print_map(out, &loader->maps[i], "map");
	for (size_t i = 0; i < loader->nr_progs; i++)
		print_prog(out, &loader->progs[i]);
}

/* The listing LOADER as text, owned by the caller. */
static inline char *text_of(const struct loader *loader)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out) {
		print_loader(out, loader);
		fclose(out);
	}
	return text;
}

/* The listing of IMAGE as text, owned by the caller; NULL for an unknown loader. */
static inline char *loader_text(const struct image *image, struct err *err)
{
	_loader_ struct loader loader = {0};

	return read_known(image, &loader, err) ? NULL : text_of(&loader);
}

#endif /* LOADER_TEXT_H */
