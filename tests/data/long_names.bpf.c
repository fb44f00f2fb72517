// SPDX-License-Identifier: BSD-2-Clause
/* Names that are the same in their first 15 characters, which are all that a kernel knows. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct counter_map {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
};

struct counter_map my_long_counter_map_alpha SEC(".maps");
struct counter_map my_long_counter_map_beta SEC(".maps");
struct counter_map another_long_map_name SEC(".maps");

const volatile int my_long_variable_alpha = 1;
const volatile int my_long_variable_beta = 2;

SEC("xdp")
int my_long_program_alpha(struct xdp_md *ctx)
{
	__u32 key = my_long_variable_alpha + my_long_variable_beta;

	return bpf_map_lookup_elem(&my_long_counter_map_alpha, &key) ||
	       bpf_map_lookup_elem(&my_long_counter_map_beta, &key) ||
	       bpf_map_lookup_elem(&another_long_map_name, &key);
}

SEC("xdp")
int my_long_program_beta(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
