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
#define MAP_TYPE_RHASH	       35

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

/* The sizes that a kernel accepts: from MIN to MAX; multiples of STEP, unless that is 0. */
struct range {
	uint32_t min, max, step;
};

/* clang-format off */
#define ANY	      {0, UINT32_MAX, 0} /* or somebody else's to check */
#define NONE	      {0, 0, 0}
#define SOME	      {1, UINT32_MAX, 0}
#define UP_TO(n)      {1, n, 0}
#define FOUR	      {4, 4, 0}
#define FOUR_OR_EIGHT {4, 8, 4}

/* The largest value of each CPU, where pages are largest (linux/percpu.h: PCPU_MIN_UNIT_SIZE). */
#define PERCPU UP_TO(65536)

/* bpf_local_storage.c: bpf_local_storage_map_alloc_check() */
#define STORAGE {FOUR, UP_TO(UINT16_MAX), NONE, BPF_F_NO_PREALLOC, true}
/* clang-format on */

/*
 * The map_alloc_check() and map_alloc() of each type in Linux 7.3, where older kernels demand no
 * less; kernel/bpf/ and net/. Any map of another type fits.
 */
static const struct shape {
	struct range key, value, max_entries;
	uint32_t flags; /* that it has to have */
	bool btf;	/* the types of keys and values have to be known */
} shapes[] = {
	[BPF_MAP_TYPE_UNSPEC] = {ANY, ANY, ANY, 0, false},
	/* hashtab.c: htab_map_alloc_check(), fd_htab_map_alloc_check(), rhtab_map_alloc_check() */
	[BPF_MAP_TYPE_HASH] = {SOME, SOME, SOME, 0, false},
	[BPF_MAP_TYPE_PERCPU_HASH] = {SOME, PERCPU, SOME, 0, false},
	[BPF_MAP_TYPE_LRU_HASH] = {SOME, SOME, SOME, 0, false},
	[BPF_MAP_TYPE_LRU_PERCPU_HASH] = {SOME, PERCPU, SOME, 0, false},
	[BPF_MAP_TYPE_HASH_OF_MAPS] = {SOME, FOUR, SOME, 0, false},
	[MAP_TYPE_RHASH] = {UP_TO(UINT16_MAX), SOME, SOME, BPF_F_NO_PREALLOC, false},
	/* arraymap.c: array_map_alloc_check(), fd_array_map_alloc_check() */
	[BPF_MAP_TYPE_ARRAY] = {FOUR, UP_TO(INT32_MAX), SOME, 0, false},
	[BPF_MAP_TYPE_PERCPU_ARRAY] = {FOUR, PERCPU, SOME, 0, false},
	[BPF_MAP_TYPE_PROG_ARRAY] = {FOUR, FOUR, SOME, 0, false},
	[BPF_MAP_TYPE_PERF_EVENT_ARRAY] = {FOUR, FOUR, SOME, 0, false},
	[BPF_MAP_TYPE_CGROUP_ARRAY] = {FOUR, FOUR, SOME, 0, false},
	[BPF_MAP_TYPE_ARRAY_OF_MAPS] = {FOUR, FOUR, SOME, 0, false},
	[BPF_MAP_TYPE_REUSEPORT_SOCKARRAY] = {FOUR, FOUR_OR_EIGHT, SOME, 0, false},
	[MAP_TYPE_INSN_ARRAY] = {FOUR, {16, 16, 0}, SOME, 0, false},
	/* stackmap.c, lpm_trie.c, queue_stack_maps.c, bloom_filter.c */
	[BPF_MAP_TYPE_STACK_TRACE] = {FOUR, {8, UINT32_MAX, 8}, SOME, 0, false},
	[BPF_MAP_TYPE_LPM_TRIE] = {{5, 260, 0}, SOME, SOME, BPF_F_NO_PREALLOC, false},
	[BPF_MAP_TYPE_QUEUE] = {NONE, SOME, SOME, 0, false},
	[BPF_MAP_TYPE_STACK] = {NONE, SOME, SOME, 0, false},
	[MAP_TYPE_BLOOM_FILTER] = {NONE, SOME, SOME, 0, false},
	/* devmap.c, cpumap.c, xskmap.c, sock_map.c */
	[BPF_MAP_TYPE_DEVMAP] = {FOUR, FOUR_OR_EIGHT, SOME, 0, false},
	[BPF_MAP_TYPE_DEVMAP_HASH] = {FOUR, FOUR_OR_EIGHT, SOME, 0, false},
	[BPF_MAP_TYPE_CPUMAP] = {FOUR, FOUR_OR_EIGHT, SOME, 0, false},
	[BPF_MAP_TYPE_XSKMAP] = {FOUR, FOUR, SOME, 0, false},
	[BPF_MAP_TYPE_SOCKMAP] = {FOUR, FOUR_OR_EIGHT, SOME, 0, false},
	[BPF_MAP_TYPE_SOCKHASH] = {UP_TO(512), FOUR_OR_EIGHT, SOME, 0, false},
	/* local_storage.c: a number, or struct bpf_cgroup_storage_key */
	[BPF_MAP_TYPE_CGROUP_STORAGE] = {{8, 16, 8}, UP_TO(UINT16_MAX), NONE, 0, false},
	[BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE] = {{8, 16, 8}, UP_TO(UINT16_MAX), NONE, 0, false},
	[BPF_MAP_TYPE_SK_STORAGE] = STORAGE,
	[MAP_TYPE_INODE_STORAGE] = STORAGE,
	[MAP_TYPE_TASK_STORAGE] = STORAGE,
	[MAP_TYPE_CGRP_STORAGE] = STORAGE,
	/* only libbpf can make one, unsigned */
	[BPF_MAP_TYPE_STRUCT_OPS] = {ANY, ANY, ANY, 0, false},
	/* ringbuf.c, arena.c; see above */
	[MAP_TYPE_RINGBUF] = {NONE, NONE, ANY, 0, false},
	[MAP_TYPE_USER_RINGBUF] = {NONE, NONE, ANY, 0, false},
	[MAP_TYPE_ARENA] = {NONE, NONE, ANY, BPF_F_MMAPABLE, false},
};

static const struct shape *shape_of(const struct loader_map *map)
{
	return &shapes[map->type < ARRAY_SIZE(shapes) ? map->type : BPF_MAP_TYPE_UNSPEC];
}

static bool is_in(const struct range *range, uint32_t size)
{
	return size >= range->min && size <= range->max && (!range->step || !(size % range->step));
}

bool size_has_no_entries(const struct loader_map *map)
{
	return !map->max_entries && shape_of(map)->max_entries.min;
}

bool size_fits_type(const struct loader_map *map)
{
	const struct shape *shape = shape_of(map);

	return is_in(&shape->key, map->key_size) && is_in(&shape->value, map->value_size) &&
	       map->max_entries <= shape->max_entries.max &&
	       (map->flags & shape->flags) == shape->flags &&
	       (!shape->btf || (map->btf_key && map->btf_value));
}
