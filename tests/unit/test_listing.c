// SPDX-License-Identifier: BSD-2-Clause
/* What the program that loads a map can change in it. */
#include "listing.h"

#include <linux/bpf.h>

#include "unit.h"

static void check(bool open, const struct loader_map *map, bool size, bool value, bool writes)
{
	const struct loader loader = {.known = true, .open_sizes = open, .open_values = open};
	const struct listing_host host = listing_host(&loader, map);

	CHECK_INT(host.sets_size, size);
	CHECK_INT(host.sets_value, value);
	CHECK_INT(host.writes, writes);
}

TEST(what_the_loading_program_can_change)
{
	const struct loader_map plain = {.max_entries = 1};
	const struct loader_map data = {.has_value = true};
	const struct loader_map frozen = {.has_value = true, .frozen = true};
	const struct loader_map read_only = {.flags = BPF_F_RDONLY | BPF_F_NO_PREALLOC};
	const struct loader_map for_programs = {.flags = BPF_F_RDONLY_PROG};

	check(false, &plain, false, false, true);
	check(false, &data, false, false, true);
	check(false, &frozen, false, false, false);
	check(false, &read_only, false, false, false);
	check(false, &for_programs, false, false, true);
	check(true, &plain, true, false, true);
	check(true, &frozen, true, true, false);
}

UNIT_MAIN
