/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for the kernel, so that a compiled skeleton can be run without a BPF system call:
 * included before it, says what would go to the kernel on stdout and writes it to files instead;
 * the environment says what the kernel answers.
 *
 * STUB_MAP, STUB_PLAIN_MAP: errno of making a map that is exclusive, that is not
 * STUB_FREEZE, STUB_HASH, STUB_RUN, STUB_WRITE: errno of that call
 * STUB_CHAIN, STUB_FOLDED, STUB_INSNS, STUB_UNSIGNED: errno of loading in that way
 * STUB_PROBE: errno for an empty signature; default EBADMSG, of the others 0
 * STUB_RETVAL: what the loader returns
 * STUB_PAGE: the size of a page; default 4096
 */
#ifndef STUB_KERNEL_H
#define STUB_KERNEL_H

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The descriptors of the maps that the loader makes. */
#define STUB_MAPS 1000

static __u32 stub_data_size;

/* The skeleton, whose maps begin behind 24 bytes; and the signed value of a section, if a program
 * says so: otherwise it is what the program has in its copy. */
static const char *stub_ctx;
static const void *stub_signed;

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

/* An address: where pointers have 32 bits, the kernel wants the others to be zero. */
static inline void *stub_pointer(const void *attr, size_t offset)
{
	__u64 address = stub_field(attr, offset, sizeof(address));

	if ((uintptr_t)address != address)
		abort();
	return (void *)(uintptr_t)address;
}

static inline long stub_map_create(const void *attr)
{
	const void *hash = stub_pointer(attr, 80);

	stub_data_size = (__u32)stub_field(attr, 8, 4);
	if (!hash)
		return stub_answer("plain map", "STUB_PLAIN_MAP", 1);
	if (stub_field(attr, 88, 4) != 32) {
		printf("map refused\n");
		errno = EINVAL;
		return -1;
	}
	stub_dump("excl_hash", hash, 32);
	return stub_answer("map", "STUB_MAP", 1);
}

/* struct bpf_map_info of 104 bytes, with room for a hash of 32. */
static inline long stub_map_hash(const void *attr)
{
	const void *info = stub_pointer(attr, 8);

	if (stub_field(attr, 4, 4) != 104 || stub_field(info, 96, 4) != 32)
		abort();
	memset(stub_pointer(info, 88), 1, 32);
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
	stub_dump("insns", stub_pointer(attr, 8), 8 * (size_t)stub_field(attr, 4, 4));
	snprintf(file, sizeof(file), "%s.sig", way.name);
	if (sig)
		stub_dump(file, stub_pointer(attr, 152), (size_t)size);
	printf("keyring %d ", (int)stub_field(attr, 164, 4));
	return stub_answer(way.name, way.variable, 1);
}

static inline long stub_run(void *attr)
{
	const char *retval = getenv("STUB_RETVAL");
	__u32 value = retval ? (__u32)atoi(retval) : 0, size = (__u32)stub_field(attr, 40, 4);
	char *ctx = (char *)stub_pointer(attr, 48);

	stub_ctx = ctx;
	/* Programs, which come after the maps, get some of these descriptors. */
	for (int at = 24; at + 4 <= (int)size; at += 16) {
		int fd = STUB_MAPS + at / 16;

		memcpy(ctx + at, &fd, sizeof(fd));
	}
	memcpy((char *)attr + 4, &value, sizeof(value));
	return stub_answer("run", "STUB_RUN", 0);
}

/* Where a program has the copy of the section whose map has this descriptor. */
static inline void *stub_copy(int fd)
{
	if (fd <= STUB_MAPS || !stub_ctx)
		abort();
	return stub_pointer(stub_ctx + 24 + 16 * (fd - STUB_MAPS - 1), 8);
}

static inline long stub_update(const void *attr)
{
	int fd = (int)stub_field(attr, 0, 4);
	const void *value = stub_pointer(attr, 16);

	if (fd < STUB_MAPS) {
		stub_dump("data", value, stub_data_size);
		return 0;
	}
	if (value != stub_copy(fd))
		abort();
	if (stub_field(attr, 24, 8))
		printf("flags %u ", (unsigned int)stub_field(attr, 24, 8));
	return stub_answer("write", "STUB_WRITE", 0);
}

static inline long stub_bpf(int cmd, void *attr)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return stub_map_create(attr);
	case BPF_MAP_UPDATE_ELEM:
		return stub_update(attr);
	case BPF_MAP_FREEZE:
		return stub_answer("freeze", "STUB_FREEZE", 0);
	case BPF_OBJ_GET_INFO_BY_FD:
		return stub_map_hash(attr);
	case BPF_PROG_LOAD:
		return stub_prog_load(attr);
	case BPF_PROG_TEST_RUN:
		return stub_run(attr);
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_LINK_CREATE:
		return 0;
	default:
		abort();
	}
}

/* bpf() alone; programs that are not attached make no other call. */
static inline long stub_syscall(long nr, ...)
{
	va_list args;
	void *attr;
	int cmd;

	if (nr != __NR_bpf)
		abort();
	va_start(args, nr);
	cmd = va_arg(args, int);
	attr = va_arg(args, void *);
	va_end(args);
	return stub_bpf(cmd, attr);
}

#define syscall stub_syscall

/* --- memory --- */

static inline size_t stub_page(void)
{
	const char *page = getenv("STUB_PAGE");

	return page ? (size_t)atoi(page) : 4096;
}

/* Whole pages; a map takes the place of its copy, or is looked at where the program cannot write.
 */
static inline void *stub_mmap(void *at, size_t size, int prot, int flags, int fd, long offset)
{
	const int is_copy = flags == (MAP_SHARED | MAP_ANONYMOUS) && fd == -1 && !at;
	const int is_map = flags == (MAP_SHARED | MAP_FIXED) && at && at == stub_copy(fd);
	const int is_look = flags == MAP_SHARED && prot == PROT_READ && !at;
	void *look;

	if (!size || size % stub_page() || offset || is_copy + is_map + is_look != 1)
		abort();
	printf("%s %u ", is_copy ? "copy" : (is_map ? "mapped" : "look"),
	       (unsigned int)(size / stub_page()));
	if (is_map)
		return at;
	look = (mmap)(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return is_copy || look == MAP_FAILED
		       ? look
		       : memcpy(look, stub_signed ? stub_signed : stub_copy(fd), size);
}

static inline int stub_munmap(void *at, size_t size)
{
	if (!size || size % stub_page())
		abort();
	return (munmap)(at, size);
}

#define sysconf(name) ((name) == _SC_PAGESIZE ? (long)stub_page() : -1)
#define mmap(at, size, prot, flags, fd, start) \
	stub_mmap((at), (size), (prot), (flags), (fd), (start))
#define munmap(at, size) stub_munmap((at), (size))

#endif /* STUB_KERNEL_H */
