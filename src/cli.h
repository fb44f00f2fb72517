/* SPDX-License-Identifier: BSD-2-Clause */
/* cli.h - a command, and the exit statuses. */
#ifndef CLI_H
#define CLI_H

/* Exit statuses (bpf-chainsign(1)). With several inputs the worst one counts. */
enum cli_status {
	CLI_OK = 0,	  /* done; or every signature is accepted */
	CLI_REJECTED = 1, /* at least one signature is rejected or missing */
	CLI_USAGE = 2,	  /* the command line is wrong */
	CLI_UNKNOWN = 3,  /* could not tell, because of an input, an output, the key or memory */
};

/*
 * A command. run() gets "bpf-chainsign NAME" as argv[0], prints results through report.h and
 * returns an exit status.
 */
struct cmd {
	const char *name;
	const char *summary; /* for the list in --help */
	enum cli_status (*run)(int argc, char **argv);
};

extern const struct cmd cmd_sign, cmd_verify, cmd_inspect, cmd_chain;

#endif /* CLI_H */
