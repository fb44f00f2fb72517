/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime.h - the run-time part: what a signed header brings along to load itself.
 *
 * The build turns the text from the next #ifndef on into what lskel_write() puts into headers, byte
 * for byte the same into each (scripts/runtime-text); lskel_parse() knows it again. So it goes into
 * other people's programs: C99 and C++11, the C library and a linux/bpf.h of 5.14 or later, nothing
 * of libbpf's, no warnings, 32 and 64 bits, no name that does not begin with bpf_chainsign_rt1_.
 * What is changed here is another revision, with names and a guard of its own (see
 * docs/run-time.md).
 *
 * Does: load and run a signed loader, and say as what; map sections of global variables; attach raw
 * tracepoints, tracing programs and iterators (for others: runtime_perf.h and so on). Does not:
 * print, know the skeleton whose loader it is, or need bpf/skel_internal.h.
 */
#ifndef BPF_CHAINSIGN_RT1_H
#define BPF_CHAINSIGN_RT1_H

/*
 * By bpf-chainsign, the same in every header that it signs: what the rest of the header loads
 * itself with.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef __cplusplus
#include <stdbool.h>
#endif

/*
 * What a skeleton's struct begins with: the loader reads and writes it, so the layout is libbpf's.
 * libbpf's own struct may stand there instead, in a header of bpftool's.
 */
struct bpf_chainsign_rt1_ctx {
	__u32 sz;
	__u32 flags;
	__u32 log_level;
	__u32 log_size;
	__u64 log_buf;
} __attribute__((__may_alias__));

struct bpf_chainsign_rt1_map_desc {
	int map_fd; /* set by the loader */
	__u32 max_entries;
	__aligned_u64 initial_value;
} __attribute__((__may_alias__));

struct bpf_chainsign_rt1_prog_desc {
	int prog_fd; /* set by the loader */
};

/* A section of global variables. Before the load the program has a copy of it. */
struct bpf_chainsign_rt1_section {
	__u32 map; /* its number in the skeleton */
	int prot;  /* of the mapping; 0: there is none, because each CPU has a section of its own */
	size_t size;
	const void *copy;
};

/*
 * What bpf_chainsign_rt1_load() loads. The signatures are over this loader, one for each way in
 * which kernels check it; NULL: not signed that way. sig_insns is over insns_checked, or over insns
 * where that is NULL; sig_insns_hash is over insns_hash.
 */
struct bpf_chainsign_rt1_loader {
	struct bpf_chainsign_rt1_ctx *ctx;
	const void *data;
	const void *insns;
	const void *insns_checked;
	const void *insns_hash;
	const void *excl_prog_hash;
	const void *excl_prog_hash_checked;
	const void *excl_prog_hash_hash;
	const void *sig_chain;
	const void *sig_folded;
	const void *sig_insns;
	const void *sig_insns_hash;
	__u32 data_sz;
	__u32 insns_sz;
	__u32 insns_checked_sz;
	__u32 insns_hash_sz;
	__u32 excl_prog_hash_sz;
	__u32 excl_prog_hash_checked_sz;
	__u32 excl_prog_hash_hash_sz;
	__u32 sig_chain_sz;
	__u32 sig_folded_sz;
	__u32 sig_insns_sz;
	__u32 sig_insns_hash_sz;
	__s32 keyring_id;
	__u32 enforce;
	__u32 nr_sections;
	__u32 nr_maps; /* of a sealed loader, which takes nothing from the skeleton; otherwise 0 */
	const struct bpf_chainsign_rt1_section *sections;
	const char **loaded_as;
	const char **why;
};

/* BPF_MAP_CREATE as of Linux 6.18: the linux/bpf.h of this host may be older. */
struct bpf_chainsign_rt1_map_attr {
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

/* BPF_PROG_LOAD as of Linux 6.18; signature_maps is known to hash-chain kernels. */
struct bpf_chainsign_rt1_prog_attr {
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

/* struct bpf_map_info as of Linux 6.18. */
struct bpf_chainsign_rt1_map_info {
	__u32 unused[22];
	__aligned_u64 hash;
	__u32 hash_size;
	__u32 zero;
};

/* A negative size, which does not compile, where a member is not where it is read. */
typedef char bpf_chainsign_rt1_check
	[offsetof(struct bpf_chainsign_rt1_ctx, log_buf) == 16 &&
			 offsetof(struct bpf_chainsign_rt1_map_desc, initial_value) == 8 &&
			 offsetof(struct bpf_chainsign_rt1_map_attr, excl_prog_hash) == 80 &&
			 offsetof(struct bpf_chainsign_rt1_prog_attr, fd_array) == 120 &&
			 offsetof(struct bpf_chainsign_rt1_prog_attr, signature) == 152 &&
			 offsetof(struct bpf_chainsign_rt1_prog_attr, signature_maps) == 168 &&
			 offsetof(struct bpf_chainsign_rt1_map_info, hash) == 88 &&
			 sizeof(struct bpf_chainsign_rt1_ctx) == 24 &&
			 sizeof(struct bpf_chainsign_rt1_map_desc) == 16 &&
			 sizeof(struct bpf_chainsign_rt1_prog_desc) == 4 &&
			 sizeof(struct bpf_chainsign_rt1_map_attr) == 96 &&
			 sizeof(struct bpf_chainsign_rt1_prog_attr) == 184 &&
			 sizeof(struct bpf_chainsign_rt1_map_info) == 104
		 ? 1
		 : -1];

/* Instructions, and their sha256, to which their map is exclusive; NULL: to nothing. */
struct bpf_chainsign_rt1_form {
	const void *insns;
	const void *excl_prog_hash;
	__u32 insns_sz;
	__u32 excl_prog_hash_sz;
};

/* One way to load: what is signed, and what the kernel is told and asked about the map. */
struct bpf_chainsign_rt1_way {
	const struct bpf_chainsign_rt1_form *form;
	const void *sig;
	__u32 sig_sz;
	__u32 signature_maps_size;
	__u32 fd_array_cnt;
	__u32 hash_map;
	const char *name;
};

/* An address as the kernel takes it: on 32 bits the upper half is zero. */
static inline __u64 bpf_chainsign_rt1_address(const void *pointer)
{
	return (__u64)(uintptr_t)pointer;
}

/* bpf(CMD) with SIZE bytes of ATTR: 0 or a descriptor, or -errno. */
static inline int bpf_chainsign_rt1_bpf(int cmd, void *attr, size_t size)
{
	long ret = syscall(__NR_bpf, cmd, attr, (unsigned int)size);

	return ret < 0 ? -errno : (int)ret;
}

/* --- descriptors, and sections of global variables --- */

static inline void bpf_chainsign_rt1_closenz(int fd)
{
	if (fd > 0)
		close(fd);
}

static inline void bpf_chainsign_rt1_detach(int *link)
{
	bpf_chainsign_rt1_closenz(*link);
	*link = 0;
}

/* Attach a raw tracepoint, or a tracing program, whose NAME is NULL: a descriptor or -errno. */
static inline int bpf_chainsign_rt1_raw_tracepoint_open(const char *name, int prog_fd)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.raw_tracepoint.name = bpf_chainsign_rt1_address(name);
	attr.raw_tracepoint.prog_fd = (__u32)prog_fd;
	return bpf_chainsign_rt1_bpf(BPF_RAW_TRACEPOINT_OPEN, &attr, sizeof(attr.raw_tracepoint));
}

/* A link of a program to TARGET_FD: a descriptor or -errno. */
static inline int bpf_chainsign_rt1_link_create(int prog_fd, int target_fd, __u32 type)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.link_create.prog_fd = (__u32)prog_fd;
	attr.link_create.target_fd = (__u32)target_fd;
	attr.link_create.attach_type = type;
	return bpf_chainsign_rt1_bpf(BPF_LINK_CREATE, &attr, sizeof(attr.link_create));
}

/* SIZE bytes in whole pages of this machine. */
static inline size_t bpf_chainsign_rt1_pages(size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) / page * page;
}

/* A copy of a section's SIZE bytes, until its map is there; NULL: no memory. */
static inline void *bpf_chainsign_rt1_section_new(const void *data, size_t size)
{
	void *copy = mmap(NULL, bpf_chainsign_rt1_pages(size), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return copy == MAP_FAILED ? NULL : memcpy(copy, data, size);
}

static inline void bpf_chainsign_rt1_section_free(const void *section, size_t size)
{
	if (section)
		munmap((void *)(uintptr_t)section, bpf_chainsign_rt1_pages(size));
}

/* SIZE bytes of element 0 of a map: 0 or -errno. FLAGS 16: on every CPU. */
static inline int bpf_chainsign_rt1_update(int map_fd, const void *value, __u64 flags)
{
	union bpf_attr attr;
	int key = 0;

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = (__u32)map_fd;
	attr.key = bpf_chainsign_rt1_address(&key);
	attr.value = bpf_chainsign_rt1_address(value);
	attr.flags = flags;
	return bpf_chainsign_rt1_bpf(BPF_MAP_UPDATE_ELEM, &attr,
				     offsetof(union bpf_attr, flags) + sizeof(attr.flags));
}

/* Whether MAP_FD, which nobody can write to, has what the copy has: 0, -EPERM or -errno. */
static inline int bpf_chainsign_rt1_section_same(const struct bpf_chainsign_rt1_section *section,
						 int map_fd)
{
	size_t size = bpf_chainsign_rt1_pages(section->size);
	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, map_fd, 0);
	int same;

	if (map == MAP_FAILED)
		return -errno;
	same = !memcmp(map, section->copy, section->size);
	munmap(map, size);
	return same ? 0 : -EPERM;
}

/* The map in the place of the copy. What no map takes the place of is read only from now on. */
static inline int bpf_chainsign_rt1_section_map(const struct bpf_chainsign_rt1_section *section,
						int map_fd)
{
	void *copy = (void *)(uintptr_t)section->copy;
	size_t size = bpf_chainsign_rt1_pages(section->size);

	if (!section->prot)
		return mprotect(copy, size, PROT_READ) ? -errno : 0;
	copy = mmap(copy, size, section->prot, MAP_SHARED | MAP_FIXED, map_fd, 0);
	return copy == MAP_FAILED ? -errno : 0;
}

/* --- the loader --- */

/* The kernel computes the hash of a frozen map when asked; the loader then compares it. */
static inline int bpf_chainsign_rt1_hash(int map_fd)
{
	struct bpf_chainsign_rt1_map_info info;
	union bpf_attr attr;
	char hash[32];

	memset(&info, 0, sizeof(info));
	info.hash = bpf_chainsign_rt1_address(hash);
	info.hash_size = sizeof(hash);
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)map_fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = bpf_chainsign_rt1_address(&info);
	return bpf_chainsign_rt1_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr.info));
}

/* The loader's data, frozen, and its hash where that is asked for. */
static inline int bpf_chainsign_rt1_fill(const struct bpf_chainsign_rt1_loader *opts, int map_fd,
					 __u32 hash_map)
{
	union bpf_attr freeze;
	int err = bpf_chainsign_rt1_update(map_fd, opts->data, 0);

	if (err < 0)
		return err;
	memset(&freeze, 0, sizeof(freeze));
	freeze.map_fd = (__u32)map_fd;
	err = bpf_chainsign_rt1_bpf(BPF_MAP_FREEZE, &freeze, sizeof(freeze.map_fd));
	if (err < 0)
		return err;
	return hash_map ? bpf_chainsign_rt1_hash(map_fd) : 0;
}

/* The loader's map. */
static inline int bpf_chainsign_rt1_map(const struct bpf_chainsign_rt1_loader *opts,
					const struct bpf_chainsign_rt1_way *way)
{
	struct bpf_chainsign_rt1_map_attr attr;
	int fd, err;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(int);
	attr.value_size = opts->data_sz;
	attr.max_entries = 1;
	memcpy(attr.map_name, "__loader.map", sizeof("__loader.map"));
	attr.excl_prog_hash = bpf_chainsign_rt1_address(way->form->excl_prog_hash);
	attr.excl_prog_hash_size = way->form->excl_prog_hash_sz;
	fd = bpf_chainsign_rt1_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (fd < 0)
		return fd;
	err = bpf_chainsign_rt1_fill(opts, fd, way->hash_map);
	if (err < 0) {
		close(fd);
		return err;
	}
	return fd;
}

/* The loader itself, which the kernel only takes with its signature. */
static inline int bpf_chainsign_rt1_prog(const struct bpf_chainsign_rt1_loader *opts,
					 const struct bpf_chainsign_rt1_way *way, int map_fd)
{
	struct bpf_chainsign_rt1_prog_attr attr;
	const __u32 first_map = 0;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_SYSCALL;
	attr.insn_cnt = way->form->insns_sz / (__u32)sizeof(struct bpf_insn);
	attr.insns = bpf_chainsign_rt1_address(way->form->insns);
	attr.license = bpf_chainsign_rt1_address("Dual BSD/GPL");
	if (opts->ctx) {
		attr.log_level = opts->ctx->log_level;
		attr.log_size = opts->ctx->log_size;
		attr.log_buf = opts->ctx->log_buf;
	}
	attr.prog_flags = BPF_F_SLEEPABLE;
	memcpy(attr.prog_name, "__loader.prog", sizeof("__loader.prog"));
	attr.fd_array = bpf_chainsign_rt1_address(&map_fd);
	attr.fd_array_cnt = way->fd_array_cnt;
	attr.signature = bpf_chainsign_rt1_address(way->sig);
	attr.signature_size = way->sig_sz;
	attr.keyring_id = way->sig ? opts->keyring_id : 0;
	if (way->signature_maps_size)
		attr.signature_maps = bpf_chainsign_rt1_address(&first_map);
	attr.signature_maps_size = way->signature_maps_size;
	return bpf_chainsign_rt1_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
}

/* Load in one way: the descriptor of the loader, and that of its map in *map_fd. */
static inline int bpf_chainsign_rt1_try(const struct bpf_chainsign_rt1_loader *opts,
					const struct bpf_chainsign_rt1_way *way, int *map_fd)
{
	int prog_fd;

	*map_fd = bpf_chainsign_rt1_map(opts, way);
	if (*map_fd < 0)
		return *map_fd;
	prog_fd = bpf_chainsign_rt1_prog(opts, way, *map_fd);
	if (prog_fd < 0)
		close(*map_fd);
	return prog_fd;
}

/*
 * What the kernel says to an empty signature, for a program that does nothing. E2BIG: it knows no
 * signatures; EINVAL: it folds maps into what is signed (Linux 7.3 and later); kernels that do
 * not, look into it first: EBADMSG.
 */
static inline int bpf_chainsign_rt1_probe(void)
{
	static const struct bpf_insn nothing[] = {
		{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	const struct bpf_chainsign_rt1_form form = {nothing, NULL, sizeof(nothing), 0};
	const struct bpf_chainsign_rt1_way way = {&form, "", 0, 0, 0, 0, NULL};
	struct bpf_chainsign_rt1_loader opts;
	int fd;

	memset(&opts, 0, sizeof(opts));
	fd = bpf_chainsign_rt1_prog(&opts, &way, -1);
	if (fd >= 0)
		close(fd);
	return fd;
}

/*
 * Whether this kernel knows no signatures at all (Linux 6.17 and earlier): it makes a map, but no
 * exclusive one, and has no room for a signature. Asked with a map and a program of its own: to
 * a loader that is broken it might say the same.
 */
static inline int bpf_chainsign_rt1_is_old(void)
{
	char zeros[32];
	struct bpf_chainsign_rt1_form form = {NULL, zeros, 0, sizeof(zeros)};
	const struct bpf_chainsign_rt1_way way = {&form, NULL, 0, 0, 0, 0, NULL};
	struct bpf_chainsign_rt1_loader opts;
	int fd;

	memset(zeros, 0, sizeof(zeros));
	memset(&opts, 0, sizeof(opts));
	opts.data = zeros;
	opts.data_sz = sizeof(zeros);
	fd = bpf_chainsign_rt1_map(&opts, &way);
	if (fd >= 0)
		close(fd);
	if (fd != -EINVAL && fd != -E2BIG)
		return 0;
	form.excl_prog_hash = NULL;
	form.excl_prog_hash_sz = 0;
	fd = bpf_chainsign_rt1_map(&opts, &way);
	if (fd < 0)
		return 0;
	close(fd);
	return bpf_chainsign_rt1_probe() == -E2BIG;
}

/* Run the loader, which says 0 or -errno, and close it and its map. */
static inline int bpf_chainsign_rt1_exec(const struct bpf_chainsign_rt1_loader *opts, int prog_fd,
					 int map_fd)
{
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (__u32)prog_fd;
	attr.test.ctx_in = bpf_chainsign_rt1_address(opts->ctx);
	attr.test.ctx_size_in = opts->ctx->sz;
	err = bpf_chainsign_rt1_bpf(BPF_PROG_RUN, &attr, sizeof(attr.test));
	if (err >= 0)
		err = (int)attr.test.retval < 0 ? (int)attr.test.retval : 0;
	close(prog_fd);
	close(map_fd);
	return err;
}

/*
 * Whether a refusal of this way tells what is wrong. E2BIG: the kernel does not know it. A kernel
 * that does not fold maps refuses a folded signature whatever it is over, where there is another
 * for it.
 */
static inline int bpf_chainsign_rt1_tells(const struct bpf_chainsign_rt1_loader *opts,
					  const struct bpf_chainsign_rt1_way *way, int err)
{
	if (err == -E2BIG)
		return 0;
	if (err == -EACCES && way->sig == opts->sig_insns && opts->sig_insns_hash)
		return 0;
	return !way->fd_array_cnt || (!opts->sig_insns && !opts->sig_insns_hash) ||
	       bpf_chainsign_rt1_probe() == -EINVAL;
}

/* --- what is said --- */

/* Leave one sentence for the program, with ERR, which is returned. */
static inline int bpf_chainsign_rt1_say(const struct bpf_chainsign_rt1_loader *opts, int err,
					const char *why)
{
	*opts->why = why;
	return err;
}

/* What it means that no signature was accepted. */
static inline const char *bpf_chainsign_rt1_refusal(int err)
{
	switch (-err) {
	case EPERM:
		return "EPERM: CAP_BPF is missing, or a policy refuses the loader";
	case ENOKEY:
		return "ENOKEY: no certificate of the signer in keyring skel->keyring_id";
	case EKEYREJECTED:
		return "EKEYREJECTED: changed after it was signed, or a revoked certificate";
	case EBADMSG:
		return "EBADMSG: the signature is damaged, or of an unknown kind";
	case ENODATA:
		return "ENODATA: this header is not signed";
	case E2BIG:
		return "E2BIG: this kernel knows none of the header's schemes";
	case EACCES:
		return "EACCES: changed after it was signed, or a form for other kernels";
	case EINVAL:
		return "EINVAL: changed after it was signed, or no keyring skel->keyring_id";
	case ENOPKG:
		return "ENOPKG: this kernel lacks an algorithm of the signature";
	case EOPNOTSUPP:
		return "EOPNOTSUPP: this kernel was built without signatures";
	default:
		return "the kernel refused the loader, and errno says why";
	}
}

/* --- the whole load --- */

/* A sealed loader ignores what the program asks of its maps: 0, or -EPERM if that was changed. */
static inline int bpf_chainsign_rt1_asks(const struct bpf_chainsign_rt1_loader *opts)
{
	const struct bpf_chainsign_rt1_map_desc *maps =
		(const struct bpf_chainsign_rt1_map_desc *)(opts->ctx + 1);
	int wrong = 0;
	__u32 i;

	for (i = 0; i < opts->nr_maps; i++) {
		if (maps[i].max_entries)
			return bpf_chainsign_rt1_say(
				opts, -EPERM, "EPERM: max_entries is signed: sign --max-entries");
		wrong += maps[i].initial_value != 0;
	}
	for (i = 0; opts->nr_maps && i < opts->nr_sections; i++)
		wrong += maps[opts->sections[i].map].initial_value ==
					 bpf_chainsign_rt1_address(opts->sections[i].copy)
				 ? -1
				 : 1;
	if (!wrong)
		return 0;
	return bpf_chainsign_rt1_say(opts, -EPERM, "EPERM: initial_value is signed: sign --set");
}

/* What the program wrote into its copy of a section goes to the map, or must not be there. */
static inline int bpf_chainsign_rt1_take(const struct bpf_chainsign_rt1_loader *opts,
					 const struct bpf_chainsign_rt1_section *section)
{
	const struct bpf_chainsign_rt1_map_desc *maps =
		(const struct bpf_chainsign_rt1_map_desc *)(opts->ctx + 1);
	int map_fd = maps[section->map].map_fd, err = 0;

	if (opts->nr_maps && section->prot == PROT_READ)
		err = bpf_chainsign_rt1_section_same(section, map_fd);
	else if (opts->nr_maps)
		err = bpf_chainsign_rt1_update(map_fd, section->copy, section->prot ? 0 : 16);
	if (err == -EPERM && section->prot == PROT_READ)
		return bpf_chainsign_rt1_say(opts, err, "EPERM: rodata is signed: sign --set");
	if (err >= 0)
		err = bpf_chainsign_rt1_section_map(section, map_fd);
	return err < 0 ? bpf_chainsign_rt1_say(opts, err, "a section cannot be mapped") : 0;
}

/* What the loader itself says: 0 or -errno. */
static inline int bpf_chainsign_rt1_ran(const struct bpf_chainsign_rt1_loader *opts, int err,
					const char *name)
{
	if (err < 0)
		return bpf_chainsign_rt1_say(
			opts, err, "a map or program was refused: skel->ctx.log_buf has a log");
	*opts->loaded_as = name;
	return 0;
}

/*
 * Load and run the first form as a loader that was never signed. ERR: what was said to its
 * signatures, which stays the error where it is not loaded; 0: nothing, as the kernel knows none or
 * the header has none.
 */
static inline int bpf_chainsign_rt1_unsigned(const struct bpf_chainsign_rt1_loader *opts, int err)
{
	const struct bpf_chainsign_rt1_form form = {opts->insns, NULL, opts->insns_sz, 0};
	const struct bpf_chainsign_rt1_way way = {&form, NULL, 0, 0, 0, 0, "unsigned"};
	int map_fd, prog_fd = bpf_chainsign_rt1_try(opts, &way, &map_fd);

	if (prog_fd >= 0)
		return bpf_chainsign_rt1_ran(opts, bpf_chainsign_rt1_exec(opts, prog_fd, map_fd),
					     way.name);
	return err ? err : bpf_chainsign_rt1_say(opts, prog_fd, "refused without a signature, too");
}

/*
 * Load and run with the first signature that this kernel takes. The error is that of the first
 * refusal that tells what is wrong. Without a signature only if the program says so: if enforce is
 * 0, or if it is 2, the kernel knows none, and none was shown to it. Returns 0 or -errno.
 */
static inline int bpf_chainsign_rt1_run(const struct bpf_chainsign_rt1_loader *opts)
{
	const struct bpf_chainsign_rt1_form form = {
		opts->insns,
		opts->excl_prog_hash,
		opts->insns_sz,
		opts->excl_prog_hash_sz,
	};
	const struct bpf_chainsign_rt1_form checked = {
		opts->insns_checked,
		opts->excl_prog_hash_checked,
		opts->insns_checked_sz,
		opts->excl_prog_hash_checked_sz,
	};
	const struct bpf_chainsign_rt1_form hash = {
		opts->insns_hash,
		opts->excl_prog_hash_hash,
		opts->insns_hash_sz,
		opts->excl_prog_hash_hash_sz,
	};
	const struct bpf_chainsign_rt1_way ways[] = {
		/* signature_maps_size, fd_array_cnt, hash_map */
		{&form, opts->sig_chain, opts->sig_chain_sz, 1, 0, 0, "chain"},
		{&form, opts->sig_folded, opts->sig_folded_sz, 0, 1, 0, "folded"},
		{opts->insns_checked ? &checked : &form, opts->sig_insns, opts->sig_insns_sz, 0, 0,
		 1, "insns"},
		{&hash, opts->sig_insns_hash, opts->sig_insns_hash_sz, 0, 0, 1, "insns-hash"},
	};
	const int is_signed = opts->sig_chain || opts->sig_folded || opts->sig_insns ||
			      opts->sig_insns_hash;
	int map_fd = -1, prog_fd = -1, shown = 0, is_old, err = is_signed ? -E2BIG : -ENODATA;
	unsigned int i;

	for (i = 0; prog_fd < 0 && i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!ways[i].sig)
			continue;
		prog_fd = bpf_chainsign_rt1_try(opts, &ways[i], &map_fd);
		shown |= map_fd >= 0;
		if (prog_fd < 0 && err == -E2BIG &&
		    bpf_chainsign_rt1_tells(opts, &ways[i], prog_fd))
			err = prog_fd;
	}
	if (prog_fd >= 0) {
		err = bpf_chainsign_rt1_exec(opts, prog_fd, map_fd);
		if (err != -EINVAL || !ways[i - 1].hash_map)
			return bpf_chainsign_rt1_ran(opts, err, ways[i - 1].name);
		bpf_chainsign_rt1_say(
			opts, err, "EINVAL: changed after it was signed, or refused by the kernel");
		return opts->enforce ? err : bpf_chainsign_rt1_unsigned(opts, err);
	}
	is_old = !shown && (is_signed || opts->enforce == 2) && bpf_chainsign_rt1_is_old();
	bpf_chainsign_rt1_say(opts, err,
			      is_old && is_signed ? "this kernel verifies no signatures"
						  : bpf_chainsign_rt1_refusal(err));
	if (!opts->enforce || (opts->enforce == 2 && is_old))
		err = bpf_chainsign_rt1_unsigned(opts, is_old || !is_signed ? 0 : err);
	return err;
}

/*
 * Load what OPTS says, and put its sections into the place of their copies: 0, or -errno, which is
 * then also in errno, and in *why what it means. *loaded_as is the scheme that the kernel verified,
 * or "unsigned" with the reason in *why.
 */
static inline int bpf_chainsign_rt1_load(const struct bpf_chainsign_rt1_loader *opts)
{
	__u32 i;
	int err;

	*opts->loaded_as = *opts->why = NULL;
	err = bpf_chainsign_rt1_asks(opts);
	if (err >= 0)
		err = bpf_chainsign_rt1_run(opts);
	for (i = 0; err >= 0 && i < opts->nr_sections; i++)
		err = bpf_chainsign_rt1_take(opts, &opts->sections[i]);
	if (err < 0) {
		*opts->loaded_as = NULL;
		errno = -err;
	}
	return err;
}

#endif /* BPF_CHAINSIGN_RT1_H */
