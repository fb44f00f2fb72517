// SPDX-License-Identifier: BSD-2-Clause
#include "loader/loader.h"

#include <linux/bpf.h>

/* The jump over the cleanup code stands here, and leads to the first instruction of the work. */
#define JUMP_OVER_CLEANUP 6

/* Instruction I, or NULL behind the end. The bytes are aligned: they are a heap allocation. */
static const struct bpf_insn *insn_at(const struct image *image, size_t i)
{
	if (i >= image->insns.size / IMAGE_INSN_SIZE)
		return NULL;
	return (const struct bpf_insn *)(const void *)image->insns.data + i;
}

bool loader_has_check(const struct image *image)
{
	const struct bpf_insn *jump = insn_at(image, JUMP_OVER_CLEANUP);
	const struct bpf_insn *map, *load;
	size_t work;

	if (!jump || jump->code != (BPF_JMP | BPF_JA) || jump->off < 0)
		return false;
	work = JUMP_OVER_CLEANUP + 1 + (size_t)jump->off;
	map = insn_at(image, work);
	load = insn_at(image, work + 2);
	if (!map || !load)
		return false;
	/* r1 = map 0; then its hash (8 bytes) or its exclusivity (4 bytes) is read through r1 */
	return map->code == (BPF_LD | BPF_IMM | BPF_DW) && map->src_reg == BPF_PSEUDO_MAP_IDX &&
	       BPF_CLASS(load->code) == BPF_LDX && load->src_reg == map->dst_reg;
}
