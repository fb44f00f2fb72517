// SPDX-License-Identifier: BSD-2-Clause
#include "loader/insn.h"

#include <stdio.h>

/* SIZE bytes at AT as a number. */
static uint64_t get_number(const uint8_t *at, size_t size, bool big)
{
	uint64_t value = 0;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | at[big ? i : size - 1 - i];
	return value;
}

static void put_number(uint8_t *at, size_t size, uint64_t value, bool big)
{
	for (size_t i = 0; i < size; i++)
		at[big ? size - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_checked(struct view view, size_t offset, size_t size, bool big)
{
	struct view number = view_sub(view, offset, size);

	return number.data ? get_number(number.data, size, big) : 0;
}

uint16_t get_u16(struct view view, size_t offset, bool big)
{
	return (uint16_t)get_checked(view, offset, sizeof(uint16_t), big);
}

uint32_t get_u32(struct view view, size_t offset, bool big)
{
	return (uint32_t)get_checked(view, offset, sizeof(uint32_t), big);
}

uint64_t get_u64(struct view view, size_t offset, bool big)
{
	return get_checked(view, offset, sizeof(uint64_t), big);
}

void put_u32(uint8_t *at, uint32_t value, bool big)
{
	put_number(at, sizeof(value), value, big);
}

void put_u64(uint8_t *at, uint64_t value, bool big)
{
	put_number(at, sizeof(value), value, big);
}

/* struct bpf_insn: code, two registers in one byte (in the order of the bits), off, imm. */
struct insn insn_get(struct view view, size_t index, bool big)
{
	struct view slot = {NULL, 0};
	uint8_t regs;

	if (index < view.size / 8)
		slot = view_sub(view, index * 8, 8);
	if (!slot.data)
		return (struct insn){0};
	regs = slot.data[1];
	return (struct insn){
		.code = slot.data[0],
		.dst = big ? regs >> 4 : regs & 0xf,
		.src = big ? regs & 0xf : regs >> 4,
		.off = (int16_t)get_u16(slot, 2, big),
		.imm = (int32_t)get_u32(slot, 4, big),
	};
}

void insn_put(uint8_t at[8], struct insn insn, bool big)
{
	at[0] = insn.code;
	at[1] = big ? insn.dst << 4 | insn.src : insn.src << 4 | insn.dst;
	put_number(at + 2, 2, (uint16_t)insn.off, big);
	put_number(at + 4, 4, (uint32_t)insn.imm, big);
}

bool insn_equal(struct insn a, struct insn b)
{
	return a.code == b.code && a.dst == b.dst && a.src == b.src && a.off == b.off &&
	       a.imm == b.imm;
}

char *insn_text(char text[INSN_TEXT_SIZE], struct insn insn)
{
	snprintf(text, INSN_TEXT_SIZE, "code 0x%02x r%u r%u off %d imm %d", insn.code, insn.dst,
		 insn.src, insn.off, insn.imm);
	return text;
}

struct insn insn_mov(uint8_t dst, uint8_t src)
{
	return (struct insn){.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst = dst, .src = src};
}

struct insn insn_mov_imm(uint8_t dst, int32_t imm)
{
	return insn_alu_imm(BPF_MOV, dst, imm);
}

struct insn insn_alu_imm(uint8_t op, uint8_t dst, int32_t imm)
{
	return (struct insn){.code = BPF_ALU64 | op | BPF_K, .dst = dst, .imm = imm};
}

struct insn insn_load(uint8_t size, uint8_t dst, uint8_t src, int off)
{
	return (struct insn){
		.code = BPF_LDX | BPF_MEM | size,
		.dst = dst,
		.src = src,
		.off = (int16_t)off,
	};
}

struct insn insn_store(uint8_t size, uint8_t dst, int off, uint8_t src)
{
	return (struct insn){
		.code = BPF_STX | BPF_MEM | size,
		.dst = dst,
		.src = src,
		.off = (int16_t)off,
	};
}

struct insn insn_store_imm(uint8_t size, uint8_t dst, int off, int32_t imm)
{
	return (struct insn){
		.code = BPF_ST | BPF_MEM | size,
		.dst = dst,
		.off = (int16_t)off,
		.imm = imm,
	};
}

struct insn insn_jump_imm(uint8_t op, uint8_t dst, int32_t imm, int off)
{
	return (struct insn){
		.code = BPF_JMP | op | BPF_K,
		.dst = dst,
		.off = (int16_t)off,
		.imm = imm,
	};
}

struct insn insn_jump_reg(uint8_t op, uint8_t dst, uint8_t src, int off)
{
	return (struct insn){
		.code = BPF_JMP | op | BPF_X,
		.dst = dst,
		.src = src,
		.off = (int16_t)off,
	};
}

struct insn insn_call(int32_t helper)
{
	return (struct insn){.code = BPF_JMP | BPF_CALL, .imm = helper};
}

struct insn insn_exit(void)
{
	return (struct insn){.code = BPF_JMP | BPF_EXIT};
}

struct insn insn_imm64_low(uint8_t dst, uint8_t src, uint32_t low)
{
	return (struct insn){
		.code = BPF_LD | BPF_IMM | BPF_DW,
		.dst = dst,
		.src = src,
		.imm = (int32_t)low,
	};
}

struct insn insn_imm64_high(uint32_t high)
{
	return (struct insn){.imm = (int32_t)high};
}
