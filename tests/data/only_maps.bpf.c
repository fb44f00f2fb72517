// SPDX-License-Identifier: BSD-2-Clause
/* Maps without a program: what one object creates, others or user space use. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

const volatile int limit = 5;
int seen = 3;
