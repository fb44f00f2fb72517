// SPDX-License-Identifier: BSD-2-Clause
/*
 * many.c - /init of the virtual machine: load skeletons without a program, and of more programs
 * than libbpf's loader has room for, and run each program.
 *
 * MAPS is the signed header of tests/data/only_maps.bpf.c; NARROW, MANY and MOST are those of
 * tests/data/many.bpf.c with 32, 64 and 120 programs; the certificates cert.der (the signer's) and
 * other.der are in the root folder. Prints a line per header and certificate, "load ERRNO: NAME,
 * CERTIFICATE", and for those that load whether each descriptor is that of its program and all run:
 * "load 0: NAME, ...: N programs run"; of maps, what is in them.
 */
#include <sys/reboot.h>

#include MAPS
#include NARROW
#include MANY
#include MOST

#include "keyring.h"
#include "sysbpf.h"

#define CALLS_MAX 128

/* Attach program number N of PROGS alone: afterwards its counter, and no later one, has moved. */
static int is_own(const int *progs, const volatile int64_t *calls, int n)
{
	int link = bpf_chainsign_rt1_raw_tracepoint_open("sys_enter", progs[n]);
	int moved = 0;

	getppid();
	if (link < 0)
		return 0;
	close(link);
	for (int i = n; i < CALLS_MAX; i++)
		moved += calls[i] != 0;
	return moved == 1 && calls[n];
}

static int all_own(const int *progs, const volatile int64_t *calls, int nr)
{
	for (int i = 0; i < nr; i++) {
		if (!is_own(progs, calls, i))
			return 0;
	}
	return 1;
}

/* All are attached: with the next system call each counter moves. */
static int all_run(volatile int64_t *calls, int nr)
{
	int moved = 0;

	for (int i = 0; i < CALLS_MAX; i++)
		calls[i] = 0;
	getppid();
	for (int i = 0; i < nr; i++)
		moved += calls[i] > 0;
	return moved == nr;
}

#define TRY(name, cert)                                                                    \
	do {                                                                               \
		struct name *skel = name##__open();                                        \
		const int nr = (int)(sizeof(skel->progs) / sizeof(int));                   \
		int err;                                                                   \
                                                                                           \
		skel->keyring_id = keyring_with(cert);                                     \
		err = name##__load(skel);                                                  \
		printf("load %d: %s, %s", err, #name, cert);                               \
		if (!err && !all_own((const int *)&skel->progs, skel->bss->calls, nr))     \
			printf(": a descriptor is not that of its program");               \
		else if (!err && (name##__attach(skel) || !all_run(skel->bss->calls, nr))) \
			printf(": not all run");                                           \
		else if (!err)                                                             \
			printf(": %d programs run", nr);                                   \
		printf("\n");                                                              \
		name##__destroy(skel);                                                     \
	} while (0)

/* Element KEY of MAP becomes VALUE, and is found: 0. */
static int holds(int map, __u32 key, __u64 value)
{
	union bpf_attr attr;
	__u64 found = 0;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)map;
	attr.key = address(&key);
	attr.value = address(&value);
	err = sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));
	attr.value = address(&found);
	err = err ?: sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
	return err ?: found == value ? 0 : -EIO;
}

static void try_maps(const char *cert)
{
	struct only_maps *skel = only_maps__open();
	int err;

	skel->keyring_id = keyring_with(cert);
	err = only_maps__load(skel);
	printf("load %d: maps, %s", err, cert);
	if (!err)
		printf(": limit %d, seen %d, a map %d, attach %d", skel->rodata->limit,
		       skel->data->seen, holds(skel->maps.totals.map_fd, 7, 8),
		       only_maps__attach(skel));
	printf("\n");
	only_maps__destroy(skel);
}

int main(void)
{
	try_maps("cert.der");
	try_maps("other.der");
	TRY(narrow, "cert.der");
	TRY(many, "cert.der");
	TRY(many, "other.der");
	TRY(most, "cert.der");
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
