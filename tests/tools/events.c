// SPDX-License-Identifier: BSD-2-Clause
/*
 * events.c - what happens while a tool watches: events ROUNDS; each round is the same.
 *
 * "events oom" gives the kernel a reason to kill for memory, and nothing else. Names that lines of
 * tools are recognized by begin with "ev-"; the programs are "events" and, as its child,
 * "ev-child". The functions that uprobes look for by name (readline, malloc) are in this program,
 * which is linked statically and not stripped.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define DISK "/disk/ev-disk-file"

static void pause_ms(int ms)
{
	usleep((useconds_t)ms * 1000);
}

/* --- processes --- */

static pid_t child(const char *program, const char *argument)
{
	const pid_t pid = fork();

	if (!pid) {
		execl(program, "ev-child", argument, NULL);
		_exit(9);
	}
	return pid;
}

static void processes(void)
{
	pid_t pid;

	waitpid(child("/disk/ev-child", "leave"), NULL, 0);
	waitpid(child("/disk/ev-child", "fail"), NULL, 0);
	waitpid(child("/disk/ev-missing", "none"), NULL, 0);
	pid = child("/disk/ev-child", "wait");
	pause_ms(50);
	kill(pid, SIGUSR1);
	pause_ms(20);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	waitpid(child("/disk/ev-child", "crash"), NULL, 0);
}

static int be_child(const char *argument)
{
	if (!strcmp(argument, "wait")) {
		signal(SIGUSR1, SIG_IGN);
		for (;;)
			pause();
	}
	if (!strcmp(argument, "crash"))
		raise(SIGSEGV);
	return !strcmp(argument, "fail") ? 3 : 0;
}

/* --- files --- */

static void write_and_read(const char *name)
{
	static char block[16384];
	const int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	for (int i = 0; i < 8; i++)
		if (write(fd, block, sizeof(block)) < 0)
			perror(name);
	fsync(fd);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	lseek(fd, 0, SEEK_SET);
	while (read(fd, block, sizeof(block)) > 0)
		;
	close(fd);
}

static void files(void)
{
	struct statfs fs;
	struct stat status;

	write_and_read("/tmp/ev-file");
	write_and_read(DISK);
	stat(DISK, &status);
	stat("/tmp/ev-missing", &status);
	statfs("/disk", &fs);
	close(open("/tmp/ev-missing", O_RDONLY));
	mkdir("/tmp/ev-folder", 0700);
	rename("/tmp/ev-file", "/tmp/ev-folder/ev-renamed");
	pause_ms(30);
	unlink("/tmp/ev-folder/ev-renamed");
	unlink(DISK);
	rmdir("/tmp/ev-folder");
	mount("ev-source", "/mnt", "tmpfs", 0, "size=1m");
	umount("/mnt");
	sync();
}

/* --- network --- */

static void address(struct sockaddr_storage *ret_address, int family, int port)
{
	struct sockaddr_in *four = (struct sockaddr_in *)ret_address;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_address;

	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->ss_family = (sa_family_t)family;
	if (family == AF_INET) {
		four->sin_port = htons((uint16_t)port);
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	} else {
		six->sin6_port = htons((uint16_t)port);
		six->sin6_addr = in6addr_loopback;
	}
}

/* A connection, over which some bytes go both ways; nobody listens at PORT + 1. */
static void connection(int family, int port)
{
	const int server = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0);
	struct sockaddr_storage to;
	char bytes[4000] = "";
	int other;

	setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	address(&to, family, port);
	if (bind(server, (struct sockaddr *)&to, sizeof(to)) || listen(server, 7) ||
	    connect(client, (struct sockaddr *)&to, sizeof(to)))
		perror("connection");
	other = accept(server, NULL, NULL);
	for (int i = 0; i < 5; i++) {
		send(client, bytes, sizeof(bytes), 0);
		recv(other, bytes, sizeof(bytes), MSG_WAITALL);
		send(other, bytes, 100, 0);
		recv(client, bytes, 100, MSG_WAITALL);
		pause_ms(5);
	}
	close(client);
	pause_ms(10);
	close(other);
	close(server);
	address(&to, family, port + 1);
	other = socket(family, SOCK_STREAM, 0);
	connect(other, (struct sockaddr *)&to, sizeof(to));
	close(other);
}

/* --- memory and locks --- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *hold(void *unused)
{
	(void)unused;
	for (int i = 0; i < 5; i++) {
		pthread_mutex_lock(&lock);
		pause_ms(5);
		pthread_mutex_unlock(&lock);
		pause_ms(1);
	}
	return NULL;
}

static void locks(void)
{
	pthread_t threads[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, hold, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
}

/* What a shell calls; its name is that of the library's, and the program's is a shell's then. */
__attribute__((noinline)) char *readline(const char *prompt)
{
	static char line[64];

	snprintf(line, sizeof(line), "%sev-line", prompt);
	return line;
}

static void memory(void)
{
	char *page = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			  0);
	volatile unsigned long sum = 0;
	void *volatile kept;

	memset(page, 1, 1 << 20);
	munmap(page, 1 << 20);
	kept = malloc(12345);
	free(kept);
	kept = malloc(54321);
	for (unsigned long i = 0; i < 20000000; i++)
		sum += i;
	prctl(PR_SET_NAME, "bash");
	if (strlen(readline("")) == 0)
		perror("readline");
	prctl(PR_SET_NAME, "events");
}

/* The kernel kills the process that asks to be killed first. */
static void out_of_memory(void)
{
	const pid_t pid = fork();
	int fd;

	if (!pid) {
		prctl(PR_SET_NAME, "ev-victim");
		fd = open("/proc/self/oom_score_adj", O_WRONLY);
		if (write(fd, "1000", 4) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	pause_ms(100);
	fd = open("/proc/sysrq-trigger", O_WRONLY);
	if (write(fd, "f", 1) < 0)
		perror("sysrq");
	pause_ms(500);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	const int rounds = argc > 1 ? atoi(argv[1]) : 1;

	if (argc > 1 && !strcmp(argv[0], "ev-child"))
		return be_child(argv[1]);
	if (argc > 1 && !strcmp(argv[1], "oom")) {
		out_of_memory();
		return 0;
	}
	for (int i = 0; i < rounds; i++) {
		processes();
		files();
		connection(AF_INET, 4040);
		connection(AF_INET6, 4060);
		locks();
		memory();
		pause_ms(100);
	}
	return 0;
}
