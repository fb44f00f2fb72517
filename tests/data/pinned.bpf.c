// SPDX-License-Identifier: BSD-2-Clause
/* A pinned map: a loader cannot pin, so the pin is left to the user. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} pinned SEC(".maps");

SEC("socket")
int look(void *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&pinned, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
