// SPDX-License-Identifier: BSD-2-Clause
/*
 * For LD_PRELOAD: libbpf on an object that it does not survive. HOW is crash, loop or memory; or
 * what an object that has taken over the process would try: escape, steal, the file "victim", or
 * talk.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

struct bpf_object;

int bpf_object__load(struct bpf_object *object);

static int refused(int got)
{
	return got < 0 && errno == EPERM;
}

/* How many of the attempts are not refused. */
static int escape(void)
{
	return !refused(open("escaped", O_WRONLY | O_CREAT, 0600)) +
	       !refused(open("/dev/null", O_RDWR)) + !refused(socket(AF_UNIX, SOCK_STREAM, 0)) +
	       !refused(fork()) + !refused(execl("/bin/true", "true", NULL)) +
	       !refused((int)syscall(SYS_bpf, 0, NULL, 0)) + !refused(unlink("victim")) +
	       !refused(kill(getppid(), 0));
}

static int steal(void)
{
	return open("victim", O_RDONLY) >= 0 || errno != EACCES;
}

/* Into the output, and what was typed. */
static int talk(void)
{
	char typed;

	return write(STDOUT_FILENO, "forged\n", 7) != 7 || read(STDIN_FILENO, &typed, 1) != 0;
}

/* 1 GiB that is used; -1 where it is not to be had. */
static int flood(void)
{
	for (int i = 0; i < 1024; i++) {
		char *more = malloc(1 << 20);

		if (!more)
			return -1;
		memset(more, 1, 1 << 20);
	}
	return 0;
}

int bpf_object__load(struct bpf_object *object)
{
	const char *how = getenv("HOW") ?: "";

	(void)object;
	if (!strcmp(how, "escape") && !escape())
		return -EXDEV; /* told apart from a crash by its message */
	if (!strcmp(how, "steal") && !steal())
		return -EXDEV;
	if (!strcmp(how, "talk") && !talk())
		return -EXDEV;
	while (!strcmp(how, "loop"))
		;
	if (!strcmp(how, "memory") && !flood())
		return -EXDEV;
	abort();
}
