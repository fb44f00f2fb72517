// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_sign.c - bpf-chainsign sign: objects and skeletons in, signed skeletons out. The options;
 * what is done with them is in cmd_sign_modes.c.
 */
#include "cmd_sign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cmd_shell.h"
#include "verdict.h"

enum {
	KEY_DETACHED = SHARED_KEY_END,
	KEY_RUNTIME,
	KEY_AMBIGUOUS,
	KEY_NO_SEAL,
	KEY_ALLOW,
	KEY_INSNS_FORM,
	KEY_KERNEL,
	KEY_SET,
	KEY_MAX_ENTRIES,
	KEY_LOAD,
	KEY_SKIP,
	KEY_PREPARE,
	KEY_ATTACH,
	KEY_STRIP,
	KEY_PKCS11_MODULE,
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Signing:", 1},
	{"key", 'k', "KEY", 0,
	 "Private key: a PEM or PKCS#12 file, or a pkcs11: URI (default: $BPF_CHAINSIGN_KEY); may be "
	 "repeated, with a --cert for each",
	 1},
	{"cert", 'c', "CERT", 0,
	 "The signer's certificate: a PEM, DER or PKCS#12 file, or a pkcs11: URI (default: "
	 "$BPF_CHAINSIGN_CERT, or the one with the key). Several signers: repeat both, the first key goes with the first certificate",
	 1},
	{"pkcs11-module", KEY_PKCS11_MODULE, "FILE", 0,
	 "Module of the token that holds the key (default: module-path in the URI, or p11-kit's)",
	 1},
	{"hash", 'm', "ALG", 0, "Message digest: sha256 (default), sha384, sha512", 1},
	{"allow-ambiguous", KEY_AMBIGUOUS, NULL, 0,
	 "Sign a map of 64 bytes with the chain scheme, whose digest can then stand for two other "
	 "maps",
	 1},
	{"allow", KEY_ALLOW, "ID", 0,
	 "Sign even though the dangerous finding ID was reported (see inspect); changed: sign a header that "
	 "was changed after it was signed; may be repeated",
	 1},
	{"deny", SHARED_KEY_DENY, "ID", 0, SHARED_DENY_HELP, 1},
	{"kernel", KEY_KERNEL, "VERSION", 0,
	 "Make the signatures that these kernels need, and refuse if one of them would not load it: a "
	 "version, a range (6.18.40..7.4), chain, several with commas between them, or all",
	 1},
	{NULL, 0, NULL, 0, "The loader that is signed:", 2},
	{"set", KEY_SET, "VAR=VALUE", 0,
	 "Give the global variable VAR of an object another initial value; may be repeated", 2},
	{"max-entries", KEY_MAX_ENTRIES, "MAP=N", 0, "Give a map another size; may be repeated", 2},
	{"load", KEY_LOAD, "PROG", 0,
	 "Load the program PROG of an object although its section makes it optional (SEC(\"?...\")); PROG "
	 "may be a pattern (handle_*); may be repeated",
	 2},
	{"skip", KEY_SKIP, "PROG", 0,
	 "Do not load the program PROG; may be a pattern, and repeated", 2},
	{"no-seal", KEY_NO_SEAL, NULL, 0,
	 "Keep the loader's bytes, by which the program that loads it can replace initial values and "
	 "map sizes",
	 2},
	{"insns-form", KEY_INSNS_FORM, "FORM", 0,
	 "What the loader for the insns scheme checks: exclusive (default) its map's exclusivity and "
	 "hash; hash-only, for kernels without struct bpf_map.excl (before 7.2, but for 7.1.5 and 6.18.40 "
	 "and their successors), the hash alone (CVE-2026-80675); exclusive,hash-only: both, tried in "
	 "this order",
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
	 "with one signature, of the folded scheme",
	 3},
	{NULL, 0, NULL, 0, "Where the key is elsewhere:", 4},
	{"prepare", KEY_PREPARE, "DIR", 0,
	 "Write what is to be signed into the new folder DIR (NAME.SCHEME.content and .digest, and the "
	 "manifest NAME.json); needs no key",
	 4},
	{"attach", KEY_ATTACH, "DIR", 0,
	 "Take the signatures from the folder DIR (NAME.SCHEME.p7s: CMS, or .sig: raw); give --cert, "
	 "and the same files and options as to --prepare",
	 4},
	{"strip", KEY_STRIP, NULL, 0,
	 "Write the header without its signatures; needs no key, and takes --output alone", 4},
	{0},
};

static void set_hash(struct sign_options *options, struct argp_state *state)
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

static void set_runtime(struct sign_options *options, struct argp_state *state)
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
	if (!options->shared.schemes)
		options->shared.schemes = SCHEME_BIT(SCHEME_FOLDED);
	if (options->shared.schemes != SCHEME_BIT(SCHEME_FOLDED))
		argp_error(state, "--runtime libbpf loads the folded scheme alone");
}

static void set_form(struct sign_options *options, struct argp_state *state)
{
	const char *form = options->insns_form;
	bool hash_only = form && !strcmp(form, "hash-only");
	bool both = form &&
		    (!strcmp(form, "exclusive,hash-only") || !strcmp(form, "hash-only,exclusive"));

	if (form && !hash_only && !both && strcmp(form, "exclusive"))
		argp_error(
			state,
			"unknown --insns-form '%s': expected exclusive, hash-only, or both with a "
			"comma between them",
			form);
	if ((hash_only || both) && options->preparation.no_seal)
		argp_error(state, "--insns-form has no meaning with --no-seal");
	options->preparation.hash_only = hash_only;
	options->preparation.also_hash = both;
}

/* The schemes that KERNELS check. */
static scheme_set schemes_of(kernel_set kernels)
{
	scheme_set set = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (scheme != SCHEME_INSNS_HASH && verdict_kernels(scheme) & kernels)
			set |= SCHEME_BIT(scheme);
	}
	return set;
}

static void set_kernels(struct sign_options *options, struct argp_state *state)
{
	struct err err;

	if (!options->kernel)
		return;
	if (kernel_parse(options->kernel, &options->kernels, &err))
		shared_bad_value(state, "--kernel", &err);
	if (!options->shared.schemes)
		options->shared.schemes = schemes_of(options->kernels);
}

static void allow(struct sign_options *options, const char *name, struct argp_state *state)
{
	enum loader_finding_id id;

	if (loader_finding_from_name(name, &id))
		argp_error(state, "--allow: there is no finding '%s'", name);
	options->preparation.allowed |= 1u << id;
}

/* The same name before the '='; or the 15 characters of it that a kernel knows, and it whole. */
static bool is_same_name(const char *pair, const char *other)
{
	size_t size = strcspn(pair, "="), room = strcspn(other, "=");

	if (size > room)
		return is_same_name(other, pair);
	return (size == room || size == LOADER_NAME_SIZE - 1) && !memcmp(pair, other, size);
}

/* Append STRING, an option's, to LIST of *nr. */
static void append(const char ***list, size_t *nr, const char *string, struct argp_state *state)
{
	const char **longer = reallocarray(*list, *nr + 1, sizeof(*longer));

	if (!longer) {
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "option");
		return;
	}
	*list = longer;
	longer[(*nr)++] = string;
}

static void add_pair(struct prepare_pairs *pairs, const char *option, const char *pair,
		     struct argp_state *state)
{
	for (size_t i = 0; i < pairs->nr; i++) {
		if (is_same_name(pair, pairs->list[i]))
			argp_error(state, "%s is given twice for one name: %s, %s", option,
				   pairs->list[i], pair);
	}
	append(&pairs->list, &pairs->nr, pair, state);
}

static void set_mode(struct sign_options *options, enum sign_mode mode, const char *folder,
		     struct argp_state *state)
{
	if (options->mode != SIGN_HERE)
		argp_error(state, "give one of --prepare, --attach and --strip, once");
	options->mode = mode;
	options->folder = folder;
}

/* What a mode has no use for. */
static void check_mode(const struct sign_options *options, struct argp_state *state)
{
	static const char *const names[SIGN_MODE_NR] = {
		[SIGN_PREPARE] = "--prepare", [SIGN_ATTACH] = "--attach", [SIGN_STRIP] = "--strip"};
	const unsigned int prepare = 1u << SIGN_PREPARE, attach = 1u << SIGN_ATTACH,
			   strip = 1u << SIGN_STRIP;
	const struct prepare_options *preparation = &options->preparation;
	const struct {
		const char *name;
		bool given;
		unsigned int modes;
	} useless[] = {
		{"--key", options->nr_keys, prepare | attach | strip},
		{"--detached", options->detached, prepare | strip},
		{"--cert", options->nr_certs, strip},
		{"--pkcs11-module", options->pkcs11_module, strip},
		{"--hash", options->hash, strip},
		{"--name", options->name, strip},
		{"--runtime", options->runtime, strip},
		{"--insns-form", options->insns_form, strip},
		{"--allow-ambiguous", options->allow_ambiguous, strip},
		{"--allow", preparation->allowed, strip},
		{"--kernel", options->kernel, strip},
		{"--deny", options->deny.ids || options->deny.dangers, strip},
		{"--no-seal", preparation->no_seal, strip},
		{"--set", preparation->values.nr, strip},
		{"--max-entries", preparation->sizes.nr, strip},
		{"--load", options->choice.nr_load, strip},
		{"--skip", options->choice.nr_skip, strip},
		{"--scheme", options->shared.schemes, strip},
		{"--insns", options->shared.insns, strip},
		{"--record", options->batch.record, prepare | strip},
	};

	for (size_t i = 0; i < ARRAY_SIZE(useless); i++) {
		if (useless[i].given && useless[i].modes & 1u << options->mode)
			argp_error(state, "%s has no meaning with %s", useless[i].name,
				   names[options->mode]);
	}
}

static void check_outputs(const struct sign_options *options, struct argp_state *state)
{
	const struct shared_options *shared = &options->shared;
	bool many = batch_is_many(&options->batch, shared);

	if (shared->insns && !options->detached && options->mode != SIGN_PREPARE)
		argp_error(state, "raw input has no skeleton to write: add --detached");
	if (options->output && many)
		argp_error(state, "--output takes one input file");
	if (options->name && many)
		argp_error(state, "--name takes one input file");
	if (options->output && !strcmp(options->output, "-") && options->detached)
		argp_error(state, "--detached cannot go to stdout: give a file name");
	if (options->output && !strcmp(options->output, "-") && options->mode == SIGN_PREPARE)
		argp_error(state, "--prepare has nothing for stdout: --output names the header");
	if (options->output && !strcmp(options->output, "-") && options->batch.record)
		argp_error(state, "--record needs an output that has a name: it cannot be stdout");
	if (options->output && !strcmp(options->output, "-") && shared->json)
		argp_error(state, "--output - and --json both want stdout");
}

static void add_key(struct sign_options *options, const char *key, struct argp_state *state)
{
	if (options->nr_keys == KEY_SIGNERS_MAX)
		argp_error(state, "more than %d signers", KEY_SIGNERS_MAX);
	options->signers[options->nr_keys++].key = key;
}

static void add_cert(struct sign_options *options, const char *cert, struct argp_state *state)
{
	if (options->nr_certs == KEY_SIGNERS_MAX)
		argp_error(state, "more than %d signers", KEY_SIGNERS_MAX);
	options->signers[options->nr_certs++].cert = cert;
}

/* What is not given comes from the environment; keys and certificates are as many. */
static void check_signers(struct sign_options *options, struct argp_state *state)
{
	const char *key = getenv("BPF_CHAINSIGN_KEY");
	const char *cert = getenv("BPF_CHAINSIGN_CERT");

	if (!options->nr_keys && key)
		add_key(options, key, state);
	if (!options->nr_keys)
		argp_error(state, "no key: give --key or set BPF_CHAINSIGN_KEY");
	if (!options->nr_certs && cert && options->nr_keys == 1)
		add_cert(options, cert, state);
	for (size_t i = 0; i < options->nr_keys; i++)
		options->signers[i].pkcs11_module = options->pkcs11_module;
	if (options->nr_certs && options->nr_certs != options->nr_keys)
		argp_error(
			state,
			"%zu keys, but %zu certificate%s: give one --cert for each --key, in the "
			"same order",
			options->nr_keys, options->nr_certs, options->nr_certs == 1 ? "" : "s");
}

/* Signatures are made elsewhere, or were. */
static void check_certs(struct sign_options *options, struct argp_state *state)
{
	const char *cert = getenv("BPF_CHAINSIGN_CERT");

	if (!options->nr_certs && cert)
		add_cert(options, cert, state);
	if (!options->nr_certs && options->mode == SIGN_ATTACH)
		argp_error(state, "no certificate: give --cert or set BPF_CHAINSIGN_CERT");
}

/* What inputs of each outcome are called; DONE differs. */
#define OUTCOME_NAMES(done)                                         \
	{                                                           \
		[REPORT_DONE] = (done), [REPORT_FAILED] = "failed", \
		[REPORT_SKIPPED] = "not looked at",                 \
	}

static const char *const outcome_names[SIGN_MODE_NR][REPORT_OUTCOME_NR] = {
	[SIGN_HERE] = OUTCOME_NAMES("signed"),
	[SIGN_PREPARE] = OUTCOME_NAMES("prepared"),
	[SIGN_ATTACH] = OUTCOME_NAMES("signed"),
	[SIGN_STRIP] = OUTCOME_NAMES("stripped"),
};

static void check_options(struct sign_options *options, struct argp_state *state)
{
	check_mode(options, state);
	options->shared.outcome_names = outcome_names[options->mode];
	options->batch.objects = options->mode != SIGN_STRIP; /* which have no signatures */
	if (options->mode == SIGN_HERE)
		check_signers(options, state);
	else if (options->mode != SIGN_STRIP)
		check_certs(options, state);
	set_hash(options, state);
	set_kernels(options, state);
	set_runtime(options, state);
	set_form(options, state);
	options->preparation.schemes = options->shared.schemes;
	check_outputs(options, state);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sign_options *options = state->input;

	switch (key) {
	case 'k':
		add_key(options, arg, state);
		return 0;
	case 'c':
		add_cert(options, arg, state);
		return 0;
	case KEY_PKCS11_MODULE:
		shared_once(state, &options->pkcs11_module, arg, "--pkcs11-module");
		return 0;
	case 'm':
		shared_once(state, &options->hash, arg, "--hash");
		return 0;
	case 'o':
		shared_once(state, &options->output, arg, "--output");
		return 0;
	case 'n':
		shared_once(state, &options->name, arg, "--name");
		return 0;
	case KEY_RUNTIME:
		shared_once(state, &options->runtime, arg, "--runtime");
		return 0;
	case KEY_DETACHED:
		options->detached = true;
		return 0;
	case KEY_PREPARE:
		set_mode(options, SIGN_PREPARE, arg, state);
		return 0;
	case KEY_ATTACH:
		set_mode(options, SIGN_ATTACH, arg, state);
		return 0;
	case KEY_STRIP:
		set_mode(options, SIGN_STRIP, NULL, state);
		return 0;
	case KEY_AMBIGUOUS:
		options->allow_ambiguous = true;
		return 0;
	case KEY_NO_SEAL:
		options->preparation.no_seal = true;
		return 0;
	case KEY_ALLOW:
		allow(options, arg, state);
		return 0;
	case KEY_INSNS_FORM:
		shared_once(state, &options->insns_form, arg, "--insns-form");
		return 0;
	case KEY_KERNEL:
		shared_once(state, &options->kernel, arg, "--kernel");
		return 0;
	case SHARED_KEY_DENY:
		shared_deny(&options->deny, arg, state);
		return 0;
	case KEY_SET:
		add_pair(&options->preparation.values, "--set", arg, state);
		return 0;
	case KEY_MAX_ENTRIES:
		add_pair(&options->preparation.sizes, "--max-entries", arg, state);
		return 0;
	case KEY_LOAD:
		append(&options->choice.load, &options->choice.nr_load, arg, state);
		return 0;
	case KEY_SKIP:
		append(&options->choice.skip, &options->choice.nr_skip, arg, state);
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
	"Passphrase and PIN are taken from $BPF_CHAINSIGN_PASSPHRASE and $BPF_CHAINSIGN_PIN, from the "
	"files that $BPF_CHAINSIGN_PASSPHRASE_FILE and $BPF_CHAINSIGN_PIN_FILE name, or asked for at a "
	"terminal.";

static enum cli_status run(void *options, struct report_output *report)
{
	return sign_inputs(options, report);
}

static enum cli_status run_sign(int argc, char **argv)
{
	static const struct shell_command command = {option_table, parse, doc, run};
	struct sign_options options = {.batch.writes = true};
	enum cli_status status = shell_run(&command, argc, argv, &options, &options.shared,
					   &options.batch);

	free(options.preparation.values.list);
	free(options.preparation.sizes.list);
	free(options.choice.load);
	free(options.choice.skip);
	return status;
}

const struct cmd cmd_sign = {"sign", "sign BPF objects and light skeletons", run_sign};
