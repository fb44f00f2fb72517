// SPDX-License-Identifier: BSD-2-Clause
/*
 * examples.c - /init of the virtual machine: load what the example projects signed, and run it.
 *
 * XDP_COUNT and UDP_PORTS are their signed headers; the certificates cert.der (the signer's) and
 * other.der are in the root folder. Prints a line per example and certificate, "load ERRNO: NAME,
 * CERTIFICATE", and for those that load whether the program counts: "load 0: NAME, ...: counts".
 */
#include <sys/reboot.h>

#include XDP_COUNT
#include UDP_PORTS

#include "keyring.h"
#include "sysbpf.h"

#define PORT 53

/* Ethernet, IPv4, UDP to that port. */
static const __u8 packet[64] = {
	[12] = 0x08, [14] = 0x45, [17] = 50, [23] = 17, [37] = PORT,
};

/* Give the program a packet; the value that the map then has for KEY. */
static __u64 count_of(int prog, int map, __u16 key)
{
	union bpf_attr attr;
	__u64 value = 0;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog;
	attr.test.data_in = (__u64)(unsigned long)packet;
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	if (sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
		printf("not run: errno %d\n", errno);
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)map;
	attr.key = (__u64)(unsigned long)&key;
	attr.value = (__u64)(unsigned long)&value;
	sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
	return value;
}

static void say(int err, const char *name, const char *cert, __u64 count)
{
	printf("load %d: %s, %s%s\n", err, name, cert,
	       err ? "" : (count == 1 ? ": counts" : ": does not count"));
}

static void try_xdp_count(const char *cert)
{
	struct xdp_count_bpf *skel = xdp_count_bpf__open();
	__u64 count = 0;
	int err;

	skel->keyring_id = keyring_with(cert);
	err = xdp_count_bpf__load(skel);
	if (!err)
		count = count_of(skel->progs.xdp_count.prog_fd, skel->maps.counts.map_fd, 0x0800);
	say(err, "xdp_count", cert, count);
	xdp_count_bpf__destroy(skel);
}

static void try_udp_ports(const char *cert)
{
	struct udp_ports_bpf *skel = udp_ports_bpf__open();
	__u64 count = 0;
	int err;

	skel->keyring_id = keyring_with(cert);
	err = udp_ports_bpf__load(skel);
	if (!err)
		count = count_of(skel->progs.udp_ports.prog_fd, skel->maps.ports.map_fd, PORT);
	say(err, "udp_ports", cert, count);
	udp_ports_bpf__destroy(skel);
}

int main(void)
{
	try_xdp_count("cert.der");
	try_xdp_count("other.der");
	try_udp_ports("cert.der");
	try_udp_ports("other.der");
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
