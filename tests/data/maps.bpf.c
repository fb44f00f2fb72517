// SPDX-License-Identifier: BSD-2-Clause
/* Maps of maps with elements, maps without BTF, a map with all attributes, a subprogram. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} first SEC(".maps"), second SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 3);
	__uint(key_size, sizeof(int));
	__array(values, struct inner);
} array SEC(".maps") = {
	.values = {&first, 0, &second},
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__uint(key_size, sizeof(int));
	__array(values, struct inner);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__uint(map_extra, 3);
	__uint(map_flags, BPF_F_NUMA_NODE);
	__uint(numa_node, 1);
	__type(value, int);
} filter SEC(".maps");

const volatile int step = 7;
long total = 3;
long zeroed[4];

__attribute__((noinline)) static long add(long x)
{
	total += x;
	return total;
}

SEC("socket")
int count(void *ctx)
{
	int key = 0;
	void *map = bpf_map_lookup_elem(&array, &key);
	long *value = map ? bpf_map_lookup_elem(map, &key) : 0;

	bpf_map_peek_elem(&filter, &key);
	bpf_map_lookup_elem(&hash, &key);
	if (value)
		*value = add(step) + zeroed[0];
	return bpf_perf_event_output(ctx, &events, 0, &key, sizeof(key));
}

SEC("cgroup_skb/egress")
int pass(void *ctx)
{
	return add(1) != 0;
}

char LICENSE[] SEC("license") = "GPL";
