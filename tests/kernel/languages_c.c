// SPDX-License-Identifier: BSD-2-Clause
/*
 * languages_c.c - load a signed image by the run-time part of a header, and say what examples/go
 *and examples/rust say:
 *
 *	load FILE [keyring=N] [enforce=N] [set=SECTION:HEX] [run=PROGRAM] hash=HEX...
 *
 * HEADER has the run-time part; the hashes are those of the forms in the image. Trusts the image,
 * which is a test's, to be as docs/image.md says.
 */
#include <stdio.h>

#include HEADER

#include "sysbpf.h"

#define RECORDS 34
#define LIST	16

struct record {
	const uint8_t *data;
	uint32_t size;
};

/* What the image and the arguments say. */
static struct record records[RECORDS], maps[LIST], progs[LIST];
static size_t nr_maps, nr_progs;
static uint8_t hashes[3][32];
static uint8_t context[4096];
static const char *set, *run;

static uint32_t number(const uint8_t *at)
{
	uint32_t ret;

	memcpy(&ret, at, sizeof(ret));
	return ret;
}

static void read_records(const uint8_t *file, size_t size)
{
	for (size_t at = 16; at + 8 <= size; at += 8 + (number(file + at + 4) + 7) / 8 * 8) {
		const struct record record = {file + at + 8, number(file + at + 4)};
		const uint32_t type = number(file + at);

		if (type < 32)
			records[type] = record;
		else if (type == 32 && nr_maps < LIST)
			maps[nr_maps++] = record;
		else if (type == 33 && nr_progs < LIST)
			progs[nr_progs++] = record;
	}
}

static void read_hex(const char *text, uint8_t *ret, size_t max)
{
	unsigned int byte;

	for (size_t i = 0; i < max && sscanf(text + 2 * i, "%2x", &byte) == 1; i++)
		ret[i] = (uint8_t)byte;
}

static void read_argument(const char *argument, struct bpf_chainsign_rt1_loader *opts)
{
	if (!strncmp(argument, "keyring=", 8))
		opts->keyring_id = atoi(argument + 8);
	else if (!strncmp(argument, "enforce=", 8))
		opts->enforce = (__u32)atoi(argument + 8);
	else if (!strncmp(argument, "set=", 4))
		set = argument + 4;
	else if (!strncmp(argument, "run=", 4))
		run = argument + 4;
	else if (!strncmp(argument, "hash=", 5))
		read_hex(argument + 5, hashes[0], sizeof(hashes));
}

static void fill(struct bpf_chainsign_rt1_loader *opts)
{
	struct bpf_chainsign_rt1_ctx *ctx = (struct bpf_chainsign_rt1_ctx *)(void *)context;

	ctx->sz = (__u32)(24 + 16 * nr_maps + 4 * nr_progs);
	opts->ctx = ctx;
#define PART(member, record) (opts->member = (record).data, opts->member##_sz = (record).size)
	PART(data, records[2]);
	PART(insns, records[3]);
	PART(insns_checked, records[4]);
	PART(insns_hash, records[5]);
	PART(sig_folded, records[16]);
	PART(sig_chain, records[17]);
	PART(sig_insns, records[18]);
	PART(sig_insns_hash, records[19]);
	PART(excl_prog_hash, ((struct record){hashes[0], 32}));
	PART(excl_prog_hash_checked, ((struct record){hashes[1], 32}));
	PART(excl_prog_hash_hash, ((struct record){hashes[2], 32}));
}

/* A section of variables in memory; NULL: the map is none. */
static uint8_t *section(size_t i)
{
	const uint32_t kind = number(maps[i].data);
	const int prot = kind == 2 || kind == 3 ? PROT_READ | PROT_WRITE : PROT_READ;

	return kind && kind < 5 ? mmap(NULL, number(maps[i].data + 4), prot, MAP_SHARED,
				       (int)number(context + 24 + 16 * i), 0)
				: NULL;
}

/* Attach a program of the ways that need nothing else, until the process ends. */
static void attach(size_t i)
{
	const uint8_t *record = progs[i].data;
	const int fd = (int)number(context + 24 + 16 * nr_maps + 4 * i);
	int link = 0;

	if (number(record) == 1)
		link = bpf_chainsign_rt1_raw_tracepoint_open(
			(const char *)record + 8 + number(record + 4), fd);
	else if (number(record) == 2)
		link = bpf_chainsign_rt1_raw_tracepoint_open(NULL, fd);
	else if (number(record) == 3)
		link = bpf_chainsign_rt1_link_create(fd, 0, BPF_TRACE_ITER);
	if (link < 0)
		printf("not attached: errno %d\n", errno);
}

static void run_program(size_t i)
{
	static uint8_t packet[64];
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = number(context + 24 + 16 * nr_maps + 4 * i);
	attr.test.data_in = address(packet);
	attr.test.data_size_in = sizeof(packet);
	attr.test.repeat = 1;
	if (sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
		printf("not run: errno %d\n", errno);
	else
		printf("%s returns %u\n", run, attr.test.retval);
}

static void use(void)
{
	for (size_t i = 0; set && i < nr_maps; i++) {
		const char *name = (const char *)maps[i].data + 12;
		const size_t size = strlen(name);

		if (!strncmp(set, name, size) && set[size] == ':')
			read_hex(set + size + 1, section(i), number(maps[i].data + 4));
	}
	for (size_t i = 0; i < nr_progs; i++)
		attach(i);
	for (size_t i = 0; run && i < nr_progs; i++) {
		if (!strcmp((const char *)progs[i].data + 8, run))
			run_program(i);
	}
	/* a program that another process was interrupted in is not run again until that goes on */
	usleep(20000);
	for (size_t i = 0; i < nr_maps; i++) {
		const uint8_t *bytes = section(i);

		if (bytes)
			printf("%s ", (const char *)maps[i].data + 12);
		for (size_t at = 0; bytes && at < number(maps[i].data + 4); at++)
			printf("%02x", bytes[at]);
		if (bytes)
			printf("\n");
	}
}

int main(int argc, char **argv)
{
	static uint64_t file[1 << 17];
	const char *loaded_as, *why;
	struct bpf_chainsign_rt1_loader opts = {.enforce = 1, .loaded_as = &loaded_as, .why = &why};
	FILE *stream = argc > 2 ? fopen(argv[2], "r") : NULL;
	int err;

	if (!stream)
		return 2;
	read_records((const uint8_t *)file, fread(file, 1, sizeof(file), stream));
	for (int i = 3; i < argc; i++)
		read_argument(argv[i], &opts);
	fill(&opts);
	err = bpf_chainsign_rt1_load(&opts);
	if (err) {
		printf("load %d: %s\n", err, why ? why : "");
		return 1;
	}
	printf("load 0: as %s%s%s\n", loaded_as, why ? ", " : "", why ? why : "");
	use();
	return 0;
}
