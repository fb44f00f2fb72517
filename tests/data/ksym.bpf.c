// SPDX-License-Identifier: BSD-2-Clause
/* Typeless symbols: one that no kernel has, one that every kernel has. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

extern const void no_such_symbol_anywhere __ksym;
extern const void _stext __ksym;

SEC("socket")
int look(void *ctx)
{
	return (long)&no_such_symbol_anywhere ^ (long)&_stext;
}

char LICENSE[] SEC("license") = "GPL";
