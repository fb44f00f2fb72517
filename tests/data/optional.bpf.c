// SPDX-License-Identifier: BSD-2-Clause
/* An optional program before a plain one: the loader has one slot, for the second. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("?socket")
int optional(void *ctx)
{
	return 0;
}

SEC("socket")
int plain(void *ctx)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
