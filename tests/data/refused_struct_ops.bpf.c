// SPDX-License-Identifier: BSD-2-Clause
/* Refused: struct_ops, which libbpf cannot put into a loader. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct my_ops {
	int (*init)(void);
};

SEC("struct_ops/init")
int init_ops(void *ctx)
{
	return 0;
}

SEC(".struct_ops")
struct my_ops ops = {.init = (void *)init_ops};

char LICENSE[] SEC("license") = "GPL";
