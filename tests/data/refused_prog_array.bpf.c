// SPDX-License-Identifier: BSD-2-Clause
/* Refused: a program array that is filled statically. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("socket")
int tail(void *ctx)
{
	return 0;
}

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__array(values, int(void *));
} jumps SEC(".maps") = {.values = {(void *)&tail}};

SEC("socket")
int jump(void *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
