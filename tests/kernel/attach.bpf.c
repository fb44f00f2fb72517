// SPDX-License-Identifier: BSD-2-Clause
/*
 * attach.bpf.c - what attach.c loads: a program for each way to be attached. Each counts its calls
 * by the process that loaded it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

int pid;

/* Set before the load, and what the first event of all saw of them. */
int set_bss, first_bss;
int set_data = 1, first_data = 1;
int first_taken;

#define PROG(name, section)                                                 \
	long name##_calls;                                                  \
	SEC(section)                                                        \
	int on_##name(void *ctx)                                            \
	{                                                                   \
		if (!pid || (int)(bpf_get_current_pid_tgid() >> 32) == pid) \
			__sync_fetch_and_add(&name##_calls, 1);             \
		return 0;                                                   \
	}

PROG(raw_tp, "raw_tp/sys_enter")
PROG(raw_tp_w, "raw_tp.w/bpf_test_finish")
PROG(tp_btf, "tp_btf/sys_enter")
PROG(fentry, "fentry/do_nanosleep")
PROG(fexit, "fexit/do_nanosleep")
PROG(fmod_ret, "fmod_ret/security_task_getpgid")
PROG(lsm, "lsm/task_getpgid")
PROG(iter, "iter/task")
PROG(kprobe, "kprobe/__x64_sys_getppid")
PROG(kprobe_offset, "kprobe/__x64_sys_getppid+0x0")
PROG(kretprobe, "kretprobe/__x64_sys_getppid")
PROG(ksyscall, "ksyscall/getppid")
PROG(kretsyscall, "kretsyscall/getppid")
PROG(uprobe, "uprobe//init:target")
PROG(uprobe_offset, "uprobe//init:target+0")
PROG(uretprobe, "uretprobe//init:target")
PROG(sleepable, "uprobe.s//init:target")
PROG(searched, "uprobe/init:target")
PROG(multi, "kprobe.multi/do_nano?leep")
PROG(multi_star, "kretprobe.multi/do_n*sl*p")
PROG(session, "kprobe.session/do_nano?leep")
PROG(tp, "tp/syscalls/sys_enter_getppid")
PROG(tracepoint, "tracepoint/syscalls/sys_exit_getppid")

SEC("raw_tp/sys_enter")
int on_first(void *ctx)
{
	if (!first_taken) {
		first_taken = 1;
		first_bss = set_bss;
		first_data = set_data;
	}
	return 0;
}

/* Nothing to attach to, and what is not loaded. */
PROG(by_hand, "kprobe")
PROG(by_hand_u, "uprobe")
PROG(optional, "?kprobe/no_such_function")
PROG(socket, "socket")

char LICENSE[] SEC("license") = "GPL";
