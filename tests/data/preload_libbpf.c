// SPDX-License-Identifier: BSD-2-Clause
/*
 * For LD_PRELOAD: libbpf on an object that it does not survive. HOW is crash, loop, memory, sleep
 * or stop; or what an object that has taken over the process would try: escape, steal, the file
 * "victim", talk, find a descriptor that is not its own, or lie, where every FROM in its answer
 * becomes TO, of the same length.
 *
 * The clock runs faster: the process for objects has a second, and its program waits for three.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

struct bpf_object;

int bpf_object__load(struct bpf_object *object);

static bool is_child;

static bool how_is(const char *word)
{
	return !strcmp(getenv("HOW") ?: "", word);
}

/* The process for objects begins with it, before it is confined. */
unsigned int alarm(unsigned int seconds)
{
	const bool waits = how_is("sleep") || how_is("stop") || how_is("loop");
	const struct itimerval soon = {.it_value.tv_sec = waits ? 1 : seconds};

	is_child = true;
	if (how_is("stop"))
		raise(SIGSTOP);
	setitimer(ITIMER_REAL, &soon, NULL);
	return 0;
}

int poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	struct timespec most = {.tv_sec = 3};

	return ppoll(fds, nr, timeout < 0 ? NULL : &most, NULL);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	const char *from = getenv("FROM"), *to = getenv("TO");
	char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *at = copy;

	memcpy(copy, data, size);
	while (is_child && how_is("lie") &&
	       (at = memmem(at, size - (size_t)(at - copy), from, strlen(from)))) {
		memcpy(at, to, strlen(to));
		at += strlen(to);
	}
	return sendto(fd, copy, size, flags, NULL, 0);
}

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
	       !refused(kill(getppid(), 0)) + !refused(fcntl(0, F_SETOWN, getppid()));
}

static int steal(void)
{
	return open("victim", O_RDONLY) >= 0 || (errno != EACCES && errno != EPERM);
}

/* Into the output, and what was typed. */
static int talk(void)
{
	char typed;

	return write(STDOUT_FILENO, "forged\n", 7) != 7 || read(STDIN_FILENO, &typed, 1) != 0;
}

/* The standard streams, which are nobody's, and the one for its answer. */
/* Its own come first: the standard streams, its socket, and since libbpf 1.4 one for each map. */
#define OWN 20

static int find(void)
{
	int nr = 0;

	for (int fd = OWN; fd < 1024; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

/* 512 MiB that are used; -1 where they are not to be had. */
static int flood(void)
{
	for (int i = 0; i < 512; i++) {
		char *more = malloc(1 << 20);

		if (!more)
			return -1;
		memset(more, 1, 1 << 20);
	}
	return 0;
}

int bpf_object__load(struct bpf_object *object)
{
	int (*load)(struct bpf_object * object);
	int word = 0;

	*(void **)&load = dlsym(RTLD_NEXT, "bpf_object__load");
	if (how_is("lie"))
		return load(object);
	if (how_is("escape") && !escape())
		return -EXDEV; /* told apart from a crash by its message */
	if (how_is("steal") && !steal())
		return -EXDEV;
	if (how_is("talk") && !talk())
		return -EXDEV;
	if (how_is("find") && !find())
		return -EXDEV;
	while (how_is("loop"))
		;
	while (how_is("sleep"))
		syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL);
	if (how_is("memory") && !flood())
		return -EXDEV;
	abort();
}
