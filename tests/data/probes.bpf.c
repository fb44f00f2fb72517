// SPDX-License-Identifier: BSD-2-Clause
/* Programs for probes and tracepoints, by the names of their sections. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#define PROG(name, section)                                                            \
	SEC(section)                                                                   \
	int name(void *ctx)                                                            \
	{                                                                              \
		return 0;                                                              \
	}

PROG(on_kprobe, "kprobe/do_nanosleep+0x4")
PROG(on_kretprobe, "kretprobe/do_nanosleep")
PROG(on_ksyscall, "ksyscall/nanosleep")
PROG(on_tp, "tp/sched/sched_process_exec")
PROG(on_tracepoint, "tracepoint/syscalls/sys_enter_getppid")
PROG(on_uprobe, "uprobe//bin/bash:readline")
PROG(on_uretprobe, "uretprobe/libc.so.6:malloc")
PROG(on_multi, "kprobe.multi/vfs_??ad*")
PROG(on_usdt, "usdt//bin/bash:bash:start")
PROG(by_hand, "kprobe")
PROG(by_hand_tp, "tp")
PROG(by_hand_event, "perf_event")
PROG(strange, "kprobe/do_nanosleep\"); evil(\"")
PROG(optional, "?kprobe/do_nanosleep")

char LICENSE[] SEC("license") = "GPL";
