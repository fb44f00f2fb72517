// SPDX-License-Identifier: BSD-2-Clause
/* A map of perf event arrays without max_entries, for which libbpf would count this host's
 * processors. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct events {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u64);
	__array(values, struct events);
} by_group SEC(".maps");

SEC("raw_tracepoint/sys_enter")
int report(void *ctx)
{
	__u64 key = 0;
	void *events = bpf_map_lookup_elem(&by_group, &key);

	return events && bpf_perf_event_output(ctx, events, BPF_F_CURRENT_CPU, &key, sizeof(key));
}

char LICENSE[] SEC("license") = "GPL";
