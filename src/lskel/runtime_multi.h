/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime_multi.h - what a signed header brings along to attach programs to many functions of the
 * kernel, if there are any such programs.
 *
 * The text from the next #ifndef on goes into headers, behind that of runtime.h, whose rules it
 * follows.
 *
 * Does: find the functions that a pattern matches, in tracefs. Does not: look into files of
 * programs.
 */
#include "lskel/runtime.h"

#ifndef BPF_CHAINSIGN_RT1_MULTI_H
#define BPF_CHAINSIGN_RT1_MULTI_H

/* For headers with programs that attach to many functions (kprobe.multi). */
#include <stdio.h>

/* BPF_LINK_CREATE as of Linux 5.18: the linux/bpf.h of this host may be older. */
struct bpf_chainsign_rt1_multi_attr {
	__u32 prog_fd;
	__u32 target_fd;
	__u32 attach_type;
	__u32 flags;
	__u32 multi_flags;
	__u32 cnt;
	__aligned_u64 syms;
	__aligned_u64 addrs;
	__aligned_u64 cookies;
};

/* A negative size, which does not compile, where a member is not where it is read. */
typedef char
	bpf_chainsign_rt1_multi_check[offsetof(struct bpf_chainsign_rt1_multi_attr, syms) == 24 &&
						      sizeof(struct bpf_chainsign_rt1_multi_attr) ==
							      48
					      ? 1
					      : -1];

/* Functions, by address, or by name where there are no addresses. */
struct bpf_chainsign_rt1_multi {
	__u64 *list; /* an address, or that of a name, which is owned */
	__u32 nr;
	bool by_name;
};

static inline void bpf_chainsign_rt1_multi_free(struct bpf_chainsign_rt1_multi *multi)
{
	__u32 i;

	for (i = 0; multi->by_name && i < multi->nr; i++)
		free((void *)(uintptr_t)multi->list[i]);
	free(multi->list);
}

/* Whether PATTERN, in which * and ? are what they are to a shell, matches NAME. */
static inline bool bpf_chainsign_rt1_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *mark = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			mark = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++mark;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

/* Add a function to the list: 0 or -ENOMEM. */
static inline int bpf_chainsign_rt1_multi_add(struct bpf_chainsign_rt1_multi *multi, __u64 address,
					      const char *name)
{
	/* Powers of two. */
	if (!(multi->nr & (multi->nr - 1))) {
		const size_t nr = multi->nr ? 2 * (size_t)multi->nr : 1;
		void *more = realloc(multi->list, nr * sizeof(*multi->list));

		if (!more)
			return -ENOMEM;
		multi->list = (__u64 *)more;
	}
	if (multi->by_name)
		address = bpf_chainsign_rt1_address(strdup(name));
	if (!address)
		return multi->by_name ? -ENOMEM : 0;
	multi->list[multi->nr++] = address;
	return 0;
}

/* Read the functions that PATTERN matches from FILE: 0 or -errno. */
static inline int bpf_chainsign_rt1_multi_read(struct bpf_chainsign_rt1_multi *multi,
					       const char *file, const char *pattern)
{
	FILE *in = fopen(file, "re");
	char line[1024], name[512];
	unsigned long long address;
	int err = 0;

	if (!in)
		return -errno;
	while (!err && fgets(line, sizeof(line), in)) {
		address = 0;
		if (multi->by_name ? sscanf(line, "%511s", name) != 1
				   : sscanf(line, "%llx %511s", &address, name) != 2)
			err = -EINVAL;
		else if (strncmp(name, "__ftrace_invalid_address__", 26) &&
			 bpf_chainsign_rt1_matches(pattern, name))
			err = bpf_chainsign_rt1_multi_add(multi, address, name);
	}
	fclose(in);
	return err;
}

/* Linux has a list with addresses from 6.5 on. */
static inline int bpf_chainsign_rt1_multi_find(struct bpf_chainsign_rt1_multi *multi,
					       const char *pattern)
{
	static const char *const files[] = {
		"/sys/kernel/tracing/available_filter_functions_addrs",
		"/sys/kernel/debug/tracing/available_filter_functions_addrs",
		"/sys/kernel/tracing/available_filter_functions",
		"/sys/kernel/debug/tracing/available_filter_functions",
	};
	int err = -ENOENT;
	unsigned int i;

	for (i = 0; err == -ENOENT && i < 4; i++) {
		multi->by_name = i >= 2;
		err = bpf_chainsign_rt1_multi_read(multi, files[i], pattern);
	}
	return err || multi->nr ? err : -ENOENT;
}

/* Attach a program to the functions that PATTERN matches, as TYPE: a descriptor or -errno. */
static inline int bpf_chainsign_rt1_multi_link(int prog_fd, __u32 type, bool is_return,
					       const char *pattern)
{
	struct bpf_chainsign_rt1_multi_attr attr;
	struct bpf_chainsign_rt1_multi multi;
	int err;

	memset(&multi, 0, sizeof(multi));
	err = bpf_chainsign_rt1_multi_find(&multi, pattern);
	if (!err) {
		memset(&attr, 0, sizeof(attr));
		attr.prog_fd = (__u32)prog_fd;
		attr.attach_type = type;
		attr.multi_flags = is_return; /* BPF_F_KPROBE_MULTI_RETURN */
		attr.cnt = multi.nr;
		*(multi.by_name ? &attr.syms : &attr.addrs) = bpf_chainsign_rt1_address(multi.list);
		err = bpf_chainsign_rt1_bpf(BPF_LINK_CREATE, &attr, sizeof(attr));
	}
	bpf_chainsign_rt1_multi_free(&multi);
	return err;
}

/* BPF_TRACE_KPROBE_MULTI */
static inline int bpf_chainsign_rt1_attach_kprobe_multi(int prog_fd, bool is_return,
							const char *pattern)
{
	return bpf_chainsign_rt1_multi_link(prog_fd, 42, is_return, pattern);
}

/* SECTION is "kprobe.multi/PATTERN", "kretprobe.multi/..." or "kprobe.session/...". */
static inline int bpf_chainsign_rt1_kprobe_multi(const char *section, int prog_fd)
{
	/* BPF_TRACE_KPROBE_SESSION */
	const __u32 type = strncmp(section, "kprobe.session/", 15) ? 42 : 56;

	return bpf_chainsign_rt1_multi_link(prog_fd, type, section[1] == 'r',
					    strchr(section, '/') + 1);
}

#endif /* BPF_CHAINSIGN_RT1_MULTI_H */
