// SPDX-License-Identifier: BSD-2-Clause
/*
 * languages.c - /init of the virtual machine: load signed images by programs in several languages.
 *
 * /cases has a line for each case: "TITLE<tab>CERTIFICATE<tab>ARGUMENTS<tab>MORE", with up to 8
 * arguments that are separated by blanks; CERTIFICATE is a file, or "-". For each case each program
 * of programs[] is run with these arguments, MORE for C alone, and with the certificate as the only
 * one in its session keyring. Prints a line per run, "load ERRNO: TITLE: PROGRAM: ...": what it
 * says, without what follows the name of an errno.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>

#include "keyring.h"

#define ARGUMENTS_MAX 9

static const char *const programs[] = {"c", "go", "rust"};

static char cases[1 << 14];
static char said[1 << 12];

/* Take the field of *rest that ends before END, or with the string. */
static char *take(char **rest, const char *end)
{
	char *field = strsep(rest, end);

	return field ? field : "";
}

/* In the child: the program, with its output in the pipe. */
static void become(const char *program, const char *cert, char *arguments, char *more, int out)
{
	char *argv[ARGUMENTS_MAX + 2] = {(char *)program, "load"};
	size_t nr = 2;

	syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
	syscall(SYS_keyctl, KEYCTL_LINK, keyring_with(strcmp(cert, "-") ? cert : NULL),
		KEY_SPEC_SESSION_KEYRING);
	while (arguments && nr < ARGUMENTS_MAX)
		argv[nr++] = strsep(&arguments, " ");
	if (!strcmp(program, "c"))
		argv[nr++] = more;
	dup2(out, 1);
	dup2(out, 2);
	execv(program, argv);
	_exit(127);
}

/* Print what was said in one line. */
static void report(const char *title, const char *program)
{
	char *rest = said, *head = take(&rest, "\n");
	const char *colon = strchr(head, ':');
	const size_t code = colon ? (size_t)(colon - head) : strlen(head);

	printf("%.*s: %s: %s%.*s", (int)code, head, title, program,
	       colon ? (int)(2 + strcspn(colon + 2, ":")) : 0, colon);
	while (rest && *rest)
		printf("; %s", take(&rest, "\n"));
	printf("\n");
}

static void try(const char *title, const char *cert, const char *arguments, char *more,
		const char *program)
{
	char copy[1024];
	int ends[2];
	size_t size = 0;
	ssize_t got;
	pid_t child;

	snprintf(copy, sizeof(copy), "%s", arguments);
	if (pipe(ends))
		return;
	fflush(stdout);
	child = fork();
	if (!child)
		become(program, cert, copy, more, ends[1]);
	close(ends[1]);
	while (size < sizeof(said) - 1 &&
	       (got = read(ends[0], said + size, sizeof(said) - 1 - size)) > 0)
		size += (size_t)got;
	said[size] = '\0';
	close(ends[0]);
	waitpid(child, NULL, 0);
	report(title, program);
}

int main(void)
{
	FILE *file = fopen("cases", "r");
	char *rest = cases;

	if (file)
		cases[fread(cases, 1, sizeof(cases) - 1, file)] = '\0';
	while (*rest) {
		char *line = take(&rest, "\n");
		const char *title = take(&line, "\t"), *cert = take(&line, "\t"),
			   *arguments = take(&line, "\t");

		for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
			try(title, cert, arguments, line, programs[i]);
		if (!rest)
			break;
	}
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
