// SPDX-License-Identifier: BSD-2-Clause
/*
 * What the process that reads objects still has and may still do: every system call there is, and
 * every argument of those that are allowed for some arguments alone, is tried in one that is
 * confined.
 */
#include "object/object_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define SECONDS 5
#define MEMORY	((size_t)448 << 20)

/* Numbers of system calls that are tried: there are fewer than 500. */
#define CALLS 1024

/* On x86-64, calls of the ABI x32 have this bit. */
#define X32_BIT 0x40000000

static const long allowed[] = {
	SYS_read,	 SYS_readv,	    SYS_write,	      SYS_writev,    SYS_sendto,
	SYS_lseek,	 SYS_fstat,	    SYS_close,	      SYS_dup3,	     SYS_fcntl,
	SYS_mmap,	 SYS_memfd_create,  SYS_munmap,	      SYS_mprotect,  SYS_mremap,
	SYS_brk,	 SYS_madvise,	    SYS_futex,	      SYS_getrandom, SYS_uname,
	SYS_exit_group,	 SYS_clock_gettime, SYS_rt_sigreturn, SYS_pipe2,
#if OBJECT_SANITIZED
	SYS_sigaltstack,
#endif
};

/*
 * The kernel's own, which its probes make a program call: seccomp does not see them. For whoever
 * else calls them they do nothing but fail, with SIGILL or ENXIO (arch/x86/kernel/uprobes.c).
 */
#ifdef __x86_64__
static const long of_probes[] = {335 /* uretprobe */, 336 /* uprobe */};
#else
static const long of_probes[] = {-1};
#endif

/* What a child writes to its parent. */
static int talk = -1;

static bool is_in(const long *list, size_t nr, long call)
{
	for (size_t i = 0; i < nr; i++) {
		if (list[i] == call)
			return true;
	}
	return false;
}

/* The filter of system calls stops valgrind itself. */
static bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "valgrind");
}

/* All that RUN writes to TALK in a process of its own; its wait status. */
static int in_child(void (*run)(void), char *text, size_t room)
{
	int ends[2], status;
	size_t size = 0;
	ssize_t got;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		abort();
	fflush(stdout);
	pid = fork();
	if (!pid) {
		signal(SIGXFSZ, SIG_DFL);
		close(ends[0]);
		talk = ends[1];
		run();
		_exit(0);
	}
	close(ends[1]);
	while (size < room - 1 && (got = read(ends[0], text + size, room - 1 - size)) > 0)
		size += (size_t)got;
	text[size] = '\0';
	close(ends[0]);
	return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* RUN says nothing but its last line, "# N tried". */
static void check_quiet(void (*run)(void))
{
	static char text[1 << 16];
	int status = in_child(run, text, sizeof(text));

	if (!CHECK_INT(status, 0))
		printf("# %s\n", text);
	CHECK(text[0] == '#' && strchr(text, '\n') == text + strlen(text) - 1);
	printf("%s", text);
}

static void confine(void)
{
	struct err err;

	if (object_isolate(&talk, &err) || object_confine(SECONDS, MEMORY, &err)) {
		dprintf(talk, "%s\n", err.text);
		_exit(1);
	}
}

/* --- every call, and every argument --- */

static unsigned int tried;

static void must_refuse(const char *what, long number, long got)
{
	tried++;
	if (got != -1 || errno != EPERM)
		dprintf(talk, "%s %ld: %ld, errno %d\n", what, number, got, got == -1 ? errno : 0);
}

static void try_calls(void)
{
	confine();
	for (long call = 0; call < CALLS; call++) {
		if (!is_in(allowed, ARRAY_SIZE(allowed), call) &&
		    !is_in(of_probes, ARRAY_SIZE(of_probes), call))
			must_refuse("call", call, syscall(call, -1L, -1L, -1L, -1L, -1L, -1L));
#ifdef __x86_64__
		must_refuse("x32 call", call,
			    syscall(call | X32_BIT, -1L, -1L, -1L, -1L, -1L, -1L));
#endif
	}
	dprintf(talk, "# %u system calls tried\n", tried);
}

TEST(every_other_system_call_is_refused)
{
	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	check_quiet(try_calls);
}

#ifdef __x86_64__

static long of_probe;

static void try_of_probe(void)
{
	confine();
	if (syscall(of_probe, -1L, -1L, -1L, -1L, -1L, -1L) >= 0)
		dprintf(talk, "call %ld is not refused\n", of_probe);
}

TEST(those_of_probes_do_nothing)
{
	static char text[256];

	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	for (size_t i = 0; i < ARRAY_SIZE(of_probes); i++) {
		int status;

		of_probe = of_probes[i];
		status = in_child(try_of_probe, text, sizeof(text));
		CHECK(!*text && (!status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGILL)));
	}
}

#endif

#if defined(__x86_64__) && !OBJECT_SANITIZED

/* A kernel without this ABI ends the process: then there is nothing to refuse. */
static void try_i386(void)
{
	confine();
	for (int call = 0; call < CALLS; call++) {
		long got;

		__asm__ volatile("int $0x80"
				 : "=a"(got)
				 : "a"(call), "b"(-1), "c"(-1), "d"(-1), "S"(-1), "D"(-1)
				 : "memory");
		errno = (int)-got;
		must_refuse("i386 call", call, -1);
	}
	dprintf(talk, "# %u system calls of i386 tried\n", tried);
}

TEST(so_are_those_of_another_architecture)
{
	static char text[1 << 16];
	int status;

	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	status = in_child(try_i386, text, sizeof(text));
	CHECK((WIFEXITED(status) && text[0] == '#') ||
	      (WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV && !*text));
	printf("%s", text);
}

#endif

static void try_fcntl(void)
{
	for (int command = 0; command < 2048; command++) {
		if (command == F_GETFD || command == F_GETFL || command == F_DUPFD_CLOEXEC)
			continue;
		must_refuse("fcntl command", command, fcntl(talk, command, (long)getpid()));
	}
	must_refuse("F_SETOWN", F_SETOWN, fcntl(talk, F_SETOWN, 1));
	must_refuse("F_SETSIG", F_SETSIG, fcntl(talk, F_SETSIG, SIGKILL));
	must_refuse("O_ASYNC", O_ASYNC, fcntl(talk, F_SETFL, O_ASYNC));
}

/* CALL with every single bit as argument number ARG, but those in FINE. */
static void try_bits(const char *what, long call, const long args[6], unsigned int arg,
		     uint32_t fine)
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		long own[6];

		if (fine & UINT32_C(1) << bit)
			continue;
		memcpy(own, args, sizeof(own));
		own[arg] |= (long)(UINT32_C(1) << bit);
		must_refuse(what, (long)(UINT32_C(1) << bit),
			    syscall(call, own[0], own[1], own[2], own[3], own[4], own[5]));
	}
}

static void try_arguments(void)
{
	static uint32_t word;
	static char page[4096] __attribute__((aligned(4096)));
	const long memory[6] = {(long)"name"}, ends[6] = {(long)page};
	const long map[6] = {0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0};
	const long protect[6] = {(long)page, sizeof(page), PROT_READ | PROT_WRITE};
	const long sent[6] = {0, (long)"", 0, MSG_NOSIGNAL};

	confine();
	try_fcntl();
	try_bits("pipe flag", SYS_pipe2, ends, 1, O_CLOEXEC);
	try_bits("memfd flag", SYS_memfd_create, memory, 1, MFD_CLOEXEC | 8);
	try_bits("mmap protection", SYS_mmap, map, 2, PROT_READ | PROT_WRITE);
	try_bits("mmap flag", SYS_mmap, map, 3,
		 MAP_SHARED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE | MAP_STACK);
	try_bits("mprotect", SYS_mprotect, protect, 2, PROT_READ | PROT_WRITE);
	try_bits("send flag", SYS_sendto, sent, 3, MSG_NOSIGNAL);
	try_bits("size of an address", SYS_sendto, sent, 5, 0);
	for (int advice = 0; advice < 256; advice++) {
		if (advice != MADV_DONTNEED)
			must_refuse("madvise", advice, madvise(page, sizeof(page), advice));
	}
	for (int op = 0; op < 1024; op++) {
		int plain = op & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);

		if (plain != FUTEX_WAIT && plain != FUTEX_WAKE && plain != FUTEX_WAIT_BITSET)
			must_refuse("futex", op, syscall(SYS_futex, &word, op, 1, NULL, &word, 0));
	}
	dprintf(talk, "# %u arguments tried\n", tried);
}

TEST(so_is_every_other_argument)
{
	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	check_quiet(try_arguments);
}

static void must_do(const char *what, bool done)
{
	tried++;
	if (!done)
		dprintf(talk, "%s: errno %d\n", what, errno);
}

/* What libbpf, libelf and the C library need. */
static void try_needed(void)
{
	int fd, copy, ends[2];
	char *shared;

	confine();
	must_do("F_GETFD", fcntl(talk, F_GETFD) >= 0);
	must_do("F_GETFL", fcntl(talk, F_GETFL) >= 0);
	fd = memfd_create("place", MFD_CLOEXEC);
	must_do("memfd_create", fd >= 0);
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	must_do("F_DUPFD_CLOEXEC", copy > fd);
	must_do("pipe2", !pipe2(ends, O_CLOEXEC));
	must_do("dup3", dup3(fd, copy, O_CLOEXEC) == copy);
	must_do("close", !close(copy));
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must_do("mmap", shared != MAP_FAILED);
	must_do("munmap", !munmap(shared, 4096));
	for (size_t size = 1; size < MEMORY / 4; size *= 2) {
		char *more = malloc(size);

		must_do("malloc", more);
		free(more);
	}
	dprintf(talk, "# %u needed things tried\n", tried);
}

TEST(what_is_needed_works)
{
	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	check_quiet(try_needed);
}

/* --- descriptors --- */

static void hold_others(void)
{
	static const int numbers[] = {3, 4, 20, 99};
	int ends[2];

	if (pipe(ends) || write(ends[1], "passphrase\n", 11) != 11 || dup2(ends[0], 0) != 0)
		_exit(1);
	if (dup2(talk, 50) != 50)
		_exit(1);
	talk = 50;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (dup2(ends[0], numbers[i]) != numbers[i])
			_exit(1);
	}
}

static void list_descriptors(void)
{
	struct err err;
	struct stat st;
	char byte;

	if (object_isolate(&talk, &err)) {
		dprintf(talk, "%s\n", err.text);
		return;
	}
	for (int fd = 0; fd < 1024; fd++, tried++) {
		if (fd > STDERR_FILENO && fd != talk && !fstat(fd, &st))
			dprintf(talk, "descriptor %d is open\n", fd);
	}
	if (read(STDIN_FILENO, &byte, 1))
		dprintf(talk, "standard input can be read\n");
	dprintf(talk, "# %u descriptors tried\n", tried);
}

static void isolate(void)
{
	hold_others();
	list_descriptors();
}

TEST(no_descriptor_is_left_but_its_own)
{
	check_quiet(isolate);
}

/* The standard streams were closed, so that the one that is kept has one of their numbers. */
static void isolate_low(void)
{
	if (dup2(talk, STDIN_FILENO))
		_exit(1);
	close(talk);
	talk = STDIN_FILENO;
	list_descriptors();
}

TEST(its_own_may_have_any_number)
{
	check_quiet(isolate_low);
}

/* --- kernels that do not have it, and those that do not let us --- */

/* From now on system call NUMBER fails with CODE. */
static void fail_call(long number, int code)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)number, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)code),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {ARRAY_SIZE(filter), filter};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(77);
}

static void isolate_without_close_range(void)
{
	hold_others();
	fail_call(436 /* close_range */, ENOSYS);
	list_descriptors();
}

TEST(so_it_is_where_there_is_no_close_range)
{
	if (under_valgrind())
		SKIP("a filter of system calls stops valgrind");
	check_quiet(isolate_without_close_range);
}

static long failing_call;
static int failing_code;

static void confine_failing(void)
{
	struct err err = {0};

	fail_call(failing_call, failing_code);
	if (object_confine(SECONDS, MEMORY, &err))
		dprintf(talk, "%s", err.text);
}

/* What object_confine() says where CALL fails with CODE; "": nothing. */
static const char *confine_where(long call, int code)
{
	static char text[1024];

	failing_call = call;
	failing_code = code;
	CHECK_INT(in_child(confine_failing, text, sizeof(text)), 0);
	return text;
}

TEST(only_what_a_kernel_does_not_have_counts_as_missing)
{
	static const struct {
		long call;
		const char *name;
		bool may_be_missing;
	} calls[] = {
		{SYS_landlock_create_ruleset, "Landlock", true},
		{SYS_landlock_restrict_self, "Landlock", false},
		{SYS_seccomp, "seccomp", true},
	};
	static const int codes[] = {ENOSYS, EOPNOTSUPP, EPERM, EACCES,
				    EINVAL, ENOMEM,	E2BIG, EFAULT};

	if (under_valgrind())
		SKIP("a filter of system calls stops valgrind");
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(codes); n++) {
			bool missing = codes[n] == ENOSYS || codes[n] == EOPNOTSUPP;
			const char *text = confine_where(calls[i].call, codes[n]);

			if (missing && calls[i].may_be_missing)
				CHECK_STR(text, "");
			else if (!CHECK(strstr(text, "cannot confine the process") &&
					strstr(text, calls[i].name) &&
					strstr(text, strerror(codes[n]))))
				printf("# %s %s: %s\n", calls[i].name, strerror(codes[n]), text);
		}
	}
}

/* --- files and memory --- */

static void try_files_for(int first, int second)
{
	static const char *const files[] = {
		"/etc/passwd",
		"/proc/self/environ",
		"/proc/self/maps",
		"/proc/version",
		"/dev/null",
		"/dev/zero",
		"/",
		"/boot",
		"/proc/self/fd",
		"/sys/devices/system/cpu/possible",
		"/proc/kallsyms",
	};

	confine();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++, tried++) {
		if (open(files[i], O_RDONLY | O_CLOEXEC) >= 0 ||
		    (errno != first && errno != second))
			dprintf(talk, "%s: errno %d\n", files[i], errno);
	}
	dprintf(talk, "# %u files tried\n", tried);
}

static void try_files(void)
{
	try_files_for(EPERM, EACCES);
}

static void try_files_without_seccomp(void)
{
	fail_call(SYS_seccomp, ENOSYS);
	try_files_for(EACCES, EACCES);
}

TEST(no_file_is_opened)
{
	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	check_quiet(try_files);
}

TEST(nor_is_one_where_there_is_landlock_alone)
{
	if (under_valgrind())
		SKIP("a filter of system calls stops valgrind");
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1)
		SKIP("this kernel has no Landlock");
	check_quiet(try_files_without_seccomp);
}

#if !OBJECT_SANITIZED /* under a sanitizer memory has no limit */
static void flood_shared(void)
{
	size_t got = 0;

	confine();
	while (mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
		       MAP_FAILED &&
	       got < 2 * MEMORY)
		got += 1 << 20;
	if (got > MEMORY)
		dprintf(talk, "%zu bytes of shared memory\n", got);
	dprintf(talk, "# %zu MiB of shared memory\n", got >> 20);
}

static void flood_file(void)
{
	confine();
	if (write(memfd_create("file", MFD_CLOEXEC), "x", 1) == 1)
		dprintf(talk, "written\n");
}

TEST(shared_memory_is_counted_too)
{
	static char text[256];
	int status;

	if (under_valgrind())
		SKIP("the filter of system calls stops valgrind");
	check_quiet(flood_shared);
	status = in_child(flood_file, text, sizeof(text));
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ);
	CHECK_STR(text, "");
}
#endif

UNIT_MAIN
