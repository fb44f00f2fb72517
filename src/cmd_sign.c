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
#include "cms.h"
#include "file.h"
#include "key.h"
#include "loader/loader.h"
#include "util.h"
#include "verdict.h"

enum {
	KEY_DETACHED = COMMON_KEY_END,
	KEY_RUNTIME,
	KEY_AMBIGUOUS,
};

struct options {
	struct common common;
	const char *key;
	const char *cert;
	const char *hash;
	const char *output;
	const char *name;
	const char *runtime;
	bool detached;
	bool allow_ambiguous;
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
	{NULL, 0, NULL, 0, "What is written:", 2},
	{"output", 'o', "FILE", 0,
	 "The signed skeleton (default: x.lskel.h beside x.bpf.o or x.o; a header is rewritten in "
	 "place); - is stdout",
	 2},
	{"name", 'n', "NAME", 0, "Name of the object in the skeleton (default: from the file name)",
	 2},
	{"detached", KEY_DETACHED, NULL, 0,
	 "Write OUTPUT.SCHEME.p7s (DER) instead of a skeleton; the input is left alone", 2},
	{"runtime", KEY_RUNTIME, "WHICH", 0,
	 "What loads the image: embedded (default) for all schemes, or libbpf for bpftool's own form "
	 "with one signature (folded by default)",
	 2},
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
	if (options->common.schemes == SCHEME_BIT(SCHEME_INSNS))
		argp_error(
			state,
			"the insns scheme is verified but not signed: it covers no map contents");
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
	struct kv_keyring *keyrings[KV_LINE_NR]; /* each trusts the signer's certificate alone */
};

/* The keyring of LINE, made when it is first needed. */
static int own_keyring(struct run *run, enum kv_line line, struct kv_keyring **ret, struct err *err)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	int rc;

	if (run->keyrings[line]) {
		*ret = run->keyrings[line];
		return 0;
	}
	rc = kv_keyring_new(line, &keyring);
	if (rc)
		return err_nomem(err);
	rc = kv_keyring_add(keyring, key_signer_cert(run->signer), &answer, err);
	if (rc)
		return rc;
	if (answer.code)
		return err_set(err, answer.code,
			       "%s: %s does not take this certificate into a keyring: %s (%s)",
			       run->options->cert, kv_line_title(line), kv_errno_name(answer.code),
			       answer.reason);
	*ret = run->keyrings[line] = take_ptr(keyring);
	return 0;
}

/* What verify would say to the signature that was just made. */
static int check_own(struct run *run, const struct image *image, enum scheme scheme,
		     struct err *err)
{
	enum kv_line line = verdict_line(scheme);
	struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	int rc;

	rc = own_keyring(run, line, &keyring, err);
	if (!rc)
		rc = verdict_ask(image, scheme, buf_view(&image->sig[scheme]), line, keyring, NULL,
				 &answer, err);
	if (rc)
		return rc;
	if (answer.code)
		return err_set(err, answer.code, "%s would refuse the new %s signature: %s (%s)",
			       kv_line_title(line), scheme_name(scheme), kv_errno_name(answer.code),
			       answer.reason);
	return 0;
}

/* Sign IMAGE with SCHEME; fills image->sig[SCHEME] and *ret. */
static int sign_scheme(struct run *run, struct image *image, enum scheme scheme,
		       struct report_signature *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	int rc;

	rc = scheme_content(scheme, image, &content, err);
	if (rc)
		return rc;
	if (scheme == SCHEME_CHAIN)
		memcpy(ret->digest, content.data, sizeof(ret->digest));
	else if (hash_sha256(buf_view(&content), ret->digest))
		return err_nomem(err);
	rc = cms_sign(run->signer, run->options->hash_alg, buf_view(&content), &image->sig[scheme],
		      err);
	if (rc)
		return rc;
	ret->scheme = scheme;
	ret->size = image->sig[scheme].size;
	return check_own(run, image, scheme, err);
}

/* The schemes to sign with: what was asked for, or what the input allows. */
static scheme_set choose_schemes(const struct run *run, const struct image *image, const char *file)
{
	const struct common *common = &run->options->common;
	const scheme_set signable = SCHEME_BIT(SCHEME_CHAIN) | SCHEME_BIT(SCHEME_FOLDED);
	scheme_set set = (common->schemes ?: SCHEME_ALL) & signable;

	if (!loader_has_check(image))
		return set;
	if (!common->schemes || common->schemes == SCHEME_ALL) {
		report_warning(
			&run->report, file,
			"the loader checks its own map, which fails on Linux 7.3: signed with "
			"chain alone");
		return SCHEME_BIT(SCHEME_CHAIN);
	}
	if (set & SCHEME_BIT(SCHEME_FOLDED))
		report_warning(
			&run->report, file,
			"the loader checks its own map, which fails on Linux 7.3 although the "
			"folded signature is accepted there");
	return set;
}

static int refuse_ambiguous(const struct run *run, const struct image *image, scheme_set schemes,
			    struct err *err)
{
	const struct image_map *map = scheme_ambiguous_map(image);

	if (!map || !(schemes & SCHEME_BIT(SCHEME_CHAIN)) || run->options->allow_ambiguous)
		return 0;
	return err_set(
		err, -EPERM,
		"map %s is hashed as 64 bytes: a hash chain over it is also one over two other "
		"maps; change its size, sign with --scheme folded, or insist with "
		"--allow-ambiguous",
		map->name);
}

/* Put new signatures into IMAGE, and only these. */
static int sign_image(struct run *run, struct image *image, const char *file,
		      struct report_signature *signatures, size_t *ret_nr, struct err *err)
{
	scheme_set schemes = choose_schemes(run, image, file);
	uint8_t hash[HASH_SHA256_SIZE];
	size_t nr = 0;
	int rc;

	rc = refuse_ambiguous(run, image, schemes, err);
	if (!rc)
		rc = scheme_excl_hash(image, SCHEME_FOLDED, hash, err);
	if (rc)
		return rc;
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		buf_free(&image->sig[scheme]);
	buf_free(&image->sig_unnamed);
	buf_free(&image->excl_hash);
	buf_add(&image->excl_hash, hash, sizeof(hash));
	rc = buf_done(&image->excl_hash, err);
	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (schemes & SCHEME_BIT(scheme))
			rc = sign_scheme(run, image, scheme, &signatures[nr++], err);
	}
	*ret_nr = nr;
	return rc;
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
			  struct report_signature *signatures, char **names, size_t nr,
			  struct err *err)
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
	struct report_signature signatures[SCHEME_NR] = {0};
	char *names[SCHEME_NR] = {0};
	_cleanup_(freep) char *own_output = NULL;
	_input_ struct input input = {0};
	const char *output;
	size_t nr;
	int rc;

	rc = common_read(&options->common, i, options->name, &input, err);
	if (!rc)
		rc = refuse_odd_value(&input, err);
	if (!rc)
		rc = sign_image(run, input_image(&input), file, signatures, &nr, err);
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
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		kv_keyring_free(run.keyrings[line]);
	key_signer_free(run.signer);
	return status;
}

const struct cmd cmd_sign = {"sign", "sign BPF objects and light skeletons", run_sign};
