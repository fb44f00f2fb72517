/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_shell.h - what every command does around its own work: parse, begin the report, find inputs
 * in folders, end.
 *
 * Does: put a command's options beside the shared ones. Does not: know what a command does.
 */
#ifndef CMD_SHELL_H
#define CMD_SHELL_H

#include <argp.h>

#include "cli.h"
#include "cmd_batch.h"
#include "cmd_shared.h"
#include "report/report.h"

/* A command: a table of options, how they are read and checked, and the run. */
struct shell_command {
	const struct argp_option *options; /* its own; NULL: none */
	argp_parser_t parse; /* of these; state->input: its own options. May be NULL */
	const char *doc;     /* of the command, for --help */
	enum cli_status (*run)(void *options, struct report_output *report);
};

/*
 * Run COMMAND with the arguments ARGV: fill OPTIONS and what it shares with others, SHARED and
 * BATCH (NULL: it takes no folders), then call run(), unless the search of folders fails. Returns
 * the status; does not return from --help and usage errors. BATCH has been freed.
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
