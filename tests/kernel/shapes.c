// SPDX-License-Identifier: BSD-2-Clause
/*
 * shapes.c - /init of the virtual machine: create maps of every type in many sizes, and compare
 * what the kernel answers with what src/loader/size.h says of them.
 *
 * A map that it says no kernel creates has to be refused; another one has to be created, unless the
 * kernel does not know its type or has no memory. Prints "load 0: type N: ..." for each type, "load
 * -1: ..." and the first such map if there is a disagreement.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>

#include <linux/bpf.h>
#include <linux/btf.h>

#include "loader/size.h"
#include "sysbpf.h"

/* Newer than the UAPI headers of some distributions that we build on. */
#define TYPE_STRUCT_OPS 26
#define TYPE_NR		36

#define SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Values of 32769 to 65536 bytes are for machines with larger pages. */
static const uint32_t keys[] = {0, 1, 4, 5, 8, 12, 16, 24, 260, 261, 512, 513, 65535, 65536};
static const uint32_t values[] = {0, 1, 4, 8, 12, 16, 24, 1016, 32768, 65544};
static const uint32_t entries[] = {0, 1, 3, 2048, 4096};
static const uint32_t flags[] = {0, BPF_F_NO_PREALLOC, BPF_F_MMAPABLE};

/* Larger maps are not asked for. */
#define BYTES_MAX (UINT64_C(1) << 22)

/* --- types of keys and values --- */

/* An int, and a struct without members of each size that a value has: types 1, 2, ... */
static int load_btf(void)
{
	struct {
		struct btf_header header;
		struct btf_type key;
		uint32_t integer;
		struct btf_type values[SIZE(values)];
		char strings[8];
	} btf = {.header = {BTF_MAGIC, BTF_VERSION, 0, sizeof(btf.header), 0, 0, 0, 0},
		 .key = {1, BTF_KIND_INT << 24, {4}},
		 .integer = 32,
		 .strings = "\0int"};
	union bpf_attr attr = {0};

	btf.header.type_len = btf.header.str_off = offsetof(typeof(btf), strings) -
						   sizeof(btf.header);
	btf.header.str_len = sizeof(btf.strings);
	for (size_t i = 0; i < SIZE(values); i++)
		btf.values[i] = (struct btf_type){0, BTF_KIND_STRUCT << 24, {values[i]}};
	attr.btf = address(&btf);
	attr.btf_size = sizeof(btf);
	return sys_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));
}

/* --- a type --- */

struct tally {
	unsigned int created, refused, wrong;
	char first[128]; /* that is wrong */
};

static bool is_map_of_maps(uint32_t type)
{
	return type == BPF_MAP_TYPE_ARRAY_OF_MAPS || type == BPF_MAP_TYPE_HASH_OF_MAPS;
}

static int create(const struct loader_map *map, int btf, int inner)
{
	union bpf_attr attr = {0};

	attr.map_type = map->type;
	attr.key_size = map->key_size;
	attr.value_size = map->value_size;
	attr.max_entries = map->max_entries;
	attr.map_flags = map->flags;
	attr.btf_fd = map->btf_key ? (uint32_t)btf : 0;
	attr.btf_key_type_id = map->btf_key;
	attr.btf_value_type_id = map->btf_value;
	attr.inner_map_fd = is_map_of_maps(map->type) ? (uint32_t)inner : 0;
	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

static bool fits(const struct loader_map *map)
{
	return !size_has_no_entries(map) && size_fits_type(map) &&
	       size_fits_page(map, SIZE_PAGE_MIN);
}

/* Types of keys and values are given where nothing else is missing. */
static bool is_of_interest(const struct loader_map *map)
{
	const uint64_t bytes = ((uint64_t)map->key_size + map->value_size) * map->max_entries;
	struct loader_map untyped = *map;

	untyped.btf_key = untyped.btf_value = 0;
	return bytes <= BYTES_MAX && (!map->btf_key || (fits(map) && !fits(&untyped)));
}

/* What depends on the machine: its memory, and how long a stack may be (127 addresses). */
static bool is_of_machine(const struct loader_map *map, int answer)
{
	return answer == -ENOMEM ||
	       (map->type == BPF_MAP_TYPE_STACK_TRACE && map->value_size > 127 * 8);
}

static void ask(struct tally *tally, const struct loader_map *map, int btf, int inner)
{
	const bool may = fits(map);
	const int fd = create(map, btf, inner);

	if (fd >= 0)
		close(fd);
	tally->created += fd >= 0;
	tally->refused += fd < 0;
	if (may == (fd >= 0) || (may && is_of_machine(map, fd)))
		return;
	if (!tally->wrong++)
		snprintf(tally->first, sizeof(tally->first),
			 "key %u, value %u, max %u, flags %x, BTF %u: %s, the kernel answers %d",
			 map->key_size, map->value_size, map->max_entries, map->flags, map->btf_key,
			 may ? "fits" : "refused", fd);
}

static void ask_with(struct tally *tally, struct loader_map *map, int btf, int inner)
{
	for (size_t i = 0; i < SIZE(values); i++) {
		map->value_size = values[i];
		for (size_t n = 0; n < SIZE(entries); n++) {
			map->max_entries = entries[n];
			for (uint32_t typed = 0; typed < 2; typed++) {
				map->btf_key = typed;
				map->btf_value = typed ? (uint32_t)i + 2 : 0;
				if (is_of_interest(map))
					ask(tally, map, btf, inner);
			}
		}
	}
}

/* Flags are given until there are maps; a type that the kernel does not know has none. */
static void ask_type(uint32_t type, int btf, int inner)
{
	struct tally tally = {0};

	for (size_t f = 0; f < SIZE(flags) && !tally.created; f++) {
		struct loader_map map = {.type = type, .flags = flags[f]};

		for (size_t i = 0; i < SIZE(keys); i++) {
			map.key_size = keys[i];
			ask_with(&tally, &map, btf, inner);
		}
	}
	if (tally.created && tally.wrong)
		printf("load -1: type %u: %u answers disagree: %s\n", type, tally.wrong,
		       tally.first);
	else
		printf("load 0: type %u: %s\n", type,
		       tally.created ? "the kernel agrees" : "unknown");
	printf("asked: type %u: %u created, %u refused\n", type, tally.created, tally.refused);
}

int main(void)
{
	const struct loader_map array = {
		.type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1};
	const int btf = load_btf(), inner = create(&array, 0, 0);

	setrlimit(RLIMIT_MEMLOCK, &(const struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
	if (btf < 0 || inner < 0)
		printf("load -1: BTF %d, a map %d\n", btf, inner);
	for (uint32_t type = 1; type < TYPE_NR; type++)
		if (type != TYPE_STRUCT_OPS)
			ask_type(type, btf, inner);
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
