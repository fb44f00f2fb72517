// SPDX-License-Identifier: BSD-2-Clause
/* What most programs have: a hash map, .rodata, .data, .bss, two programs. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile int step = 7;
long total = 3;
long seen;

SEC("xdp")
int count_packets(struct xdp_md *ctx)
{
	__u32 key = ctx->ingress_ifindex;
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	if (value)
		*value += step;
	total += step;
	seen++;
	return XDP_PASS;
}

SEC("raw_tp/sys_enter")
int count_calls(void *ctx)
{
	seen++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
