// SPDX-License-Identifier: BSD-2-Clause
/* Every way a skeleton attaches a program. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("raw_tp/sys_enter")
int on_raw_tp(void *ctx)
{
	return 0;
}

SEC("fentry/bpf_fentry_test1")
int on_fentry(void *ctx)
{
	return 0;
}

SEC("iter/task")
int on_iter(void *ctx)
{
	return 0;
}

SEC("kprobe/do_nanosleep")
int on_kprobe(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
