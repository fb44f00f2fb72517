// SPDX-License-Identifier: BSD-2-Clause
/* Values at signing time: changes to the data that the reading has shown to be a map's. */
#include <errno.h>
#include <string.h>

#include "loader/insn.h"
#include "loader/loader.h"

/* Whether LOADER is sealed, and has map number MAP. */
static int check_sealed(const struct loader *loader, size_t map, struct err *err)
{
	if (!loader_is_sealed(loader) || loader->check != LOADER_CHECK_NONE)
		return err_set(err, -EINVAL, "the loader must be sealed, and have no check");
	if (map >= loader->nr_maps)
		return err_set(err, -EINVAL, "no map has the number %zu of %zu", map,
			       loader->nr_maps);
	return 0;
}

void loader_put_size(const struct loader *loader, const struct loader_map *map,
		     uint32_t max_entries, uint8_t *data)
{
	put_u32(data + map->max_entries_at, max_entries, loader->big);
}

int loader_set_size(struct loader *loader, struct image *image, size_t map, uint32_t max_entries,
		    struct err *err)
{
	int rc = check_sealed(loader, map, err);

	if (rc)
		return rc;
	if (loader->maps[map].has_value)
		return err_set(err, -EINVAL,
			       "contains the program's variables, which determine "
			       "its size");
	if (!max_entries)
		return err_set(err, -EINVAL, "a map of 0 entries cannot be made");
	loader_put_size(loader, &loader->maps[map], max_entries, image->maps[0].value.data);
	loader->maps[map].max_entries = max_entries;
	return 0;
}

int loader_set_value(const struct loader *loader, struct image *image, size_t map, size_t offset,
		     struct view value, struct err *err)
{
	int rc = check_sealed(loader, map, err);
	struct view old;
	uint8_t *data;

	if (rc)
		return rc;
	data = image->maps[0].value.data;
	old = view_sub(loader->maps[map].value, offset, value.size);
	if (!old.data)
		return err_set(err, -ERANGE, "bytes %zu to %zu are not within the value of %zu",
			       offset, offset + value.size, loader->maps[map].value.size);
	if (value.size)
		memcpy(data + (old.data - data), value.data, value.size);
	return 0;
}
