// SPDX-License-Identifier: BSD-2-Clause
/*
 * Recognize loaders of libbpf 0.7 and older by the layout of their context. After the 24 bytes of
 * struct bpf_loader_ctx come 16 bytes for each map: libbpf 0.5 to 0.7 read max_entries at offset 8
 * and initial_value at 0, later ones at 4 and 8 (skel_internal.h, struct bpf_map_desc). The address
 * of the context is in r6, which only the first instruction writes.
 */
#include "lskel/lskel_parse.h"

#define CTX_SIZE  24
#define DESC_SIZE 16

#define OP_MOV64_REG 0xbf
#define OP_LD_IMM64  0x18
#define OP_LDX_W     0x61
#define OP_LDX_DW    0x79

/* The registers byte of the first instruction, "r6 = r1", in each byte order. */
#define REGS_LITTLE 0x16
#define REGS_BIG    0x61

static unsigned int source_reg(const uint8_t *insn, bool is_big)
{
	return is_big ? insn[1] & 0xf : insn[1] >> 4;
}

static unsigned int offset(const uint8_t *insn, bool is_big)
{
	return is_big ? (unsigned int)insn[2] << 8 | insn[3] : (unsigned int)insn[3] << 8 | insn[2];
}

/* Whether INSN accesses a map's description as only the old layout does. */
static bool is_old_access(const uint8_t *insn, bool is_big)
{
	unsigned int at = offset(insn, is_big);

	if (source_reg(insn, is_big) != 6 || at < CTX_SIZE)
		return false;
	at = (at - CTX_SIZE) % DESC_SIZE;
	return (insn[0] == OP_LDX_W && at == 8) || (insn[0] == OP_LDX_DW && at == 0);
}

bool lskel_is_old_layout(struct view insns)
{
	const uint8_t *first = insns.data;
	const bool is_big = first[1] == REGS_BIG;

	if (first[0] != OP_MOV64_REG || (!is_big && first[1] != REGS_LITTLE))
		return false;
	for (size_t at = 0; at < insns.size; at += IMAGE_INSN_SIZE) {
		if (is_old_access(insns.data + at, is_big))
			return true;
		/* Its second half is not an instruction. */
		if (insns.data[at] == OP_LD_IMM64)
			at += IMAGE_INSN_SIZE;
	}
	return false;
}
