// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_sign.c - bpf-chainsign sign: objects and skeletons in, signed skeletons out.
 *
 * Every signature is put to the verdict room before anything is written.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd_common.h"
#include "file.h"
#include "key.h"
#include "prepare.h"
#include "sign.h"
#include "util.h"

enum {
	KEY_DETACHED = COMMON_KEY_END,
	KEY_RUNTIME,
	KEY_AMBIGUOUS,
	KEY_NO_SEAL,
	KEY_ALLOW,
	KEY_INSNS_FORM,
	KEY_SET,
	KEY_MAX_ENTRIES,
};

struct options {
	struct common common;
	const char *key;
	const char *cert;
	const char *hash;
	const char *output;
	const char *name;
	const char *runtime;
	const char *insns_form;
	bool detached;
	bool allow_ambiguous;
	struct prepare_wishes wishes;
	/* what the texts above mean */
	enum hash_alg hash_alg;
	enum lskel_runtime lskel_runtime;
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Signing:", 1},
	{"key", 'k', "KEY", 0, "Private key, a PEM file (default: $BPF_CHAINSIGN_KEY)", 1},
	{"cert", 'c', "CERT", 0,
	 "The signer's certificate, PEM or DER (default: $BPF_CHAINSIGN_CERT)", 1},
	{"hash", 'm', "ALG", 0, "Message digest: sha256 (default), sha384, sha512", 1},
	{"allow-ambiguous", KEY_AMBIGUOUS, NULL, 0,
	 "Sign a map of 64 bytes with the chain scheme, whose digest can then stand for two other "
	 "maps",
	 1},
	{"allow", KEY_ALLOW, "ID", 0,
	 "Sign in spite of the dangerous finding ID (see inspect); may be repeated", 1},
	{NULL, 0, NULL, 0, "The loader that is signed:", 2},
	{"set", KEY_SET, "VAR=VALUE", 0,
	 "Give the global variable VAR of an object another initial value; may be repeated", 2},
	{"max-entries", KEY_MAX_ENTRIES, "MAP=N", 0, "Give a map another size; may be repeated", 2},
	{"no-seal", KEY_NO_SEAL, NULL, 0,
	 "Keep the loader's bytes, by which the program that loads it can replace initial values and "
	 "map sizes",
	 2},
	{"insns-form", KEY_INSNS_FORM, "FORM", 0,
	 "What the loader for the insns scheme checks: exclusive (default) its map's exclusivity and "
	 "hash, hash-only for kernels before 7.2, 7.1.5 and 6.18.40 the hash alone (CVE-2026-80675)",
	 2},
	{NULL, 0, NULL, 0, "What is written:", 3},
	{"output", 'o', "FILE", 0,
	 "The signed skeleton (default: x.lskel.h beside x.bpf.o or x.o; a header is rewritten in "
	 "place); - is stdout",
	 3},
	{"name", 'n', "NAME", 0, "Name of the object in the skeleton (default: from the file name)",
	 3},
	{"detached", KEY_DETACHED, NULL, 0,
	 "Write OUTPUT.SCHEME.p7s (DER) instead of a skeleton; the input is left alone", 3},
	{"runtime", KEY_RUNTIME, "WHICH", 0,
	 "What loads the image: embedded (default) for all schemes, or libbpf for bpftool's own form "
	 "with one signature (folded by default)",
	 3},
	{0},
};

static void set_hash(struct options *options, struct argp_state *state)
{
	static const enum hash_alg allowed[] = {HASH_SHA256, HASH_SHA384, HASH_SHA512};

	options->hash_alg = HASH_SHA256;
	if (!options->hash)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		options->hash_alg = allowed[i];
		if (!strcmp(options->hash, hash_name(allowed[i])))
			return;
	}
	argp_error(state, "unknown --hash '%s': there are sha256, sha384, sha512", options->hash);
}

static void set_runtime(struct options *options, struct argp_state *state)
{
	options->lskel_runtime = LSKEL_RUNTIME_EMBEDDED;
	if (!options->runtime || !strcmp(options->runtime, "embedded"))
		return;
	if (strcmp(options->runtime, "libbpf"))
		argp_error(state, "unknown --runtime '%s': there are embedded, libbpf",
			   options->runtime);
	options->lskel_runtime = LSKEL_RUNTIME_LIBBPF;
	if (options->detached)
		argp_error(state, "--runtime has no meaning with --detached");
	if (!options->common.schemes)
		options->common.schemes = SCHEME_BIT(SCHEME_FOLDED);
	if (options->common.schemes != SCHEME_BIT(SCHEME_FOLDED))
		argp_error(state, "--runtime libbpf loads the folded scheme alone");
}

static void set_form(struct options *options, struct argp_state *state)
{
	if (!options->insns_form || !strcmp(options->insns_form, "exclusive"))
		return;
	if (strcmp(options->insns_form, "hash-only"))
		argp_error(state, "unknown --insns-form '%s': there are exclusive, hash-only",
			   options->insns_form);
	if (options->wishes.no_seal)
		argp_error(state, "--insns-form has no meaning with --no-seal");
	options->wishes.hash_only = true;
}

static void allow(struct options *options, const char *name, struct argp_state *state)
{
	enum loader_finding_id id;

	if (loader_finding_from_name(name, &id))
		argp_error(state, "--allow: there is no finding '%s'", name);
	options->wishes.allowed |= 1u << id;
}

static void add_pair(struct prepare_pairs *pairs, const char *pair, struct argp_state *state)
{
	const char **list = reallocarray(pairs->list, pairs->nr + 1, sizeof(*list));

	if (!list)
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "option");
	pairs->list = list;
	list[pairs->nr++] = pair;
}

static void check_outputs(const struct options *options, struct argp_state *state)
{
	const struct common *common = &options->common;

	if (common->insns && !options->detached)
		argp_error(state, "raw input has no skeleton to write: add --detached");
	if (options->output && common->nr_files > 1)
		argp_error(state, "--output takes one input file, not %d", common->nr_files);
	if (options->name && common->nr_files > 1)
		argp_error(state, "--name takes one input file, not %d", common->nr_files);
	if (options->output && !strcmp(options->output, "-") && options->detached)
		argp_error(state, "--detached cannot go to stdout: give a file name");
	if (options->output && !strcmp(options->output, "-") && common->json)
		argp_error(state, "--output - and --json both want stdout");
}

static void check_options(struct options *options, struct argp_state *state)
{
	if (!options->key)
		options->key = getenv("BPF_CHAINSIGN_KEY");
	if (!options->cert)
		options->cert = getenv("BPF_CHAINSIGN_CERT");
	if (!options->key || !options->cert)
		argp_error(state, "no %s: give --%s or set BPF_CHAINSIGN_%s",
			   options->key ? "certificate" : "key", options->key ? "cert" : "key",
			   options->key ? "CERT" : "KEY");
	set_hash(options, state);
	set_runtime(options, state);
	set_form(options, state);
	options->wishes.schemes = options->common.schemes;
	check_outputs(options, state);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->common;
		return 0;
	case 'k':
		common_once(state, &options->key, arg, "--key");
		return 0;
	case 'c':
		common_once(state, &options->cert, arg, "--cert");
		return 0;
	case 'm':
		common_once(state, &options->hash, arg, "--hash");
		return 0;
	case 'o':
		common_once(state, &options->output, arg, "--output");
		return 0;
	case 'n':
		common_once(state, &options->name, arg, "--name");
		return 0;
	case KEY_RUNTIME:
		common_once(state, &options->runtime, arg, "--runtime");
		return 0;
	case KEY_DETACHED:
		options->detached = true;
		return 0;
	case KEY_AMBIGUOUS:
		options->allow_ambiguous = true;
		return 0;
	case KEY_NO_SEAL:
		options->wishes.no_seal = true;
		return 0;
	case KEY_ALLOW:
		allow(options, arg, state);
		return 0;
	case KEY_INSNS_FORM:
		common_once(state, &options->insns_form, arg, "--insns-form");
		return 0;
	case KEY_SET:
		add_pair(&options->wishes.values, arg, state);
		return 0;
	case KEY_MAX_ENTRIES:
		add_pair(&options->wishes.sizes, arg, state);
		return 0;
	case ARGP_KEY_SUCCESS:
		check_options(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"Sign BPF objects (.o) and light skeletons (.lskel.h).\v"
	"An object is turned into a loader, and a skeleton is written that carries the loader and "
	"its signatures. A signature that bpf-chainsign verify would not accept is never written.\n"
	"The key's passphrase is taken from $BPF_CHAINSIGN_PASSPHRASE, or from the file that "
	"$BPF_CHAINSIGN_PASSPHRASE_FILE names.";

/* --- the run --- */

struct run {
	const struct options *options;
	struct report report;
	struct key_signer *signer;
	struct sign sign;
};

/* Findings that do not keep the loader from being signed. */
static void report_findings(const struct run *run, const char *file,
			    const struct prepare_result *result)
{
	for (size_t i = 0; i < result->nr_findings; i++)
		report_finding(&run->report, file, &result->findings[i]);
}

/* The loader of INPUT as it is to be signed, and with which schemes. */
static int prepare_input(const struct run *run, struct input *input, const char *file,
			 struct prepare_result *ret, struct err *err)
{
	struct prepare_wishes wishes = run->options->wishes;
	struct skel *skel = input->kind == INPUT_OBJECT ? &input->skel : NULL;
	size_t progs = LOADER_PROGS_UNKNOWN;
	struct prepare_result result = {0};
	int rc;

	wishes.no_seal |= input->kind == INPUT_RAW;
	if (input->kind == INPUT_LSKEL)
		progs = prepare_header_progs(&input->lskel);
	rc = prepare_image(input_image(input), skel, progs, &wishes, &result, err);
	if (rc)
		return rc;
	report_findings(run, file, &result);
	*ret = result;
	return 0;
}

/* Where the skeleton for FILE goes by default: x.bpf.o and x.o give x.lskel.h. Owned. */
static char *default_output(const struct input *input, const char *file)
{
	static const char *const suffixes[] = {".bpf.o", ".o"};
	size_t size = strlen(file);
	char *output;

	if (input->kind != INPUT_OBJECT)
		return strdup(file);
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix = strlen(suffixes[i]);

		if (size > suffix && !strcmp(file + size - suffix, suffixes[i])) {
			size -= suffix;
			break;
		}
	}
	return asprintf(&output, "%.*s.lskel.h", (int)size, file) < 0 ? NULL : output;
}

/* The skeleton around the image, for an object as for a header. */
static int write_skeleton(struct run *run, struct input *input, const char *output, struct err *err)
{
	_buf_ struct buf text = {0};
	int rc = 0;

	if (input->kind == INPUT_OBJECT)
		rc = lskel_new(&input->skel, &input->image, &input->lskel, err);
	if (!rc)
		rc = lskel_write(&input->lskel, run->options->lskel_runtime, &text, err);
	if (rc)
		return rc;
	if (!strcmp(output, "-")) {
		buf_add_view(&run->report.text, buf_view(&text));
		return 0;
	}
	rc = file_replace(output, buf_view(&text), err);
	return rc ? err_prefix(err, "%s", output) : 0;
}

static int write_detached(const struct image *image, const char *output,
			  struct sign_made *signatures, char **names, size_t nr, struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		enum scheme scheme = signatures[i].scheme;
		int rc;

		if (asprintf(&names[i], "%s.%s.p7s", output, scheme_name(scheme)) < 0) {
			names[i] = NULL;
			return err_nomem(err);
		}
		rc = file_replace(names[i], buf_view(&image->sig[scheme]), err);
		if (rc)
			return err_prefix(err, "%s", names[i]);
		signatures[i].file = names[i];
	}
	return 0;
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

static int sign_input(void *arg, int i, _unused_ enum cli_status *ret, struct err *err)
{
	struct run *run = arg;
	const struct options *options = run->options;
	const char *file = common_input_name(&options->common, i);
	struct sign_made signatures[SCHEME_NR] = {0};
	char *names[SCHEME_NR] = {0};
	_cleanup_(freep) char *own_output = NULL;
	_input_ struct input input = {0};
	struct prepare_result prepared = {0};
	const char *output;
	size_t nr = 0;
	int rc;

	rc = common_read(&options->common, i, options->name, &input, err);
	if (!rc)
		rc = refuse_odd_value(&input, err);
	if (!rc)
		rc = prepare_input(run, &input, file, &prepared, err);
	if (!rc)
		rc = sign_image(&run->sign, input_image(&input), prepared.schemes, signatures, &nr,
				err);
	if (rc)
		return rc;
	own_output = default_output(&input, file);
	if (!own_output)
		return err_nomem(err);
	output = options->output ?: own_output;
	if (options->detached)
		rc = write_detached(input_image(&input), output, signatures, names, nr, err);
	else
		rc = write_skeleton(run, &input, output, err);
	if (!rc && strcmp(output, "-"))
		report_signed(&run->report, file, options->detached ? NULL : output,
			      key_signer_title(run->signer), key_signer_skid(run->signer),
			      signatures, nr);
	if (!rc && strcmp(output, "-") && prepared.closed)
		report_sealed(&run->report);
	for (size_t n = 0; n < SCHEME_NR; n++)
		free(names[n]);
	return rc;
}

static void advise(void *arg, const char *advice)
{
	const struct run *run = arg;

	report_warning(&run->report, run->options->cert, advice);
}

static enum cli_status sign_all(struct run *run)
{
	struct err err;

	if (key_signer_load(run->options->key, run->options->cert, &run->signer, &err)) {
		report_error(&run->report, NULL, &err);
		return CLI_UNKNOWN;
	}
	key_signer_advice(run->signer, advise, run);
	run->sign = (struct sign){
		.signer = run->signer,
		.hash = run->options->hash_alg,
		.allow_ambiguous = run->options->allow_ambiguous,
	};
	return common_each(&run->options->common, &run->report, sign_input, run);
}

static enum cli_status run_sign(int argc, char **argv)
{
	static const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
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

	argp_parse(&argp, argc, argv, 0, NULL, &options);
	common_report(&options.common, &run.report);
	status = report_end(&run.report, sign_all(&run));
	sign_end(&run.sign);
	key_signer_free(run.signer);
	free(options.wishes.values.list);
	free(options.wishes.sizes.list);
	return status;
}

const struct cmd cmd_sign = {"sign", "sign BPF objects and light skeletons", run_sign};
