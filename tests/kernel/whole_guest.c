// SPDX-License-Identifier: BSD-2-Clause
/*
 * whole_guest.c - /init of the virtual machine: every case of /cases by a header's own run-time
 * part.
 *
 * HEADER is a light skeleton named "example" that this tool signed. Its text is what loads; its
 * arrays are those of the case instead (see whole.h). Linked with --wrap=syscall, to see how far a
 * load came.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>

#include HEADER

#include "whole.h"

#define MAPS_MAX     64
#define PROGS_MAX    64
#define CONTENTS_MAX 4096

/*
 * Where answers are written. A loader with changed data closes, on its way out, what that data
 * calls its descriptors: numbers of one byte, shifted. This is none of them.
 */
#define OUTPUT_FD 0x309

/* A case, as views into the file. */
struct test_case {
	const struct whole_case *head;
	const uint8_t *part[WHOLE_PART_NR]; /* NULL: absent */
	const uint8_t *certs;
};

/* The skeleton: what NAME__open() makes, with as many maps and programs as the case has. */
struct skeleton {
	struct bpf_chainsign_rt1_ctx ctx;
	uint8_t descs[MAPS_MAX * sizeof(struct bpf_chainsign_rt1_map_desc) +
		      PROGS_MAX * sizeof(struct bpf_chainsign_rt1_prog_desc)];
};

/* --- how far a load came --- */

static const char *last_step;
static char log_text[1 << 16];

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static const char *step_of(int cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return "create";
	case BPF_MAP_UPDATE_ELEM:
		return "update";
	case BPF_MAP_FREEZE:
		return "freeze";
	case BPF_OBJ_GET_INFO_BY_FD:
		return "hash";
	case BPF_PROG_LOAD:
		return "load";
	default:
		return "run";
	}
}

long __wrap_syscall(long number, ...)
{
	va_list args;
	long arg[5], ret;

	va_start(args, number);
	for (size_t i = 0; i < 5; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == __NR_bpf && (int)arg[0] == BPF_PROG_TEST_RUN)
		log_text[0] = '\0'; /* what the loader itself was told is not asked for */
	ret = __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4]);
	/* What is asked about the kernel after a failure succeeds. */
	if (number == __NR_bpf && ret < 0)
		last_step = step_of((int)arg[0]);
	else if (number == __NR_bpf && (int)arg[0] == BPF_PROG_TEST_RUN)
		last_step = "loader";
	return ret;
}

/* --- the keyring --- */

static size_t padded(size_t size)
{
	return (size + WHOLE_ALIGN - 1) / WHOLE_ALIGN * WHOLE_ALIGN;
}

static int key_add(const char *type, const char *name, const void *data, size_t size, int keyring)
{
	long ret = syscall(__NR_add_key, type, name, data, size, keyring);

	return ret < 0 ? -errno : (int)ret;
}

/* A keyring with the case's certificates; prints what the kernel says to each of them. */
static int keyring_fill(const struct test_case *test)
{
	const uint8_t *at = test->certs;
	int keyring = key_add("keyring", "case", NULL, 0, KEY_SPEC_PROCESS_KEYRING);

	printf(" certs %s", test->head->nr_certs ? "" : "-");
	for (uint32_t i = 0; i < test->head->nr_certs; i++) {
		uint32_t size;
		int err;

		memcpy(&size, at, sizeof(size));
		/* The name of an asymmetric key is made from its certificate if none is given. */
		err = key_add("asymmetric", NULL, at + sizeof(size), size, keyring);
		printf("%s%d", i ? "," : "", err < 0 ? err : 0);
		at += padded(sizeof(size) + size);
	}
	return keyring;
}

/* --- the load --- */

static uint32_t part_size(const struct test_case *test, enum whole_part part)
{
	return test->part[part] ? test->head->size[part] : 0;
}

/* What the run-time part says of a load; ERRNO and the step tell more. */
static const char *loaded_as, *why;

/* What NAME__load() sets up, from the case's arrays. */
static void set_up(const struct test_case *test, int keyring, struct skeleton *skel,
		   struct bpf_chainsign_rt1_loader *opts)
{
	memset(skel, 0, sizeof(*skel));
	skel->ctx.sz = (uint32_t)(sizeof(skel->ctx) +
				  test->head->nr_maps * sizeof(struct bpf_chainsign_rt1_map_desc) +
				  test->head->nr_progs *
					  sizeof(struct bpf_chainsign_rt1_prog_desc));
	memset(opts, 0, sizeof(*opts));
#define SET(member, PART)                                  \
	do {                                               \
		opts->member = (void *)test->part[PART];   \
		opts->member##_sz = part_size(test, PART); \
	} while (0)
	SET(data, WHOLE_DATA);
	SET(insns, WHOLE_INSNS);
	SET(insns_checked, WHOLE_INSNS_CHECKED);
	SET(insns_hash, WHOLE_INSNS_HASH);
	SET(excl_prog_hash, WHOLE_EXCL_HASH);
	SET(excl_prog_hash_checked, WHOLE_EXCL_HASH_CHECKED);
	SET(excl_prog_hash_hash, WHOLE_EXCL_HASH_HASH);
	SET(sig_chain, WHOLE_SIG_CHAIN);
	SET(sig_folded, WHOLE_SIG_FOLDED);
	SET(sig_insns, WHOLE_SIG_INSNS);
	SET(sig_insns_hash, WHOLE_SIG_INSNS_HASH);
#undef SET
	opts->ctx = &skel->ctx;
	opts->keyring_id = keyring;
	opts->enforce = 1;
	opts->loaded_as = &loaded_as;
	opts->why = &why;
}

/* Descriptors as a program finds them that has loaded nothing yet. */
static void close_all(void)
{
	for (int fd = 0; fd < 3; fd++)
		dup2(OUTPUT_FD, fd);
	syscall(__NR_close_range, 3u, OUTPUT_FD - 1u, 0u);
	syscall(__NR_close_range, OUTPUT_FD + 1u, ~0u, 0u);
}

static int info_of(int fd, void *info, uint32_t size)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	memset(info, 0, size);
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = size;
	attr.info.info = (uintptr_t)info;
	return (int)syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));
}

/* Maps are numbered as they are made: the number of a new one. */
static uint32_t next_map(void)
{
	struct bpf_map_info info = {0};
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = sizeof(uint32_t);
	attr.max_entries = 1;
	fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd >= 0)
		info_of(fd, &info, sizeof(info));
	close(fd);
	return info.id;
}

/*
 * Whether a loader that returned an error had begun to install: then the kernel said something
 * about BTF or a program, or there was one more map than the loader's own and the one that is asked
 * with.
 */
static bool began(const struct test_case *alone, int keyring)
{
	struct bpf_chainsign_rt1_loader opts;
	struct skeleton skel;
	uint32_t before = next_map();

	set_up(alone, keyring, &skel, &opts);
	skel.ctx.log_level = 4;
	skel.ctx.log_size = sizeof(log_text);
	skel.ctx.log_buf = (uintptr_t)log_text;
	bpf_chainsign_rt1_load(&opts);
	return *log_text || next_map() - before > 2;
}

/* The answer of a header that has the signature of PART alone. */
static void try_way(const struct test_case *test, int keyring, enum whole_part part,
		    const char *name)
{
	struct test_case alone = *test;
	struct bpf_chainsign_rt1_loader opts;
	struct skeleton skel;
	const char *step;
	int code;

	if (!test->part[part]) {
		printf(" %s - -", name);
		return;
	}
	for (enum whole_part i = WHOLE_SIG_CHAIN; i <= WHOLE_SIG_INSNS_HASH; i++)
		if (i != part)
			alone.part[i] = NULL;
	set_up(&alone, keyring, &skel, &opts);
	code = bpf_chainsign_rt1_load(&opts);
	step = last_step;
	close_all();
	if (code && !strcmp(step, "loader")) {
		step = code != -EINVAL || began(&alone, keyring) ? "inside" : "check";
		close_all();
	}
	printf(" %s %s %d", name, step, code);
}

/* --- what was installed --- */

static void print_contents(int fd, const struct bpf_map_info *info)
{
	static uint8_t value[CONTENTS_MAX];
	union bpf_attr attr;
	uint32_t key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)value;
	if (info->type != BPF_MAP_TYPE_ARRAY || info->value_size > sizeof(value) ||
	    syscall(__NR_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr)) < 0) {
		printf(" -");
		return;
	}
	printf(" ");
	for (uint32_t i = 0; i < info->value_size; i++)
		printf("%02x", value[i]);
}

/* A map that is frozen cannot be frozen again. */
static int was_frozen(int fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (uint32_t)fd;
	return syscall(__NR_bpf, BPF_MAP_FREEZE, &attr, sizeof(attr.map_fd)) < 0;
}

static void print_map(uint32_t id, uint32_t index, int fd)
{
	struct bpf_map_info info;

	if (info_of(fd, &info, sizeof(info)) < 0) {
		printf("map %u %u nothing\n", id, index);
		return;
	}
	printf("map %u %u %s %u %u %u %u %u %d", id, index, info.name, info.type, info.key_size,
	       info.value_size, info.max_entries, info.map_flags, was_frozen(fd));
	print_contents(fd, &info);
	printf("\n");
}

static void print_prog(uint32_t id, uint32_t index, int fd)
{
	struct bpf_prog_info info;

	if (info_of(fd, &info, sizeof(info)) < 0)
		printf("prog %u %u nothing\n", id, index);
	else
		printf("prog %u %u %s %u\n", id, index, info.name, info.type);
}

static void print_installed(const struct test_case *test, const struct skeleton *skel)
{
	const uint8_t *at = skel->descs;

	for (uint32_t i = 0; i < test->head->nr_maps;
	     i++, at += sizeof(struct bpf_chainsign_rt1_map_desc))
		print_map(test->head->id, i,
			  ((const struct bpf_chainsign_rt1_map_desc *)at)->map_fd);
	for (uint32_t i = 0; i < test->head->nr_progs;
	     i++, at += sizeof(struct bpf_chainsign_rt1_prog_desc))
		print_prog(test->head->id, i,
			   ((const struct bpf_chainsign_rt1_prog_desc *)at)->prog_fd);
}

/* --- one case --- */

static void run_case(const struct test_case *test)
{
	struct bpf_chainsign_rt1_loader opts;
	struct skeleton skel;
	int keyring, code;

	printf("case %u", test->head->id);
	keyring = keyring_fill(test);
	try_way(test, keyring, WHOLE_SIG_CHAIN, "chain");
	try_way(test, keyring, WHOLE_SIG_FOLDED, "folded");
	try_way(test, keyring, WHOLE_SIG_INSNS, "insns");
	try_way(test, keyring, WHOLE_SIG_INSNS_HASH, "insns-hash");
	set_up(test, keyring, &skel, &opts);
	code = bpf_chainsign_rt1_load(&opts);
	printf(" final %d\n", code);
	if (!code && test->head->nr_maps <= MAPS_MAX && test->head->nr_progs <= PROGS_MAX)
		print_installed(test, &skel);
	fflush(stdout);
	close_all();
	if (keyring >= 0)
		syscall(__NR_keyctl, KEYCTL_INVALIDATE, keyring);
}

static void view_case(const struct whole_case *head, struct test_case *ret)
{
	const uint8_t *at = (const uint8_t *)(head + 1);

	*ret = (struct test_case){.head = head};
	for (size_t i = 0; i < WHOLE_PART_NR; i++) {
		if (head->size[i] == WHOLE_ABSENT)
			continue;
		ret->part[i] = at;
		at += padded(head->size[i]);
	}
	ret->certs = at;
}

static const struct whole_file *file_map(const char *path, size_t *ret_size)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	void *data;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	*ret_size = (size_t)st.st_size;
	return data == MAP_FAILED ? NULL : data;
}

/* Answers go to a descriptor that no loader closes. */
static void keep_output(void)
{
	if (dup2(1, OUTPUT_FD) < 0)
		return;
	stdout = fdopen(OUTPUT_FD, "w");
}

int main(void)
{
	const struct whole_file *file;
	const uint8_t *at, *end;
	uint32_t nr = 0;
	size_t size;

	keep_output();
	file = file_map("/cases", &size);
	if (file && size >= sizeof(*file) && file->magic == WHOLE_MAGIC) {
		at = (const uint8_t *)(file + 1);
		end = (const uint8_t *)file + size;
		for (; nr < file->nr_cases && at < end; nr++) {
			struct test_case test;

			view_case((const struct whole_case *)at, &test);
			run_case(&test);
			at += test.head->bytes;
		}
	}
	printf("done %u\n", nr);
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
