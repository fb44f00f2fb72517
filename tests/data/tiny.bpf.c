// SPDX-License-Identifier: BSD-2-Clause
/* The smallest object: one program, no map. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("socket")
int pass(void *ctx)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
