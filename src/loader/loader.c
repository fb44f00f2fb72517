// SPDX-License-Identifier: BSD-2-Clause
#include "loader/loader.h"

#include <stdlib.h>

#include "loader/insn.h"

/* The jump over the cleanup code stands here, and leads to the first instruction of the work. */
#define JUMP_OVER_CLEANUP 6

static void free_map(struct loader_map *map)
{
	free(map->inner);
	free(map->slots);
}

void loader_free(struct loader *loader)
{
	for (size_t i = 0; i < loader->nr_maps; i++)
		free_map(&loader->maps[i]);
	for (size_t i = 0; i < loader->nr_progs; i++)
		free(loader->progs[i].externs);
	free(loader->maps);
	free(loader->progs);
	buf_free(&loader->code.insns);
	*loader = (struct loader){0};
}

bool loader_prog_calls(const struct loader_prog *prog, unsigned int helper)
{
	return helper < LOADER_HELPERS_MAX && prog->helpers[helper / 64] >> helper % 64 & 1;
}

static bool has_check(struct view insns, bool big)
{
	struct insn jump = insn_get(insns, JUMP_OVER_CLEANUP, big);
	size_t work = JUMP_OVER_CLEANUP + 1 + (size_t)(uint16_t)jump.off;
	struct insn map = insn_get(insns, work, big), load = insn_get(insns, work + 2, big);

	/* r1 = map 0; then its hash (8 bytes) or its exclusivity (4 bytes) is read through r1 */
	return jump.code == (BPF_JMP | BPF_JA) && jump.off >= 0 &&
	       map.code == (BPF_LD | BPF_IMM | BPF_DW) && map.src == BPF_PSEUDO_MAP_IDX &&
	       BPF_CLASS(load.code) == BPF_LDX && load.src == map.dst;
}

bool loader_has_check(const struct image *image)
{
	struct view insns = buf_view(&image->insns);

	return has_check(insns, false) || has_check(insns, true);
}
