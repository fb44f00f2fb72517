// SPDX-License-Identifier: BSD-2-Clause
/*
 * For LD_PRELOAD under valgrind, which needs system calls of its own: the filter of system calls is
 * not set in the process that reads objects.
 */
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

int prctl(int option, ...)
{
	unsigned long args[4];
	va_list list;

	va_start(list, option);
	for (int i = 0; i < 4; i++)
		args[i] = va_arg(list, unsigned long);
	va_end(list);
	if (option == PR_SET_SECCOMP)
		return 0;
	return (int)syscall(SYS_prctl, option, args[0], args[1], args[2], args[3]);
}
