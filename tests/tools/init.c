// SPDX-License-Identifier: BSD-2-Clause
/*
 * init.c - /init of the virtual machine: run tools, feed them with events, print what they print.
 *
 * /disk is an ext4 file system with "plain/NAME" and "signed/NAME", the same tool with a plain
 *skeleton and with a signed header, "events", "cert.der", and "list". A line of list is NAME,
 *ROUNDS, and the arguments, separated by spaces. Both are run with these arguments, one after the
 *other:
 *
 *	tool NAME plain         it was started
 *	| TEXT                  a line of its standard output
 *	! TEXT                  a line of its standard error
 *	% TEXT                  a line that a BPF program of it printed to the kernel's trace
 *	= PROGRAM COUNT         a BPF program that is loaded after the events, and how often it ran
 *	end NAME plain STATUS   as wait() has it
 *
 * ROUNDS is how often the events happen before a SIGINT ends the tool; "-" after it: the tool ends
 *by itself. The certificate is in the session keyring, which all tools share.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TRACE "/sys/kernel/tracing/trace"

static void die(const char *what)
{
	printf("done: %s: errno %d\n", what, errno);
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	exit(1);
}

/* --- the machine --- */

static void mount_at(const char *source, const char *target, const char *type)
{
	mkdir(target, 0755);
	if (mount(source, target, type, 0, NULL) && errno != EBUSY)
		die(target);
}

static void put(const char *file, const char *text)
{
	const int fd = open(file, O_WRONLY | O_TRUNC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("# %s: errno %d\n", file, errno);
	close(fd);
}

static void loopback_up(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	const int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (ioctl(fd, SIOCSIFFLAGS, &request))
		die("lo");
	close(fd);
}

static void trust(const char *cert)
{
	static unsigned char der[1 << 16];
	const int fd = open(cert, O_RDONLY);
	const ssize_t size = read(fd, der, sizeof(der));

	close(fd);
	if (size < 0 || syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "asymmetric", NULL, der, size, KEY_SPEC_SESSION_KEYRING) < 0)
		die(cert);
}

static void set_up(void)
{
	const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};

	mount_at("dev", "/dev", "devtmpfs");
	mount_at("pts", "/dev/pts", "devpts");
	mount_at("proc", "/proc", "proc");
	mount_at("sys", "/sys", "sysfs");
	mount_at("tracing", "/sys/kernel/tracing", "tracefs");
	mount_at("debug", "/sys/kernel/debug", "debugfs");
	mount_at("bpf", "/sys/fs/bpf", "bpf");
	mount_at("cgroup", "/sys/fs/cgroup", "cgroup2");
	mount_at("tmp", "/tmp", "tmpfs");
	mount_at("/dev/nvme0n1", "/disk", "ext4");
	mkdir("/mnt", 0755);
	put("/proc/sys/kernel/kptr_restrict", "0");
	put("/proc/sys/kernel/printk", "1");
	put("/proc/sys/kernel/bpf_stats_enabled", "1");
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	loopback_up();
	trust("/disk/cert.der");
}

/* --- one run --- */

/* Copy what comes from FROM to the file TO until its other side is closed. */
static pid_t copier(int from, const char *to)
{
	const pid_t pid = fork();
	char buffer[4096];
	ssize_t size;
	int fd;

	if (pid)
		return pid;
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	while ((size = read(from, buffer, sizeof(buffer))) > 0)
		if (write(fd, buffer, (size_t)size) != size)
			_exit(1);
	_exit(0);
}

/* Start ARGV: standard output is a terminal, SLAVE, so that it writes line by line. */
static pid_t start(char **argv, int slave)
{
	const pid_t pid = fork();
	int errors;

	if (pid)
		return pid;
	errors = open("/tmp/errors", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(slave, 1);
	dup2(errors, 2);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	execve(argv[0], argv, (char *[]){"PATH=/disk", "TZ=UTC0", NULL});
	_exit(127);
}

static bool ended(pid_t pid)
{
	siginfo_t info = {0};

	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) || info.si_pid;
}

/* Whether PID waits as a tool does that has nothing to do: for time, or for events. */
static bool waits(pid_t pid)
{
	char name[64], text[256] = "";
	int fd, number = -1;

	snprintf(name, sizeof(name), "/proc/%d/syscall", pid);
	fd = open(name, O_RDONLY);
	if (read(fd, text, sizeof(text) - 1) > 0)
		sscanf(text, "%d", &number);
	close(fd);
	switch (number) {
	case SYS_poll:
	case SYS_ppoll:
	case SYS_nanosleep:
	case SYS_clock_nanosleep:
	case SYS_epoll_wait:
	case SYS_epoll_pwait:
	case SYS_pause:
		return true;
	default:
		return false;
	}
}

/* A tool that has loaded and attached its programs waits. To do so may take long, and it sleeps
 * meanwhile. */
static void wait_until_ready(pid_t pid)
{
	int often = 0;

	for (int i = 0; i < 600 && often < 4 && !ended(pid); i++) {
		often = waits(pid) ? often + 1 : 0;
		usleep(200000);
	}
}

/*
 * Where all sleep, the machine's time is that of the next one who wakes up (boot in run): while a
 * disk of a busy host is slow, this one wakes up often, so that an interval of a tool does not pass
 * meanwhile.
 */
static void run_events(const char *rounds)
{
	const pid_t pid = fork();

	if (!pid) {
		execl("/disk/events", "events", rounds, NULL);
		_exit(127);
	}
	while (waitpid(pid, NULL, WNOHANG) == 0)
		usleep(10000);
}

static int sys_bpf(int cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* The programs that are loaded; there is no other than the tool's. */
static void show_programs(void)
{
	struct bpf_prog_info info;
	union bpf_attr attr;
	__u32 id = 0;
	int fd;

	for (;;) {
		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
		if (sys_bpf(BPF_PROG_GET_NEXT_ID, &attr))
			return;
		id = attr.next_id;
		memset(&attr, 0, sizeof(attr));
		attr.prog_id = id;
		fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
		memset(&attr, 0, sizeof(attr));
		memset(&info, 0, sizeof(info));
		attr.info.bpf_fd = (__u32)fd;
		attr.info.info_len = sizeof(info);
		attr.info.info = (uintptr_t)&info;
		if (fd >= 0 && !sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
			printf("= %s %llu\n", info.name, (unsigned long long)info.run_cnt);
		close(fd);
	}
}

/* Its status; one that does not end within ten minutes, which pass fast, is killed. */
static int finish(pid_t pid, bool by_itself)
{
	int status = 0;

	usleep(1200000);
	if (!by_itself)
		kill(pid, SIGINT);
	for (int i = 0; i < 3000; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		usleep(200000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

/* Print the lines of FILE that have WANTED in them, each after SIGN. */
static void show(const char *file, const char *sign, const char *wanted)
{
	FILE *stream = fopen(file, "r");
	static char line[4096];

	while (stream && fgets(line, sizeof(line), stream)) {
		line[strcspn(line, "\r\n")] = 0;
		if (strstr(line, wanted))
			printf("%s %s\n", sign, line);
	}
	if (stream)
		fclose(stream);
}

static void run(const char *name, const char *kind, const char *rounds, bool by_itself, char **argv)
{
	const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	pid_t pid, reader;
	int slave, status;

	if (master < 0 || grantpt(master) || unlockpt(master))
		die("a terminal");
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	put(TRACE, "");
	printf("tool %s %s\n", name, kind);
	fflush(stdout);
	pid = start(argv, slave);
	close(slave);
	reader = copier(master, "/tmp/output");
	close(master);
	wait_until_ready(pid);
	run_events(rounds);
	show_programs();
	status = finish(pid, by_itself);
	waitpid(reader, NULL, 0);
	show("/tmp/output", "|", "");
	show("/tmp/errors", "!", "");
	show(TRACE, "%", "bpf_trace_printk: ");
	printf("end %s %s %d\n", name, kind, status);
	fflush(stdout);
}

/* A line of the list, by which both are run. */
static void try(char *line)
{
	static const char *const kinds[] = {"plain", "signed"};
	char *argv[32] = {NULL}, *name = strtok(line, " \n"), *rounds = strtok(NULL, " \n");
	char path[256];
	bool by_itself;
	int argc = 1;

	if (!rounds)
		return;
	by_itself = strchr(rounds, '-') != NULL;
	rounds[strcspn(rounds, "-")] = 0;
	while (argc < 31 && (argv[argc] = strtok(NULL, " \n")))
		argc++;
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/disk/%s/%s", kinds[i], name);
		argv[0] = path;
		if (!access(path, X_OK))
			run(name, kinds[i], rounds, by_itself, argv);
	}
}

int main(void)
{
	char line[1024];
	FILE *list;

	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	signal(SIGPIPE, SIG_IGN);
	set_up();
	/* What is read from the disk once is so for no tool: the first would see that alone. */
	run_events("1");
	list = fopen("/disk/list", "r");
	while (list && fgets(line, sizeof(line), list))
		try(line);
	printf("done\n");
	fflush(stdout);
	sync();
	reboot(RB_AUTOBOOT);
	return 1;
}
