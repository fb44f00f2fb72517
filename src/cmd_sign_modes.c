// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_sign_modes.c - what bpf-chainsign sign does with each input.
 *
 * Every signature is put to the verdict room before anything is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_batch.h"
#include "cmd_sign.h"
#include "file.h"
#include "key.h"
#include "object.h"
#include "output.h"
#include "prepare.h"
#include "sign.h"
#include "util.h"

struct run {
	const struct sign_options *options;
	struct report *report;
	struct key_signer *signers[CMS_SIGNERS_MAX];
	struct sign sign;
};

static void run_end(struct run *run)
{
	sign_end(&run->sign);
	for (size_t i = 0; i < ARRAY_SIZE(run->signers); i++)
		key_signer_free(run->signers[i]);
}

/* One input on its way to what is written. */
struct job {
	const char *file; /* as the command line names it */
	struct report *report;
	struct input input;
	struct prepare_result prepared;
	struct sign_made made[SCHEME_NR];
	size_t nr_made;
	char *output; /* or "-" */
};

static void job_end(struct job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(job->made); i++)
		free(job->made[i].file);
	free(job->output);
	input_free(&job->input);
}

/* A signature would vouch for values that the header does not use. */
static int refuse_odd_value(const struct input *input, struct err *err)
{
	if (!input->lskel.odd_value_line)
		return 0;
	return err_line(
		err, -EBADMSG, input->lskel.odd_value_line,
		"an initial value that is not among the loader's data: the header was changed "
		"after it was generated; generate it again");
}

/* The image of JOB as it is to be signed, and with which schemes. */
static int prepare_job(const struct run *run, struct job *job, struct err *err)
{
	struct prepare_wishes wishes = run->options->wishes;
	struct input *input = &job->input;
	struct skel *skel = input->kind == INPUT_OBJECT ? &input->skel : NULL;
	size_t progs = LOADER_PROGS_UNKNOWN;
	int rc;

	rc = refuse_odd_value(input, err);
	if (rc)
		return rc;
	wishes.no_seal |= input->kind == INPUT_RAW;
	if (input->kind == INPUT_LSKEL)
		progs = prepare_header_progs(&input->lskel);
	rc = prepare_image(input_image(input), skel, progs, &wishes, &job->prepared, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < job->prepared.nr_findings; i++)
		report_finding(job->report, job->file, &job->prepared.findings[i]);
	return 0;
}

static int sign_job(struct run *run, struct job *job, struct err *err)
{
	int rc = prepare_job(run, job, err);

	return rc ? rc
		  : sign_image(&run->sign, input_image(&job->input), job->prepared.schemes,
			       job->made, &job->nr_made, err);
}

static bool to_stdout(const struct job *job)
{
	return !strcmp(job->output, "-");
}

/* A header, which is taken, goes where it belongs, whole or not at all. */
static int put_header(const struct job *job, struct buf *text, struct err *err)
{
	int rc;

	if (to_stdout(job)) {
		buf_move(&job->report->text, text);
		return 0;
	}
	rc = file_replace(job->output, buf_view(text), err);
	return rc ? err_prefix(err, "%s", job->output) : 0;
}

static int put_skeleton(struct run *run, struct job *job, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc = output_skeleton(&job->input, run->options->lskel_runtime, &text, err);

	return rc ? rc : put_header(job, &text, err);
}

static void report_job(const struct run *run, const struct job *job, const char *output)
{
	report_signed(job->report, job->file, output, &run->sign, job->made, job->nr_made);
	if (job->prepared.closed)
		report_sealed(job->report);
}

/* --- the modes --- */

static int make_skeleton(struct run *run, struct job *job, struct err *err)
{
	int rc = sign_job(run, job, err);

	if (!rc)
		rc = put_skeleton(run, job, err);
	if (!rc && !to_stdout(job))
		report_job(run, job, job->output);
	return rc;
}

static int make_detached(struct run *run, struct job *job, struct err *err)
{
	int rc = sign_job(run, job, err);

	if (!rc)
		rc = output_signatures(input_image(&job->input), job->output, job->made,
				       job->nr_made, err);
	if (!rc)
		report_job(run, job, NULL);
	return rc;
}

static int strip_header(struct job *job, struct err *err)
{
	_buf_ struct buf text = {0};
	scheme_set schemes = scheme_signed(&job->input.lskel.image);
	bool was_signed = job->input.lskel.is_signed;
	int rc = output_unsigned(&job->input, &text, err);

	if (!rc)
		rc = put_header(job, &text, err);
	if (!rc && !to_stdout(job))
		report_stripped(job->report, job->file, job->output, was_signed, schemes);
	return rc;
}

static int run_input(void *arg, struct batch_job *input, struct err *err)
{
	struct run *run = arg;
	const struct sign_options *options = run->options;
	_cleanup_(job_end) struct job job = {.file = input->file, .report = &input->report};
	int rc;

	rc = common_read(&options->common, input->i, options->name, &job.input, err);
	if (rc)
		return rc;
	job.output = options->output ? strdup(options->output) : output_name(&job.input, job.file);
	if (!job.output)
		return err_nomem(err);
	if (options->mode == SIGN_STRIP)
		return strip_header(&job, err);
	return options->detached ? make_detached(run, &job, err) : make_skeleton(run, &job, err);
}

/* Whose certificate is looked at. */
struct advisee {
	const struct run *run;
	const struct key_signer *signer;
};

static void advise(void *arg, const char *advice)
{
	const struct advisee *advisee = arg;

	report_warning(advisee->run->report, key_signer_cert_name(advisee->signer), advice);
}

/* The signers that the options name, and what people should know of their certificates. */
static int load_signers(struct run *run, struct err *err)
{
	const struct sign_options *options = run->options;

	run->sign.hash = options->hash_alg;
	run->sign.allow_ambiguous = options->allow_ambiguous;
	for (size_t i = 0; i < options->nr_keys; i++) {
		struct advisee advisee = {.run = run};
		int rc = key_signer_load(&options->signers[i], &run->signers[i], err);

		if (rc)
			return rc;
		advisee.signer = run->sign.signers[i] = run->signers[i];
		run->sign.nr_signers++;
		key_signer_advice(advisee.signer, advise, &advisee);
	}
	return sign_begin(&run->sign, err);
}

enum cli_status sign_inputs(const struct sign_options *options, struct report *report)
{
	_cleanup_(run_end) struct run run = {.options = options, .report = report};
	struct err err;

	/* The process that reads objects is forked before there is a secret in this one. */
	if (options->mode == SIGN_HERE && (object_start(&err) || load_signers(&run, &err))) {
		report_error(report, NULL, &err);
		return CLI_UNKNOWN;
	}
	return batch_run(&options->common, report, run_input, &run);
}
