// SPDX-License-Identifier: BSD-2-Clause
/*
 * languages.bpf.c - what programs in C, Go and Rust load: a program that they run, one for each way
 * in which they attach, a map, and a variable of each kind of section.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile int step = 7;
int total = 3;

/* first: the total at the first event. */
struct {
	int runs, entered, traced, first;
} seen;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 value = step;

	bpf_map_update_elem(&counts, &key, &value, 0);
	total += step;
	seen.runs++;
	return XDP_PASS;
}

SEC("raw_tp/sys_enter")
int on_enter(void *ctx)
{
	if (!seen.entered)
		seen.first = total;
	seen.entered = 1;
	return 0;
}

SEC("tp_btf/sys_enter")
int on_trace(void *ctx)
{
	seen.traced = 1;
	return 0;
}

SEC("iter/task")
int on_task(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
