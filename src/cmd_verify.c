// SPDX-License-Identifier: BSD-2-Clause
/* cmd_verify.c - bpf-chainsign verify: what kernels would answer to a file's signatures. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "base/file.h"
#include "base/util.h"
#include "cmd_shell.h"
#include "crypto.h"
#include "header.h"
#include "judge.h"
#include "kernel.h"
#include "prepare.h"
#include "trust.h"

/* A .config has about 300 KB. */
#define CONFIG_SIZE_MAX ((size_t)4 << 20)

enum {
	KEY_SIGNATURE = SHARED_KEY_END,
	KEY_KERNEL,
	KEY_CONFIG,
	KEY_REVOKED,
	KEY_OPENSSL_CONF,
	KEY_ALLOW,
};

struct options {
	struct shared_options shared;
	struct batch_options batch;
	struct trust_names certs, revoked;
	const char *signature;
	const char *kernel;
	const char *config;
	bool openssl_conf;
	kernel_set kernels;   /* of --kernel; 0: the default */
	unsigned int allowed; /* findings: bit 1u << enum loader_finding_id */
	struct shared_deny deny;
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Kernels and their keys:", 1},
	{"cert", 'c', "CERT", 0,
	 "The certificates that the kernel trusts: a PEM or DER file, or a folder, in which files "
	 "named .pem, .crt, .cer or .der are read; may be repeated",
	 1},
	{"revoked", KEY_REVOKED, "CERT", 0,
	 "The certificates on the kernel's revocation list: a file, or a folder with nothing else "
	 "in it; may be repeated",
	 1},
	{"kernel", KEY_KERNEL, "VERSION", 0,
	 "Check against the rules of this kernel: a version (7.3, 6.18.40), a range "
	 "(6.18.40..7.4), chain, several of these separated by commas, or all (default: for each "
	 "signature, all kernels that it is meant for)",
	 1},
	{"kernel-config", KEY_CONFIG, "FILE", 0,
	 "The .config of the kernel, which decides its algorithms (default: that of Debian's "
	 "cloud kernel)",
	 1},
	{"openssl-conf", KEY_OPENSSL_CONF, NULL, 0,
	 "Let OpenSSL read its configuration (OPENSSL_CONF, or the system's openssl.cnf); modules "
	 "that it loads can then decide any verdict (default: do not read it)",
	 1},
	{NULL, 0, NULL, 0, "Signature:", 2},
	{"signature", KEY_SIGNATURE, "FILE", 0,
	 "Verify the detached signature FILE (DER) instead of those in the input; needs --scheme "
	 "with its scheme",
	 2},
	{NULL, 0, NULL, 0, "Findings:", 3},
	{"allow", KEY_ALLOW, "ID", 0,
	 "Accept even though finding ID was reported: data-uncovered or unknown-loader; may be repeated",
	 3},
	{"deny", SHARED_KEY_DENY, "ID", 0, SHARED_DENY_HELP, 3},
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

static void set_kernels(struct options *options, struct argp_state *state)
{
	struct err err;

	if (options->kernel && kernel_parse(options->kernel, &options->kernels, &err))
		shared_bad_value(state, "--kernel", &err);
}

static void allow(struct options *options, const char *name, struct argp_state *state)
{
	enum loader_finding_id id;

	if (loader_finding_from_name(name, &id) ||
	    (id != LOADER_DATA_UNCOVERED && id != LOADER_UNKNOWN))
		argp_error(state, "--allow '%s': expected data-uncovered or unknown-loader", name);
	options->allowed |= 1u << id;
}

static void check_options(struct options *options, struct argp_state *state)
{
	const struct shared_options *shared = &options->shared;

	if (!options->certs.nr)
		argp_error(state, "no trusted certificates: pass them with --cert");
	set_kernels(options, state);
	if (options->signature && batch_is_many(&options->batch, shared))
		argp_error(state, "--signature allows only one input file");
	if (shared->schemes & SCHEME_BIT(SCHEME_INSNS_HASH) && shared->insns)
		argp_error(state,
			   "raw input has only one form of instructions: use --scheme insns");
	if (options->signature && (!shared->schemes || shared->schemes & (shared->schemes - 1)))
		argp_error(state, "--signature needs --scheme with the signature's scheme");
	if (shared->insns && !options->signature)
		argp_error(state, "raw input contains no signature: pass it with --signature");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'c':
		add_name(&options->certs, arg, state);
		return 0;
	case KEY_REVOKED:
		add_name(&options->revoked, arg, state);
		return 0;
	case KEY_KERNEL:
		shared_once(state, &options->kernel, arg, "--kernel");
		return 0;
	case KEY_CONFIG:
		shared_once(state, &options->config, arg, "--kernel-config");
		return 0;
	case KEY_OPENSSL_CONF:
		options->openssl_conf = true;
		return 0;
	case KEY_ALLOW:
		allow(options, arg, state);
		return 0;
	case SHARED_KEY_DENY:
		shared_deny(&options->deny, arg, state);
		return 0;
	case KEY_SIGNATURE:
		shared_once(state, &options->signature, arg, "--signature");
		return 0;
	case ARGP_KEY_SUCCESS:
		check_options(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"Verify the signatures of light skeletons (.lskel.h), and of signed images (.bpf.signed) alone "
	"and in programs, as the kernel would, without a "
	"kernel.\vAn input is accepted if a program that includes it would load it on every "
	"kernel checked, as far as maps, signature and the loader's own checks decide, and if its "
	"C text matches the signed bytes. With --scheme LIST an input is rejected if it lacks one "
	"of these signatures. Detached signatures of BPF objects (.o) and raw loaders can be "
	"verified as well.\nExit status: 0 all accepted, 1 at least one rejected, unsigned or "
	"missing, 2 usage, 3 could not tell.";

/* --- the run --- */

struct run {
	const struct options *options;
	struct report_output *report;
	struct kv_config config; /* the value of --kernel-config */
	uint8_t config_sha256[HASH_SHA256_SIZE];
	struct trust *trust;
	time_t now;
	struct report_record record;
};

/* Replace the file's signatures by the one of --signature. */
static int use_detached(const struct options *options, struct image *image, struct err *err)
{
	enum scheme scheme = (enum scheme)__builtin_ctz(options->shared.schemes);
	_buf_ struct buf signature = {0};
	int rc;

	rc = file_read(options->signature, IMAGE_SIGNATURE_MAX, &signature, err);
	if (rc)
		return err_prefix(err, "signature %s", options->signature);
	image_unsign(image);
	buf_reserve(&signature, 1); /* an empty signature counts as present */
	image->sig[scheme] = buf_take(&signature);
	return buf_done(&image->sig[scheme], err);
}

/* The trusted keyring of kernels of LINE. */
static int trusted_keyring(void *arg, enum kv_line line, const struct kv_keyring **ret,
			   struct err *err)
{
	const struct trust_keyring *trusted;
	int rc = trust_keyring(arg, line, &trusted, err);

	if (!rc)
		*ret = trusted->keyring;
	return rc;
}

/* How many certificates that one kernel refuses are named; further ones are counted. */
#define REFUSALS_MAX 16

/* The keyrings of the kernel lines that are asked; NULL: this line is not. */
struct keyrings {
	const struct trust_keyring *list[KV_LINE_NR];
};

/* Whether LINE refuses the same certificate with the same error. */
static bool refuses(const struct keyrings *keyrings, enum kv_line line,
		    const struct trust_refusal *refusal)
{
	const struct trust_keyring *keyring = keyrings->list[line];

	for (size_t i = 0; keyring && i < keyring->nr_refusals; i++) {
		const struct trust_refusal *own = &keyring->refusals[i];

		if (own->file == refusal->file && own->answer.code == refusal->answer.code)
			return true;
	}
	return false;
}

/* Warn about REFUSAL of LINE and all later lines, unless an earlier line had the same. */
static void warn_refusal(const struct keyrings *keyrings, enum kv_line line,
			 const struct trust_refusal *refusal, struct batch_job *job)
{
	char text[2 * KV_TEXT_MAX];
	size_t used;

	for (enum kv_line before = 0; before < line; before++) {
		if (refuses(keyrings, before, refusal))
			return;
	}
	used = (size_t)snprintf(text, sizeof(text), "%s", kv_line_title(line));
	for (enum kv_line after = line + 1; after < KV_LINE_NR; after++) {
		if (refuses(keyrings, after, refusal))
			used += (size_t)snprintf(text + used, sizeof(text) - used, ", %s",
						 kv_line_title(after));
	}
	snprintf(text + used, sizeof(text) - used,
		 " would not add this certificate to a keyring: %s (%s)",
		 kv_errno_name(refusal->answer.code), refusal->answer.reason);
	report_warning_once(&job->report, refusal->file, text);
}

/* Warn about certificates that kernels of LINE would not add to a keyring, once for all inputs. */
static void warn_line(const struct keyrings *keyrings, enum kv_line line, struct batch_job *job)
{
	const struct trust_keyring *keyring = keyrings->list[line];
	char text[KV_TEXT_MAX];

	for (size_t i = 0; i < keyring->nr_refusals && i < REFUSALS_MAX; i++)
		warn_refusal(keyrings, line, &keyring->refusals[i], job);
	if (keyring->nr_refusals <= REFUSALS_MAX)
		return;
	snprintf(text, sizeof(text), "%s would not add %zu further certificates to a keyring",
		 kv_line_title(line), keyring->nr_refusals - REFUSALS_MAX);
	report_warning_once(&job->report, NULL, text);
}

/* The same for all kernels in ROWS. */
static int warn_refusals(struct trust *trust, struct batch_job *job, const struct judge_rows *rows,
			 struct err *err)
{
	struct keyrings keyrings = {0};
	kernel_set asked = 0;
	int rc = 0;

	for (size_t i = 0; i < rows->nr; i++)
		asked |= rows->list[i].kernels;
	for (enum kernel kernel = 0; !rc && kernel < KERNEL_NR; kernel++) {
		enum kv_line line = kernel_rules(kernel)->line;

		if (asked & KERNEL_BIT(kernel))
			rc = trust_keyring(trust, line, &keyrings.list[line], err);
	}
	for (enum kv_line line = 0; !rc && line < KV_LINE_NR; line++) {
		if (keyrings.list[line])
			warn_line(&keyrings, line, job);
	}
	return rc;
}

/* One input, and the results about it. */
struct examined {
	struct input input;
	struct input_digest digest;
	struct subject subject; /* the image and loader of the input */
	struct judge_rows rows;
	struct report_findings findings;
	enum report_outcome outcome;
	bool has_why;
	struct err why; /* a reason for rejecting it that is not in the rows */
};

static void free_examined(struct examined *examined)
{
	judge_rows_free(&examined->rows);
	input_free(&examined->input);
}

/* The schemes for which findings are listed: those with a signature that is not rejected. */
static scheme_set schemes_in_use(const struct judge_rows *rows)
{
	scheme_set set = 0;

	for (size_t i = 0; i < rows->nr; i++) {
		if (rows->list[i].outcome == JUDGE_VALID ||
		    rows->list[i].outcome == JUDGE_UNDECIDED)
			set |= SCHEME_BIT(rows->list[i].scheme);
	}
	return set;
}

/* Collect the findings about the signed loader. */
static int find_in_loader(const struct options *options, struct examined *examined,
			  scheme_set schemes, struct err *err)
{
	struct input *input = &examined->input;
	struct report_findings *findings = &examined->findings;
	size_t progs = input->kind == INPUT_LSKEL
			       ? prepare_header_progs(&input->lskel, &input->loader)
			       : LOADER_PROGS_UNKNOWN;
	int rc = prepare_judge(&examined->subject, schemes, progs, findings->list, &findings->nr,
			       err);

	/* raw input need not be a loader */
	if (rc == -EBADMSG && input->kind == INPUT_RAW &&
	    !(options->deny.ids & 1u << LOADER_UNKNOWN))
		return 0;
	if (rc != -EBADMSG)
		return rc;
	findings->list[findings->nr] = loader_finding(LOADER_UNKNOWN);
	err_escape(findings->list[findings->nr].where, sizeof(findings->list->where), err->text,
		   strlen(err->text));
	findings->nr++;
	return 0;
}

/* Collect the findings about the header's text. */
static int find(const struct options *options, struct examined *examined, struct err *err)
{
	struct report_findings *findings = &examined->findings;
	const struct input *input = &examined->input;
	scheme_set schemes = schemes_in_use(&examined->rows);
	int rc = schemes ? find_in_loader(options, examined, schemes, err) : 0;

	if (!rc)
		findings->nr += input_find(input, &findings->list[findings->nr]);
	if (!rc && schemes && input->kind == INPUT_LSKEL)
		findings->nr += header_find(&input->lskel, &findings->list[findings->nr]);
	return rc;
}

/* For input without an exclusive hash, the loading program must pass one, so compute it. */
static int add_hashes(struct examined *examined, bool detached, struct err *err)
{
	const struct input *input = &examined->input;

	if (input->kind == INPUT_LSKEL && !(detached && !input_is_signed(input)))
		return 0;
	return scheme_set_excl_hashes(&examined->subject.contents, examined->subject.image, err);
}

static int judge(const struct run *run, struct batch_job *job, struct examined *ret,
		 struct err *err)
{
	const struct options *options = run->options;
	const struct judge_question question = {
		.kernels = options->kernels,
		.schemes = options->shared.schemes,
		.raw = ret->input.kind == INPUT_RAW,
		.allow_unknown = options->allowed & 1u << LOADER_UNKNOWN,
		.allow_uncovered = options->allowed & 1u << LOADER_DATA_UNCOVERED,
		.keyring = trusted_keyring,
		.arg = run->trust,
	};
	int rc = judge_image(&question, &ret->subject, &ret->rows, err);

	return rc ?: warn_refusals(run->trust, job, &ret->rows, err);
}

static int examine(const struct run *run, struct batch_job *job, struct examined *ret,
		   struct err *err)
{
	const struct options *options = run->options;
	struct input *input = &ret->input;
	int rc;

	rc = shared_read_signed(&options->shared, job->i, true,
				options->batch.record ? &ret->digest : NULL, input, err);
	subject_begin(&ret->subject, input_image(input), &input->loader);
	if (!rc)
		rc = add_hashes(ret, options->signature, err);
	if (!rc && options->signature)
		rc = use_detached(options, input_image(input), err);
	if (!rc)
		rc = judge(run, job, ret, err);
	if (!rc)
		rc = find(options, ret, err);
	return rc;
}

/* Reject an input whose text or names do not match its loader: kernels check only the loader. */
static bool has_other_text(const struct input *input, struct err *err)
{
	const struct err *why = input_differs(input);

	if (!why)
		return false;
	*err = *why;
	err->code = -EKEYREJECTED;
	return true;
}

/* Find a reason for rejecting the input that is not in its rows. */
static bool has_objection(const struct run *run, const struct examined *examined, struct err *err)
{
	return has_other_text(&examined->input, err) ||
	       shared_denied(&run->options->deny, examined->findings.list, examined->findings.nr,
			     err);
}

/* Find the first row whose answer is unknown. */
static bool is_untold(const struct judge_rows *rows, struct err *err)
{
	char kernels[KERNEL_TEXT_MAX];

	for (size_t i = 0; i < rows->nr; i++) {
		const struct judge_row *row = &rows->list[i];

		if (row->outcome != JUDGE_UNDECIDED)
			continue;
		err_set(err, -ENOTSUP, "could not tell (%s, %s): %s", scheme_name(row->scheme),
			kernel_set_text(row->kernels, kernels), row->answer.reason);
		return true;
	}
	return false;
}

static enum report_outcome outcome_of(const struct judge_rows *rows)
{
	static const enum report_outcome outcomes[] = {
		[JUDGE_VALID] = REPORT_DONE,
		[JUDGE_REJECTED] = REPORT_REJECTED,
		[JUDGE_UNSIGNED] = REPORT_UNSIGNED,
		[JUDGE_UNDECIDED] = REPORT_FAILED,
	};

	return outcomes[judge_outcome(rows)];
}

/*
 * The only place where an input becomes accepted: every row is valid, and no other reason is
 * against it.
 */
static void decide(const struct run *run, struct batch_job *job, struct examined *examined)
{
	examined->outcome = REPORT_FAILED;
	examined->has_why = examine(run, job, examined, &examined->why);
	if (examined->has_why) {
		if (examined->why.code == ERR_NO_IMAGE)
			examined->outcome = REPORT_UNSIGNED;
		judge_rows_free(&examined->rows);
		examined->findings.nr = 0;
	} else {
		examined->has_why = has_objection(run, examined, &examined->why);
		examined->outcome = examined->has_why ? REPORT_REJECTED
						      : outcome_of(&examined->rows);
		if (!examined->has_why)
			examined->has_why = is_untold(&examined->rows, &examined->why);
	}
}

/* Every result is recorded. If the answer is unknown, only that is. */
static int record_examined(const struct run *run, struct batch_job *job,
			   const struct examined *examined, struct err *err)
{
	const struct err *why = &examined->why;
	char reason[ERR_TEXT_MAX + 32];
	struct report_record_verification verification = {
		.input = {job->file, examined->digest},
		.outcome = examined->outcome,
		.reason = examined->has_why ? reason : NULL,
	};

	if (!run->options->batch.record)
		return 0;
	if (examined->has_why && why->line)
		snprintf(reason, sizeof(reason), "line %u: %s", why->line, why->text);
	else if (examined->has_why)
		snprintf(reason, sizeof(reason), "%s", why->text);
	if (examined->rows.nr) {
		verification.image = input_image((struct input *)&examined->input);
		verification.rows = &examined->rows;
		verification.findings = &examined->findings;
	}
	return report_record_verification(&run->record, &verification, &job->record, err);
}

static void report_examined(struct batch_job *job, const struct examined *examined)
{
	const struct report_findings *findings = &examined->findings;
	const struct report_judged judged = {
		.outcome = examined->outcome,
		.rows = &examined->rows,
		.findings = findings,
		.why = examined->has_why ? &examined->why : NULL,
	};

	report_judged(&job->report, job->file, &judged);
	for (size_t i = 0; i < findings->nr; i++) {
		if (findings->list[i].severity != LOADER_NOTE || job->report.form.verbose)
			report_finding(&job->report, job->file, &findings->list[i]);
	}
}

static int verify_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct run *run = arg;
	_cleanup_(free_examined) struct examined examined = {.digest = {.known = false}};

	decide(run, job, &examined);
	report_examined(job, &examined);
	job->outcome = examined.outcome;
	return record_examined(run, job, &examined, err);
}

/* Read the file of --kernel-config. */
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
	if (!rc)
		rc = hash_sha256_err(buf_view(&text), run->config_sha256, err);
	return rc ? err_prefix(err, "%s", config) : 0;
}

static int keep_cert(void *arg, const char *file, _unused_ bool revoked, _unused_ struct view der,
		     struct err *err)
{
	return places_keep(arg, file, "a certificate that is trusted or revoked", err);
}

/* The record is the only file that is written; it must not replace a file that is read. */
static int keep_files(void *arg, struct places *places, struct err *err)
{
	const struct run *run = arg;
	const struct options *options = run->options;
	int rc = trust_each(run->trust, keep_cert, places, err);

	if (!rc && options->config)
		rc = places_keep(places, options->config, "the kernel's configuration", err);
	if (!rc && options->signature)
		rc = places_keep(places, options->signature, "the signature", err);
	return rc ?: shared_keep_parts(&options->shared, places, err);
}

/* Warn about skipped files in folders of certificates. */
static void report_notes(struct run *run)
{
	const struct trust_note *notes;
	size_t nr = trust_notes(run->trust, &notes);

	for (size_t i = 0; i < nr; i++)
		report_warning(&run->report->run, notes[i].folder, notes[i].text);
}

static int advise(void *arg, const char *file, bool revoked, struct view der,
		  _unused_ struct err *err)
{
	const struct run *run = arg;
	struct report_advice advice = {.cert = file};

	if (!revoked && advice_for_cert(der, run->now, &advice.advice))
		report_advise(&run->report->run, NULL, &advice);
	return 0;
}

/* Trusted certificates that are not valid now still decide, as in kernels. */
static int advise_all(struct run *run, struct err *err)
{
	int rc = advice_now(&run->now, err);

	return rc ?: trust_each(run->trust, advise, run, err);
}

static enum cli_status verify_all(struct run *run)
{
	const struct batch batch = {
		.shared = &run->options->shared,
		.options = &run->options->batch,
		.judges = true,
		.counts = true,
		.report = run->report,
		.work = verify_input,
		.keep = keep_files,
		.arg = run,
	};
	struct err err;
	int rc = run->options->openssl_conf ? crypto_begin_configured(&err)
					    : crypto_begin_plain(&err);

	if (!rc)
		rc = read_config(run, &err);
	if (!rc && run->options->batch.record)
		rc = report_record_begin(&run->record, &err);
	if (!rc)
		rc = trust_new(&run->options->certs, &run->options->revoked,
			       run->options->config ? &run->config : NULL, &run->trust, &err);
	if (!rc)
		rc = advise_all(run, &err);
	if (rc) {
		report_failure(run->report, &err);
		return CLI_UNKNOWN;
	}
	report_notes(run);
	run->record.trust = run->trust;
	run->record.config = run->options->config;
	run->record.config_sha256 = run->config_sha256;
	return batch_run(&batch);
}

static enum cli_status run(void *options, struct report_output *report)
{
	struct run run = {.options = options, .report = report};
	enum cli_status status = verify_all(&run);

	trust_free(run.trust);
	return status;
}

static enum cli_status run_verify(int argc, char **argv)
{
	static const struct shell_command command = {option_table, parse, doc, run};
	struct options options = {
		.shared = {.outcome_names = report_verdict_names, .programs = true},
	};
	enum cli_status status = shell_run(&command, argc, argv, &options, &options.shared,
					   &options.batch);

	free(options.certs.list);
	free(options.revoked.list);
	return status;
}

const struct cmd cmd_verify = {"verify", "verify signatures offline, as the kernel would",
			       run_verify};
