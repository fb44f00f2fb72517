// SPDX-License-Identifier: BSD-2-Clause
#include "skel.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/*
 * The unit of mmap sizes. Fixed, so that the header is the same on every build host; a kernel with
 * larger pages rounds up.
 */
#define MMAP_UNIT 4096

#define TRACEPOINT_SIZE_MAX 127

bool skel_is_tracepoint(struct view name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (!name.data[i] || !(isalnum(name.data[i]) || strchr("_.:/,+-@", name.data[i])))
			return false;
	}
	return name.size && name.size <= TRACEPOINT_SIZE_MAX;
}

size_t skel_mmap_size(size_t size)
{
	return (size + MMAP_UNIT - 1) / MMAP_UNIT * MMAP_UNIT;
}

bool skel_has_pins(const struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++) {
		if (skel->maps[i].pinned)
			return true;
	}
	return false;
}

static void skel_map_free(struct skel_map *map)
{
	free(map->ident);
	buf_free(&map->value);
	buf_free(&map->members);
	for (size_t i = 0; i < map->nr_vars; i++)
		free(map->vars[i].ident);
	free(map->vars);
}

void skel_free(struct skel *skel)
{
	for (size_t i = 0; i < skel->nr_maps; i++)
		skel_map_free(&skel->maps[i]);
	free(skel->maps);
	for (size_t i = 0; i < skel->nr_progs; i++) {
		free(skel->progs[i].ident);
		free(skel->progs[i].target);
	}
	free(skel->progs);
	free(skel->name);
	*skel = (struct skel){0};
}
