// SPDX-License-Identifier: BSD-2-Clause
/*
 * xdp_count - count packets by their Ethernet protocol, and drop packets that are too large.
 *
 * It has one of each thing that a light skeleton carries: a hash map, read-only data that the
 * signature fixes, and data that may change at run time.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

const volatile __u32 max_size = 9000; /* .rodata */
__u64 dropped_step = 1;		      /* .data */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u16);
	__type(value, __u64);
} counts SEC(".maps");

static void count(__u16 protocol, __u64 step)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &protocol);

	if (value)
		__sync_fetch_and_add(value, step);
	else
		bpf_map_update_elem(&counts, &protocol, &step, BPF_NOEXIST);
}

SEC("xdp")
int xdp_count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	if (end - data > max_size) {
		count(0, dropped_step);
		return XDP_DROP;
	}
	count(bpf_ntohs(eth->h_proto), 1);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
