// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_chain.c - bpf-chainsign chain: how the signed digest is built, link by link.
 */
#include "base/util.h"
#include "cmd_shell.h"
#include "signers.h"

static const char doc[] =
	"Show how the digest that the chain scheme signs is built, link by link.\vThe digest is "
	"computed from the last map to the first: h(last) = sha256(last map), h(n) = "
	"sha256(h(n+1) || sha256(map n)); the signed digest is sha256(sha256(instructions) || "
	"h(0)). Signatures in the file are listed with the key ids that they name, but not "
	"verified.";

static int show_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct shared_options *shared = arg;
	_signers_ struct signers signers = {.nr = 0};
	const struct scheme_chain *chain = NULL;
	struct scheme_contents contents;
	_input_ struct input input = {0};
	int rc;

	rc = shared_read_signed(shared, job->i, true, NULL, &input, err);
	scheme_begin(&contents, input_image(&input));
	if (!rc)
		rc = scheme_chain(&contents, &chain, err);
	if (!rc)
		rc = signers_read(input_image(&input), shared->schemes ?: SCHEME_BIT(SCHEME_NR) - 1,
				  &signers, err);
	if (!rc)
		report_chain(&job->report, job->file, input_image(&input), chain, &signers);
	return rc;
}

static const char *const outcome_names[REPORT_OUTCOME_NR] = {
	[REPORT_DONE] = "shown",
	[REPORT_FAILED] = "failed",
};

static enum cli_status run(void *options, struct report_output *report)
{
	return shell_each(options, show_input, options, report);
}

static enum cli_status run_chain(int argc, char **argv)
{
	static const struct shell_command command = {.doc = doc, .run = run};
	struct shared_options shared = {.outcome_names = outcome_names, .programs = true};

	return shell_run(&command, argc, argv, &shared, &shared, NULL);
}

const struct cmd cmd_chain = {"chain", "show how the signed digest is built, link by link",
			      run_chain};
