// SPDX-License-Identifier: BSD-2-Clause
/* Programs whose sections do not tell their types or what they attach to. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

int level = 3;

SEC("prog1")
int first(unsigned long long *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return task->pid > level;
}

SEC("2/1")
int second(void *ctx)
{
	return 0;
}

SEC("?fentry")
int third(void *ctx)
{
	return 0;
}

SEC("shared")
int fourth(void *ctx)
{
	return 0;
}

SEC("shared")
int fifth(void *ctx)
{
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
