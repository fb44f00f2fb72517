// SPDX-License-Identifier: BSD-2-Clause
/* A field of a kernel's structure, whose place is found when the program is loaded (CO-RE). */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct kernel_thing {
	int first, second;
} __attribute__((preserve_access_index));

SEC("raw_tp/sys_enter")
int use(struct bpf_raw_tracepoint_args *ctx)
{
	struct kernel_thing *thing = (void *)ctx->args[0];
	int field = 0;

	bpf_probe_read_kernel(&field, sizeof(field), &thing->first);
	return field;
}

char LICENSE[] SEC("license") = "GPL";
