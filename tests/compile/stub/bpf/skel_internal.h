/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for libbpf's skel_internal.h, so that a compiled skeleton can be run without a BPF
 * system call: what would go to the kernel is said on stdout and written to files instead, and
 * the environment says what the kernel answers.
 *
 *	STUB_MAP STUB_PLAIN_MAP		errno of making a map that is exclusive, that is not;
 *default 0 STUB_FREEZE STUB_HASH STUB_RUN	errno of that call; default 0 STUB_CHAIN STUB_FOLDED
 *STUB_INSNS STUB_UNSIGNED errno of loading in that way; default 0
 *	STUB_PROBE			errno for an empty signature; default EBADMSG
 *	STUB_RETVAL			what the loader returns
 */
#ifndef STUB_SKEL_INTERNAL_H
#define STUB_SKEL_INTERNAL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bpf_map_desc {
	int map_fd;
	__u32 max_entries;
	__aligned_u64 initial_value;
};

struct bpf_prog_desc {
	int prog_fd;
};

struct bpf_loader_ctx {
	__u32 sz, flags, log_level, log_size;
	__u64 log_buf;
};

struct bpf_load_and_run_opts {
	struct bpf_loader_ctx *ctx;
	const void *data, *insns;
	__u32 data_sz, insns_sz;
	const char *errstr;
	void *signature;
	__u32 signature_sz;
	__s32 keyring_id;
	void *excl_prog_hash;
	__u32 excl_prog_hash_sz;
};

static __u32 stub_data_size;

static inline void stub_dump(const char *file, const void *data, size_t size)
{
	FILE *out = fopen(file, "wb");

	if (!out || fwrite(data, 1, size, out) != size || fclose(out))
		abort();
}

/* What the environment says the kernel answers to CALL: a new descriptor, or -1 and errno. */
static inline long stub_answer(const char *call, const char *variable, int is_new_fd)
{
	const char *answer = getenv(variable);

	errno = answer ? atoi(answer) : 0;
	printf("%s%s", call, errno ? " refused\n" : "\n");
	if (errno)
		return -1;
	return is_new_fd ? open("/dev/null", O_RDONLY) : 0;
}

static inline __u64 stub_field(const void *attr, size_t offset, size_t size)
{
	__u64 wide = 0;
	__u32 narrow;

	if (size == sizeof(wide)) {
		memcpy(&wide, (const char *)attr + offset, size);
		return wide;
	}
	memcpy(&narrow, (const char *)attr + offset, sizeof(narrow));
	return narrow;
}

static inline long stub_map_create(const void *attr)
{
	const void *hash = (const void *)(long)stub_field(attr, 80, 8);

	stub_data_size = (__u32)stub_field(attr, 8, 4);
	if (!hash)
		return stub_answer("plain map", "STUB_PLAIN_MAP", 1);
	if (stub_field(attr, 88, 4) != 32) {
		printf("map refused\n");
		errno = EINVAL;
		return -1;
	}
	stub_dump("excl_hash", hash, stub_field(attr, 88, 4));
	return stub_answer("map", "STUB_MAP", 1);
}

/* struct bpf_map_info of 104 bytes, with room for a hash of 32. */
static inline long stub_map_hash(const void *attr)
{
	const void *info = (const void *)(long)stub_field(attr, 8, 8);

	if (stub_field(attr, 4, 4) != 104 || stub_field(info, 96, 4) != 32)
		abort();
	memset((void *)(long)stub_field(info, 88, 8), 1, 32);
	return stub_answer("hash", "STUB_HASH", 0);
}

struct stub_way {
	const char *name, *variable;
};

/* How a load is signed, by what it hands over. */
static inline struct stub_way stub_way(const void *attr)
{
	static const struct stub_way ways[] = {
		{"unsigned", "STUB_UNSIGNED"}, {"probe", "STUB_PROBE"}, {"chain", "STUB_CHAIN"},
		{"folded", "STUB_FOLDED"},     {"insns", "STUB_INSNS"},
	};

	if (!stub_field(attr, 152, 8))
		return ways[0];
	if (!stub_field(attr, 160, 4))
		return ways[1];
	if (stub_field(attr, 176, 4))
		return ways[2];
	return ways[stub_field(attr, 148, 4) ? 3 : 4];
}

static inline long stub_prog_load(const void *attr)
{
	struct stub_way way = stub_way(attr);
	__u64 sig = stub_field(attr, 152, 8), size = stub_field(attr, 160, 4);
	char file[32];

	if (sig && !size) {
		setenv(way.variable, "74", 0);
		return stub_answer(way.name, way.variable, 1);
	}
	/* Kernels that know no signatures take nothing but zeros behind fd_array_cnt. */
	for (size_t at = 148; !sig && at < 184; at += 4) {
		if (stub_field(attr, at, 4))
			abort();
	}
	stub_dump("insns", (const void *)(long)stub_field(attr, 8, 8), 8 * stub_field(attr, 4, 4));
	snprintf(file, sizeof(file), "%s.sig", way.name);
	if (sig)
		stub_dump(file, (const void *)(long)sig, size);
	printf("keyring %d ", (int)stub_field(attr, 164, 4));
	return stub_answer(way.name, way.variable, 1);
}

static inline long stub_run(void *attr)
{
	const char *retval = getenv("STUB_RETVAL");
	__u32 value = retval ? (__u32)atoi(retval) : 0;

	memcpy((char *)attr + 4, &value, sizeof(value));
	return stub_answer("run", "STUB_RUN", 0);
}

static inline long stub_bpf(int cmd, void *attr)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return stub_map_create(attr);
	case BPF_MAP_FREEZE:
		return stub_answer("freeze", "STUB_FREEZE", 0);
	case BPF_OBJ_GET_INFO_BY_FD:
		return stub_map_hash(attr);
	case BPF_PROG_LOAD:
		return stub_prog_load(attr);
	case BPF_PROG_TEST_RUN:
		return stub_run(attr);
	default:
		abort();
	}
}

#define syscall(nr, cmd, attr, size) stub_bpf((cmd), ((void)(nr), (void)(size), (attr)))

static inline int skel_map_update_elem(int fd, const void *key, const void *value, __u64 flags)
{
	(void)fd, (void)key, (void)flags;
	stub_dump("data", value, stub_data_size);
	return 0;
}

static inline int bpf_load_and_run(struct bpf_load_and_run_opts *opts)
{
	stub_dump("insns", opts->insns, opts->insns_sz);
	stub_dump("data", opts->data, opts->data_sz);
	if (opts->signature)
		stub_dump("folded", opts->signature, opts->signature_sz);
	if (opts->excl_prog_hash)
		stub_dump("excl_hash", opts->excl_prog_hash, opts->excl_prog_hash_sz);
	return 0;
}

static inline void *skel_alloc(size_t size)
{
	return calloc(1, size);
}

static inline void skel_free(void *p)
{
	free(p);
}

static inline void *skel_prep_map_data(const void *value, size_t mmap_size, size_t size)
{
	void *copy = calloc(1, mmap_size);

	return copy ? memcpy(copy, value, size) : NULL;
}

static inline void skel_free_map_data(void *p, __u64 value, size_t size)
{
	(void)value, (void)size;
	free(p);
}

static inline void *skel_finalize_map_data(__u64 *value, size_t size, int flags, int fd)
{
	(void)size, (void)flags, (void)fd;
	return (void *)(long)*value;
}

static inline int skel_closenz(int fd)
{
	return fd > 0 ? close(fd) : -EINVAL;
}

static inline int skel_raw_tracepoint_open(const char *name, int fd)
{
	(void)name, (void)fd;
	return 0;
}

static inline int skel_link_create(int prog_fd, int target_fd, enum bpf_attach_type type)
{
	(void)prog_fd, (void)target_fd, (void)type;
	return 0;
}

#endif /* STUB_SKEL_INTERNAL_H */
