// SPDX-License-Identifier: BSD-2-Clause
/* Refused: a typeless symbol that no kernel has. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

extern const void no_such_symbol_anywhere __ksym;

SEC("socket")
int look(void *ctx)
{
	return (long)&no_such_symbol_anywhere;
}

char LICENSE[] SEC("license") = "GPL";
