// SPDX-License-Identifier: BSD-2-Clause
/*
 * udp_ports - load the signed program of udp_ports.bpf.c, attach it to a packet socket, and print
 * the counts.
 *
 *	udp_ports [KEYRING [PORT]]
 *
 * KEYRING says where the kernel looks for the signer's certificate: 0 its built-in keyring (the
 * default), 1 that and the secondary keyring, -3 this session's. PORT is the lowest that counts.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "udp_ports.lskel.h"

static void print_counts(const struct udp_ports_bpf *skel)
{
	const int map = skel->maps.ports.map_fd;
	__u16 port, *before = NULL;
	__u64 packets;

	while (!bpf_map_get_next_key(map, before, &port)) {
		if (!bpf_map_lookup_elem(map, &port, &packets))
			printf("port %u %llu\n", port, (unsigned long long)packets);
		before = &port;
	}
	printf("others %llu\n", (unsigned long long)skel->bss->others);
}

static int count_with(const struct udp_ports_bpf *skel)
{
	const int prog = skel->progs.udp_ports.prog_fd;
	int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog))) {
		perror("udp_ports: cannot attach");
		return 1;
	}
	printf("loaded as %s; counting for 10 seconds\n", skel->loaded_as);
	sleep(10);
	print_counts(skel);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct udp_ports_bpf *skel = udp_ports_bpf__open();
	int status = 1;

	if (!skel)
		return 1;
	skel->keyring_id = argc > 1 ? atoi(argv[1]) : 0;
	if (argc > 2)
		skel->data->lowest_port = (__u16)atoi(argv[2]);
	if (udp_ports_bpf__load(skel))
		fprintf(stderr, "udp_ports: not loaded: %s: %s\n", strerror(errno), skel->why);
	else
		status = count_with(skel);
	udp_ports_bpf__destroy(skel);
	return status;
}
