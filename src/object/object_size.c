// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_size.h"

#include <bpf/libbpf.h>
#include <errno.h>

#include "base/util.h"
#include "image/image.h"
#include "loader/loader.h"

/* Newer than the UAPI headers of some distributions that we build on. */
#define MAP_TYPE_ARENA 33

void object_size_hide(struct bpf_object *object, struct object_sizes *ret)
{
	struct bpf_map *map;
	size_t nr = 0;

	*ret = (struct object_sizes){0};
	bpf_object__for_each_map(map, object)
	{
		if ((unsigned int)bpf_map__type(map) == MAP_TYPE_ARENA &&
		    bpf_map__max_entries(map)) {
			ret->pages[nr] = bpf_map__max_entries(map);
			bpf_map__set_max_entries(map, 1);
		}
		nr++;
	}
}

static int put(const struct object_sizes *sizes, const struct loader *loader, struct view data,
	       struct err *err)
{
	for (size_t i = 0; i < OBJECT_MAPS_MAX; i++) {
		if (!sizes->pages[i])
			continue;
		if (!loader->known || i >= loader->nr_maps)
			return err_set(err, -EBADMSG,
				       "cannot set the size of an arena in the loader that libbpf "
				       "generated%s%s",
				       *loader->why ? ": " : "", loader->why);
		/* libbpf's own memory */
		loader_put_size(loader, &loader->maps[i], sizes->pages[i],
				(uint8_t *)(uintptr_t)data.data);
	}
	return 0;
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
		any |= sizes->pages[i];
	if (!any)
		return 0;
	buf_add_view(&image.insns, insns);
	buf_add_view(&copy, data);
	rc = buf_done(&image.insns, err) ?: buf_done(&copy, err);
	if (!rc)
		rc = image_add_map(&image, "__loader.map", &copy, (uint32_t)data.size, 1, err);
	if (!rc)
		rc = loader_read(&image, &loader, err);
	return rc ?: put(sizes, &loader, data, err);
}
