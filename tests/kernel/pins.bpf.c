// SPDX-License-Identifier: BSD-2-Clause
/* pins.bpf.c - what pins.c loads: two maps that ask to be pinned, and one between them that does
 * not. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define ARRAY(name, pin)                          \
	struct {                                  \
		__uint(type, BPF_MAP_TYPE_ARRAY); \
		__uint(max_entries, 1);           \
		__type(key, __u32);               \
		__type(value, __u32);             \
		__uint(pinning, pin);             \
	} name SEC(".maps")

ARRAY(first, LIBBPF_PIN_BY_NAME);
ARRAY(other, LIBBPF_PIN_NONE);
ARRAY(second, LIBBPF_PIN_BY_NAME);

SEC("xdp")
int look(struct xdp_md *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&first, &key) && bpf_map_lookup_elem(&other, &key) &&
	       bpf_map_lookup_elem(&second, &key);
}

char LICENSE[] SEC("license") = "GPL";
