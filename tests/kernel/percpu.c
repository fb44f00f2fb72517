// SPDX-License-Identifier: BSD-2-Clause
/*
 * percpu.c - /init of the virtual machine: write a section of per-CPU variables through to its map.
 *
 * The run-time part of HEADER does it, as after a load: what the program wrote before has to be on
 * every CPU. Loaders with such a section come from libbpf 1.8, so the map is made here. Prints
 * "load ERRNO: percpu: ..." and what each CPU has.
 */
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>

#include HEADER

#include "sysbpf.h"

#define CPUS_MAX 64

struct variables {
	int step, more[3];
};

/* What the kernel gives for each CPU: a multiple of 8 bytes. */
static struct variables on_cpu[CPUS_MAX];

static int make_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_PERCPU_ARRAY;
	attr.key_size = sizeof(int);
	attr.value_size = sizeof(struct variables);
	attr.max_entries = 1;
	return sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* How many of the CPUs that the machine has hold WANTED; -1: they cannot be asked. */
static long count_cpus(int map_fd, const struct variables *wanted)
{
	union bpf_attr attr;
	const int key = 0;
	long found = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)map_fd;
	attr.key = address(&key);
	attr.value = address(on_cpu);
	if (sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)))
		return -1;
	for (long i = 0; i < sysconf(_SC_NPROCESSORS_CONF); i++)
		found += !memcmp(&on_cpu[i], wanted, sizeof(*wanted));
	return found;
}

/* As the header's NAME__load() does for a section of its skeleton. */
static void try_section(void)
{
	static const struct variables initial = {5, {1, 2, 3}};
	struct {
		struct bpf_chainsign_rt1_ctx ctx;
		struct bpf_chainsign_rt1_map_desc map;
	} skel = {.map.map_fd = make_map()};
	struct variables *copy = (struct variables *)bpf_chainsign_rt1_section_new(&initial,
										   sizeof(initial));
	const struct bpf_chainsign_rt1_section section = {0, 0, sizeof(initial), copy};
	const char *why = NULL;
	struct bpf_chainsign_rt1_loader opts;
	int err;

	memset(&opts, 0, sizeof(opts));
	opts.ctx = &skel.ctx;
	opts.nr_maps = 1;
	opts.why = &why;
	copy->step = 7;
	copy->more[2] = 9;
	err = bpf_chainsign_rt1_take(&opts, &section);
	printf("load %d: percpu: of %ld CPUs, %ld have what was written%s%s\n", err,
	       sysconf(_SC_NPROCESSORS_CONF), count_cpus(skel.map.map_fd, copy), why ? ": " : "",
	       why ? why : "");
}

int main(void)
{
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	try_section();
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
