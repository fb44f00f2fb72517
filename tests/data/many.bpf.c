// SPDX-License-Identifier: BSD-2-Clause
/*
 * More programs than libbpf's loader has room for on its stack, and a subprogram: 64, or as many as
 * PROGS says: 32, 33, 64, 120 or 121.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#ifndef PROGS
#define PROGS 64
#endif

long calls[128];

__attribute__((noinline)) int count(unsigned int number)
{
	calls[number % 128]++;
	return 0;
}

/* clang-format off */
#define PROG(row, column)                               \
	SEC("raw_tp/sys_enter")                         \
	int count_##row##_##column(void *ctx)           \
	{                                               \
		return count((row) * 8 + (column));     \
	}
#define ROW(row)                                                        \
	PROG(row, 0) PROG(row, 1) PROG(row, 2) PROG(row, 3)             \
	PROG(row, 4) PROG(row, 5) PROG(row, 6) PROG(row, 7)

ROW(0) ROW(1) ROW(2) ROW(3)
#if PROGS == 33
PROG(4, 0)
#elif PROGS > 33
ROW(4) ROW(5) ROW(6) ROW(7)
#endif
#if PROGS >= 120
ROW(8) ROW(9) ROW(10) ROW(11) ROW(12) ROW(13) ROW(14)
#endif
#if PROGS == 121
PROG(15, 0)
#endif
/* clang-format on */

char LICENSE[] SEC("license") = "GPL";
