// SPDX-License-Identifier: BSD-2-Clause
/*
 * xdp_count - load the signed program of xdp_count.bpf.c, attach it, and print the counts.
 *
 *	xdp_count INTERFACE [KEYRING]
 *
 * KEYRING says where the kernel looks for the signer's certificate: 0 its built-in keyring (the
 * default), 1 that and the secondary keyring, -3 this session's.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/if_link.h>

#include "xdp_count.lskel.h"

static void print_counts(int map)
{
	__u16 protocol, *before = NULL;
	__u64 packets;

	while (!bpf_map_get_next_key(map, before, &protocol)) {
		if (!bpf_map_lookup_elem(map, &protocol, &packets))
			printf("0x%04x %llu\n", protocol, (unsigned long long)packets);
		before = &protocol;
	}
}

static int count_on(struct xdp_count_bpf *skel, unsigned int ifindex)
{
	int link = bpf_link_create(skel->progs.xdp_count.prog_fd, (int)ifindex, BPF_XDP, NULL);

	if (link < 0) {
		perror("xdp_count: cannot attach");
		return 1;
	}
	printf("loaded as %s; packets over %u bytes are dropped; counting for 10 seconds\n",
	       skel->loaded_as, skel->rodata->max_size);
	sleep(10);
	print_counts(skel->maps.counts.map_fd);
	close(link);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int ifindex = argc > 1 ? if_nametoindex(argv[1]) : 0;
	struct xdp_count_bpf *skel;
	int status = 1;

	if (!ifindex) {
		fprintf(stderr, "usage: xdp_count INTERFACE [KEYRING]\n");
		return 2;
	}
	skel = xdp_count_bpf__open();
	if (!skel)
		return 1;
	skel->keyring_id = argc > 2 ? atoi(argv[2]) : 0;
	if (xdp_count_bpf__load(skel))
		fprintf(stderr, "xdp_count: not loaded: %s: %s\n", strerror(errno), skel->why);
	else
		status = count_on(skel, ifindex);
	xdp_count_bpf__destroy(skel);
	return status;
}
