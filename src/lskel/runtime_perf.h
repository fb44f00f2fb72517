/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * runtime_perf.h - what a signed header brings along to attach programs to perf events, if there
 * are any for kprobes, uprobes, tracepoints or perf events.
 *
 * The text from the next #ifndef on goes into headers, behind that of runtime.h, whose rules it
 * follows.
 *
 * Does: open perf events, attach programs to them. Does not: read ELF files.
 */
#include "lskel/runtime.h"

#ifndef BPF_CHAINSIGN_RT1_PERF_H
#define BPF_CHAINSIGN_RT1_PERF_H

/* For headers with programs for kprobes, uprobes, tracepoints or perf events. */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* The first number in FILE, which has "6" or "config:0": it or -errno. */
static inline int bpf_chainsign_rt1_number(const char *file)
{
	char text[32];
	int fd = open(file, O_RDONLY | O_CLOEXEC), err;
	ssize_t size;

	if (fd < 0)
		return -errno;
	size = read(fd, text, sizeof(text) - 1);
	err = size < 0 ? -errno : 0;
	close(fd);
	if (err)
		return err;
	text[size] = 0;
	size = (ssize_t)strcspn(text, "0123456789");
	return text[size] ? (int)strtol(text + size, NULL, 10) : -EINVAL;
}

/*
 * Attach a program to the perf event PFD, which then belongs to the link: a descriptor, or -errno.
 * Linux 5.14 has no link for that, so the event itself is returned.
 */
static inline int bpf_chainsign_rt1_perf_link(int prog_fd, int pfd)
{
	int err = 0, fd = bpf_chainsign_rt1_link_create(prog_fd, pfd, 41 /* BPF_PERF_EVENT */);

	if (fd == -EINVAL) {
		fd = ioctl(pfd, PERF_EVENT_IOC_SET_BPF, prog_fd) < 0 ? -errno : pfd;
	}
	if (fd >= 0 && ioctl(pfd, PERF_EVENT_IOC_ENABLE, 0) < 0)
		err = -errno;
	if (fd >= 0 && err < 0 && fd != pfd)
		close(fd);
	return err < 0 ? err : fd;
}

/* The same with an event that was opened for it, PFD or -errno. */
static inline int bpf_chainsign_rt1_perf_own(int prog_fd, int pfd)
{
	int fd = pfd < 0 ? pfd : bpf_chainsign_rt1_perf_link(prog_fd, pfd);

	if (pfd >= 0 && fd != pfd)
		close(pfd);
	return fd;
}

static inline int bpf_chainsign_rt1_perf_open(struct perf_event_attr *attr, int pid)
{
	long fd;

	attr->size = sizeof(*attr);
	fd = syscall(__NR_perf_event_open, attr, pid, pid == -1 ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC);
	return fd < 0 ? -errno : (int)fd;
}

/*
 * Attach a program at OFFSET of NAME, which for KIND "kprobe" is a function of the kernel, for
 * "uprobe" a file; or at its return. A pid of -1 stands for all processes.
 */
static inline int bpf_chainsign_rt1_probe_event(int prog_fd, const char *kind, bool is_return,
						int pid, const char *name, __u64 offset)
{
	struct perf_event_attr attr;
	char file[64];
	int type, bit = 0;

	snprintf(file, sizeof(file), "/sys/bus/event_source/devices/%s/type", kind);
	type = bpf_chainsign_rt1_number(file);
	if (type >= 0 && is_return) {
		snprintf(file, sizeof(file), "/sys/bus/event_source/devices/%s/format/retprobe",
			 kind);
		bit = bpf_chainsign_rt1_number(file);
	}
	if (type < 0 || bit < 0)
		return type < 0 ? type : bit;
	memset(&attr, 0, sizeof(attr));
	attr.type = (__u32)type;
	attr.config = is_return ? (__u64)1 << bit : 0;
	attr.config1 = bpf_chainsign_rt1_address(name);
	attr.config2 = offset;
	return bpf_chainsign_rt1_perf_own(prog_fd, bpf_chainsign_rt1_perf_open(&attr, pid));
}

static inline int bpf_chainsign_rt1_attach_kprobe(int prog_fd, bool is_return, const char *func,
						  __u64 offset)
{
	return bpf_chainsign_rt1_probe_event(prog_fd, "kprobe", is_return, -1, func, offset);
}

/* PID: -1 stands for all processes, 0 for this one. */
static inline int bpf_chainsign_rt1_attach_uprobe(int prog_fd, bool is_return, int pid,
						  const char *file, __u64 offset)
{
	return bpf_chainsign_rt1_probe_event(prog_fd, "uprobe", is_return, pid, file, offset);
}

/* The kernel's function for the system call NAME, where calls are wrapped, and where not. */
static inline int bpf_chainsign_rt1_attach_ksyscall(int prog_fd, bool is_return, const char *name)
{
#if defined(__x86_64__)
	const char *machine = "x64";
#elif defined(__i386__)
	const char *machine = "ia32";
#elif defined(__s390x__)
	const char *machine = "s390x";
#elif defined(__aarch64__)
	const char *machine = "arm64";
#elif defined(__arm__)
	const char *machine = "arm";
#elif defined(__mips__)
	const char *machine = "mips";
#elif defined(__riscv)
	const char *machine = "riscv";
#elif defined(__powerpc__)
	const char *machine = "powerpc";
#else
	const char *machine = "se";
#endif
	char func[128];
	int fd;

	if (strlen(name) > 80)
		return -ENAMETOOLONG;
	snprintf(func, sizeof(func), "__%s_sys_%s", machine, name);
	fd = bpf_chainsign_rt1_attach_kprobe(prog_fd, is_return, func, 0);
	if (fd != -ENOENT)
		return fd;
	snprintf(func, sizeof(func), "__se_sys_%s", name);
	return bpf_chainsign_rt1_attach_kprobe(prog_fd, is_return, func, 0);
}

/* EVENT is CATEGORY/NAME, a folder of tracefs. */
static inline int bpf_chainsign_rt1_attach_event(int prog_fd, const char *event)
{
	struct perf_event_attr attr;
	char file[256];
	int id;

	if (strlen(event) > 200)
		return -ENAMETOOLONG;
	snprintf(file, sizeof(file), "/sys/kernel/tracing/events/%s/id", event);
	id = bpf_chainsign_rt1_number(file);
	if (id == -ENOENT) {
		snprintf(file, sizeof(file), "/sys/kernel/debug/tracing/events/%s/id", event);
		id = bpf_chainsign_rt1_number(file);
	}
	if (id < 0)
		return id;
	memset(&attr, 0, sizeof(attr));
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = (__u64)id;
	return bpf_chainsign_rt1_perf_own(prog_fd, bpf_chainsign_rt1_perf_open(&attr, -1));
}

static inline int bpf_chainsign_rt1_attach_tracepoint(int prog_fd, const char *category,
						      const char *name)
{
	char event[256];

	if (strlen(category) + strlen(name) > 200)
		return -ENAMETOOLONG;
	snprintf(event, sizeof(event), "%s/%s", category, name);
	return bpf_chainsign_rt1_attach_event(prog_fd, event);
}

/* --- as the name of a program's section says --- */

/* SECTION is "kprobe/FUNC+OFFSET" or "kretprobe/FUNC". */
static inline int bpf_chainsign_rt1_kprobe(const char *section, int prog_fd)
{
	const char *name = strchr(section, '/') + 1;
	size_t size = strcspn(name, "+");
	char func[512];

	if (size >= sizeof(func))
		return -ENAMETOOLONG;
	memcpy(func, name, size);
	func[size] = 0;
	return bpf_chainsign_rt1_attach_kprobe(prog_fd, section[1] == 'r', func,
					       strtoull(name + size, NULL, 0));
}

/* SECTION is "ksyscall/NAME" or "kretsyscall/NAME". */
static inline int bpf_chainsign_rt1_ksyscall(const char *section, int prog_fd)
{
	return bpf_chainsign_rt1_attach_ksyscall(prog_fd, section[1] == 'r',
						 strchr(section, '/') + 1);
}

/* SECTION is "tp/CATEGORY/NAME" or "tracepoint/CATEGORY/NAME". */
static inline int bpf_chainsign_rt1_tracepoint(const char *section, int prog_fd)
{
	return bpf_chainsign_rt1_attach_event(prog_fd, strchr(section, '/') + 1);
}

#endif /* BPF_CHAINSIGN_RT1_PERF_H */
