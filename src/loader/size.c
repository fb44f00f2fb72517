// SPDX-License-Identifier: BSD-2-Clause
#include "loader/size.h"

#include <linux/bpf.h>

#include "base/util.h"

/* Values of enum bpf_map_type that an older linux/bpf.h may not have. */
#define MAP_TYPE_RINGBUF       27
#define MAP_TYPE_INODE_STORAGE 28
#define MAP_TYPE_TASK_STORAGE  29
#define MAP_TYPE_BLOOM_FILTER  30
#define MAP_TYPE_USER_RINGBUF  31
#define MAP_TYPE_CGRP_STORAGE  32
#define MAP_TYPE_ARENA	       33
#define MAP_TYPE_INSN_ARRAY    34

/* --- pages --- */

/* kernel/bpf/ringbuf.c: ringbuf_map_alloc() */
static bool is_ring_size(const struct loader_map *map, uint32_t page)
{
	const uint32_t bytes = map->max_entries;

	return bytes && !(bytes & (bytes - 1)) && !(bytes % page);
}

/* The max_entries of an arena are pages (kernel/bpf/arena.c: arena_map_alloc()). */
static bool is_arena_size(const struct loader_map *map, uint32_t page)
{
	const uint64_t bytes = (uint64_t)map->max_entries * page, start = map->extra;

	return bytes && bytes <= UINT64_C(1) << 32 && !(start % page) &&
	       start >> 32 == (start + bytes - 1) >> 32;
}

bool size_is_ring(const struct loader_map *map)
{
	return map->type == MAP_TYPE_RINGBUF || map->type == MAP_TYPE_USER_RINGBUF;
}

bool size_fits_page(const struct loader_map *map, uint32_t page)
{
	if (size_is_ring(map))
		return is_ring_size(map, page);
	return map->type != MAP_TYPE_ARENA || is_arena_size(map, page);
}

/* --- types --- */

/* What a size has to be. */
enum rule {
	FREE, /* anything, or somebody else's to check */
	NONE,
	SOME,
	FOUR,
	FOUR_OR_EIGHT,
	EIGHTS, /* a multiple of 8 */
};

/*
 * The map_alloc_check() and map_alloc() of each type in Linux 7.3, where older kernels demand no
 * less; kernel/bpf/ and net/.
 */
static const struct shape {
	enum rule key, value, max_entries;
} shapes[] = {
	/* hashtab.c: htab_map_alloc_check(), fd_htab_map_alloc_check() */
	[BPF_MAP_TYPE_HASH] = {SOME, SOME, SOME},
	[BPF_MAP_TYPE_PERCPU_HASH] = {SOME, SOME, SOME},
	[BPF_MAP_TYPE_LRU_HASH] = {SOME, SOME, SOME},
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = {SOME, SOME, SOME},
	[BPF_MAP_TYPE_HASH_OF_MAPS] = {SOME, FOUR, SOME},
	/* arraymap.c: array_map_alloc_check(), fd_array_map_alloc_check() */
	[BPF_MAP_TYPE_ARRAY] = {FOUR, SOME, SOME},
	[BPF_MAP_TYPE_PERCPU_ARRAY] = {FOUR, SOME, SOME},
	[BPF_MAP_TYPE_PROG_ARRAY] = {FOUR, FOUR, SOME},
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = {FOUR, FOUR, SOME},
	[BPF_MAP_TYPE_CGROUP_ARRAY] = {FOUR, FOUR, SOME},
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = {FOUR, FOUR, SOME},
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = {FOUR, FOUR_OR_EIGHT, SOME},
	[MAP_TYPE_INSN_ARRAY] = {FOUR, SOME, SOME},
	/* stackmap.c, lpm_trie.c, queue_stack_maps.c, bloom_filter.c */
	[BPF_MAP_TYPE_STACK_TRACE] = {FOUR, EIGHTS, SOME},
	[BPF_MAP_TYPE_LPM_TRIE] = {SOME, SOME, SOME},
	[BPF_MAP_TYPE_QUEUE] = {NONE, SOME, SOME},
	[BPF_MAP_TYPE_STACK] = {NONE, SOME, SOME},
	[MAP_TYPE_BLOOM_FILTER] = {NONE, SOME, SOME},
	/* devmap.c, cpumap.c, xskmap.c, sock_map.c */
	[BPF_MAP_TYPE_DEVMAP] = {FOUR, FOUR_OR_EIGHT, SOME},
	[BPF_MAP_TYPE_DEVMAP_HASH] = {FOUR, FOUR_OR_EIGHT, SOME},
	[BPF_MAP_TYPE_CPUMAP] = {FOUR, FOUR_OR_EIGHT, SOME},
	[BPF_MAP_TYPE_XSKMAP] = {FOUR, FOUR, SOME},
	[BPF_MAP_TYPE_SOCKMAP] = {FOUR, FOUR_OR_EIGHT, SOME},
	[BPF_MAP_TYPE_SOCKHASH] = {SOME, FOUR_OR_EIGHT, SOME},
	/* local_storage.c, bpf_local_storage.c */
	[BPF_MAP_TYPE_CGROUP_STORAGE] = {SOME, SOME, NONE},
	[BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE] = {SOME, SOME, NONE},
	[BPF_MAP_TYPE_SK_STORAGE] = {FOUR, SOME, NONE},
	[MAP_TYPE_INODE_STORAGE] = {FOUR, SOME, NONE},
	[MAP_TYPE_TASK_STORAGE] = {FOUR, SOME, NONE},
	[MAP_TYPE_CGRP_STORAGE] = {FOUR, SOME, NONE},
	/* ringbuf.c, arena.c */
	[MAP_TYPE_RINGBUF] = {NONE, NONE, FREE},
	[MAP_TYPE_USER_RINGBUF] = {NONE, NONE, FREE},
	[MAP_TYPE_ARENA] = {NONE, NONE, FREE},
};

static struct shape shape_of(const struct loader_map *map)
{
	return map->type < ARRAY_SIZE(shapes) ? shapes[map->type]
					      : (struct shape){FREE, FREE, FREE};
}

static bool obeys(uint32_t size, enum rule rule)
{
	switch (rule) {
	case NONE:
		return !size;
	case SOME:
		return size;
	case FOUR:
		return size == 4;
	case FOUR_OR_EIGHT:
		return size == 4 || size == 8;
	case EIGHTS:
		return size && !(size % 8);
	default:
		return true;
	}
}

bool size_has_no_entries(const struct loader_map *map)
{
	return !map->max_entries && shape_of(map).max_entries == SOME;
}

bool size_fits_type(const struct loader_map *map)
{
	const struct shape shape = shape_of(map);

	return obeys(map->key_size, shape.key) && obeys(map->value_size, shape.value) &&
	       (shape.max_entries != NONE || !map->max_entries);
}
