// SPDX-License-Identifier: BSD-2-Clause
/*
 * For LD_PRELOAD under valgrind, which needs system calls of its own and takes ten times as long:
 * in the process that reads objects the filter of system calls is not set, and the limit of
 * processor time is ten times what was asked for.
 */
#include <dlfcn.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...)
{
	static long (*real)(long number, ...);
	long args[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_seccomp)
		return 0;
	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, args[0], args[1], args[2], args[3], args[4], args[5]);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	static int (*real)(__rlimit_resource_t resource, const struct rlimit *limit);
	struct rlimit longer = *limit;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "setrlimit");
	if (resource == RLIMIT_CPU && limit->rlim_cur != RLIM_INFINITY) {
		longer.rlim_cur *= 10;
		longer.rlim_max *= 10;
	}
	return resource == RLIMIT_FSIZE ? 0 : real(resource, &longer);
}
