// SPDX-License-Identifier: BSD-2-Clause
/* Refused: global variables in an arena. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, 33 /* BPF_MAP_TYPE_ARENA */);
	__uint(map_flags, 1 << 10 /* BPF_F_MMAPABLE */);
	__uint(max_entries, 1);
} arena SEC(".maps");

int in_arena SEC(".addr_space.1") = 1;

SEC("socket")
int read_arena(void *ctx)
{
	return in_arena;
}

char LICENSE[] SEC("license") = "GPL";
