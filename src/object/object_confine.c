// SPDX-License-Identifier: BSD-2-Clause
#include "object/object_confine.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/util.h"

#if defined(__x86_64__)
#define AUDIT_ARCH_OWN AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define AUDIT_ARCH_OWN AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define AUDIT_ARCH_OWN AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define AUDIT_ARCH_OWN AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define AUDIT_ARCH_OWN AUDIT_ARCH_S390X
#endif

/* Limit on open files: libbpf opens one as a placeholder for each map. */
#define DESCRIPTORS 1024

/* Newer than the headers of some distributions that we build on. */
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#define SYSTEM_MFD_NOEXEC_SEAL 8

/* The kernel does not have it, as opposed to denying it. */
static bool is_missing(int code)
{
	return code == ENOSYS || code == EOPNOTSUPP;
}

/* --- descriptors --- */

/* In place of close_range(), which Linux before 5.9 and some containers do not have. */
static int close_one_by_one(int keep)
{
	DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;
	int fd;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		fd = atoi(entry->d_name); /* "." and ".." are 0 */
		if (fd > STDERR_FILENO && fd != keep && fd != dirfd(dir))
			close(fd);
	}
	closedir(dir);
	return 0;
}

static int close_others(int keep)
{
	const unsigned int first = STDERR_FILENO + 1;

	if (keep > (int)first && syscall(SYS_close_range, first, keep - 1, 0))
		return close_one_by_one(keep);
	return syscall(SYS_close_range, keep + 1, ~0u, 0) ? close_one_by_one(keep) : 0;
}

/* The process must not read a passphrase from the terminal, or write to this program's output. */
static int drop_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc = 0;

	if (null < 0)
		return -errno;
	for (int fd = STDIN_FILENO; fd <= (OBJECT_SANITIZED ? STDOUT_FILENO : STDERR_FILENO); fd++)
		rc = dup2(null, fd) < 0 ? -errno : rc;
	if (null > STDERR_FILENO)
		close(null);
	return rc;
}

static int failed(struct err *err, int rc, const char *what)
{
	return err_set(err, rc, "cannot confine the process that reads the object: %s: %s", what,
		       strerror(-rc));
}

int object_isolate(int *fd, struct err *err)
{
	int keep = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), rc;

	if (keep < 0)
		return failed(err, -errno, "its descriptor");
	rc = drop_streams();
	if (rc)
		return failed(err, rc, "/dev/null");
	rc = close_others(keep);
	if (rc)
		return failed(err, rc, "descriptors of other files");
	*fd = keep;
	return 0;
}

/* --- limits --- */

static int limit(int resource, rlim_t value)
{
	struct rlimit now;

	if (getrlimit(resource, &now))
		return -errno;
	if (now.rlim_max < value)
		value = now.rlim_max; /* never raise a limit */
	return setrlimit(resource, &(struct rlimit){value, value}) ? -errno : 0;
}

/* The present size of the address space; without /proc, an upper bound. */
static rlim_t address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;
	int got = 0;

	if (file) {
		got = fscanf(file, "%lu", &pages);
		fclose(file);
	}
	return got == 1 ? (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) : (rlim_t)1 << 30;
}

/* RLIMIT_AS, because RLIMIT_DATA does not count shared memory. */
static int limit_memory(size_t memory)
{
	if (OBJECT_SANITIZED)
		return 0;
	return limit(RLIMIT_AS, address_space() + memory) ?: limit(RLIMIT_DATA, memory);
}

/* Only the soft limit, which the filter keeps from being raised; valgrind needs the hard one. */
static int limit_descriptors(void)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_NOFILE, &now))
		return -errno;
	if (now.rlim_cur > DESCRIPTORS)
		now.rlim_cur = DESCRIPTORS;
	return setrlimit(RLIMIT_NOFILE, &now) ? -errno : 0;
}

static int set_limits(unsigned int seconds, size_t memory)
{
	int rc = limit(RLIMIT_CORE, 0);

	if (!rc)
		rc = limit(RLIMIT_CPU, OBJECT_SANITIZED ? 10 * seconds : seconds);
	if (!rc)
		rc = limit_memory(memory);
	if (!rc && !OBJECT_SANITIZED)
		rc = limit(RLIMIT_FSIZE, 0);
	return rc ?: limit_descriptors();
}

/* --- system calls --- */

#ifdef AUDIT_ARCH_OWN

/* A condition: the bits MASK of argument number ARG equal one of VALUES. MASK 0: no condition. */
struct demand {
	unsigned int arg;
	uint32_t mask;
	unsigned int nr;
	uint32_t values[3];
};

struct rule {
	int call;
	struct demand demands[2];
};

/* A condition: argument N has no bits set but BITS. */
/* clang-format off */
#define ONLY(number, bits) {number, ~(uint32_t)(bits), 1, {0}}
/* clang-format on */

/*
 * The allowed calls: those that compute or use open descriptors, and none that reaches another
 * process, opens a file or has a lasting effect. libbpf 1.4 and later use an empty file in memory
 * as a placeholder for each map; object_host.c answers through a pipe.
 */
static const struct rule allowed[] = {
	{.call = __NR_read},
	{.call = __NR_readv},
	{.call = __NR_write},
	{.call = __NR_writev},
	{.call = __NR_sendto, .demands = {ONLY(3, MSG_NOSIGNAL), ONLY(5, 0) /* no address */}},
	{.call = __NR_lseek},
	{.call = __NR_fstat},
	{.call = __NR_close},
	{.call = __NR_dup3},
	{.call = __NR_pipe2, .demands = {ONLY(1, O_CLOEXEC)}},
	{.call = __NR_fcntl, .demands = {{1, ~0u, 3, {F_GETFD, F_GETFL, F_DUPFD_CLOEXEC}}}},
	{.call = __NR_memfd_create, .demands = {ONLY(1, MFD_CLOEXEC | SYSTEM_MFD_NOEXEC_SEAL)}},
	{.call = __NR_mmap,
	 .demands = {ONLY(2, PROT_READ | PROT_WRITE),
		     ONLY(3, MAP_PRIVATE | MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE |
				     MAP_STACK)}},
	{.call = __NR_mprotect, .demands = {ONLY(2, PROT_READ | PROT_WRITE)}},
	{.call = __NR_madvise, .demands = {{2, ~0u, 1, {MADV_DONTNEED}}}},
	{.call = __NR_munmap},
	{.call = __NR_mremap},
	{.call = __NR_brk},
	{.call = __NR_futex,
	 .demands = {{1,
		      ~(uint32_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME),
		      3,
		      {FUTEX_WAIT, FUTEX_WAKE, FUTEX_WAIT_BITSET}}}},
	{.call = __NR_getrandom},
	{.call = __NR_clock_gettime},
	{.call = __NR_uname},
	{.call = __NR_rt_sigreturn},
	{.call = __NR_exit_group},
#if OBJECT_SANITIZED
	{.call = __NR_sigaltstack},
#endif
};

/* The lower 32 bits of an argument; the kernel ignores the others of the arguments above. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

#define LOAD(offset)	      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define AND(mask)	      BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask)
#define ANSWER(what)	      BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE		      ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW		      ANSWER(SECCOMP_RET_ALLOW)
/* How many instructions to skip if the number equals VALUE, and if it does not. */
#define SKIP_IF(value, over)  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, over, 0)
#define SKIP_NOT(value, over) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, over)

struct filter {
	struct sock_filter list[256];
	unsigned short nr;
};

static void add(struct filter *filter, struct sock_filter insn)
{
	if (filter->nr < ARRAY_SIZE(filter->list))
		filter->list[filter->nr] = insn;
	filter->nr++; /* counted beyond the room: the kernel refuses a filter that is too long */
}

static void add_demand(struct filter *filter, const struct demand *demand)
{
	add(filter, (struct sock_filter)LOAD(offsetof(struct seccomp_data, args[0]) +
					     sizeof(uint64_t) * demand->arg + LOW_HALF));
	add(filter, (struct sock_filter)AND(demand->mask));
	for (unsigned int i = 0; i < demand->nr; i++)
		add(filter,
		    (struct sock_filter)SKIP_IF(demand->values[i], (uint8_t)(demand->nr - i)));
	add(filter, (struct sock_filter)REFUSE);
}

static void add_rule(struct filter *filter, const struct rule *rule)
{
	unsigned short start = filter->nr;

	add(filter, (struct sock_filter)SKIP_NOT((uint32_t)rule->call, 0));
	for (size_t i = 0; i < ARRAY_SIZE(rule->demands); i++) {
		if (rule->demands[i].mask)
			add_demand(filter, &rule->demands[i]);
	}
	add(filter, (struct sock_filter)ALLOW);
	if (filter->nr <= ARRAY_SIZE(filter->list))
		filter->list[start].jf = (uint8_t)(filter->nr - start - 1);
}

/* Other architectures and ABIs number their calls differently; x32 sets a bit in the number. */
static int filter_calls(void)
{
	struct filter filter = {0};
	struct sock_fprog program = {.filter = filter.list};

	add(&filter, (struct sock_filter)LOAD(offsetof(struct seccomp_data, arch)));
	add(&filter, (struct sock_filter)SKIP_IF(AUDIT_ARCH_OWN, 1));
	add(&filter, (struct sock_filter)REFUSE);
	add(&filter, (struct sock_filter)LOAD(offsetof(struct seccomp_data, nr)));
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		add_rule(&filter, &allowed[i]);
	add(&filter, (struct sock_filter)REFUSE);
	if (filter.nr > ARRAY_SIZE(filter.list))
		return -E2BIG;
	program.len = filter.nr;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) && !is_missing(errno))
		return -errno;
	return 0;
}

#else

static int filter_calls(void)
{
	return 0;
}

#endif

/* --- files --- */

/* Per version of Landlock: the rights it handles, and the size of its attribute. */
static const struct {
	int version;
	uint64_t files, network, scope;
	size_t size;
} landlocks[] = {
	{6, (1 << 16) - 1, 3, 3, 24}, /* and signals, and abstract sockets */
	{5, (1 << 16) - 1, 3, 0, 16}, /* and ioctl() of devices */
	{4, (1 << 15) - 1, 3, 0, 16}, /* and TCP */
	{3, (1 << 15) - 1, 0, 0, 8},  /* and truncation */
	{2, (1 << 14) - 1, 0, 0, 8},  /* and links to other folders */
	{1, (1 << 13) - 1, 0, 0, 8},  /* Linux 5.13 */
};

/* No file: libbpf needs none (object_host.h). */
static int filter_files(void)
{
	uint64_t question[3];
	int version, ruleset, rc;
	size_t i = 0;

	version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return is_missing(errno) ? 0 : -errno;
	while (landlocks[i].version > version)
		i++;
	question[0] = landlocks[i].files;
	question[1] = landlocks[i].network;
	question[2] = landlocks[i].scope;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, question, landlocks[i].size, 0);
	if (ruleset < 0)
		return -errno;
	rc = syscall(SYS_landlock_restrict_self, ruleset, 0) ? -errno : 0;
	close(ruleset);
	return rc;
}

int object_confine(unsigned int seconds, size_t memory, struct err *err)
{
	int rc;

	rc = set_limits(seconds, memory);
	if (rc)
		return failed(err, rc, "limits");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return failed(err, -errno, "privileges");
	rc = filter_files();
	if (rc)
		return failed(err, rc, "Landlock");
	rc = filter_calls();
	return rc ? failed(err, rc, "seccomp") : 0;
}
