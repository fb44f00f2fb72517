// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_size.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "base/util.h"
#include "image/image.h"
#include "loader/loader.h"
#include "object/object_host.h"

/* Newer than the UAPI headers of some distributions that we build on. */
#define MAP_TYPE_ARENA 33

static bool is_for_cpus(const struct bpf_map *map)
{
	return map && bpf_map__type(map) == BPF_MAP_TYPE_PERF_EVENT_ARRAY &&
	       !bpf_map__max_entries(map);
}

void object_size_take(struct bpf_object *object, struct object_sizes *ret)
{
	struct bpf_map *map;
	size_t nr = 0;

	*ret = (struct object_sizes){0};
	bpf_object__for_each_map(map, object)
	{
		if ((unsigned int)bpf_map__type(map) == MAP_TYPE_ARENA &&
		    bpf_map__max_entries(map)) {
			ret->own[nr] = bpf_map__max_entries(map);
			bpf_map__set_max_entries(map, 1);
		}
		if (is_for_cpus(map))
			bpf_map__set_max_entries(map, OBJECT_CPUS_MAX);
		if (is_for_cpus(bpf_map__inner_map(map)))
			ret->inner[nr] = OBJECT_CPUS_MAX;
		nr++;
	}
}

/* DATA is libbpf's own memory. MAP is NULL if the loader has no such map. */
static int put(const struct loader *loader, const struct loader_map *map, uint32_t size,
	       struct view data, struct err *err)
{
	if (!size)
		return 0;
	if (!map)
		return err_set(err, -EBADMSG,
			       "cannot set the size of a map in the loader that libbpf "
			       "generated%s%s",
			       *loader->why ? ": " : "", loader->why);
	loader_put_size(loader, map, size, (uint8_t *)(uintptr_t)data.data);
	return 0;
}

static int put_all(const struct object_sizes *sizes, const struct loader *loader, struct view data,
		   struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < OBJECT_MAPS_MAX; i++) {
		const struct loader_map *map = loader->known && i < loader->nr_maps
						       ? &loader->maps[i]
						       : NULL;

		rc = put(loader, map, sizes->own[i], data, err)
			     ?: put(loader, map ? map->inner : NULL, sizes->inner[i], data, err);
	}
	return rc;
}

int object_size_put(const struct object_sizes *sizes, struct view insns, struct view data,
		    struct err *err)
{
	_loader_ struct loader loader = {0};
	_image_ struct image image = {0};
	_buf_ struct buf copy = {0};
	bool any = false;
	int rc;

	for (size_t i = 0; i < OBJECT_MAPS_MAX; i++)
		any |= sizes->own[i] || sizes->inner[i];
	if (!any)
		return 0;
	buf_add_view(&image.insns, insns);
	buf_add_view(&copy, data);
	rc = buf_done(&image.insns, err) ?: buf_done(&copy, err);
	if (!rc)
		rc = image_add_map(&image, "__loader.map", &copy, (uint32_t)data.size, 1, err);
	if (!rc)
		rc = loader_read(&image, &loader, err);
	return rc ?: put_all(sizes, &loader, data, err);
}
