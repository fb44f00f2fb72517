// SPDX-License-Identifier: BSD-2-Clause
/*
 * guest.c - /init of the virtual machine: put every case of /cases to this kernel (see case.h).
 *
 * Linked statically and without libbpf; the attributes are laid out here, because the headers of
 * the machine it is built on are older than the fields it sets.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "case.h"
#include "content.h"
#include "sysbpf.h"

#define MAPS_MAX 64

/* BPF_MAP_CREATE (Linux 6.18, include/uapi/linux/bpf.h: union bpf_attr). */
struct map_create_attr {
	uint32_t map_type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint8_t unused[64];
	uint64_t excl_prog_hash;
	uint32_t excl_prog_hash_size;
	uint32_t zero;
};
_Static_assert(offsetof(struct map_create_attr, excl_prog_hash) == 80, "as the kernel has it");

/* BPF_MAP_UPDATE_ELEM. */
struct map_update_attr {
	uint32_t map_fd;
	uint32_t zero;
	uint64_t key;
	uint64_t value;
	uint64_t flags;
};

/* BPF_OBJ_GET_INFO_BY_FD and struct bpf_map_info. */
struct info_attr {
	uint32_t fd;
	uint32_t info_len;
	uint64_t info;
};

struct map_info {
	uint8_t unused[88];
	uint64_t hash;
	uint32_t hash_size;
	uint32_t zero;
};

/* BPF_PROG_LOAD, with the two fields of the hash-chain patch set at its end. */
struct prog_load_attr {
	uint32_t prog_type;
	uint32_t insn_cnt;
	uint64_t insns;
	uint64_t license;
	uint32_t log_level;
	uint32_t log_size;
	uint64_t log_buf;
	uint32_t kern_version;
	uint32_t prog_flags;
	uint8_t unused1[72];
	uint64_t fd_array;
	uint8_t unused2[20];
	uint32_t fd_array_cnt;
	uint64_t signature;
	uint32_t signature_size;
	int32_t keyring_id;
	uint64_t signature_maps;
	uint32_t signature_maps_size;
	uint32_t zero;
};
_Static_assert(offsetof(struct prog_load_attr, fd_array) == 120, "as the kernel has it");
_Static_assert(offsetof(struct prog_load_attr, signature) == 152, "as the kernel has it");
_Static_assert(offsetof(struct prog_load_attr, signature_maps) == 168, "as the patch set has it");

/* A case, as views into the file. */
struct test_case {
	const struct case_head *head;
	const void *insns;
	const void *signature;
	const uint32_t *chain;
	const uint8_t *maps;
	const uint8_t *certs;
};

static char log_text[1 << 16];

static size_t padded(size_t size)
{
	return (size + CASE_ALIGN - 1) / CASE_ALIGN * CASE_ALIGN;
}

/* --- the keyring --- */

static int key_add(const char *type, const char *name, const void *data, size_t size, int keyring)
{
	long ret = syscall(SYS_add_key, type, name, data, size, keyring);

	return ret < 0 ? -errno : (int)ret;
}

/* A keyring with the case's certificates; prints what the kernel says to each of them. */
static int keyring_fill(const struct test_case *test)
{
	const uint8_t *at = test->certs;
	int keyring, err;

	keyring = key_add("keyring", "case", NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	if (keyring < 0)
		return keyring;
	printf("certs %s", test->head->nr_certs ? "" : "-");
	for (uint32_t i = 0; i < test->head->nr_certs; i++) {
		uint32_t size;

		memcpy(&size, at, sizeof(size));
		/* The name of an asymmetric key is made from its certificate if none is given. */
		err = key_add("asymmetric", NULL, at + sizeof(size), size, keyring);
		printf("%s%d", i ? "," : "", err < 0 ? err : 0);
		at += padded(sizeof(size) + size);
	}
	return keyring;
}

/* --- maps --- */

static int map_update(int fd, const struct case_map *map, const uint8_t *value)
{
	for (uint32_t key = 0; key < map->nr_values; key++) {
		struct map_update_attr attr = {
			.map_fd = (uint32_t)fd,
			.key = address(&key),
			.value = address(value + (size_t)key * map->value_size),
		};
		int err = sys_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr));

		if (err)
			return err;
	}
	return 0;
}

static int map_ask_hash(int fd)
{
	uint8_t hash[32];
	struct map_info info = {.hash = address(hash), .hash_size = sizeof(hash)};
	struct info_attr attr = {
		.fd = (uint32_t)fd,
		.info_len = sizeof(info),
		.info = address(&info),
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr));
}

/* Returns the map's fd. *step names what was tried last. */
static int map_make(const struct case_head *head, const struct case_map *map, const uint8_t *value,
		    const char **step)
{
	struct map_create_attr attr = {
		.map_type = map->type,
		.key_size = map->key_size,
		.value_size = map->value_size,
		.max_entries = map->max_entries,
	};
	int fd, err;

	if (map->flags & CASE_MAP_EXCLUSIVE) {
		attr.excl_prog_hash = address(head->excl_hash);
		attr.excl_prog_hash_size = sizeof(head->excl_hash);
	}
	*step = "map_create";
	fd = sys_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return fd;

	*step = "map_update";
	err = map_update(fd, map, value);
	if (!err && map->flags & CASE_MAP_FROZEN) {
		uint32_t freeze = (uint32_t)fd;

		*step = "map_freeze";
		err = sys_bpf(BPF_MAP_FREEZE, &freeze, sizeof(freeze));
	}
	if (!err && map->flags & CASE_MAP_HASHED) {
		*step = "map_hash";
		err = map_ask_hash(fd);
	}
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

static int maps_make(const struct test_case *test, int *fds, const char **step)
{
	const uint8_t *at = test->maps;

	for (uint32_t i = 0; i < test->head->nr_maps; i++) {
		struct case_map map;

		memcpy(&map, at, sizeof(map));
		if (map.flags & CASE_MAP_AGAIN && i)
			fds[i] = dup(fds[i - 1]);
		else
			fds[i] = map_make(test->head, &map, at + sizeof(map), step);
		if (fds[i] < 0)
			return fds[i];
		at += padded(sizeof(map) + (size_t)map.nr_values * map.value_size);
	}
	return 0;
}

/* --- the load --- */

static int load(const struct test_case *test, const int *fds, int keyring)
{
	const struct case_head *head = test->head;
	struct prog_load_attr attr = {
		.prog_type = BPF_PROG_TYPE_SYSCALL,
		.insn_cnt = head->insns_size / sizeof(struct bpf_insn),
		.insns = address(test->insns),
		.license = address("Dual BSD/GPL"),
		.log_level = 1,
		.log_size = sizeof(log_text),
		.log_buf = address(log_text),
		.prog_flags = BPF_F_SLEEPABLE,
		.fd_array = head->nr_maps ? address(fds) : 0,
		.fd_array_cnt = head->fd_array_cnt,
		.signature_maps = head->nr_chain ? address(test->chain) : 0,
		.signature_maps_size = head->nr_chain,
	};
	int fd;

	if (!(head->flags & CASE_UNSIGNED)) {
		attr.signature = address(test->signature);
		attr.signature_size = head->signature_size;
		attr.keyring_id = head->keyring == CASE_KEYRING ? keyring : head->keyring;
	}
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

/* The last line of the verifier's log, without the statistics it may end in. */
static const char *log_last_line(void)
{
	char *statistics = strstr(log_text, "processed ");
	char *end, *line;

	if (statistics && (statistics == log_text || statistics[-1] == '\n'))
		*statistics = '\0';
	end = log_text + strlen(log_text);
	while (end > log_text && end[-1] == '\n')
		*--end = '\0';
	line = strrchr(log_text, '\n');
	return line ? line + 1 : log_text;
}

/* Returns 0 when the kernel has answered, in *ret; else *step names what could not be done. */
static int ask(const struct test_case *test, int *fds, int keyring, int *ret, const char **step)
{
	const struct case_head *head = test->head;
	int err;

	log_text[0] = '\0';
	if (head->flags & CASE_CONTENT)
		return content_verify(test->insns, head->insns_size, test->signature,
				      head->signature_size, keyring, ret, step);
	err = maps_make(test, fds, step);
	if (!err)
		*ret = load(test, fds, keyring);
	return err;
}

static void run_case(const struct test_case *test)
{
	const char *step = "keyring", *text;
	int fds[MAPS_MAX];
	int keyring, err, code = 0;

	memset(fds, -1, sizeof(fds));
	printf("case %u ", test->head->id);
	keyring = keyring_fill(test);
	err = keyring < 0 ? keyring : ask(test, fds, keyring, &code, &step);
	if (err < 0) {
		printf(" failed %s %d\n", step, err);
	} else {
		text = code ? log_last_line() : "";
		printf(" load %d%s%.100s\n", code, *text ? " " : "", text);
	}
	for (size_t i = 0; i < MAPS_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (keyring >= 0)
		syscall(SYS_keyctl, KEYCTL_INVALIDATE, keyring);
}

/* --- the file --- */

/* SIZE bytes at *at, which moves on by as much and the padding. */
static const void *part(const uint8_t **at, size_t size)
{
	const uint8_t *start = *at;

	*at += padded(size);
	return start;
}

static void view_case(const struct case_head *head, struct test_case *ret)
{
	const uint8_t *at = (const uint8_t *)head;

	ret->head = part(&at, sizeof(*head));
	ret->insns = part(&at, head->insns_size);
	ret->signature = part(&at, head->signature_size);
	ret->chain = part(&at, sizeof(uint32_t) * head->nr_chain);
	ret->maps = at;
	for (uint32_t i = 0; i < head->nr_maps; i++) {
		struct case_map map;

		memcpy(&map, at, sizeof(map));
		part(&at, sizeof(map) + (size_t)map.nr_values * map.value_size);
	}
	ret->certs = at;
}

static const struct case_file *file_map(const char *path, size_t *ret_size)
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

int main(void)
{
	const struct case_file *file;
	const uint8_t *at, *end;
	uint32_t nr = 0;
	size_t size;

	file = file_map("/cases", &size);
	if (file && size >= sizeof(*file) && file->magic == CASE_MAGIC) {
		at = (const uint8_t *)(file + 1);
		end = (const uint8_t *)file + size;
		for (; nr < file->nr_cases && at < end; nr++) {
			struct test_case test;

			view_case((const struct case_head *)at, &test);
			run_case(&test);
			at += test.head->size;
		}
	}
	printf("done %u\n", nr);
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
