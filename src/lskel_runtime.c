// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text of the run-time part: what a signed header brings along to load itself, since no
 * released libbpf knows signature_maps and older ones know no signatures. See docs/run-time.md.
 *
 * Everything in it is called NAME__loader..., so that headers do not get into each other's way;
 * the parser finds it from "struct NAME__loader {" to the end of NAME__loader_run(). It goes into
 * other people's programs: C99 and C++, nothing newer than linux/bpf.h of 5.14, no warnings.
 */
#include "lskel_text.h"

static const char runtime[] =
	"\
struct @__loader {\n\
	/*\n\
	 * By bpf-chainsign: what @__loader_run() loads. The signatures are over this\n\
	 * loader, one for each way in which kernels check it; NULL: not signed that way.\n\
	 */\n\
	struct bpf_loader_ctx *ctx;\n\
	void *data;\n\
	void *insns;\n\
	void *excl_prog_hash;\n\
	void *sig_chain;\n\
	void *sig_folded;\n\
	__u32 data_sz;\n\
	__u32 insns_sz;\n\
	__u32 excl_prog_hash_sz;\n\
	__u32 sig_chain_sz;\n\
	__u32 sig_folded_sz;\n\
	__s32 keyring_id;\n\
};\n\
\n\
#include <errno.h>\n\
#include <stddef.h>\n\
#include <string.h>\n\
#include <sys/syscall.h>\n\
#include <unistd.h>\n\
\n\
/* BPF_MAP_CREATE as of Linux 6.18: the linux/bpf.h of this host may be older. */\n\
struct @__loader_map_attr {\n\
	__u32 map_type;\n\
	__u32 key_size;\n\
	__u32 value_size;\n\
	__u32 max_entries;\n\
	__u32 unused[3];\n\
	char map_name[16];\n\
	__u32 unused_too[9];\n\
	__aligned_u64 excl_prog_hash;\n\
	__u32 excl_prog_hash_size;\n\
	__u32 zero;\n\
};\n\
\n\
/* BPF_PROG_LOAD as of Linux 6.18; signature_maps is known to hash-chain kernels. */\n\
struct @__loader_prog_attr {\n\
	__u32 prog_type;\n\
	__u32 insn_cnt;\n\
	__aligned_u64 insns;\n\
	__aligned_u64 license;\n\
	__u32 log_level;\n\
	__u32 log_size;\n\
	__aligned_u64 log_buf;\n\
	__u32 unused;\n\
	__u32 prog_flags;\n\
	char prog_name[16];\n\
	__u32 unused_too[14];\n\
	__aligned_u64 fd_array;\n\
	__u32 unused_either[5];\n\
	__u32 fd_array_cnt;\n\
	__aligned_u64 signature;\n\
	__u32 signature_size;\n\
	__s32 keyring_id;\n\
	__aligned_u64 signature_maps;\n\
	__u32 signature_maps_size;\n\
	__u32 zero;\n\
};\n\
\n\
/* A negative size, which does not compile, where a member is not where the kernel reads it. */\n\
typedef char @__loader_check[\n\
	offsetof(struct @__loader_map_attr, excl_prog_hash) == 80 &&\n\
	offsetof(struct @__loader_prog_attr, fd_array) == 120 &&\n\
	offsetof(struct @__loader_prog_attr, signature) == 152 &&\n\
	offsetof(struct @__loader_prog_attr, signature_maps) == 168 &&\n\
	sizeof(struct @__loader_map_attr) == 96 &&\n\
	sizeof(struct @__loader_prog_attr) == 184 ? 1 : -1];\n\
\n\
/* The loader's map: filled, frozen, and exclusive to it. */\n\
static inline int\n\
@__loader_map(const struct @__loader *opts)\n\
{\n\
	struct @__loader_map_attr attr;\n\
	union bpf_attr freeze;\n\
	int key = 0, fd, err;\n\
\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.map_type = BPF_MAP_TYPE_ARRAY;\n\
	attr.key_size = sizeof(key);\n\
	attr.value_size = opts->data_sz;\n\
	attr.max_entries = 1;\n\
	memcpy(attr.map_name, \"__loader.map\", sizeof(\"__loader.map\"));\n\
	attr.excl_prog_hash = (unsigned long)opts->excl_prog_hash;\n\
	attr.excl_prog_hash_size = opts->excl_prog_hash_sz;\n\
	fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));\n\
	if (fd < 0)\n\
		return -errno;\n\
	memset(&freeze, 0, sizeof(freeze));\n\
	freeze.map_fd = (__u32)fd;\n\
	if (skel_map_update_elem(fd, &key, opts->data, 0) < 0 ||\n\
	    syscall(__NR_bpf, BPF_MAP_FREEZE, &freeze, sizeof(freeze.map_fd)) < 0) {\n\
		err = -errno;\n\
		close(fd);\n\
		return err;\n\
	}\n\
	return fd;\n\
}\n\
\n\
/* The loader itself, which the kernel only takes with this signature. */\n\
static inline int\n\
@__loader_prog(const struct @__loader *opts, int map_fd, const void *sig,\n\
	__u32 sig_sz, __u32 fd_array_cnt, __u32 signature_maps_size)\n\
{\n\
	struct @__loader_prog_attr attr;\n\
	const __u32 first_map = 0;\n\
	int fd;\n\
\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;\n\
	attr.insn_cnt = opts->insns_sz / sizeof(struct bpf_insn);\n\
	attr.insns = (unsigned long)opts->insns;\n\
	attr.license = (unsigned long)\"Dual BSD/GPL\";\n\
	attr.log_level = opts->ctx->log_level;\n\
	attr.log_size = opts->ctx->log_size;\n\
	attr.log_buf = opts->ctx->log_buf;\n\
	attr.prog_flags = BPF_F_SLEEPABLE;\n\
	memcpy(attr.prog_name, \"__loader.prog\", sizeof(\"__loader.prog\"));\n\
	attr.fd_array = (unsigned long)&map_fd;\n\
	attr.fd_array_cnt = fd_array_cnt;\n\
	attr.signature = (unsigned long)sig;\n\
	attr.signature_size = sig_sz;\n\
	attr.keyring_id = opts->keyring_id;\n\
	if (signature_maps_size)\n\
		attr.signature_maps = (unsigned long)&first_map;\n\
	attr.signature_maps_size = signature_maps_size;\n\
	fd = (int)syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));\n\
	return fd < 0 ? -errno : fd;\n\
}\n\
\n\
static inline int\n\
@__loader_exec(const struct @__loader *opts, int prog_fd)\n\
{\n\
	union bpf_attr attr;\n\
\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.test.prog_fd = (__u32)prog_fd;\n\
	attr.test.ctx_in = (unsigned long)opts->ctx;\n\
	attr.test.ctx_size_in = (__u32)opts->ctx->sz;\n\
	if (syscall(__NR_bpf, BPF_PROG_RUN, &attr, sizeof(attr.test)) < 0)\n\
		return -errno;\n\
	return (int)attr.test.retval < 0 ? (int)attr.test.retval : 0;\n\
}\n\
\n\
/*\n\
 * Load and run with the first signature that this kernel takes. E2BIG: it does not know this\n\
 * way to sign at all; the error is that of the first way it knows. Returns 0 or -errno.\n\
 */\n\
static inline int\n\
@__loader_run(const struct @__loader *opts)\n\
{\n\
	const struct {\n\
		const void *sig;\n\
		__u32 sig_sz, fd_array_cnt, signature_maps_size;\n\
	} ways[] = {\n\
		{opts->sig_chain, opts->sig_chain_sz, 0, 1},\n\
		{opts->sig_folded, opts->sig_folded_sz, 1, 0},\n\
	};\n\
	int map_fd, prog_fd = -1, err = -E2BIG;\n\
	unsigned int i;\n\
\n\
	map_fd = @__loader_map(opts);\n\
	if (map_fd < 0) {\n\
		errno = -map_fd;\n\
		return map_fd;\n\
	}\n\
	for (i = 0; prog_fd < 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {\n\
		if (!ways[i].sig)\n\
			continue;\n\
		prog_fd = @__loader_prog(opts, map_fd, ways[i].sig, ways[i].sig_sz,\n\
			ways[i].fd_array_cnt, ways[i].signature_maps_size);\n\
		if (prog_fd < 0 && err == -E2BIG)\n\
			err = prog_fd;\n\
	}\n\
	if (prog_fd >= 0) {\n\
		err = @__loader_exec(opts, prog_fd);\n\
		close(prog_fd);\n\
	}\n\
	close(map_fd);\n\
	if (err < 0)\n\
		errno = -err;\n\
	return err;\n\
}\n\
\n";

void lskel_put_runtime(struct buf *out, const char *name)
{
	lskel_put(out, runtime, name, "");
}
