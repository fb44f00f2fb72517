/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_shell.h - what is the same for every command: parse options, begin the report, find inputs in
 * folders, end the report.
 *
 * Does: combine a command's options with the shared ones. Does not: the command's work.
 */
#ifndef CMD_SHELL_H
#define CMD_SHELL_H

#include <argp.h>

#include "cli.h"
#include "cmd_batch.h"
#include "cmd_shared.h"
#include "report/report.h"

/* A command: its table of options, their parser, and its work. */
struct shell_command {
	const struct argp_option *options; /* the command's own; NULL: none */
	argp_parser_t parse; /* the parser of these, whose state->input is the command's options;
				may be NULL */
	const char *doc;     /* the text of --help */
	enum cli_status (*run)(void *options, struct report_output *report);
};

/*
 * Run COMMAND with the arguments ARGV: fill OPTIONS and the shared options SHARED and BATCH (NULL:
 * the command does not accept folders), then call run(), unless searching folders fails. Returns
 * the exit status; does not return after --help or a usage error. Frees what BATCH holds.
 */
enum cli_status shell_run(const struct shell_command *command, int argc, char **argv, void *options,
			  struct shared_options *shared, struct batch_options *batch);

/*
 * A run for commands that only read: WORK for one input after the other, with ARG, without
 * OpenSSL's configuration. Returns the worst status.
 */
enum cli_status shell_each(const struct shared_options *shared, batch_work work, void *arg,
			   struct report_output *report);

#endif /* CMD_SHELL_H */
