// SPDX-License-Identifier: BSD-2-Clause
/*
 * Linked into the program under test with --wrap: call number FAULT_AT, counted over all processes
 * and threads, fails instead of being made. FAULT_LOG gets the name of the call that failed, or
 * without FAULT_AT the number of calls.
 *
 * gcc alone: its builtins pass calls on without knowing their arguments.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned long *count; /* shared with children */
static unsigned long at;
static pid_t first;

static void note(const char *text)
{
	const char *log = getenv("FAULT_LOG");
	long fd = -1;

	/* not through functions that may be wrapped */
	if (log)
		fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd >= 0 && syscall(SYS_write, fd, text, strlen(text)) >= 0)
		syscall(SYS_close, fd);
}

__attribute__((constructor)) static void begin(void)
{
	first = getpid();
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	at = strtoul(getenv("FAULT_AT") ?: "0", NULL, 10);
}

__attribute__((destructor)) static void end(void)
{
	char text[32];

	if (at || getpid() != first)
		return;
	snprintf(text, sizeof(text), "%lu\n", *count);
	note(text);
}

static int fails(const char *name)
{
	if (__atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST) != at)
		return 0;
	note(name);
	return 1;
}

/* The versions of clang-format disagree about this. */
/* clang-format off */
#define FAULT(name, result, code)                                                         \
	void *__real_##name(void);                                                        \
	void *__wrap_##name(void);                                                        \
	void *__wrap_##name(void)                                                         \
	{                                                                                 \
		void *arguments = __builtin_apply_args();                                 \
                                                                                          \
		if (fails(#name)) {                                                       \
			errno = code;                                                     \
			return (void *)(long)(result);                                    \
		}                                                                         \
		__builtin_return(                                                         \
			__builtin_apply((void (*)())(void *)__real_##name, arguments, 64)); \
	}
/* clang-format on */

#include "calls.h"
