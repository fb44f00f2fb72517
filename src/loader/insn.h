/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * insn.h - BPF instructions and numbers of either byte order.
 *
 * Does: decode, encode, build the few instructions that loaders consist of, and put them in words.
 * Does not: know what a loader does with them.
 */
#ifndef LOADER_INSN_H
#define LOADER_INSN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* One slot (struct bpf_insn); two of them make a 64-bit load. */
struct insn {
	uint8_t code, dst, src;
	int16_t off;
	int32_t imm;
};

/* Number at OFFSET, in the byte order BIG; 0 where it is not all inside. */
uint16_t get_u16(struct view view, size_t offset, bool big);
uint32_t get_u32(struct view view, size_t offset, bool big);
uint64_t get_u64(struct view view, size_t offset, bool big);

/* Write VALUE at AT, in the byte order BIG. */
void put_u32(uint8_t *at, uint32_t value, bool big);
void put_u64(uint8_t *at, uint64_t value, bool big);

/* Slot INDEX of the instructions VIEW; all zero (which is no instruction) behind the end. */
struct insn insn_get(struct view view, size_t index, bool big);

/* Write INSN at AT; the inverse of insn_get(). */
void insn_put(uint8_t at[8], struct insn insn, bool big);

/* Whether all fields are the same. */
bool insn_equal(struct insn a, struct insn b);

/* "code 0x85 r0 r0 off 0 imm 166"; returns TEXT. */
#define INSN_TEXT_SIZE 64
char *insn_text(char text[INSN_TEXT_SIZE], struct insn insn);

/* SIZE is BPF_B, BPF_H, BPF_W or BPF_DW; OP is BPF_JA, BPF_JEQ and so on. */
struct insn insn_mov(uint8_t dst, uint8_t src);
struct insn insn_mov_imm(uint8_t dst, int32_t imm);
struct insn insn_alu_imm(uint8_t op, uint8_t dst, int32_t imm);
struct insn insn_load(uint8_t size, uint8_t dst, uint8_t src, int off);
struct insn insn_store(uint8_t size, uint8_t dst, int off, uint8_t src);
struct insn insn_store_imm(uint8_t size, uint8_t dst, int off, int32_t imm);
struct insn insn_jump_imm(uint8_t op, uint8_t dst, int32_t imm, int off);
struct insn insn_jump_reg(uint8_t op, uint8_t dst, uint8_t src, int off);
struct insn insn_call(int32_t helper);
struct insn insn_exit(void);
/* The two slots of a 64-bit load; SRC is 0 or BPF_PSEUDO_*. */
struct insn insn_imm64_low(uint8_t dst, uint8_t src, uint32_t low);
struct insn insn_imm64_high(uint32_t high);

#endif /* LOADER_INSN_H */
