// SPDX-License-Identifier: BSD-2-Clause
/* Refused: a map in the section that libbpf 1.0 gave up. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	unsigned int type, key_size, value_size, max_entries;
} old SEC("maps") = {BPF_MAP_TYPE_ARRAY, 4, 8, 1};

SEC("socket")
int look(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&old, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
