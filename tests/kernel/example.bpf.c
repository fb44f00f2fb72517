// SPDX-License-Identifier: BSD-2-Clause
/*
 * example.bpf.c - what load.c loads: one program, a map, and a variable of each kind of section.
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
long total = 3;
int seen;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += step;
	total += step;
	seen++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
