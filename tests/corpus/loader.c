// SPDX-License-Identifier: BSD-2-Clause
/*
 * loader - recognise, list and seal raw loaders, for tests/corpus/loaders.
 *
 *	loader list INSNS DATA			the listing, every byte of the data in it
 *	loader seal plain|hash|excl INSNS DATA OUT	write OUT.insns and OUT.data
 *	loader flips INSNS DATA [STEP]		flip each (STEPth) bit; print those nothing tells
 *
 * Status 1: an unknown loader.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "hash.h"
#include "loader/loader.h"

static void print_name(const char *what, const void *name, size_t size)
{
	char text[1024];

	printf(" %s=%s", what, err_escape(text, sizeof(text), name, size));
}

static void print_bytes(const char *what, struct view bytes)
{
	uint8_t hash[HASH_SHA256_SIZE];
	char hex[2 * HASH_SHA256_SIZE + 1];

	if (!hash_sha256(bytes, hash))
		printf(" %s=%zu:%s", what, bytes.size, hex_string(hex, hash, 8));
}

static void print_map(const struct loader_map *map, const char *what)
{
	printf("%s", what);
	print_name("name", map->name, strlen(map->name));
	printf(" type=%u key=%u value=%u max=%u flags=%#x numa=%u ifindex=%u btf=%u,%u extra=%llu",
	       map->type, map->key_size, map->value_size, map->max_entries, map->flags,
	       map->numa_node, map->ifindex, map->btf_key, map->btf_value,
	       (unsigned long long)map->extra);
	if (map->has_value)
		print_bytes("contents", map->value);
	for (size_t i = 0; i < map->nr_slots; i++)
		printf(" [%u]=%u", map->slots[i].key, map->slots[i].map);
	printf("%s\n", map->frozen ? " frozen" : "");
	if (map->inner)
		print_map(map->inner, "  inner");
}

static void print_prog(const struct loader_prog *prog)
{
	printf("prog");
	print_name("name", prog->name, strlen(prog->name));
	print_name("full", prog->full_name.data, prog->full_name.size);
	print_name("license", prog->license.data, prog->license.size);
	printf(" type=%u attach=%u btf_id=%u ifindex=%u flags=%#x maps=%#llx", prog->type,
	       prog->attach_type, prog->attach_btf_id, prog->ifindex, prog->flags,
	       (unsigned long long)prog->maps);
	print_bytes("insns", prog->insns);
	printf(" %u*%u", prog->nr_func_info, prog->func_info_rec);
	print_bytes("func_info", prog->func_info);
	printf(" %u*%u", prog->nr_line_info, prog->line_info_rec);
	print_bytes("line_info", prog->line_info);
	printf(" %u", prog->nr_core_relos);
	print_bytes("core_relos", prog->core_relos);
	if (prog->target_kind) {
		printf(" target_kind=%u", prog->target_kind);
		print_name("target", prog->target.data, prog->target.size);
	}
	printf(" helpers=");
	for (size_t i = 0; i < prog->nr_helpers; i++)
		printf("%s%u", i ? "," : "", prog->helpers[i]);
	printf("\n");
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		printf("  extern kind=%u btf=%u insn=%u slot=%u%s%s", ext->kind, ext->btf_kind,
		       ext->insn, ext->fd_slot, ext->weak ? " weak" : "",
		       ext->again ? " again" : "");
		print_name("name", ext->name.data, ext->name.size);
		printf("\n");
	}
}

static void print_loader(const struct loader *loader)
{
	printf("loader big=%d check=%d sizes=%d values=%d kfunc=%d ksym=%d slots=%zu", loader->big,
	       loader->check, loader->open_sizes, loader->open_values, loader->old_kfunc,
	       loader->old_ksym, loader->nr_slots);
	print_bytes("btf", loader->btf);
	printf("\n");
	for (size_t i = 0; i < loader->nr_maps; i++)
		print_map(&loader->maps[i], "map");
	for (size_t i = 0; i < loader->nr_progs; i++)
		print_prog(&loader->progs[i]);
}

static int read_image(const char *insns_file, const char *data_file, struct image *ret)
{
	_buf_ struct buf insns = {0}, data = {0};
	_image_ struct image image = {0};
	struct err err = {0};
	size_t size;
	int rc;

	rc = file_read(insns_file, FILE_SIZE_MAX, &insns, &err)
		     ?: file_read(data_file, FILE_SIZE_MAX, &data, &err);
	size = data.size;
	rc = rc ?: image_set_insns(&image, &insns, &err);
	rc = rc ?: image_add_map(&image, "__loader.map", &data, (uint32_t)size, 1, &err);
	if (rc) {
		fprintf(stderr, "%s\n", err.text);
		return rc;
	}
	*ret = image;
	image = (struct image){0};
	return 0;
}

static int list(const struct image *image)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};
	int rc = loader_read(image, &loader, &err);

	if (rc)
		printf("%s\n", err.text);
	else
		print_loader(&loader);
	return rc ? 1 : 0;
}

static int seal(const struct image *image, const char *form_name, const char *out)
{
	static const char *const forms[] = {"plain", "excl", "hash"};
	_image_ struct image sealed = {0};
	enum loader_form form = LOADER_FORM_PLAIN;
	struct err err = {0};
	char path[4096];
	int rc;

	while (strcmp(forms[form], form_name))
		form++;
	rc = loader_seal(image, form, &sealed, &err);
	if (!rc) {
		snprintf(path, sizeof(path), "%s.insns", out);
		rc = file_replace(path, buf_view(&sealed.insns), &err);
	}
	if (!rc) {
		snprintf(path, sizeof(path), "%s.data", out);
		rc = file_replace(path, buf_view(&sealed.maps[0].value), &err);
	}
	if (rc)
		printf("%s\n", err.text);
	return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
	_image_ struct image image = {0};

	if (argc == 4 && !strcmp(argv[1], "list"))
		return read_image(argv[2], argv[3], &image) ? 3 : list(&image);
	if (argc == 6 && !strcmp(argv[1], "seal"))
		return read_image(argv[3], argv[4], &image) ? 3 : seal(&image, argv[2], argv[5]);
	return 2;
}
