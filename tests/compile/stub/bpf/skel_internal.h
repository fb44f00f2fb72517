/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands in for libbpf's skel_internal.h, on top of kernel.h. */
#ifndef STUB_SKEL_INTERNAL_H
#define STUB_SKEL_INTERNAL_H

#include "../kernel.h"

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
