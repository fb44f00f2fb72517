// SPDX-License-Identifier: BSD-2-Clause
/*
 * chosen.c - /init of the virtual machine: load what options of sign made of chosen.bpf.c.
 *
 * CHOSEN is the signed header; the signer's certificate is /cert.der. Prints a line for each
 * program, "load 0: PROG fires", or with the errno of what failed.
 */
#include <sys/mount.h>
#include <sys/reboot.h>

#include CHOSEN

#include "keyring.h"
#include "sysbpf.h"

static void say(const char *what, int err, bool fires)
{
	printf("load %d: chosen: %s%s\n", err < 0 ? err : 0, what,
	       err < 0 ? ""
	       : fires ? " fires"
		       : " does not fire");
}

/* What every program sees. */
static void make_events(void)
{
	getppid();
	usleep(1);
}

/* The program alone fires, and no longer after its end. */
#define TRY(name, attached)                          \
	do {                                         \
		int err = attached;                  \
		bool fires;                          \
                                                     \
		skel->links.on_##name##_fd = err;    \
		skel->bss->name##_calls = 0;         \
		make_events();                       \
		fires = skel->bss->name##_calls > 0; \
		chosen__detach(skel);                \
		skel->bss->name##_calls = 0;         \
		make_events();                       \
		fires &= !skel->bss->name##_calls;   \
		say("on_" #name, err, fires);        \
	} while (0)

/* Whether MAP takes a perf event array of 2 elements as one of its maps. */
static int put_array(int map)
{
	union bpf_attr attr;
	__u32 key = 0, array;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_PERF_EVENT_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 2;
	array = (__u32)sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)map;
	attr.key = address(&key);
	attr.value = address(&array);
	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
}

static void try_all(struct chosen *skel)
{
	skel->bss->pid = getpid();
	TRY(raw_tp, chosen__on_raw_tp__attach(skel));
	TRY(tp_btf, chosen__on_tp_btf__attach(skel));
	TRY(fentry, chosen__on_fentry__attach(skel));
	TRY(fexit, chosen__on_fexit__attach(skel));
	TRY(optional, chosen__on_optional__attach(skel));
	TRY(kprobe, chosen__attach_kprobe(skel->progs.on_kprobe, false, "__x64_sys_getppid"));
	TRY(tp, chosen__attach_tracepoint(skel->progs.on_tp, "syscalls", "sys_enter_getppid"));
	printf("load 0: chosen: skipped is %s\n",
	       skel->progs.on_skipped.prog_fd ? "loaded" : "not loaded");
	printf("load %d: chosen: an array for the processors\n",
	       put_array(skel->maps.groups.map_fd));
}

int main(void)
{
	struct chosen *skel = chosen__open();
	int err;

	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	skel->keyring_id = keyring_with("/cert.der");
	err = chosen__load(skel);
	printf("load %d: chosen\n", err);
	if (!err)
		try_all(skel);
	chosen__destroy(skel);
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
