// SPDX-License-Identifier: BSD-2-Clause
/*
 * measure - time and peak memory of commands: measure RUNS FILE COMMAND... [-- COMMAND...]
 *
 * The commands take turns, so that what slows the machine down for a while slows all of them; their
 * stdout goes to FILE, their stderr nowhere. Prints a line for each command: the median wall time
 * and the median processor time, that of its children included, in microseconds, and the largest
 * resident set in KiB. Status 1 if a command does not end with 0.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#define COMMANDS_MAX 8
#define RUNS_MAX     1000

extern char **environ;

struct command {
	char **argv;
	long wall[RUNS_MAX], cpu[RUNS_MAX];
	long kib;
};

static int spawn(char **argv, const char *output, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int err;

	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	err = posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC,
					       0644);
	if (!err)
		err = posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (!err)
		err = posix_spawnp(ret, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -err;
}

static long microseconds(const struct timespec *since, const struct timespec *until)
{
	return (until->tv_sec - since->tv_sec) * 1000000 + (until->tv_nsec - since->tv_nsec) / 1000;
}

static long processor_time(const struct rusage *usage)
{
	return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
	       usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
}

static int run_once(struct command *command, int run, const char *output)
{
	struct timespec begin, end;
	struct rusage usage;
	int err, status;
	pid_t pid;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	err = spawn(command->argv, output, &pid);
	if (err)
		return err;
	if (wait4(pid, &status, 0, &usage) != pid)
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &end);
	if (status)
		return -ECHILD;
	command->wall[run] = microseconds(&begin, &end);
	command->cpu[run] = processor_time(&usage);
	if (usage.ru_maxrss > command->kib)
		command->kib = usage.ru_maxrss;
	/* Children that it left behind come to us, see main(). */
	while (wait4(-1, NULL, 0, &usage) > 0)
		command->cpu[run] += processor_time(&usage);
	return 0;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long median(long *values, int nr)
{
	qsort(values, nr, sizeof(*values), compare);
	return values[nr / 2];
}

/* Cut ARGV at each "--"; returns the number of commands, 0 if there are none or too many. */
static int split(char **argv, struct command *commands)
{
	int nr = 0;

	while (*argv) {
		if (nr == COMMANDS_MAX)
			return 0;
		commands[nr++].argv = argv;
		while (*argv && strcmp(*argv, "--"))
			argv++;
		if (*argv)
			*argv++ = NULL;
	}
	return nr;
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	int runs = argc > 3 ? atoi(argv[1]) : 0;
	int nr = argc > 3 ? split(argv + 3, commands) : 0;

	if (runs < 1 || runs > RUNS_MAX || !nr) {
		fprintf(stderr, "usage: measure RUNS FILE COMMAND... [-- COMMAND...]\n");
		return 2;
	}
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int run = 0; run < runs; run++) {
		for (int i = 0; i < nr; i++) {
			int err = run_once(&commands[i], run, argv[2]);

			if (err) {
				fprintf(stderr, "measure: %s: %s\n", commands[i].argv[0],
					err == -ECHILD ? "it failed" : strerror(-err));
				return 1;
			}
		}
	}
	for (int i = 0; i < nr; i++) {
		printf("%ld %ld %ld\n", median(commands[i].wall, runs),
		       median(commands[i].cpu, runs), commands[i].kib);
	}
	return 0;
}
