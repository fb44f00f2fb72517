// SPDX-License-Identifier: BSD-2-Clause
#include "object_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util.h"

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

/* A sanitizer's shadow counts as private memory, its checks take time, and it has reports. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static int limit(int resource, rlim_t value)
{
	struct rlimit now;

	if (getrlimit(resource, &now))
		return -errno;
	if (now.rlim_max < value)
		value = now.rlim_max; /* already tighter */
	return setrlimit(resource, &(struct rlimit){value, value}) ? -errno : 0;
}

#ifdef AUDIT_ARCH_OWN

/*
 * Computing, and what is asked of the descriptors that are open. libbpf 1.4 and later hold the
 * place of a map that is not made yet with an empty file in memory.
 */
static const int allowed[] = {
	__NR_read,	  __NR_readv,	     __NR_write,	 __NR_writev,  __NR_sendto,
	__NR_lseek,	  __NR_fstat,	     __NR_newfstatat,	 __NR_close,   __NR_mmap,
	__NR_munmap,	  __NR_mremap,	     __NR_mprotect,	 __NR_madvise, __NR_brk,
	__NR_futex,	  __NR_getrandom,    __NR_clock_gettime, __NR_uname,   __NR_rt_sigreturn,
	__NR_exit_group,  __NR_memfd_create, __NR_fcntl,	 __NR_dup3,
#if SANITIZED
	__NR_sigaltstack,
#endif
};

/* Opening is for reading: libbpf asks for the processors, and for a .kconfig map the host's
 * configuration. */
#define OPEN_WRITES (O_ACCMODE | O_CREAT | O_TRUNC)

/* The lower half of an argument of 64 bits. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define LOW_HALF 4
#else
#define LOW_HALF 0
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOAD_LOW(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member) + LOW_HALF)
#define IF_NOT(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1)
#define IF(value)     BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0)
#define ANSWER(what)  BPF_STMT(BPF_RET | BPF_K, what)
#define REFUSE	      ANSWER(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW	      ANSWER(SECCOMP_RET_ALLOW)

static int filter_calls(void)
{
	static const struct sock_filter head[] = {
		LOAD(arch),
		IF(AUDIT_ARCH_OWN),
		REFUSE,
		LOAD(nr),
	};
	static const struct sock_filter tail[] = {
		IF(__NR_openat),
		REFUSE,
		LOAD_LOW(args[2]) /* flags */,
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, OPEN_WRITES, 1, 0),
		ALLOW,
		REFUSE,
	};
	struct sock_filter filter[ARRAY_SIZE(head) + 2 * ARRAY_SIZE(allowed) + ARRAY_SIZE(tail)];
	struct sock_fprog program = {.filter = filter, .len = ARRAY_SIZE(filter)};
	size_t nr = ARRAY_SIZE(head);

	memcpy(filter, head, sizeof(head));
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		filter[nr++] = (struct sock_filter)IF_NOT((uint32_t)allowed[i]);
		filter[nr++] = (struct sock_filter)ALLOW;
	}
	memcpy(&filter[nr], tail, sizeof(tail));
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) && errno != EINVAL)
		return -errno;
	return 0;
}

#else

static int filter_calls(void)
{
	return 0;
}

#endif

/* What libbpf asks of the host while it generates; the configuration is for .kconfig maps. */
static const char *const readable[] = {
	"/boot", /* config-RELEASE */
	"/proc/config.gz",
	"/proc/kallsyms",
	"/sys/devices/system/cpu/possible",
};

/* What cannot be allowed stays forbidden. */
static void allow_reading(int ruleset, const char *path)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = open(path, O_PATH | O_CLOEXEC),
	};

	if (rule.parent_fd < 0)
		return;
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
	close(rule.parent_fd);
}

static int filter_files(void)
{
	/* all that the first Landlock, of Linux 5.13, knows of */
	static const struct landlock_ruleset_attr everything = {
		.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};
	int ruleset, rc;

	ruleset = (int)syscall(SYS_landlock_create_ruleset, &everything, sizeof(everything), 0);
	if (ruleset < 0)
		return 0; /* no Landlock here */
	for (size_t i = 0; i < ARRAY_SIZE(readable); i++)
		allow_reading(ruleset, readable[i]);
	rc = syscall(SYS_landlock_restrict_self, ruleset, 0) ? -errno : 0;
	close(ruleset);
	return rc;
}

/* The terminal, where a passphrase is typed, and the output, which others believe. */
static int drop_streams(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc = 0;

	if (null < 0)
		return -errno;
	for (int fd = STDIN_FILENO; fd <= (SANITIZED ? STDOUT_FILENO : STDERR_FILENO); fd++)
		rc = dup2(null, fd) < 0 ? -errno : rc;
	if (null > STDERR_FILENO)
		close(null);
	return rc;
}

int object_confine(unsigned int seconds, size_t memory, struct err *err)
{
	int rc;

	rc = limit(RLIMIT_CORE, 0);
	if (!rc)
		rc = limit(RLIMIT_CPU, SANITIZED ? 10 * seconds : seconds);
	if (!rc && !SANITIZED)
		rc = limit(RLIMIT_DATA, memory);
	if (!rc)
		rc = drop_streams();
	if (!rc && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		rc = -errno;
	if (!rc)
		rc = filter_files();
	if (!rc)
		rc = filter_calls();
	if (rc)
		return err_set(err, rc, "cannot confine the process that reads the object: %s",
			       strerror(-rc));
	return 0;
}
