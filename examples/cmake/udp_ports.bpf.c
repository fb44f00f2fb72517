// SPDX-License-Identifier: BSD-2-Clause
/*
 * udp_ports - a socket filter that counts UDP packets by destination port.
 *
 * The socket itself receives nothing: the filter cuts every packet to 0 bytes.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PROTOCOL_AT 9 /* in an IPv4 header */
#define PORT_AT	    2 /* the destination, in a UDP header */

volatile __u16 lowest_port = 1; /* .data: whoever runs the program may choose another */
__u64 others;			/* .bss */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u16);
	__type(value, __u64);
} ports SEC(".maps");

static void count(__u16 port)
{
	__u64 *packets = bpf_map_lookup_elem(&ports, &port), one = 1;

	if (packets)
		__sync_fetch_and_add(packets, 1);
	else if (bpf_map_update_elem(&ports, &port, &one, BPF_NOEXIST))
		__sync_fetch_and_add(&others, 1);
}

static long load(struct __sk_buff *skb, __u32 offset, void *to, __u32 size)
{
	return bpf_skb_load_bytes_relative(skb, offset, to, size, BPF_HDR_START_NET);
}

SEC("socket")
int udp_ports(struct __sk_buff *skb)
{
	__u8 first, protocol;
	__u16 port;

	if (skb->protocol != bpf_htons(ETH_P_IP) || load(skb, 0, &first, sizeof(first)) ||
	    load(skb, PROTOCOL_AT, &protocol, sizeof(protocol)) || protocol != IPPROTO_UDP ||
	    load(skb, 4 * (first & 0xf) + PORT_AT, &port, sizeof(port)))
		return 0;
	port = bpf_ntohs(port);
	if (port < lowest_port)
		__sync_fetch_and_add(&others, 1);
	else
		count(port);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
