/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime_0_2.h - the run-time part that releases 0.1.0 and 0.2.0 wrote, to read their headers.
 *
 * Its names began with the skeleton's, NAME here; it relied on bpf/skel_internal.h. REVISION is 0
 * in 0.1.0, 1 in 0.2.0. The build turns the text behind the first blank line into pieces for
 * form_runtime() (scripts/runtime-text). It is never written any more, and never changes.
 */

struct NAME__loader {
	struct bpf_loader_ctx *ctx;
	void *data;
	void *insns;
	void *insns_checked;
	void *excl_prog_hash;
	void *excl_prog_hash_checked;
	void *sig_chain;
	void *sig_folded;
	void *sig_insns;
#if REVISION >= 1
	void *insns_hash;
	void *excl_prog_hash_hash;
	void *sig_insns_hash;
#endif
	__u32 data_sz;
	__u32 insns_sz;
	__u32 insns_checked_sz;
	__u32 excl_prog_hash_sz;
	__u32 excl_prog_hash_checked_sz;
	__u32 sig_chain_sz;
	__u32 sig_folded_sz;
	__u32 sig_insns_sz;
#if REVISION >= 1
	__u32 insns_hash_sz;
	__u32 excl_prog_hash_hash_sz;
	__u32 sig_insns_hash_sz;
#endif
	__s32 keyring_id;
	__u32 allow_unsigned;
};

#if REVISION >= 1
enum { NAME__loader_revision = 1 };

#endif
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct NAME__loader_map_attr {
	__u32 map_type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
	__u32 unused[3];
	char map_name[16];
	__u32 unused_too[9];
	__aligned_u64 excl_prog_hash;
	__u32 excl_prog_hash_size;
	__u32 zero;
};

struct NAME__loader_prog_attr {
	__u32 prog_type;
	__u32 insn_cnt;
	__aligned_u64 insns;
	__aligned_u64 license;
	__u32 log_level;
	__u32 log_size;
	__aligned_u64 log_buf;
	__u32 unused;
	__u32 prog_flags;
	char prog_name[16];
	__u32 unused_too[14];
	__aligned_u64 fd_array;
	__u32 unused_either[5];
	__u32 fd_array_cnt;
	__aligned_u64 signature;
	__u32 signature_size;
	__s32 keyring_id;
	__aligned_u64 signature_maps;
	__u32 signature_maps_size;
	__u32 zero;
};

struct NAME__loader_map_info {
	__u32 unused[22];
	__aligned_u64 hash;
	__u32 hash_size;
	__u32 zero;
};

typedef char NAME__loader_check
	[offsetof(struct NAME__loader_map_attr, excl_prog_hash) == 80 &&
			 offsetof(struct NAME__loader_prog_attr, fd_array) == 120 &&
			 offsetof(struct NAME__loader_prog_attr, signature) == 152 &&
			 offsetof(struct NAME__loader_prog_attr, signature_maps) == 168 &&
			 offsetof(struct NAME__loader_map_info, hash) == 88 &&
			 sizeof(struct NAME__loader_map_attr) == 96 &&
			 sizeof(struct NAME__loader_prog_attr) == 184 &&
			 sizeof(struct NAME__loader_map_info) == 104
		 ? 1
		 : -1];

struct NAME__loader_form {
	const void *insns;
	const void *excl_prog_hash;
	__u32 insns_sz;
	__u32 excl_prog_hash_sz;
};

struct NAME__loader_way {
	const struct NAME__loader_form *form;
	const void *sig;
	__u32 sig_sz;
	__u32 signature_maps_size;
	__u32 fd_array_cnt;
	__u32 hash_map;
};

static inline int NAME__loader_hash(int map_fd)
{
	struct NAME__loader_map_info info;
	union bpf_attr attr;
	char hash[32];

	memset(&info, 0, sizeof(info));
	info.hash = (unsigned long)hash;
	info.hash_size = sizeof(hash);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)map_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = (unsigned long)&info;
	return (int)syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));
}

static inline int NAME__loader_fill(const struct NAME__loader *opts, int map_fd, __u32 hash_map)
{
	union bpf_attr freeze;
	int key = 0;

	memset(&freeze, 0, sizeof(freeze));
	freeze.map_fd = (__u32)map_fd;
	if (skel_map_update_elem(map_fd, &key, opts->data, 0) < 0 ||
	    syscall(__NR_bpf, BPF_MAP_FREEZE, &freeze, sizeof(freeze.map_fd)) < 0 ||
	    (hash_map && NAME__loader_hash(map_fd) < 0))
		return -errno;
	return 0;
}

static inline int NAME__loader_map(const struct NAME__loader *opts,
				   const struct NAME__loader_way *way)
{
	struct NAME__loader_map_attr attr;
	int fd, err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(int);
	attr.value_size = opts->data_sz;
	attr.max_entries = 1;
	memcpy(attr.map_name, "__loader.map", sizeof("__loader.map"));
	attr.excl_prog_hash = (unsigned long)way->form->excl_prog_hash;
	attr.excl_prog_hash_size = way->form->excl_prog_hash_sz;
	fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return -errno;
	err = NAME__loader_fill(opts, fd, way->hash_map);
	if (err < 0) {
		close(fd);
		return err;
	}
	return fd;
}

static inline int NAME__loader_prog(const struct NAME__loader *opts,
				    const struct NAME__loader_way *way, int map_fd)
{
	struct NAME__loader_prog_attr attr;
	const __u32 first_map = 0;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.insn_cnt = way->form->insns_sz / sizeof(struct bpf_insn);
	attr.insns = (unsigned long)way->form->insns;
	attr.license = (unsigned long)"Dual BSD/GPL";
	attr.log_level = opts->ctx->log_level;
	attr.log_size = opts->ctx->log_size;
	attr.log_buf = opts->ctx->log_buf;
	attr.prog_flags = BPF_F_SLEEPABLE;
	memcpy(attr.prog_name, "__loader.prog", sizeof("__loader.prog"));
	attr.fd_array = (unsigned long)&map_fd;
	attr.fd_array_cnt = way->fd_array_cnt;
	attr.signature = (unsigned long)way->sig;
	attr.signature_size = way->sig_sz;
	attr.keyring_id = way->sig ? opts->keyring_id : 0;
	if (way->signature_maps_size)
		attr.signature_maps = (unsigned long)&first_map;
	attr.signature_maps_size = way->signature_maps_size;
	fd = (int)syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

static inline int NAME__loader_load(const struct NAME__loader *opts,
				    const struct NAME__loader_way *way, int *map_fd)
{
	int prog_fd;

	*map_fd = NAME__loader_map(opts, way);
	if (*map_fd < 0)
		return *map_fd;
	prog_fd = NAME__loader_prog(opts, way, *map_fd);
	if (prog_fd < 0)
		close(*map_fd);
	return prog_fd;
}

static inline int NAME__loader_probe(void)
{
	static const struct bpf_insn nothing[] = {
		{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	const struct NAME__loader_form form = {nothing, NULL, sizeof(nothing), 0};
	const struct NAME__loader_way way = {&form, "", 0, 0, 0, 0};
	struct bpf_loader_ctx ctx;
	struct NAME__loader opts;
	int fd;

	memset(&ctx, 0, sizeof(ctx));
	memset(&opts, 0, sizeof(opts));
	opts.ctx = &ctx;
	fd = NAME__loader_prog(&opts, &way, -1);
	if (fd >= 0)
		close(fd);
	return fd;
}

static inline int NAME__loader_is_old(void)
{
	char zeros[32];
	struct NAME__loader_form form = {NULL, zeros, 0, sizeof(zeros)};
	const struct NAME__loader_way way = {&form, NULL, 0, 0, 0, 0};
	struct NAME__loader opts;
	int fd;

	memset(zeros, 0, sizeof(zeros));
	memset(&opts, 0, sizeof(opts));
	opts.data = zeros;
	opts.data_sz = sizeof(zeros);
	fd = NAME__loader_map(&opts, &way);
	if (fd >= 0)
		close(fd);
	if (fd != -EINVAL && fd != -E2BIG)
		return 0;
	form.excl_prog_hash = NULL;
	form.excl_prog_hash_sz = 0;
	fd = NAME__loader_map(&opts, &way);
	if (fd < 0)
		return 0;
	close(fd);
	return NAME__loader_probe() == -E2BIG;
}

static inline int NAME__loader_unsigned(const struct NAME__loader *opts, int *map_fd)
{
	const struct NAME__loader_form form = {opts->insns, NULL, opts->insns_sz, 0};
	const struct NAME__loader_way way = {&form, NULL, 0, 0, 0, 0};

	return NAME__loader_load(opts, &way, map_fd);
}

static inline int NAME__loader_exec(const struct NAME__loader *opts, int prog_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog_fd;
	attr.test.ctx_in = (unsigned long)opts->ctx;
	attr.test.ctx_size_in = (__u32)opts->ctx->sz;
	if (syscall(__NR_bpf, BPF_PROG_RUN, &attr, sizeof(attr.test)) < 0)
		return -errno;
	return (int)attr.test.retval < 0 ? (int)attr.test.retval : 0;
}

static inline int NAME__loader_tells(const struct NAME__loader *opts,
				     const struct NAME__loader_way *way, int err)
{
	if (err == -E2BIG)
		return 0;
#if REVISION == 0
	return !way->fd_array_cnt || !opts->sig_insns || NAME__loader_probe() == -EINVAL;
#endif
#if REVISION >= 1
	if (err == -EACCES && way->sig == opts->sig_insns && opts->sig_insns_hash)
		return 0;
	return !way->fd_array_cnt || (!opts->sig_insns && !opts->sig_insns_hash) ||
	       NAME__loader_probe() == -EINVAL;
#endif
}

static inline int NAME__loader_run(const struct NAME__loader *opts)
{
	const struct NAME__loader_form form = {opts->insns, opts->excl_prog_hash, opts->insns_sz,
					       opts->excl_prog_hash_sz};
	const struct NAME__loader_form checked = {opts->insns_checked, opts->excl_prog_hash_checked,
						  opts->insns_checked_sz,
						  opts->excl_prog_hash_checked_sz};
#if REVISION >= 1
	const struct NAME__loader_form hash = {opts->insns_hash, opts->excl_prog_hash_hash,
					       opts->insns_hash_sz, opts->excl_prog_hash_hash_sz};
#endif
	const struct NAME__loader_way ways[] = {
		{&form, opts->sig_chain, opts->sig_chain_sz, 1, 0, 0},
		{&form, opts->sig_folded, opts->sig_folded_sz, 0, 1, 0},
		{opts->insns_checked ? &checked : &form, opts->sig_insns, opts->sig_insns_sz, 0, 0,
		 1},
#if REVISION >= 1
		{&hash, opts->sig_insns_hash, opts->sig_insns_hash_sz, 0, 0, 1},
#endif
	};
	int map_fd = -1, prog_fd = -1, shown = 0, err = -E2BIG;
	unsigned int i;

	for (i = 0; prog_fd < 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!ways[i].sig)
			continue;
		prog_fd = NAME__loader_load(opts, &ways[i], &map_fd);
		shown |= map_fd >= 0;
		if (prog_fd < 0 && err == -E2BIG && NAME__loader_tells(opts, &ways[i], prog_fd))
			err = prog_fd;
	}
	if (opts->allow_unsigned && !shown && NAME__loader_is_old())
		err = prog_fd = NAME__loader_unsigned(opts, &map_fd);
	if (prog_fd >= 0) {
		err = NAME__loader_exec(opts, prog_fd);
		close(prog_fd);
		close(map_fd);
	}
	if (err < 0)
		errno = -err;
	return err;
}
