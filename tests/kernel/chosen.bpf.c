// SPDX-License-Identifier: BSD-2-Clause
/*
 * chosen.bpf.c - what chosen.c loads: programs whose sections do not say what they are, so that the
 * options of sign say it (lab.mk). Each counts its calls by the process that loaded it.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

/* Without max_entries, which libbpf would take from the machine that signs. */
struct events {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct events);
} groups SEC(".maps");

int pid;

#define PROG(name, section)                                         \
	long name##_calls;                                          \
	SEC(section)                                                \
	int on_##name(void *ctx)                                    \
	{                                                           \
		if ((int)(bpf_get_current_pid_tgid() >> 32) == pid) \
			__sync_fetch_and_add(&name##_calls, 1);     \
		return 0;                                           \
	}

PROG(raw_tp, "one")
PROG(tp_btf, "two/of/them")
PROG(fentry, "fentry")
PROG(fexit, "three")
PROG(kprobe, "four")
PROG(tp, "five")
PROG(optional, "?raw_tp/sys_exit")
PROG(skipped, "raw_tp/sched_switch")

SEC("six")
int on_events(void *ctx)
{
	__u32 key = 0;
	void *events = bpf_map_lookup_elem(&groups, &key);

	return events && bpf_perf_event_output(ctx, events, 0, &key, sizeof(key));
}

char LICENSE[] SEC("license") = "GPL";
