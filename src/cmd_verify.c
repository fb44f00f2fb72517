// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_verify.c - bpf-chainsign verify: what kernels would answer to the signatures of a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_verify.h"
#include "crypto.h"
#include "file.h"
#include "prepare.h"
#include "record.h"
#include "util.h"

/* A .config has some 300 KB. */
#define CONFIG_SIZE_MAX ((size_t)4 << 20)

enum {
	KEY_SIGNATURE = COMMON_KEY_END,
	KEY_KERNEL,
	KEY_CONFIG,
	KEY_REVOKED,
	KEY_OPENSSL_CONF,
};

struct options {
	struct common common;
	struct batch_options batch;
	struct trust_names certs, revoked;
	const char *signature;
	const char *kernel;
	const char *config;
	bool openssl_conf;
	unsigned int lines; /* that --kernel means; see struct verify_question */
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "The kernel that is asked:", 1},
	{"cert", 'c', "CERT", 0,
	 "Certificates of the trusted keyring: a PEM or DER file, or a folder of files named .pem, .crt, "
	 ".cer or .der; may be repeated",
	 1},
	{"revoked", KEY_REVOKED, "CERT", 0,
	 "Certificates on the kernel's revocation list: a file, or a folder that holds nothing else; may "
	 "be repeated",
	 1},
	{"kernel", KEY_KERNEL, "VERSION", 0,
	 "The rules of that kernel: 6.18, 7.0, 7.2, 7.3 or a version between them, chain, or all of "
	 "these (default: the newest line that each scheme is for)",
	 1},
	{"kernel-config", KEY_CONFIG, "FILE", 0,
	 "The .config of that kernel, for the algorithms it has built in (default: Debian's cloud "
	 "kernel)",
	 1},
	{"openssl-conf", KEY_OPENSSL_CONF, NULL, 0,
	 "Let OpenSSL read its configuration (OPENSSL_CONF, or the system's openssl.cnf), whose modules "
	 "can then decide any verdict (default: it is ignored)",
	 1},
	{NULL, 0, NULL, 0, "The signature:", 2},
	{"signature", KEY_SIGNATURE, "FILE", 0,
	 "A detached signature (DER) for the input, with one --scheme", 2},
	{0},
};

static void add_name(struct trust_names *names, const char *name, struct argp_state *state)
{
	const char **list = reallocarray(names->list, names->nr + 1, sizeof(*list));

	if (!list) {
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "option");
		return;
	}
	names->list = list;
	list[names->nr++] = name;
}

static void set_lines(struct options *options, struct argp_state *state)
{
	enum kv_line line;
	struct err err;

	if (!options->kernel)
		return;
	if (!strcmp(options->kernel, "all"))
		options->lines = (1u << KV_LINE_NR) - 1;
	else if (kv_line_parse(options->kernel, &line, &err))
		argp_error(state, "--kernel: %s", err.text);
	else
		options->lines = 1u << line;
}

static void check_options(struct options *options, struct argp_state *state)
{
	const struct common *common = &options->common;

	if (!options->certs.nr)
		argp_error(state, "no trusted keyring: give its certificates with --cert");
	set_lines(options, state);
	if (options->signature && batch_is_many(&options->batch, common))
		argp_error(state, "--signature takes one input file");
	if (options->signature && (!common->schemes || common->schemes & (common->schemes - 1)))
		argp_error(state, "--signature needs --scheme with the one scheme it is of");
	if (common->insns && !options->signature)
		argp_error(state, "raw input holds no signature: give it with --signature");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		state->child_inputs[1] = &options->batch;
		return 0;
	case 'c':
		add_name(&options->certs, arg, state);
		return 0;
	case KEY_REVOKED:
		add_name(&options->revoked, arg, state);
		return 0;
	case KEY_KERNEL:
		common_once(state, &options->kernel, arg, "--kernel");
		return 0;
	case KEY_CONFIG:
		common_once(state, &options->config, arg, "--kernel-config");
		return 0;
	case KEY_OPENSSL_CONF:
		options->openssl_conf = true;
		return 0;
	case KEY_SIGNATURE:
		common_once(state, &options->signature, arg, "--signature");
		return 0;
	case ARGP_KEY_SUCCESS:
		check_options(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"Verify signatures of light skeletons (.lskel.h) as the kernel would, without a kernel.\v"
	"Each signature that is present is put to the rules of a kernel; the verdict and the errno are "
	"that kernel's. Detached signatures are verified for BPF objects (.o) and raw loaders, too.\n"
	"Exit status: 0 all accepted, 1 at least one rejected or missing, 2 usage, 3 could not tell.";

/* --- the run --- */

struct run {
	const struct options *options;
	struct report report;
	struct kv_config config; /* of --kernel-config */
	uint8_t config_sha256[HASH_SHA256_SIZE];
	struct verify_question question;
	struct record record;
};

/* The signature from --signature takes the place of those in the file. */
static int use_detached(const struct options *options, struct image *image, struct err *err)
{
	enum scheme scheme = (enum scheme)__builtin_ctz(options->common.schemes);
	_buf_ struct buf signature = {0};
	int rc;

	rc = file_read(options->signature, IMAGE_SIGNATURE_MAX, &signature, err);
	if (rc)
		return err_prefix(err, "signature %s", options->signature);
	for (enum scheme other = 0; other < SCHEME_NR; other++)
		buf_free(&image->sig[other]);
	buf_free(&image->sig_unnamed);
	buf_reserve(&signature, 1); /* an empty signature is one, too */
	image->sig[scheme] = buf_take(&signature);
	return buf_done(&image->sig[scheme], err);
}

/* What a verdict does not say, and people should know: of the loader that was accepted. */
static int find_in_loader(struct input *input, const struct verify_verdicts *verdicts,
			  struct report_findings *ret, struct err *err)
{
	size_t progs = input->kind == INPUT_LSKEL ? prepare_header_progs(&input->lskel)
						  : LOADER_PROGS_UNKNOWN;
	scheme_set accepted = 0;
	int rc;

	for (size_t i = 0; i < verdicts->nr; i++) {
		if (!verdicts->list[i].answer.code)
			accepted |= SCHEME_BIT(verdicts->list[i].scheme);
	}
	if (!accepted || input->kind == INPUT_RAW)
		return 0;
	rc = prepare_judge(input_image(input), accepted, progs, ret->list, &ret->nr, err);
	if (rc != -EBADMSG)
		return rc;
	snprintf(ret->unknown, sizeof(ret->unknown), "%s", err->text);
	return 0;
}

static void report_found(struct batch_job *job, const struct report_findings *findings)
{
	if (*findings->unknown)
		report_warning(&job->report, job->file, findings->unknown);
	for (size_t i = 0; i < findings->nr; i++) {
		if (findings->list[i].severity != LOADER_NOTE || job->report.verbose)
			report_finding(&job->report, job->file, &findings->list[i]);
	}
}

/* A header whose text is not what it seems: kernels judge the arrays, a program does the rest. */
static bool has_other_text(const struct input *input, struct err *err)
{
	if (input->kind != INPUT_LSKEL || input->lskel.text != LSKEL_TEXT_DIFFERS)
		return false;
	*err = input->lskel.text_why;
	err->code = -EKEYREJECTED;
	return true;
}

/* One input, and what was found in it. */
struct examined {
	struct input input;
	struct input_digest digest;
	struct verify_verdicts verdicts;
	struct report_findings findings;
};

static void free_examined(struct examined *examined)
{
	verify_verdicts_free(&examined->verdicts);
	input_free(&examined->input);
}

static int examine(const struct run *run, struct batch_job *job, struct examined *ret,
		   struct err *err)
{
	const struct options *options = run->options;
	struct input *input = &ret->input;
	int rc;

	rc = common_read_signed(&options->common, job->i,
				options->batch.record ? &ret->digest : NULL, input, err);
	if (!rc && options->signature)
		rc = use_detached(options, input_image(input), err);
	if (!rc)
		rc = verify_judge(&run->question, job, input_image(input), &ret->verdicts, err);
	if (!rc)
		rc = find_in_loader(input, &ret->verdicts, &ret->findings, err);
	return rc;
}

/* WHY is what the verdicts do not say, or NULL; without an answer nothing else is recorded. */
static int record_examined(const struct run *run, struct batch_job *job, struct examined *examined,
			   const struct err *why, struct err *err)
{
	const bool told = job->outcome != REPORT_FAILED;
	char reason[ERR_TEXT_MAX + 32];
	struct record_verification verification = {
		.input = {job->file, examined->digest},
		.outcome = job->outcome,
		.reason = why ? reason : NULL,
	};

	if (!run->options->batch.record)
		return 0;
	if (why && why->line)
		snprintf(reason, sizeof(reason), "line %u: %s", why->line, why->text);
	else if (why)
		snprintf(reason, sizeof(reason), "%s", why->text);
	if (told) {
		verification.image = input_image(&examined->input);
		verification.verdicts = examined->verdicts.list;
		verification.nr_verdicts = examined->verdicts.nr;
		verification.findings = &examined->findings;
	}
	return record_verification(&run->record, &verification, &job->report.record, err);
}

/* Nobody knows: that is recorded, too. */
static int record_failure(const struct run *run, struct batch_job *job, struct examined *examined,
			  const struct err *why, struct err *err)
{
	report_drop(&job->report);
	report_error(&job->report, job->file, why);
	job->outcome = REPORT_FAILED;
	return record_examined(run, job, examined, why, err);
}

static int verify_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct run *run = arg;
	_cleanup_(free_examined) struct examined examined = {.digest = {.known = false}};
	const struct verify_verdicts *verdicts = &examined.verdicts;
	struct err why;
	bool differs;

	if (examine(run, job, &examined, &why))
		return record_failure(run, job, &examined, &why, err);
	report_verdicts(&job->report, job->file, verdicts->list, verdicts->nr, &examined.findings);
	report_found(job, &examined.findings);
	if (!verdicts->nr)
		job->outcome = REPORT_UNSIGNED;
	for (size_t n = 0; n < verdicts->nr; n++) {
		if (verdicts->list[n].answer.code)
			job->outcome = REPORT_REJECTED;
	}
	differs = has_other_text(&examined.input, &why);
	if (differs) {
		report_error(&job->report, job->file, &why);
		job->outcome = REPORT_REJECTED;
	}
	return record_examined(run, job, &examined, differs ? &why : NULL, err);
}

/* The configuration of --kernel-config. */
static int read_config(struct run *run, struct err *err)
{
	const char *config = run->options->config;
	_buf_ struct buf text = {0};
	int rc;

	if (!config)
		return 0;
	rc = file_read(config, CONFIG_SIZE_MAX, &text, err);
	if (!rc)
		rc = kv_config_parse(buf_view(&text), &run->config, err);
	if (!rc && hash_sha256(buf_view(&text), run->config_sha256))
		rc = err_set(err, -ENOTSUP, "OpenSSL has no sha256");
	return rc ? err_prefix(err, "%s", config) : 0;
}

/* Files in folders of certificates that were not read. */
static void report_notes(struct run *run)
{
	const struct trust_note *notes;
	size_t nr = trust_notes(run->question.trust, &notes);

	for (size_t i = 0; i < nr; i++)
		report_warning(&run->report, notes[i].folder, notes[i].text);
}

static enum cli_status verify_all(struct run *run)
{
	static const char *const words[REPORT_OUTCOME_NR] = {
		[REPORT_DONE] = "accepted",	    [REPORT_REJECTED] = "rejected",
		[REPORT_UNSIGNED] = "unsigned",	    [REPORT_FAILED] = "could not tell",
		[REPORT_SKIPPED] = "not looked at",
	};
	const struct batch batch = {
		.common = &run->options->common,
		.options = &run->options->batch,
		.words = words,
		.report = &run->report,
		.work = verify_input,
		.arg = run,
	};
	struct err err;
	int rc = run->options->openssl_conf ? crypto_begin_configured(&err)
					    : crypto_begin_plain(&err);

	if (!rc)
		rc = read_config(run, &err);
	if (!rc && run->options->batch.record)
		rc = record_begin(&run->record, &err);
	if (!rc)
		rc = trust_new(&run->options->certs, &run->options->revoked,
			       run->options->config ? &run->config : NULL, &run->question.trust,
			       &err);
	if (rc) {
		report_error(&run->report, NULL, &err);
		return CLI_UNKNOWN;
	}
	report_notes(run);
	run->record.trust = run->question.trust;
	run->record.config = run->options->config;
	run->record.config_sha256 = run->config_sha256;
	return batch_run(&batch);
}

static enum cli_status run_verify(int argc, char **argv)
{
	static const struct argp_child children[] = {
		{&common_argp, 0, NULL, 0}, {&batch_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.options = option_table,
		.parser = parse,
		.args_doc = "FILE...",
		.doc = doc,
		.children = children,
	};
	struct options options = {0};
	struct run run = {.options = &options};
	enum cli_status status;
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	common_report(&options.common, &run.report);
	run.question.lines = options.lines;
	run.question.schemes = options.common.schemes;
	if (batch_find(&options.batch, &options.common, false, &err)) {
		report_error(&run.report, NULL, &err);
		status = CLI_UNKNOWN;
	} else {
		status = verify_all(&run);
	}
	status = report_end(&run.report, status);
	trust_free(run.question.trust);
	batch_end(&options.batch);
	free(options.certs.list);
	free(options.revoked.list);
	return status;
}

const struct cmd cmd_verify = {"verify", "verify signatures offline, as the kernel would",
			       run_verify};
