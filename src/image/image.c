// SPDX-License-Identifier: BSD-2-Clause
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void image_map_free(struct image_map *map)
{
	free(map->name);
	buf_free(&map->value);
}

void image_free(struct image *image)
{
	for (size_t i = 0; i < image->nr_maps; i++)
		image_map_free(&image->maps[i]);
	free(image->maps);
	buf_free(&image->insns);
	buf_free(&image->insns_checked);
	buf_free(&image->insns_hash);
	buf_free(&image->excl_hash);
	buf_free(&image->excl_hash_checked);
	buf_free(&image->excl_hash_hash);
	image_unsign(image);
	*image = (struct image){0};
}

void image_unsign(struct image *image)
{
	for (size_t i = 0; i < SCHEME_NR; i++)
		buf_free(&image->sig[i]);
	buf_free(&image->sig_unnamed);
}

static size_t image_size(const struct image *image)
{
	size_t size = image->insns.size;

	for (size_t i = 0; i < image->nr_maps; i++)
		size += image->maps[i].value.size;
	return size;
}

static int check_room(const struct image *image, size_t more, struct err *err)
{
	size_t used = image_size(image);

	if (used <= IMAGE_SIZE_MAX && more <= IMAGE_SIZE_MAX - used)
		return 0;
	return err_set(err, -E2BIG,
		       "instructions and maps have more than %zu bytes, the most that a kernel "
		       "verifies",
		       IMAGE_SIZE_MAX);
}

int image_add_map(struct image *image, const char *name, struct buf *value, uint32_t value_size,
		  uint32_t max_entries, struct err *err)
{
	struct image_map *maps;
	char *copy;
	int rc;

	if (!value_size || !max_entries || value->size != (uint64_t)value_size * max_entries)
		return err_set(err, -EINVAL,
			       "map %s has %zu bytes, expected %u elements of %u bytes", name,
			       value->size, max_entries, value_size);
	if (image->nr_maps >= IMAGE_MAPS_MAX)
		return err_set(err, -E2BIG, "more than %d maps", IMAGE_MAPS_MAX);
	rc = check_room(image, value->size, err);
	if (rc)
		return rc;
	maps = reallocarray(image->maps, image->nr_maps + 1, sizeof(*maps));
	if (!maps)
		return err_nomem(err);
	image->maps = maps;
	copy = strdup(name);
	if (!copy)
		return err_nomem(err);
	maps[image->nr_maps++] = (struct image_map){
		.name = copy,
		.value = buf_take(value),
		.value_size = value_size,
		.max_entries = max_entries,
	};
	return 0;
}

int image_set_insns(struct image *image, struct buf *insns, struct err *err)
{
	int rc;

	if (!insns->size || insns->size % IMAGE_INSN_SIZE)
		return err_set(err, -EINVAL,
			       "%zu bytes of instructions, expected a positive multiple of %d",
			       insns->size, IMAGE_INSN_SIZE);
	if (insns->size / IMAGE_INSN_SIZE > IMAGE_INSNS_MAX)
		return err_set(err, -E2BIG, "%zu instructions, but a kernel accepts at most %d",
			       insns->size / IMAGE_INSN_SIZE, IMAGE_INSNS_MAX);
	buf_free(&image->insns);
	rc = check_room(image, insns->size, err);
	if (rc)
		return rc;
	image->insns = buf_take(insns);
	return 0;
}

const struct buf *image_insns(const struct image *image, enum scheme scheme)
{
	if (scheme == SCHEME_INSNS_HASH)
		return &image->insns_hash;
	return scheme == SCHEME_INSNS && image->insns_checked.data ? &image->insns_checked
								   : &image->insns;
}

const struct buf *image_excl_hash(const struct image *image, enum scheme scheme)
{
	if (scheme == SCHEME_INSNS_HASH)
		return &image->excl_hash_hash;
	return scheme == SCHEME_INSNS && image->insns_checked.data ? &image->excl_hash_checked
								   : &image->excl_hash;
}
