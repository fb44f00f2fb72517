// SPDX-License-Identifier: BSD-2-Clause
/*
 * adopt.c - /init of the virtual machine: run the program of docs/adopt.md, which is /execs.
 *
 * The certificates cert.der (the signer's) and other.der are in the root folder. Prints a line per
 * run, "load STATUS: execs, CERTIFICATE, ENFORCE: what it says; what it prints".
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>

#include "keyring.h"

/* The lines of a run. */
static char said[4096];

/* A program that starts and ends. */
static void start_one(void)
{
	pid_t child = fork();

	if (!child) {
		execl("/init", "init", "nothing", (char *)NULL);
		_exit(1);
	}
	waitpid(child, NULL, 0);
}

/* In the child: the program, with its output in the pipe. */
static void become_execs(const char *cert, const char *enforce, const char *first_pid, int out)
{
	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	syscall(SYS_keyctl, KEYCTL_LINK, keyring_with(cert), KEY_SPEC_SESSION_KEYRING);
	setenv("EXECS_KEYRING", "-3", 1);
	if (*enforce)
		setenv("EXECS_ENFORCE", enforce, 1);
	dup2(out, 1);
	dup2(out, 2);
	execl("/execs", "execs", "4", first_pid, (char *)NULL);
	_exit(127);
}

/* Read what it says, and start programs as soon as it says something. Returns its status. */
static int watch(pid_t child, int in)
{
	size_t size = 0;
	ssize_t more;
	int status;

	while (size < sizeof(said) - 1 &&
	       (more = read(in, said + size, sizeof(said) - 1 - size)) > 0) {
		if (!size)
			for (int i = 0; i < 3; i++)
				start_one();
		size += (size_t)more;
	}
	said[size] = '\0';
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void run_execs(const char *cert, const char *enforce, const char *first_pid)
{
	int ends[2], status;
	pid_t child;

	if (pipe(ends))
		return;
	child = fork();
	if (!child)
		become_execs(cert, enforce, first_pid, ends[1]);
	close(ends[1]);
	status = watch(child, ends[0]);
	close(ends[0]);
	printf("load %d: %.*s (%s, enforce %s, first pid %s):%s%s\n", status,
	       (int)strcspn(said, "\n"), said, cert, *enforce ? enforce : "1", first_pid,
	       strstr(said, " init starts\n") ? " starts" : "",
	       strstr(said, " init ends\n") ? " ends" : "");
}

int main(int argc, char **argv)
{
	(void)argv;
	if (argc > 1)
		return 0;
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	run_execs("cert.der", "", "0");
	run_execs("cert.der", "", "1000000");
	run_execs("other.der", "", "0");
	run_execs("other.der", "2", "0");
	run_execs("other.der", "0", "0");
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
