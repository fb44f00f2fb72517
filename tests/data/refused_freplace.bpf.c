// SPDX-License-Identifier: BSD-2-Clause
/* Refused: a program that replaces another one. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("freplace/target")
int replacement(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
