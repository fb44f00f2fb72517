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
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "hash.h"
#include "loader/loader.h"

/* Where listings go. */
static FILE *out;

static void print_name(const char *what, const void *name, size_t size)
{
	char text[1024];

	fprintf(out, " %s=%s", what, err_escape(text, sizeof(text), name, size));
}

static void print_bytes(const char *what, struct view bytes)
{
	uint8_t hash[HASH_SHA256_SIZE];
	char hex[2 * HASH_SHA256_SIZE + 1];

	if (!hash_sha256(bytes, hash))
		fprintf(out, " %s=%zu:%s", what, bytes.size, hex_string(hex, hash, 8));
}

static void print_map(const struct loader_map *map, const char *what)
{
	fprintf(out, "%s", what);
	print_name("name", map->name, strlen(map->name));
	fprintf(out,
		" type=%u key=%u value=%u max=%u flags=%#x numa=%u ifindex=%u btf=%u,%u extra=%llu",
		map->type, map->key_size, map->value_size, map->max_entries, map->flags,
		map->numa_node, map->ifindex, map->btf_key, map->btf_value,
		(unsigned long long)map->extra);
	if (map->has_value)
		print_bytes("contents", map->value);
	for (size_t i = 0; i < map->nr_slots; i++)
		fprintf(out, " [%u]=%u", map->slots[i].key, map->slots[i].map);
	fprintf(out, "%s\n", map->frozen ? " frozen" : "");
	if (map->inner)
		print_map(map->inner, "  inner");
}

static void print_prog(const struct loader_prog *prog)
{
	fprintf(out, "prog");
	print_name("name", prog->name, strlen(prog->name));
	print_name("full", prog->full_name.data, prog->full_name.size);
	print_name("license", prog->license.data, prog->license.size);
	fprintf(out, " type=%u attach=%u btf_id=%u ifindex=%u flags=%#x maps=%#llx", prog->type,
		prog->attach_type, prog->attach_btf_id, prog->ifindex, prog->flags,
		(unsigned long long)prog->maps);
	print_bytes("insns", prog->insns);
	fprintf(out, " %u*%u", prog->nr_func_info, prog->func_info_rec);
	print_bytes("func_info", prog->func_info);
	fprintf(out, " %u*%u", prog->nr_line_info, prog->line_info_rec);
	print_bytes("line_info", prog->line_info);
	fprintf(out, " %u", prog->nr_core_relos);
	print_bytes("core_relos", prog->core_relos);
	if (prog->target_kind) {
		fprintf(out, " target_kind=%u", prog->target_kind);
		print_name("target", prog->target.data, prog->target.size);
	}
	fprintf(out, " helpers=");
	for (size_t i = 0; i < prog->nr_helpers; i++)
		fprintf(out, "%s%u", i ? "," : "", prog->helpers[i]);
	fprintf(out, "\n");
	for (size_t i = 0; i < prog->nr_externs; i++) {
		const struct loader_extern *ext = &prog->externs[i];

		fprintf(out, "  extern kind=%u btf=%u insn=%u slot=%u%s%s", ext->kind,
			ext->btf_kind, ext->insn, ext->fd_slot, ext->weak ? " weak" : "",
			ext->again ? " again" : "");
		print_name("name", ext->name.data, ext->name.size);
		fprintf(out, "\n");
	}
}

static void print_loader(const struct loader *loader)
{
	fprintf(out, "loader big=%d check=%d sizes=%d values=%d kfunc=%d ksym=%d slots=%zu",
		loader->big, loader->check, loader->open_sizes, loader->open_values,
		loader->old_kfunc, loader->old_ksym, loader->nr_slots);
	print_bytes("btf", loader->btf);
	fprintf(out, "\n");
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

static int seal(const struct image *image, const char *form_name, const char *to)
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
		snprintf(path, sizeof(path), "%s.insns", to);
		rc = file_replace(path, buf_view(&sealed.insns), &err);
	}
	if (!rc) {
		snprintf(path, sizeof(path), "%s.data", to);
		rc = file_replace(path, buf_view(&sealed.maps[0].value), &err);
	}
	if (rc)
		printf("%s\n", err.text);
	return rc ? 1 : 0;
}

/* The listing as text, or NULL for an unknown loader; owned. */
static char *listing(const struct image *image)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};
	char *text = NULL;
	size_t size;

	if (loader_read(image, &loader, &err))
		return NULL;
	out = open_memstream(&text, &size);
	if (out) {
		print_loader(&loader);
		fclose(out);
	}
	out = stdout;
	return text;
}

/* Flip each STEPth bit of PART of IMAGE; counts[0]: refused, [1]: listed differently, [2]: neither.
 */
static void flip_part(const struct image *image, struct buf *part, const char *what,
		      const char *listed, size_t step, size_t counts[3])
{
	for (size_t bit = 0; bit < part->size * 8; bit += step) {
		char *text;
		int outcome;

		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		text = listing(image);
		outcome = !text ? 0 : strcmp(text, listed) ? 1 : 2;
		counts[outcome]++;
		if (outcome == 2)
			printf("not told: %s byte %zu bit %zu\n", what, bit / 8, bit % 8);
		part->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		free(text);
	}
}

static int flips(struct image *image, size_t step)
{
	char *listed = listing(image);
	size_t insns[3] = {0}, data[3] = {0};

	if (!listed || !step)
		return 1;
	flip_part(image, &image->insns, "insns", listed, step, insns);
	flip_part(image, &image->maps[0].value, "data", listed, step, data);
	printf("insns: %zu refused, %zu listed, %zu not told; data: %zu, %zu, %zu\n", insns[0],
	       insns[1], insns[2], data[0], data[1], data[2]);
	free(listed);
	return insns[2] + data[2] ? 1 : 0;
}

int main(int argc, char **argv)
{
	_image_ struct image image = {0};

	out = stdout;
	if ((argc == 4 || argc == 5) && !strcmp(argv[1], "flips"))
		return read_image(argv[2], argv[3], &image)
			       ? 3
			       : flips(&image, argc == 5 ? strtoul(argv[4], NULL, 0) : 1);
	if (argc == 4 && !strcmp(argv[1], "list"))
		return read_image(argv[2], argv[3], &image) ? 3 : list(&image);
	if (argc == 6 && !strcmp(argv[1], "seal"))
		return read_image(argv[3], argv[4], &image) ? 3 : seal(&image, argv[2], argv[5]);
	return 2;
}
