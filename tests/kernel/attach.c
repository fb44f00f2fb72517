// SPDX-License-Identifier: BSD-2-Clause
/*
 * attach.c - /init of the virtual machine: attach programs in every way that a signed header knows.
 *
 * ATTACH is the signed header of attach.bpf.c; the signer's certificate is /cert.der. Prints a line
 * for each program, "load 0: PROG fires", or with the errno of what failed. Linked with
 * --wrap=syscall, so that a kernel can be made as old as Linux 5.14, which has no links of perf
 * events.
 */
#include <stdarg.h>
#include <sys/mount.h>
#include <sys/reboot.h>

#include ATTACH

#include "keyring.h"
#include "sysbpf.h"

static bool no_links;

long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* As Linux 5.14 answers to links of types that it does not know. */
static bool is_new_link(long cmd, const union bpf_attr *attr)
{
	return cmd == BPF_LINK_CREATE && attr->link_create.attach_type == 41;
}

long __wrap_syscall(long number, ...)
{
	va_list args;
	long arg[5];

	va_start(args, number);
	for (size_t i = 0; i < 5; i++)
		arg[i] = va_arg(args, long);
	va_end(args);
	if (number == __NR_bpf && no_links && is_new_link(arg[0], (const union bpf_attr *)arg[1])) {
		errno = EINVAL;
		return -1;
	}
	return __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4]);
}

/* What uprobes attach to: init is this program. */
__attribute__((noinline, used)) int target(int x)
{
	__asm__ volatile("" : "+r"(x));
	return x + 1;
}

/* The kernel runs a program that is not attached, and says so at the end (bpf_test_finish). */
static void test_run(int prog_fd)
{
	union bpf_attr attr;
	char packet[64] = {0};

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (uint32_t)prog_fd;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = sizeof(packet);
	sys_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr));
}

/* What every program of attach.bpf.c sees, but the iterator, which is read. */
static void make_events(const struct attach *skel, int iter_link)
{
	union bpf_attr attr;
	char text[64];
	int fd;

	getppid();
	getpgid(getpid());
	usleep(1);
	target(1);
	test_run(skel->progs.on_socket.prog_fd);
	memset(&attr, 0, sizeof(attr));
	attr.iter_create.link_fd = (uint32_t)iter_link;
	fd = iter_link > 0 ? sys_bpf(BPF_ITER_CREATE, &attr, sizeof(attr)) : -1;
	if (fd < 0)
		return;
	while (read(fd, text, sizeof(text)) > 0)
		continue;
	close(fd);
}

static void say(const char *what, const char *prog, int err, bool fires)
{
	printf("load %d: %s%s %s\n", err < 0 ? err : 0, what, prog,
	       fires ? "fires" : "does not fire");
}

/* Programs that make_events() reaches. */
/* clang-format off */
#define EACH_PROG(do) \
	do(raw_tp) do(raw_tp_w) do(tp_btf) do(fentry) do(fexit) do(fmod_ret) do(lsm) do(iter) \
	do(kprobe) do(kprobe_offset) do(kretprobe) do(ksyscall) do(kretsyscall) do(tp) \
	do(tracepoint) do(uprobe) do(uprobe_offset) do(uretprobe) do(sleepable) do(searched) \
	do(multi) do(multi_star) do(session)
/* clang-format on */

/* One program alone: it fires, and after the end of its link it no longer does. Nothing, if it is
 * not loaded. */
#define TRY(name)                                                          \
	do {                                                               \
		int err = attach__on_##name##__attach(skel);               \
		bool fires;                                                \
                                                                           \
		skel->bss->name##_calls = 0;                               \
		make_events(skel, skel->links.on_iter_fd);                 \
		fires = skel->bss->name##_calls > 0;                       \
		attach__detach(skel);                                      \
		skel->bss->name##_calls = 0;                               \
		make_events(skel, skel->links.on_iter_fd);                 \
		if (skel->bss->name##_calls || skel->links.on_##name##_fd) \
			printf("load ?: %s is still attached\n", #name);   \
		if (skel->progs.on_##name.prog_fd > 0)                     \
			say(what, #name, err, fires);                      \
	} while (0);

#define RESET(name) skel->bss->name##_calls = 0;
#define SILENT(name)                                                       \
	if (skel->progs.on_##name.prog_fd > 0 && !skel->bss->name##_calls) \
		printf("load ?: %sall: %s does not fire\n", what, #name);

static void try_each(struct attach *skel, const char *what)
{
	EACH_PROG(TRY)
}

static void try_all(struct attach *skel, const char *what)
{
	int err;

	EACH_PROG(RESET)
	err = attach__attach(skel);
	make_events(skel, skel->links.on_iter_fd);
	if (!err) {
		EACH_PROG(SILENT)
	}
	printf("load %d: %sall: by hand %d, not loaded %d, socket %d\n", err, what,
	       skel->links.on_by_hand_fd, skel->links.on_optional_fd, skel->links.on_socket_fd);
	attach__detach(skel);
}

/* A link of the program's own is kept, and closed by detach. */
static void try_uprobe(struct attach *skel)
{
	int fd = attach__attach_function(skel->progs.on_by_hand_u, false, 0, "/init", "target", 0);

	skel->bss->by_hand_u_calls = 0;
	make_events(skel, 0);
	say("by hand: ", "uprobe", fd, skel->bss->by_hand_u_calls == 1);
	close(fd);
	fd = attach__attach_kprobe_multi(skel->progs.on_multi, false, "do_nanosleep");
	skel->bss->multi_calls = 0;
	make_events(skel, 0);
	say("by hand: ", "kprobe.multi", fd, skel->bss->multi_calls == 1);
	close(fd);
	fd = attach__attach_function(skel->progs.on_by_hand_u, false, 0, "/init", "none", 0);
	printf("load %d: by hand: no such function in /init\n", fd);
	fd = attach__attach_function(skel->progs.on_by_hand_u, false, 0, "libnone.so", "none", 0);
	printf("load %d: by hand: no such library\n", fd);
	fd = attach__attach_kprobe_multi(skel->progs.on_multi, false, "no_such_*");
	printf("load %d: by hand: no function matches\n", fd);
}

static void try_by_hand(struct attach *skel)
{
	int fd = attach__attach_kprobe(skel->progs.on_by_hand, false, "__x64_sys_getppid"), err;

	skel->links.on_by_hand_fd = fd;
	err = attach__attach(skel);
	skel->bss->by_hand_calls = 0;
	make_events(skel, 0);
	say("by hand, kept: ", "kprobe", fd < 0 ? fd : err,
	    skel->bss->by_hand_calls == 1 && skel->links.on_by_hand_fd == fd);
	attach__detach(skel);
	fd = attach__attach_tracepoint(skel->progs.on_tp, "syscalls", "sys_enter_getppid");
	skel->bss->tp_calls = 0;
	make_events(skel, 0);
	say("by hand: ", "tracepoint", fd, skel->bss->tp_calls == 1);
	close(fd);
	fd = attach__attach_ksyscall(skel->progs.on_by_hand, true, "getppid");
	skel->bss->by_hand_calls = 0;
	make_events(skel, 0);
	say("by hand: ", "kretsyscall", fd, skel->bss->by_hand_calls == 1);
	close(fd);
	fd = attach__attach_kprobe(skel->progs.on_by_hand, false, "no_such_function");
	printf("load %d: by hand: no such function\n", fd);
}

/* One program fails: all are detached. */
static void try_failure(struct attach *skel)
{
	const int fd = skel->progs.on_tracepoint.prog_fd;
	int err;

	skel->progs.on_tracepoint.prog_fd = skel->maps.bss.map_fd;
	err = attach__attach(skel);
	skel->bss->kprobe_calls = 0;
	make_events(skel, 0);
	printf("load %d: one fails: errno %d, kprobe %d, still called %ld: %s\n", err, errno,
	       skel->links.on_kprobe_fd, (long)skel->bss->kprobe_calls, skel->why);
	skel->progs.on_tracepoint.prog_fd = fd;
}

/* What the program wrote before the load. */
static void try_first_event(struct attach *skel)
{
	int err = attach__on_first__attach(skel);

	getppid();
	printf("load %d: the first event sees %d and %d\n", err < 0 ? err : 0, skel->bss->first_bss,
	       skel->data->first_data);
	attach__detach(skel);
}

static void try_loaded(struct attach *skel)
{
	try_first_event(skel);
	skel->bss->pid = getpid();
	try_each(skel, "");
	try_all(skel, "");
	try_by_hand(skel);
	try_uprobe(skel);
	try_failure(skel);
	no_links = true;
	try_each(skel, "without links: ");
}

int main(void)
{
	struct attach *skel = attach__open();
	int err;

	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("proc", "/proc", "proc", 0, NULL);
	setenv("PATH", "/nothing:/", 1);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	skel->keyring_id = keyring_with("cert.der");
	skel->enforce = 0;
	skel->bss->set_bss = 41;
	skel->data->set_data = 42;
	err = attach__load(skel);
	printf("load %d: attach\n", err);
	if (!err)
		try_loaded(skel);
	attach__destroy(skel);
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
