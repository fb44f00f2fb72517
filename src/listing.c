// SPDX-License-Identifier: BSD-2-Clause
#include "listing.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

void listing_free(struct listing *listing)
{
	for (size_t i = 0; i < IMAGE_MAPS_MAX; i++)
		object_values_free(&listing->values[i]);
	object_types_free(listing->types);
	listing->types = NULL;
}

int listing_read(struct listing *listing, size_t limit, struct err *err)
{
	const struct loader *loader = listing->loader;
	int rc = 0;

	if (loader->btf.size)
		rc = object_types_read(loader->btf, loader->big, &listing->types, err);
	for (size_t i = 0; rc != -ENOMEM && listing->types && i < loader->nr_maps; i++) {
		const struct loader_map *map = &loader->maps[i];

		if (map->has_value && map->btf_value)
			rc = object_values_read(listing->types, map->btf_value, map->value, limit,
						&listing->values[i], err);
	}
	return rc == -ENOMEM ? rc : 0;
}

struct view listing_kernel_name(const char name[LOADER_NAME_SIZE])
{
	return view_of(name, strnlen(name, LOADER_NAME_SIZE));
}

struct view listing_map_name(const struct loader_map *map)
{
	return map->full_name.size ? map->full_name : listing_kernel_name(map->name);
}

struct view listing_prog_name(const struct loader_prog *prog)
{
	return prog->full_name.size ? prog->full_name : listing_kernel_name(prog->name);
}

bool listing_is_pinned(const struct listing *listing, size_t n)
{
	return listing->skel && n < listing->skel->nr_maps && listing->skel->maps[n].pinned;
}

struct listing_host listing_host(const struct loader *loader, const struct loader_map *map)
{
	return (struct listing_host){
		.sets_size = loader->open_sizes,
		.sets_value = loader->open_values && map->has_value,
		.writes = !map->frozen && !(map->flags & BPF_F_RDONLY),
	};
}

void listing_key_type(const struct listing *listing, const struct loader_map *map, struct buf *out)
{
	if (listing->types)
		object_type_name(listing->types, map->btf_key, out);
}

/* A section has no type of its own, but variables. */
void listing_value_type(const struct listing *listing, const struct loader_map *map,
			struct buf *out)
{
	if (listing->types && !map->has_value)
		object_type_name(listing->types, map->btf_value, out);
}
