// SPDX-License-Identifier: BSD-2-Clause
/*
 * column.c - one way to sign example.bpf.c: HEADER is the signed skeleton, COLUMN the name of the
 * function that columns.c calls. Compiled once for each way.
 */
#include <linux/bpf.h>

#include HEADER

#include "sysbpf.h"

int COLUMN(int keyring);

/* Load it and let its program run once. 0: it counts; 1: it does not; else the kernel's errno. */
int COLUMN(int keyring)
{
	static __u8 packet[64];
	struct example *skel = example__open();
	union bpf_attr attr;
	int err;

	if (!skel)
		return 1;
	skel->keyring_id = keyring;
	err = example__load(skel);
	if (!err) {
		memset(&attr, 0, sizeof(attr));
		attr.test.prog_fd = (__u32)skel->progs.count.prog_fd;
		attr.test.data_in = (__u64)(unsigned long)packet;
		attr.test.data_size_in = sizeof(packet);
		attr.test.repeat = 1;
		sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
		err = skel->bss->seen != 1 || skel->data->total != 10;
	}
	example__destroy(skel);
	return err;
}
