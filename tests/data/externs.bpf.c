// SPDX-License-Identifier: BSD-2-Clause
/*
 * What loaders resolve at run time, each more than once: kernel functions (strong, weak), typed
 * symbols (variables; functions whose address is taken), addresses from kallsyms, .kconfig values.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

struct task_struct;
struct rq;

extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;
extern const struct rq runqueues __ksym;
extern const int no_such_variable __ksym __weak;
extern const void no_such_symbol __ksym __weak;
extern int LINUX_KERNEL_VERSION __kconfig;

SEC("fentry/do_nanosleep")
int use_functions(unsigned long long *ctx)
{
	struct task_struct *task = bpf_task_acquire((void *)ctx[0]);

	if (!task)
		return 0;
	bpf_task_release(task);
	task = bpf_task_acquire((void *)ctx[0]);
	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("tp_btf/sched_switch")
int use_symbols(void *ctx)
{
	const void *rq = bpf_per_cpu_ptr(&runqueues, 0);
	const void *again = bpf_per_cpu_ptr(&runqueues, 1);

	if (&no_such_variable)
		return 1;
	if (&no_such_symbol)
		bpf_printk("%lx", (long)&no_such_symbol);
	return rq == again || LINUX_KERNEL_VERSION > 1;
}

char LICENSE[] SEC("license") = "GPL";
