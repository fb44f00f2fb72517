// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_chain.c - bpf-chainsign chain: how the signed digest is built, link by link.
 */
#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "cmd_shell.h"
#include "verdict.h"

static const char doc[] =
	"Show how the digest that the chain scheme signs is built, link by link.\vThe digest is "
	"computed from the last map to the first: h(last) = sha256(last map), h(n) = "
	"sha256(h(n+1) || sha256(map n)); the signed digest is sha256(sha256(instructions) || "
	"h(0)). Signatures in the file are listed with the key ids that they name, but not "
	"verified.";

/* The signatures in one file; zero-initialized. */
struct signers {
	struct report_signer list[SCHEME_NR + 1];
	size_t nr;
};

static void free_signers(struct signers *signers)
{
	for (size_t i = 0; i < signers->nr; i++)
		kv_signers_free(&signers->list[i].signers);
}

/* Read the signers that SIGNATURE names. */
static int read_signer(struct view signature, const char *scheme, struct signers *signers,
		       struct err *err)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *nobody = NULL;
	struct report_signer *signer = &signers->list[signers->nr];
	struct hash_input nothing = {.nr = 0};
	int rc;

	if (kv_keyring_new(KV_LINUX_7_3, &nobody))
		return err_nomem(err);
	rc = kv_signers(nobody, &nothing, signature, NULL, &signer->signers, err);
	if (rc)
		return rc;
	signer->scheme = scheme;
	signers->nr++;
	return 0;
}

static int read_signers(const struct image *image, scheme_set schemes, struct signers *signers,
			struct err *err)
{
	int rc = 0;

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (image->sig[scheme].data && schemes & SCHEME_BIT(scheme))
			rc = read_signer(buf_view(&image->sig[scheme]), scheme_name(scheme),
					 signers, err);
	}
	if (!rc && image->sig_unnamed.data)
		rc = read_signer(buf_view(&image->sig_unnamed), "unnamed", signers, err);
	return rc;
}

static int show_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct shared_options *shared = arg;
	_cleanup_(free_signers) struct signers signers = {.nr = 0};
	const struct scheme_chain *chain = NULL;
	struct scheme_contents contents;
	_input_ struct input input = {0};
	int rc;

	rc = shared_read_signed(shared, job->i, true, NULL, &input, err);
	scheme_begin(&contents, input_image(&input));
	if (!rc)
		rc = scheme_chain(&contents, &chain, err);
	if (!rc)
		rc = read_signers(input_image(&input), shared->schemes ?: SCHEME_BIT(SCHEME_NR) - 1,
				  &signers, err);
	if (!rc)
		report_chain(&job->report, job->file, input_image(&input), chain, signers.list,
			     signers.nr);
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
	struct shared_options shared = {.outcome_names = outcome_names};

	return shell_run(&command, argc, argv, &shared, &shared, NULL);
}

const struct cmd cmd_chain = {"chain", "show how the signed digest is built, link by link",
			      run_chain};
