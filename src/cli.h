/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cli.h - a command, and what the program exits with.
 */
#ifndef CLI_H
#define CLI_H

/* Exit statuses (bpf-chainsign(1)); the worst of all files is the program's. */
enum cli_status {
	CLI_OK = 0,	  /* done; or every signature is accepted */
	CLI_REJECTED = 1, /* at least one is rejected, or missing */
	CLI_USAGE = 2,	  /* the command line */
	CLI_UNKNOWN = 3,  /* could not tell: input, output, key, memory */
};

/*
 * One command. run() gets argv[0] as "bpf-chainsign NAME", prints its results through report.h
 * and returns a status.
 */
struct cmd {
	const char *name;
	const char *summary; /* for the list in --help */
	enum cli_status (*run)(int argc, char **argv);
};

extern const struct cmd cmd_sign, cmd_verify, cmd_inspect, cmd_chain;

#endif /* CLI_H */
