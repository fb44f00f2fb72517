/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysbpf.h - bpf() without libbpf, for what runs inside the virtual machine.
 */
#ifndef SYSBPF_H
#define SYSBPF_H

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Returns what bpf() returns, or its negative errno. */
static inline int sys_bpf(int cmd, void *attr, unsigned int size)
{
	long ret = syscall(SYS_bpf, cmd, attr, size);

	return ret < 0 ? -errno : (int)ret;
}

/* A pointer as the attributes hold it. */
static inline uint64_t address(const void *pointer)
{
	return (uintptr_t)pointer;
}

#endif /* SYSBPF_H */
