// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_shell.h"

#include "base/util.h"
#include "crypto.h"

/* The inputs of the child parsers, in their order. */
struct inputs {
	void *shared, *own, *batch;
};

static error_t parse(int key, _unused_ char *arg, struct argp_state *state)
{
	const struct inputs *inputs = state->input;

	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = inputs->shared;
	state->child_inputs[1] = inputs->own;
	if (inputs->batch)
		state->child_inputs[2] = inputs->batch;
	return 0;
}

static void parse_all(const struct shell_command *command, int argc, char **argv,
		      struct inputs inputs)
{
	const struct argp own = {.options = command->options, .parser = command->parse};
	const struct argp_child children[] = {
		{&shared_argp, 0, NULL, 0},
		{&own, 0, NULL, 0},
		{inputs.batch ? &batch_argp : NULL, 0, NULL, 0},
		{0},
	};
	const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE...",
		.doc = command->doc,
		.children = children,
	};

	argp_parse(&argp, argc, argv, 0, NULL, &inputs);
}

enum cli_status shell_run(const struct shell_command *command, int argc, char **argv, void *options,
			  struct shared_options *shared, struct batch_options *batch)
{
	struct report_output report;
	enum cli_status status = CLI_UNKNOWN;
	struct err err;

	parse_all(command, argc, argv, (struct inputs){shared, options, batch});
	shared_report(shared, &report);
	if (batch && batch_find(batch, shared, &err))
		report_failure(&report, &err);
	else
		status = command->run(options, &report);
	status = report_end(&report, status);
	if (batch)
		batch_end(batch);
	return status;
}

enum cli_status shell_each(const struct shared_options *shared, batch_work work, void *arg,
			   struct report_output *report)
{
	const struct batch batch = {.shared = shared, .report = report, .work = work, .arg = arg};
	struct err err;

	if (!crypto_begin_plain(&err))
		return batch_run(&batch);
	report_failure(report, &err);
	return CLI_UNKNOWN;
}
