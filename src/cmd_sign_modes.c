// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_sign_modes.c - the work of bpf-chainsign sign.
 *
 * Every signature is verified, by the rules of the verdict room, before anything is written.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "advice.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/temporary.h"
#include "base/util.h"
#include "cmd_batch.h"
#include "cmd_sign.h"
#include "header.h"
#include "key/key.h"
#include "object/object.h"
#include "output.h"
#include "prepare.h"
#include "sign.h"
#include "twostep.h"

/* What an input added to the folder of --prepare. */
struct request {
	char *name; /* NULL: nothing */
	struct twostep_written written;
};

struct run {
	const struct sign_options *options;
	struct report_output *report;
	struct key_signer *signers[KEY_SIGNERS_MAX];
	struct sign sign;
	struct report_advice advice[KEY_SIGNERS_MAX * ADVICE_MAX]; /* about certificates */
	size_t nr_advice;
	struct folder folder;	  /* the folder of --prepare */
	struct request *requests; /* one for each input */
	struct report_record record;
	struct kconfig kconfig;		  /* the file of --kconfig */
	struct input_digest kconfig_file; /* of its text, without compression */
	struct values values;		  /* of --values */
	struct input_digest values_file;  /* of its file */
};

static void run_end(struct run *run)
{
	for (int i = 0; run->requests && i < shared_nr_inputs(&run->options->shared); i++)
		free(run->requests[i].name);
	free(run->requests);
	kconfig_free(&run->kconfig);
	folder_end(&run->folder);
	values_free(&run->values);
	sign_end(&run->sign);
	for (size_t i = 0; i < ARRAY_SIZE(run->signers); i++)
		key_signer_free(run->signers[i]);
}

/* The processing of one input. */
struct job {
	int i;
	const char *file; /* its name on the command line */
	struct report_part *report;
	struct buf *record;	     /* its statement for --record */
	struct stage *stage;	     /* its output files */
	struct input_digest *digest; /* of the input, for --record; NULL: no record */
	struct input input;
	struct subject subject; /* the image and loader of the input, once it is prepared */
	struct prepare_result prepared;
	struct sign_signature signatures[SCHEME_NR];
	size_t nr_signatures;
	enum output_format format; /* never OUTPUT_AUTO */
	char *output;		   /* a file name, or "-" */
};

static void job_end(struct job *job)
{
	for (size_t i = 0; i < ARRAY_SIZE(job->signatures); i++)
		free(job->signatures[i].file);
	free(job->output);
	input_free(&job->input);
}

/*
 * Refuse to sign a header again if its present signatures do not match its content: signing it
 * would approve a change that nobody has checked. Signatures by another key cannot be checked.
 */
static int refuse_changed(const struct run *run, struct job *job, struct err *err)
{
	struct input *input = &job->input;
	struct subject present;
	bool known = true;
	int rc = 0;

	if (!input_is_signed(input) || run->options->preparation.allowed & 1u << LOADER_CHANGED)
		return 0;
	subject_begin(&present, input_image(input), &input->loader);
	rc = sign_check_present(&run->sign, &present, &known, err);
	if (rc == -EKEYREJECTED)
		return err_prefix(err,
				  "[changed] it was changed after it was signed; generate "
				  "it again, or use --allow=changed to sign it as it is");
	if (!rc && !known && run->sign.nr_signers)
		report_warning(
			job->report, job->file,
			"it was signed with another key, so it could not be checked for changes: "
			"verify it first");
	return rc;
}

/* Options that say how an object becomes a loader do nothing to a header or an image. */
static int refuse_object_options(const struct sign_options *options, const struct input *input,
				 struct err *err)
{
	if (input->kind == INPUT_OBJECT)
		return 0;
	if (options->choice.nr)
		return err_set(err, -ENOTSUP,
			       "%s is for programs of an object: the loader of a header always "
			       "loads the same programs with the same types and targets",
			       object_choice_option(options->choice.list[0].kind));
	if (options->values || options->kconfig)
		return err_set(err, -ENOTSUP,
			       "%s sets variables of an object: the values of a header cannot be "
			       "set",
			       options->values ? "--values" : "--kconfig");
	if (options->name)
		return err_set(err, -ENOTSUP,
			       "--name names an object: a header keeps the names that it has");
	return 0;
}

static int refuse_names(const struct input *input, struct err *err)
{
	return err_set(err, -EBADMSG, "%s: make the image again from the object",
		       input_differs(input)->text);
}

/* Prepare the image of JOB for signatures of SCHEMES; 0: of all that it allows. */
static int prepare_job(const struct run *run, struct job *job, scheme_set schemes, struct err *err)
{
	struct prepare_options preparation = run->options->preparation;
	struct input *input = &job->input;
	struct skel *skel = input->kind == INPUT_OBJECT ? &input->skel : NULL;
	size_t progs = LOADER_PROGS_UNKNOWN;
	int rc = refuse_object_options(run->options, input, err);

	if (!rc && input->kind == INPUT_LSKEL)
		rc = header_refuse(&input->lskel, err);
	else if (!rc && input_differs(input))
		rc = refuse_names(input, err);
	if (!rc)
		rc = refuse_changed(run, job, err);
	if (rc)
		return rc;
	preparation.schemes = schemes;
	preparation.set.names = input_skel(input);
	preparation.raw = input->kind == INPUT_RAW;
	preparation.set.kconfig = run->options->kconfig ? &run->kconfig : NULL;
	preparation.approved = input_is_signed(input);
	preparation.set.host = preparation.allowed & 1u << LOADER_HOST_CONFIG &&
			       !preparation.approved;
	preparation.set.file = run->options->values ? &run->values : NULL;
	preparation.set.file_name = run->options->values;
	if (input->kind == INPUT_LSKEL)
		progs = prepare_header_progs(&input->lskel, &input->loader);
	subject_begin(&job->subject, input_image(input), &input->loader);
	rc = prepare_image(&job->subject, skel, progs, &preparation, &job->prepared, err);
	if (rc)
		return rc;
	if (input->kind == INPUT_LSKEL)
		job->prepared.nr_findings += header_find_pages(
			&input->lskel, &job->prepared.findings[job->prepared.nr_findings]);
	if (preparation.set.names)
		job->prepared.nr_findings += header_find_pins(
			preparation.set.names, &job->prepared.findings[job->prepared.nr_findings]);
	if (preparation.set.names && job->format != OUTPUT_IMAGE)
		job->prepared.nr_findings += header_find_attach(
			preparation.set.names, input->kind == INPUT_LSKEL ? &input->lskel : NULL,
			&input->loader, run->options->lskel_runtime,
			&job->prepared.findings[job->prepared.nr_findings]);
	if (shared_denied(&run->options->deny, job->prepared.findings, job->prepared.nr_findings,
			  err))
		return err->code;
	for (size_t i = 0; i < job->prepared.nr_findings; i++)
		report_finding(job->report, job->file, &job->prepared.findings[i]);
	return 0;
}

static bool to_stdout(const struct job *job)
{
	return !strcmp(job->output, "-");
}

static bool in_place(const struct job *job)
{
	struct stat file, output;

	return !stat(job->file, &file) && !stat(job->output, &output) &&
	       file.st_dev == output.st_dev && file.st_ino == output.st_ino;
}

/* The name of the output for INPUT, read from FILE. The caller frees it; NULL: no memory. */
static char *choose_output(const struct sign_options *options, const struct input *input,
			   const char *file)
{
	_cleanup_(freep) char *own = options->output ? strdup(options->output)
						     : output_name(input, file, options->format);
	const char *slash = own ? strrchr(own, '/') : NULL;
	char *output;

	if (!own || !options->output_dir)
		return take_ptr(own);
	return asprintf(&output, "%s/%s", options->output_dir, slash ? slash + 1 : own) < 0
		       ? NULL
		       : output;
}

/* Write TEXT of a header or image, which is taken over, to its place, whole or not at all. */
static int put_header(const struct job *job, struct buf *text, struct err *err)
{
	int rc;

	if (to_stdout(job)) {
		report_document(job->report, text);
		return 0;
	}
	rc = stage_add(job->stage, job->output, buf_view(text), err);
	return rc || in_place(job) ? rc : output_may_replace(job->output, err);
}

/* Report the signatures, with advice about certificates and about the largest signature. */
static void report_job(const struct run *run, const struct job *job)
{
	struct report_advice advice[ARRAY_SIZE(run->advice) + 1];
	struct advice own;
	size_t nr = run->nr_advice, size = 0;

	for (size_t i = 0; i < job->nr_signatures; i++)
		size = job->signatures[i].size > size ? job->signatures[i].size : size;
	memcpy(advice, run->advice, nr * sizeof(*advice));
	if (advice_for_signature(size, &own)) {
		advice[nr] = (struct report_advice){.advice = own};
		report_advise(job->report, job->file, &advice[nr++]);
	}
	report_signed(job->report, job->file, run->options->detached ? NULL : job->output,
		      &run->sign, job->signatures, job->nr_signatures, advice, nr);
	if (job->prepared.closed)
		report_sealed(job->report);
}

/* TEXT: the contents of the header or image, if one is written. */
static int record_signed(const struct run *run, struct job *job, const struct buf *text,
			 struct err *err)
{
	struct input *input = &job->input;
	const bool contained = !run->options->detached && input->kind != INPUT_RAW;
	struct report_record_signing signing = {
		.input = {job->file, *job->digest},
		.image = input_image(input),
		.prepared = &job->prepared,
		.sign = &run->sign,
		.signatures = job->signatures,
		.nr_signatures = job->nr_signatures,
		.name = run->options->name,
		.choice = &run->options->choice,
		.preparation = &run->options->preparation,
		.values = {run->options->values, run->values_file},
		.kconfig = {run->options->kconfig, run->kconfig_file},
	};
	int rc = 0;

	if (contained) {
		signing.output = (struct report_record_file){job->output, {.known = true}};
		rc = hash_sha256_err(buf_view(text), signing.output.digest.sha256, err);
	}
	return rc ?: report_record_signing(&run->record, &signing, job->record, err);
}

/* The header or the image, with the signatures that its image has. */
static int make_output(const struct run *run, struct job *job, struct buf *ret, struct err *err)
{
	struct input *input = &job->input;

	if (job->format == OUTPUT_IMAGE)
		return output_image(input, ret, err);
	if (input->kind == INPUT_IMAGE)
		return err_set(err, -ENOTSUP,
			       "an image has no types of variables for a header: pass the object, "
			       "or an output that ends in " OUTPUT_IMAGE_SUFFIX);
	return output_skeleton(input, run->options->lskel_runtime, ret, err);
}

/* Write the signatures: in a header or image, or detached. */
static int put_signed(const struct run *run, struct job *job, struct err *err)
{
	const bool detached = run->options->detached;
	_buf_ struct buf text = {0};
	int rc;

	if (detached) {
		rc = output_signatures(input_image(&job->input), job->output, job->signatures,
				       job->nr_signatures, job->stage, err);
	} else {
		rc = make_output(run, job, &text, err);
	}
	if (!rc && job->digest)
		rc = record_signed(run, job, &text, err);
	if (!rc && !detached)
		rc = put_header(job, &text, err);
	if (!rc && !to_stdout(job))
		report_job(run, job);
	return rc;
}

/* A header may be rewritten in place, but an object must not be replaced by its header. */
static int refuse_output(const struct job *job, struct err *err)
{
	if (job->input.kind != INPUT_OBJECT || !in_place(job))
		return 0;
	return err_set(err, -EEXIST,
		       "the object would be overwritten by its own header: choose another file");
}

/* --- two steps --- */

/*
 * The name of JOB's files in the folder: the header's name without its path. The caller frees it.
 */
static char *step_name(const struct job *job)
{
	_cleanup_(freep) char *own = to_stdout(job)
					     ? output_name(&job->input, job->file, job->format)
					     : strdup(job->output);
	const char *slash = own ? strrchr(own, '/') : NULL;

	return own ? strdup(slash ? slash + 1 : own) : NULL;
}

static struct twostep describe_step(const struct run *run, struct job *job, const char *name)
{
	return (struct twostep){
		.name = name,
		.object = input_object_name(&job->input),
		.contents = &job->subject.contents,
		.schemes = job->prepared.schemes,
		.hash = run->sign.hash,
	};
}

/* The certificate of a key that signs attributes, which changes the bytes to be signed. */
static struct view attributes_cert(const struct run *run)
{
	for (size_t i = 0; i < run->sign.nr_signers; i++) {
		if (key_signer_is_mldsa(run->sign.signers[i]))
			return key_signer_cert(run->sign.signers[i]);
	}
	return (struct view){NULL, 0};
}

/* Build the message from raw signatures, one for each certificate. */
static int assemble(const struct run *run, const struct twostep *step, enum scheme scheme,
		    struct buf *ret, struct err *err)
{
	const size_t nr = run->sign.nr_signers;
	struct view certs[KEY_SIGNERS_MAX];

	for (size_t i = 0; i < nr; i++)
		certs[i] = key_signer_cert(run->signers[i]);
	if (nr > 1 && attributes_cert(run).data)
		return err_set(
			err, -ENOTSUP,
			"raw signatures of several signers cannot include ML-DSA, with which "
			"each signs attributes of its own: make a CMS message (.p7s)");
	return twostep_assemble(step, run->options->folder, scheme, certs, nr, ret, err);
}

/* Put the signature of SCHEME in the folder into JOB's image. */
static int take_signature(const struct run *run, struct job *job, const struct twostep *step,
			  bool is_raw, enum scheme scheme, struct err *err)
{
	_cleanup_(freep) char *file = twostep_file(run->options->folder, step->name, scheme,
						   !is_raw		      ? "p7s"
						   : run->sign.nr_signers > 1 ? "N.sig"
									      : "sig");
	_buf_ struct buf message = {0};
	int rc;

	if (!file)
		return err_nomem(err);
	rc = is_raw ? assemble(run, step, scheme, &message, err)
		    : twostep_message(step, run->options->folder, scheme, &message, err);
	if (!rc)
		rc = sign_take(&run->sign, &job->subject, scheme, &message,
			       &job->signatures[job->nr_signatures++], err);
	return rc ? err_prefix(err, "%s", file) : 0;
}

static int refuse_missing(const struct run *run, const char *name, enum scheme scheme,
			  struct err *err)
{
	return err_set(err, -ENOENT, "no signature: expected %s/%s.%s.p7s or .sig",
		       run->options->folder, name, scheme_name(scheme));
}

static int take_signatures(const struct run *run, struct job *job, const struct twostep *step,
			   const struct twostep_found *found, struct err *err)
{
	int rc = sign_start(&run->sign, &job->subject, step->schemes, err);

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		const scheme_set bit = SCHEME_BIT(scheme);

		if (!(step->schemes & bit))
			continue;
		if (!((found->messages | found->signatures) & bit))
			return refuse_missing(run, step->name, scheme, err);
		rc = take_signature(run, job, step, found->signatures & bit, scheme, err);
	}
	return rc;
}

/* --- the modes --- */

static int sign_here(struct run *run, struct job *job, struct err *err)
{
	int rc = prepare_job(run, job, run->options->preparation.schemes, err);

	if (!rc)
		rc = sign_image(&run->sign, &job->subject, job->prepared.schemes, job->signatures,
				&job->nr_signatures, err);
	if (!rc)
		rc = sign_check_kernels(&run->sign, &job->subject, err);
	return rc ? rc : put_signed(run, job, err);
}

static int prepare_request(struct run *run, struct job *job, struct err *err)
{
	_cleanup_(freep) char *name = step_name(job);
	struct request *request = &run->requests[job->i];
	struct twostep step;
	int rc;

	if (!name)
		return err_nomem(err);
	rc = prepare_job(run, job, run->options->preparation.schemes, err);
	step = describe_step(run, job, name);
	/* do not request signatures that would not be accepted */
	if (!rc)
		rc = sign_start(&run->sign, &job->subject, step.schemes, err);
	if (!rc)
		rc = twostep_request(&step, attributes_cert(run), &run->folder, &request->written,
				     err);
	if (!rc)
		request->name = take_ptr(name);
	return rc;
}

/*
 * With a manifest, all signatures that were requested must exist; else those that exist are used.
 */
static int attach(struct run *run, struct job *job, struct err *err)
{
	_cleanup_(freep) char *name = step_name(job);
	scheme_set schemes = run->options->preparation.schemes;
	struct twostep_found found = {0};
	struct twostep step;
	int rc;

	if (!name)
		return err_nomem(err);
	rc = twostep_find(run->options->folder, name, &found, err);
	if (rc)
		return rc;
	if (!found.manifest) {
		schemes = (schemes ?: SCHEME_ALL) & (found.messages | found.signatures);
		if (!schemes)
			return refuse_missing(run, name, SCHEME_FOLDED, err);
	}
	rc = prepare_job(run, job, schemes, err);
	step = describe_step(run, job, name);
	if (!rc && found.manifest)
		rc = twostep_compare(&step, run->options->folder, err);
	if (!rc)
		rc = take_signatures(run, job, &step, &found, err);
	if (!rc)
		rc = sign_check_kernels(&run->sign, &job->subject, err);
	return rc ? rc : put_signed(run, job, err);
}

static int strip(_unused_ struct run *run, struct job *job, struct err *err)
{
	_buf_ struct buf text = {0};
	scheme_set schemes = scheme_signed(input_image(&job->input));
	bool was_signed = input_is_signed(&job->input);
	int rc = output_unsigned(&job->input, &text, err);

	if (!rc)
		rc = put_header(job, &text, err);
	if (!rc && !to_stdout(job))
		report_stripped(job->report, job->file, job->output, was_signed, schemes);
	return rc;
}

static int leave_unsigned(struct run *run, struct job *job, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc = prepare_job(run, job, run->options->preparation.schemes, err);

	/* refuse what could not be signed later */
	if (!rc)
		rc = sign_start(&run->sign, &job->subject, job->prepared.schemes, err);
	if (!rc)
		rc = make_output(run, job, &text, err);
	if (!rc)
		rc = put_header(job, &text, err);
	if (!rc && !to_stdout(job))
		report_unsigned(job->report, job->file, job->output);
	return rc;
}

typedef int mode_function(struct run *run, struct job *job, struct err *err);

static int run_input(void *arg, struct batch_job *input, struct err *err)
{
	static mode_function *const modes[] = {
		[SIGN_HERE] = sign_here, [SIGN_PREPARE] = prepare_request, [SIGN_ATTACH] = attach,
		[SIGN_STRIP] = strip,	 [SIGN_UNSIGNED] = leave_unsigned,
	};
	struct run *run = arg;
	const struct sign_options *options = run->options;
	struct input_digest digest = {0};
	_cleanup_(job_end) struct job job = {
		.i = input->i,
		.file = input->file,
		.report = &input->report,
		.record = &input->record,
		.stage = &input->stage,
		.digest = options->batch.record ? &digest : NULL,
	};
	int rc;

	rc = shared_read(&options->shared, input->i, options->name, &options->choice, job.digest,
			 &job.input, err);
	if (rc)
		return rc;
	job.format = output_format(&job.input, options->output, options->format);
	job.output = choose_output(options, &job.input, job.file);
	if (!job.output)
		return err_nomem(err);
	return refuse_output(&job, err) ?: modes[options->mode](run, &job, err);
}

/* Collect advice about the certificate of SIGNER, one of NR. */
static void advise(struct run *run, const struct key_signer *signer, size_t nr_signers, time_t now)
{
	scheme_set schemes = run->options->shared.schemes ?: SCHEME_ALL;
	struct advice list[ADVICE_MAX];
	size_t nr = advice_for_signer(signer, nr_signers > 1, schemes, now, list);

	for (size_t i = 0; i < nr; i++) {
		struct report_advice *advice = &run->advice[run->nr_advice++];

		*advice = (struct report_advice){key_signer_cert_name(signer), list[i]};
		report_advise(&run->report->run, NULL, advice);
	}
}

/* Load the signers of the options, and collect advice about their certificates. */
static int load_signers(struct run *run, struct err *err)
{
	const struct sign_options *options = run->options;
	const bool here = options->mode == SIGN_HERE || options->mode == SIGN_CHECK;
	const size_t nr = here ? options->nr_keys : options->nr_certs;
	time_t now;

	if (advice_now(&now, err))
		return err->code;
	run->sign.hash = options->hash_alg;
	run->sign.allow_ambiguous = options->allow_ambiguous;
	run->sign.kernels = options->kernels;
	run->sign.raw = options->shared.insns;
	run->sign.allow_unknown = options->preparation.allowed & 1u << LOADER_UNKNOWN;
	run->sign.allow_uncovered = options->preparation.allowed & 1u << LOADER_DATA_UNCOVERED;
	for (size_t i = 0; i < nr; i++) {
		const struct key_source *source = &options->signers[i];
		int rc = here ? key_signer_load(source, &run->signers[i], err)
			      : key_signer_from_cert(source, &run->signers[i], err);

		if (rc)
			return rc;
		run->sign.signers[i] = run->signers[i];
		run->sign.nr_signers++;
		if (key_signer_is_exposed(run->signers[i]))
			report_warning(&run->report->run, source->key,
				       "other users can read this private key: \"chmod go-r\", or "
				       "encrypt it");
		advise(run, run->signers[i], nr, now);
	}
	return sign_begin(&run->sign, err);
}

/* --- the folder of --prepare --- */

static int begin_folder(struct run *run, struct err *err)
{
	int rc;

	run->requests = calloc((size_t)shared_nr_inputs(&run->options->shared),
			       sizeof(*run->requests));
	if (!run->requests)
		return err_nomem(err);
	temporary_guard();
	rc = folder_begin(&run->folder, run->options->folder, err);
	return rc ? err_prefix(err, "%s", run->options->folder) : 0;
}

/* Publish the folder as a whole; only then report its files. */
static enum cli_status end_folder(struct run *run, enum cli_status status)
{
	const struct sign_options *options = run->options;
	struct err err;

	if (status)
		err_set(&err, -ECANCELED, "not written, because one input failed");
	else if (folder_publish(&run->folder, &err))
		status = CLI_UNKNOWN;
	if (status) {
		report_error(&run->report->run, options->folder, &err);
		return status;
	}
	for (int i = 0; i < shared_nr_inputs(&options->shared); i++)
		report_requested(&run->report->run, shared_input_name(&options->shared, i),
				 options->folder, run->requests[i].name, &run->requests[i].written);
	report_requests_end(&run->report->run, options->folder);
	return status;
}

static int read_kconfig(struct run *run, struct err *err)
{
	const char *file = run->options->kconfig;
	int rc = file ? kconfig_read(file, &run->kconfig, err) : 0;

	if (!rc && file)
		rc = hash_sha256_err(buf_view(&run->kconfig.text), run->kconfig_file.sha256, err);
	run->kconfig_file.known = !rc;
	return rc ? err_prefix(err, "--kconfig %s", file) : 0;
}

/* Read the file of --values. */
static int read_values(struct run *run, struct err *err)
{
	const char *file = run->options->values;
	_buf_ struct buf text = {0};
	int rc = file_read(file, VALUES_SIZE_MAX, &text, err);

	if (!rc)
		rc = hash_sha256_err(buf_view(&text), run->values_file.sha256, err);
	if (!rc)
		rc = values_parse(buf_view(&text), &run->values, err);
	run->values_file.known = !rc;
	if (rc && err->line)
		return err_prefix(err, "--values: %s:%u", file, err->line);
	return rc ? err_prefix(err, "--values: %s", file) : 0;
}

/* Prepare what the inputs need. */
static int begin_run(struct run *run, struct err *err)
{
	int rc = read_kconfig(run, err) ?: key_secrets_begin(err);

	if (!rc && run->options->mode != SIGN_STRIP)
		rc = key_sources_begin(run->options->signers, ARRAY_SIZE(run->options->signers),
				       err);

	/*
	 * First move secrets out of the environment, so that the process that reads objects does
	 * not get them.
	 */
	if (!rc && run->options->mode != SIGN_STRIP)
		rc = batch_is_many(&run->options->batch, &run->options->shared)
			     ? object_start(err)
			     : object_start_once(err);
	if (!rc && run->options->values)
		rc = read_values(run, err);
	if (!rc && run->options->mode != SIGN_STRIP)
		rc = load_signers(run, err);
	key_secrets_end();
	if (!rc && run->options->mode == SIGN_PREPARE)
		rc = begin_folder(run, err);
	if (!rc && run->options->batch.record)
		rc = report_record_begin(&run->record, err);
	return rc;
}

/* Protect keys and certificates from being replaced by an output. */
static int keep_files(void *arg, struct places *places, struct err *err)
{
	const struct run *run = arg;
	const struct sign_options *options = run->options;
	const char *passphrase = getenv("BPF_CHAINSIGN_PASSPHRASE_FILE");
	const char *pin = getenv("BPF_CHAINSIGN_PIN_FILE");
	int rc = shared_keep_parts(&options->shared, places, err);

	if (!rc && passphrase)
		rc = places_keep(places, passphrase, "a passphrase", err);
	if (!rc && pin)
		rc = places_keep(places, pin, "a PIN", err);
	if (!rc && options->kconfig)
		rc = places_keep(places, options->kconfig, "the configuration of a kernel", err);
	if (!rc && options->values)
		rc = places_keep(places, options->values, "a file of values", err);
	for (size_t i = 0; !rc && i < options->nr_keys; i++)
		rc = places_keep(places, options->signers[i].key, "a private key", err);
	for (size_t i = 0; !rc && i < options->nr_certs; i++)
		rc = places_keep(places, options->signers[i].cert, "a certificate", err);
	return rc;
}

/* --- what the record must not replace --- */

/* FILE, which is taken; NULL: no memory. */
static int spare(const struct file_new *record, char *file, const char *what, struct err *err)
{
	_cleanup_(freep) char *own = file;

	if (!own)
		return err_nomem(err);
	return file_new_is_for(record, own)
		       ? err_set(err, -EEXIST, "%s is %s: choose another file", own, what)
		       : 0;
}

/* The files that the folder of --attach may have for the header OUTPUT. */
static int spare_step(const char *folder, const char *output, const struct file_new *record,
		      struct err *err)
{
	static const char *const suffixes[] = {"json",	"content", "digest", "attrs", "p7s",
					       "sig",	"1.sig",   "2.sig",  "3.sig", "4.sig",
					       "5.sig", "6.sig",   "7.sig",  "8.sig"};
	const char *slash = strrchr(output, '/');
	int rc = 0;

	/* SCHEME_NR stands for the manifest */
	for (size_t i = 0; !rc && i < (SCHEME_NR + 1) * ARRAY_SIZE(suffixes); i++)
		rc = spare(record,
			   twostep_file(folder, slash ? slash + 1 : output,
					(enum scheme)(i / ARRAY_SIZE(suffixes)),
					suffixes[i % ARRAY_SIZE(suffixes)]),
			   "a file that --attach reads", err);
	return rc;
}

static int spare_output(const struct sign_options *options, const char *output,
			const struct file_new *record, struct err *err)
{
	int rc = 0;

	if (!options->detached)
		rc = spare(record, strdup(output), "the output for the signed header", err);
	for (enum scheme scheme = 0; !rc && options->detached && scheme < SCHEME_NR; scheme++)
		rc = spare(record, output_signature_name(output, scheme),
			   "the output for a signature", err);
	if (!rc && options->mode == SIGN_ATTACH)
		rc = spare_step(options->folder, output, record, err);
	return rc;
}

/* It is not yet known whether the input is an object or a header. */
static int spare_outputs(void *arg, int i, const struct file_new *record, struct err *err)
{
	static const struct input kinds[] = {
		{.kind = INPUT_OBJECT}, {.kind = INPUT_LSKEL}, {.kind = INPUT_IMAGE}};
	const struct run *run = arg;
	const struct sign_options *options = run->options;
	const char *file = shared_input_name(&options->shared, i);
	int rc = 0;

	for (size_t n = 0; !rc && n < ARRAY_SIZE(kinds); n++) {
		_cleanup_(freep) char *output = choose_output(options, &kinds[n], file);

		rc = output ? spare_output(options, output, record, err) : err_nomem(err);
	}
	return rc;
}

/* --check-key: keys, certificates and tokens did load. */
static enum cli_status check_keys(struct run *run)
{
	const struct sign_options *options = run->options;
	struct err err;

	if (sign_check_signers(&run->sign, &err)) {
		report_failure(run->report, &err);
		return CLI_UNKNOWN;
	}
	for (size_t i = 0; i < run->sign.nr_signers; i++)
		report_key(&run->report->run, options->signers[i].key, run->signers[i]);
	return CLI_OK;
}

enum cli_status sign_inputs(const struct sign_options *options, struct report_output *report)
{
	_cleanup_(run_end) struct run run = {
		.options = options,
		.report = report,
		.folder = FOLDER_NONE,
	};
	const struct batch batch = {
		.shared = &options->shared,
		.options = &options->batch,
		.serial = options->mode == SIGN_PREPARE, /* whose folder all inputs use */
		.stop = true,
		.counts = options->mode != SIGN_PREPARE, /* a folder has all inputs or none */
		.report = report,
		.work = run_input,
		.keep = keep_files,
		.spare = spare_outputs,
		.arg = &run,
	};
	enum cli_status status;
	struct err err;

	if (begin_run(&run, &err)) {
		report_failure(report, &err);
		return CLI_UNKNOWN;
	}
	if (options->mode == SIGN_CHECK)
		return check_keys(&run);
	status = batch_run(&batch);
	return options->mode == SIGN_PREPARE ? end_folder(&run, status) : status;
}
