// SPDX-License-Identifier: BSD-2-Clause
/*
 * The text of the run-time part: what a signed header brings along to load itself, since no
 * released libbpf knows signature_maps and older ones know no signatures. See docs/run-time.md.
 *
 * Everything in it is called NAME__loader..., so that headers do not get into each other's way;
 * the parser finds it from "struct NAME__loader {" to the end of NAME__loader_run(). It goes into
 * other people's programs: C99 and C++, nothing newer than linux/bpf.h of 5.14, no warnings.
 */
#include "lskel/lskel_form.h"

/* A piece of the text, and the revisions that have it. */
static const struct piece {
	unsigned int since, until;
	const char *text;
} pieces[] = {
	{0, FORM_REVISION,
	 "\
struct @__loader {\n\
	/*\n\
	 * By bpf-chainsign: what @__loader_run() loads. The signatures are over this\n\
	 * loader, one for each way in which kernels check it; NULL: not signed that way.\n\
	 * The second form of its instructions goes with sig_insns; NULL: there is one form.\n\
	 */\n\
	struct bpf_loader_ctx *ctx;\n\
	void *data;\n\
	void *insns;\n\
	void *insns_checked;\n\
	void *excl_prog_hash;\n\
	void *excl_prog_hash_checked;\n\
	void *sig_chain;\n\
	void *sig_folded;\n\
	void *sig_insns;\n"},
	{1, FORM_REVISION,
	 "\
	void *insns_hash;\n\
	void *excl_prog_hash_hash;\n\
	void *sig_insns_hash;\n"},
	{0, FORM_REVISION,
	 "\
	__u32 data_sz;\n\
	__u32 insns_sz;\n\
	__u32 insns_checked_sz;\n\
	__u32 excl_prog_hash_sz;\n\
	__u32 excl_prog_hash_checked_sz;\n\
	__u32 sig_chain_sz;\n\
	__u32 sig_folded_sz;\n\
	__u32 sig_insns_sz;\n"},
	{1, FORM_REVISION,
	 "\
	__u32 insns_hash_sz;\n\
	__u32 excl_prog_hash_hash_sz;\n\
	__u32 sig_insns_hash_sz;\n"},
	{0, FORM_REVISION,
	 "\
	__s32 keyring_id;\n\
	__u32 allow_unsigned;\n\
};\n\
\n"},
	{1, FORM_REVISION,
	 "\
/* Of this text, for bpf-chainsign verify. */\n\
enum { @__loader_revision = 1 };\n\
\n"},
	{0, FORM_REVISION,
	 "\
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
/* struct bpf_map_info as of Linux 6.18. */\n\
struct @__loader_map_info {\n\
	__u32 unused[22];\n\
	__aligned_u64 hash;\n\
	__u32 hash_size;\n\
	__u32 zero;\n\
};\n\
\n\
/* A negative size, which does not compile, where a member is not where the kernel reads it. */\n\
typedef char @__loader_check[\n\
	offsetof(struct @__loader_map_attr, excl_prog_hash) == 80 &&\n\
	offsetof(struct @__loader_prog_attr, fd_array) == 120 &&\n\
	offsetof(struct @__loader_prog_attr, signature) == 152 &&\n\
	offsetof(struct @__loader_prog_attr, signature_maps) == 168 &&\n\
	offsetof(struct @__loader_map_info, hash) == 88 &&\n\
	sizeof(struct @__loader_map_attr) == 96 &&\n\
	sizeof(struct @__loader_prog_attr) == 184 &&\n\
	sizeof(struct @__loader_map_info) == 104 ? 1 : -1];\n\
\n\
/* Instructions, and their sha256, to which their map is exclusive; NULL: to nothing. */\n\
struct @__loader_form {\n\
	const void *insns;\n\
	const void *excl_prog_hash;\n\
	__u32 insns_sz;\n\
	__u32 excl_prog_hash_sz;\n\
};\n\
\n\
/* One way to load: what is signed, and what the kernel is told and asked about the map. */\n\
struct @__loader_way {\n\
	const struct @__loader_form *form;\n\
	const void *sig;\n\
	__u32 sig_sz;\n\
	__u32 signature_maps_size;\n\
	__u32 fd_array_cnt;\n\
	__u32 hash_map;\n\
};\n\
\n\
/* The kernel computes the hash of a frozen map when asked; the loader then compares it. */\n\
static inline int\n\
@__loader_hash(int map_fd)\n\
{\n\
	struct @__loader_map_info info;\n\
	union bpf_attr attr;\n\
	char hash[32];\n\
\n\
	memset(&info, 0, sizeof(info));\n\
	info.hash = (unsigned long)hash;\n\
	info.hash_size = sizeof(hash);\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.info.bpf_fd = (__u32)map_fd;\n\
	attr.info.info_len = sizeof(info);\n\
	attr.info.info = (unsigned long)&info;\n\
	return (int)syscall(__NR_bpf, BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));\n\
}\n\
\n\
/* The loader's data, frozen, and its hash where that is asked for. */\n\
static inline int\n\
@__loader_fill(const struct @__loader *opts, int map_fd, __u32 hash_map)\n\
{\n\
	union bpf_attr freeze;\n\
	int key = 0;\n\
\n\
	memset(&freeze, 0, sizeof(freeze));\n\
	freeze.map_fd = (__u32)map_fd;\n\
	if (skel_map_update_elem(map_fd, &key, opts->data, 0) < 0 ||\n\
	    syscall(__NR_bpf, BPF_MAP_FREEZE, &freeze, sizeof(freeze.map_fd)) < 0 ||\n\
	    (hash_map && @__loader_hash(map_fd) < 0))\n\
		return -errno;\n\
	return 0;\n\
}\n\
\n\
/* The loader's map. */\n\
static inline int\n\
@__loader_map(const struct @__loader *opts, const struct @__loader_way *way)\n\
{\n\
	struct @__loader_map_attr attr;\n\
	int fd, err;\n\
\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.map_type = BPF_MAP_TYPE_ARRAY;\n\
	attr.key_size = sizeof(int);\n\
	attr.value_size = opts->data_sz;\n\
	attr.max_entries = 1;\n\
	memcpy(attr.map_name, \"__loader.map\", sizeof(\"__loader.map\"));\n\
	attr.excl_prog_hash = (unsigned long)way->form->excl_prog_hash;\n\
	attr.excl_prog_hash_size = way->form->excl_prog_hash_sz;\n\
	fd = (int)syscall(__NR_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));\n\
	if (fd < 0)\n\
		return -errno;\n\
	err = @__loader_fill(opts, fd, way->hash_map);\n\
	if (err < 0) {\n\
		close(fd);\n\
		return err;\n\
	}\n\
	return fd;\n\
}\n\
\n\
/* The loader itself, which the kernel only takes with its signature. */\n\
static inline int\n\
@__loader_prog(const struct @__loader *opts, const struct @__loader_way *way, int map_fd)\n\
{\n\
	struct @__loader_prog_attr attr;\n\
	const __u32 first_map = 0;\n\
	int fd;\n\
\n\
	memset(&attr, 0, sizeof(attr));\n\
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;\n\
	attr.insn_cnt = way->form->insns_sz / sizeof(struct bpf_insn);\n\
	attr.insns = (unsigned long)way->form->insns;\n\
	attr.license = (unsigned long)\"Dual BSD/GPL\";\n\
	attr.log_level = opts->ctx->log_level;\n\
	attr.log_size = opts->ctx->log_size;\n\
	attr.log_buf = opts->ctx->log_buf;\n\
	attr.prog_flags = BPF_F_SLEEPABLE;\n\
	memcpy(attr.prog_name, \"__loader.prog\", sizeof(\"__loader.prog\"));\n\
	attr.fd_array = (unsigned long)&map_fd;\n\
	attr.fd_array_cnt = way->fd_array_cnt;\n\
	attr.signature = (unsigned long)way->sig;\n\
	attr.signature_size = way->sig_sz;\n\
	attr.keyring_id = way->sig ? opts->keyring_id : 0;\n\
	if (way->signature_maps_size)\n\
		attr.signature_maps = (unsigned long)&first_map;\n\
	attr.signature_maps_size = way->signature_maps_size;\n\
	fd = (int)syscall(__NR_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));\n\
	return fd < 0 ? -errno : fd;\n\
}\n\
\n\
/* Load in one way: the descriptor of the loader, and that of its map in *map_fd. */\n\
static inline int\n\
@__loader_load(const struct @__loader *opts, const struct @__loader_way *way, int *map_fd)\n\
{\n\
	int prog_fd;\n\
\n\
	*map_fd = @__loader_map(opts, way);\n\
	if (*map_fd < 0)\n\
		return *map_fd;\n\
	prog_fd = @__loader_prog(opts, way, *map_fd);\n\
	if (prog_fd < 0)\n\
		close(*map_fd);\n\
	return prog_fd;\n\
}\n\
\n\
/*\n\
 * What the kernel says to an empty signature, for a program that does nothing. E2BIG: it knows no\n\
 * signatures; EINVAL: it folds maps into what is signed (Linux 7.3 and later); kernels that do\n\
 * not, look into it first: EBADMSG.\n\
 */\n\
static inline int\n\
@__loader_probe(void)\n\
{\n\
	static const struct bpf_insn nothing[] = {\n\
		{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},\n\
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},\n\
	};\n\
	const struct @__loader_form form = {nothing, NULL, sizeof(nothing), 0};\n\
	const struct @__loader_way way = {&form, \"\", 0, 0, 0, 0};\n\
	struct bpf_loader_ctx ctx;\n\
	struct @__loader opts;\n\
	int fd;\n\
\n\
	memset(&ctx, 0, sizeof(ctx));\n\
	memset(&opts, 0, sizeof(opts));\n\
	opts.ctx = &ctx;\n\
	fd = @__loader_prog(&opts, &way, -1);\n\
	if (fd >= 0)\n\
		close(fd);\n\
	return fd;\n\
}\n\
\n\
/*\n\
 * Whether this kernel knows no signatures at all (Linux 6.17 and earlier): it makes a map, but no\n\
 * exclusive one, and has no room for a signature. Asked with a map and a program of its own: to\n\
 * a loader that is broken it might say the same.\n\
 */\n\
static inline int\n\
@__loader_is_old(void)\n\
{\n\
	char zeros[32];\n\
	struct @__loader_form form = {NULL, zeros, 0, sizeof(zeros)};\n\
	const struct @__loader_way way = {&form, NULL, 0, 0, 0, 0};\n\
	struct @__loader opts;\n\
	int fd;\n\
\n\
	memset(zeros, 0, sizeof(zeros));\n\
	memset(&opts, 0, sizeof(opts));\n\
	opts.data = zeros;\n\
	opts.data_sz = sizeof(zeros);\n\
	fd = @__loader_map(&opts, &way);\n\
	if (fd >= 0)\n\
		close(fd);\n\
	if (fd != -EINVAL && fd != -E2BIG)\n\
		return 0;\n\
	form.excl_prog_hash = NULL;\n\
	form.excl_prog_hash_sz = 0;\n\
	fd = @__loader_map(&opts, &way);\n\
	if (fd < 0)\n\
		return 0;\n\
	close(fd);\n\
	return @__loader_probe() == -E2BIG;\n\
}\n\
\n\
/* The first form as a loader that was never signed. */\n\
static inline int\n\
@__loader_unsigned(const struct @__loader *opts, int *map_fd)\n\
{\n\
	const struct @__loader_form form = {opts->insns, NULL, opts->insns_sz, 0};\n\
	const struct @__loader_way way = {&form, NULL, 0, 0, 0, 0};\n\
\n\
	return @__loader_load(opts, &way, map_fd);\n\
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
 * Whether a refusal of this way tells what is wrong. E2BIG: the kernel does not know it. A kernel\n\
 * that does not fold maps refuses a folded signature whatever it is over, where there is another\n\
 * for it.\n\
 */\n\
static inline int\n\
@__loader_tells(const struct @__loader *opts, const struct @__loader_way *way, int err)\n\
{\n\
	if (err == -E2BIG)\n\
		return 0;\n"},
	{0, 0,
	 "\
	return !way->fd_array_cnt || !opts->sig_insns || @__loader_probe() == -EINVAL;\n"},
	{1, FORM_REVISION,
	 "\
	if (err == -EACCES && way->sig == opts->sig_insns && opts->sig_insns_hash)\n\
		return 0;\n\
	return !way->fd_array_cnt || (!opts->sig_insns && !opts->sig_insns_hash) ||\n\
	       @__loader_probe() == -EINVAL;\n"},
	{0, FORM_REVISION,
	 "\
}\n\
\n\
/*\n\
 * Load and run with the first signature that this kernel takes. The error is that of the first\n\
 * refusal that tells what is wrong. Without a signature only if the program allows it, the kernel\n\
 * knows none, and none was shown to it. Returns 0 or -errno.\n\
 */\n\
static inline int\n\
@__loader_run(const struct @__loader *opts)\n\
{\n\
	const struct @__loader_form form = {opts->insns, opts->excl_prog_hash,\n\
		opts->insns_sz, opts->excl_prog_hash_sz};\n\
	const struct @__loader_form checked = {opts->insns_checked, opts->excl_prog_hash_checked,\n\
		opts->insns_checked_sz, opts->excl_prog_hash_checked_sz};\n"},
	{1, FORM_REVISION,
	 "\
	const struct @__loader_form hash = {opts->insns_hash, opts->excl_prog_hash_hash,\n\
		opts->insns_hash_sz, opts->excl_prog_hash_hash_sz};\n"},
	{0, FORM_REVISION,
	 "\
	const struct @__loader_way ways[] = {\n\
		/* signature_maps_size, fd_array_cnt, hash_map */\n\
		{&form, opts->sig_chain, opts->sig_chain_sz, 1, 0, 0},\n\
		{&form, opts->sig_folded, opts->sig_folded_sz, 0, 1, 0},\n\
		{opts->insns_checked ? &checked : &form, opts->sig_insns, opts->sig_insns_sz, 0, 0, 1},\n"},
	{1, FORM_REVISION,
	 "\
		{&hash, opts->sig_insns_hash, opts->sig_insns_hash_sz, 0, 0, 1},\n"},
	{0, FORM_REVISION,
	 "\
	};\n\
	int map_fd = -1, prog_fd = -1, shown = 0, err = -E2BIG;\n\
	unsigned int i;\n\
\n\
	for (i = 0; prog_fd < 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {\n\
		if (!ways[i].sig)\n\
			continue;\n\
		prog_fd = @__loader_load(opts, &ways[i], &map_fd);\n\
		shown |= map_fd >= 0;\n\
		if (prog_fd < 0 && err == -E2BIG && @__loader_tells(opts, &ways[i], prog_fd))\n\
			err = prog_fd;\n\
	}\n\
	if (opts->allow_unsigned && !shown && @__loader_is_old())\n\
		err = prog_fd = @__loader_unsigned(opts, &map_fd);\n\
	if (prog_fd >= 0) {\n\
		err = @__loader_exec(opts, prog_fd);\n\
		close(prog_fd);\n\
		close(map_fd);\n\
	}\n\
	if (err < 0)\n\
		errno = -err;\n\
	return err;\n\
}\n\
\n"},
};

void form_runtime(struct form *form)
{
	unsigned int revision = form->load->revision;

	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++) {
		if (revision >= pieces[i].since && revision <= pieces[i].until)
			form_put(form, pieces[i].text, "");
	}
}
