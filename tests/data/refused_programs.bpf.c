// SPDX-License-Identifier: BSD-2-Clause
/* Refused: 33 programs; loaders have room for 32. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define PROG(n)                 \
	SEC("socket")           \
	int prog_##n(void *ctx) \
	{                       \
		return 0;       \
	}
#define PROGS4(n) PROG(n##0) PROG(n##1) PROG(n##2) PROG(n##3)

PROGS4(a)
PROGS4(b)
PROGS4(c)
PROGS4(d)
PROGS4(e)
PROGS4(f)
PROGS4(g)
PROGS4(h)
PROG(one_more)

char LICENSE[] SEC("license") = "GPL";
