// SPDX-License-Identifier: BSD-2-Clause
/* main.c - the table of commands, and the options before the command. */
#include <argp.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/similar.h"
#include "base/util.h"
#include "cli.h"
#include "crypto.h"
#include "object/object.h"

static const struct cmd *const commands[] = {&cmd_sign, &cmd_verify, &cmd_inspect, &cmd_chain};

static const char doc[] =
	"Sign BPF programs, and verify the signatures offline exactly as the Linux kernel would.\v"
	"\"bpf-chainsign help COMMAND\" explains a command; \"man bpf-chainsign\" explains everything.\n"
	"Exit status: 0 done or accepted, 1 rejected or unsigned, 2 usage, 3 could not tell.";

struct invocation {
	const struct cmd *command;
	bool help; /* explain it instead of running it */
	int first; /* index of the command's own argv[0] */
};

static const struct cmd *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

/* NAME is none of the commands. */
static void unknown_command(const char *name, struct argp_state *state)
{
	struct similar similar = {.word = name, .size = strlen(name)};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		similar_try(&similar, commands[i]->name);
	if (similar.best)
		argp_error(state, "unknown command '%s': did you mean '%s'?", name, similar.best);
	argp_error(state, "unknown command '%s'", name);
}

/* "help", "help COMMAND" */
static const char *help_with(struct invocation *invocation, struct argp_state *state)
{
	const int rest = state->argc - state->next;

	if (!rest)
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
	if (rest > 1)
		argp_error(state, "help explains one command at a time");
	invocation->help = true;
	return state->argv[state->next++];
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct invocation *invocation = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		if (!strcmp(arg, "help"))
			arg = (char *)help_with(invocation, state);
		invocation->command = find_command(arg);
		if (!invocation->command)
			unknown_command(arg, state);
		invocation->first = state->next - 1;
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command given");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The libraries are those that are loaded now, which may be newer than those of the build. */
static void print_version(FILE *stream, _unused_ struct argp_state *state)
{
	fprintf(stream, "bpf-chainsign " VERSION "\nlibbpf %s, OpenSSL %s\n",
		object_libbpf_version(), crypto_version());
}

/* Put the list of commands between the options and the closing text of --help. */
static char *help_filter(int key, const char *text, _unused_ void *input)
{
	_cleanup_(freep) char *list = NULL;
	char *help = NULL;
	size_t size;
	FILE *stream;

	if (key != ARGP_KEY_HELP_POST_DOC || !text)
		return (char *)text;
	stream = open_memstream(&list, &size);
	if (!stream)
		return (char *)text;
	fputs("Commands:\n", stream);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stream, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
	if (fclose(stream) || asprintf(&help, "%s\n%s", list, text) < 0)
		return (char *)text;
	return help;
}

/*
 * If a standard stream is closed, the next file that is opened would get its number. Open /dev/null
 * instead, in the wrong direction, so that reading or writing the stream fails.
 */
static bool hold_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "COMMAND [OPTION...] FILE...",
		.doc = doc,
		.help_filter = help_filter,
	};
	struct invocation invocation = {0};
	char title[64], help[] = "--help";

	if (!hold_streams())
		return CLI_UNKNOWN;
	argp_err_exit_status = CLI_USAGE;
	argp_program_version_hook = print_version;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &invocation);
	snprintf(title, sizeof(title), "bpf-chainsign %s", invocation.command->name);
	if (invocation.help)
		return invocation.command->run(2, (char *[]){title, help, NULL});
	argv[invocation.first] = title;
	return invocation.command->run(argc - invocation.first, argv + invocation.first);
}
