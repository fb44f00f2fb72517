// SPDX-License-Identifier: BSD-2-Clause
/* cmd_sign.c - the options of bpf-chainsign sign. cmd_sign_modes.c does the work. */
#include "cmd_sign.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "cmd_shell.h"
#include "verdict.h"

enum {
	KEY_DETACHED = SHARED_KEY_END,
	KEY_RUNTIME,
	KEY_FORMAT,
	KEY_AMBIGUOUS,
	KEY_NO_SEAL,
	KEY_ALLOW,
	KEY_INSNS_FORM,
	KEY_KERNEL,
	KEY_SET,
	KEY_KCONFIG,
	KEY_VALUES,
	KEY_MAX_ENTRIES,
	KEY_LOAD,
	KEY_SKIP,
	KEY_TYPE,
	KEY_TARGET,
	KEY_PREPARE,
	KEY_ATTACH,
	KEY_STRIP,
	KEY_UNSIGNED,
	KEY_OUTPUT_DIR,
	KEY_CHECK,
	KEY_PKCS11_MODULE,
};

static const struct argp_option option_table[] = {
	{NULL, 0, NULL, 0, "Signing:", 1},
	{"key", 'k', "KEY", 0,
	 "The private key: a PEM, DER or PKCS#12 file, a pkcs11: URI, env:NAME (a variable) or fd:N (an open descriptor); default: $BPF_CHAINSIGN_KEY, and for more signers $BPF_CHAINSIGN_KEY_2 and so on; may be repeated, with one --cert for each",
	 1},
	{"cert", 'c', "CERT", 0,
	 "The certificate of the key: a PEM, DER or PKCS#12 file, a pkcs11: URI, env:NAME or fd:N (default: "
	 "$BPF_CHAINSIGN_CERT, or the one stored with the key); repeated, in the order of the keys",
	 1},
	{"pkcs11-module", KEY_PKCS11_MODULE, "FILE", 0,
	 "The PKCS#11 module of the key's token (default: module-path in the URI, or p11-kit's)",
	 1},
	{"check-key", KEY_CHECK, NULL, 0,
	 "Try the key, the certificate and the token, and sign nothing; allows no FILE", 1},
	{"hash", 'm', "ALG", 0,
	 "The message digest of signatures: sha256 (default), sha384 or sha512", 1},
	{"allow-ambiguous", KEY_AMBIGUOUS, NULL, 0,
	 "Sign a map of 64 bytes with the chain scheme, although the same digest could stand for "
	 "two other maps",
	 1},
	{"allow", KEY_ALLOW, "ID", 0,
	 "Sign even though the dangerous finding ID was reported (inspect lists them); changed: "
	 "sign a header again although it was changed after it was signed; may be repeated",
	 1},
	{"deny", SHARED_KEY_DENY, "ID", 0, SHARED_DENY_HELP, 1},
	{"kernel", KEY_KERNEL, "VERSION", 0,
	 "Make the signatures that these kernels need, and fail if one of them would not load the "
	 "result: a version (7.3), a range (6.18.40..7.4), chain, several of these separated by "
	 "commas, or all",
	 1},
	{NULL, 0, NULL, 0, "Loader:", 2},
	{"set", KEY_SET, "VAR=VALUE", 0,
	 "Set the initial value of an object's global variable VAR, or of a part of it (cfg.limit, "
	 "table[3]), or of an option or version of the kernel that it asks for (CONFIG_HZ=250, "
	 "LINUX_KERNEL_VERSION=6.12.3); may be repeated",
	 2},
	{"kconfig", KEY_KCONFIG, "FILE", 0,
	 "Set the options of the kernel that an object asks for (extern CONFIG_* __kconfig) to "
	 "their values in FILE: the .config of the kernel that loads it, or config.gz",
	 2},
	{"values", KEY_VALUES, "FILE", 0,
	 "Set the initial values in FILE, a JSON object of an object's variables: {\"level\": 3, \"cfg\": {\"limit\": 5}}",
	 2},
	{"max-entries", KEY_MAX_ENTRIES, "MAP=N", 0,
	 "Set the number of entries of the map MAP; may be repeated", 2},
	{"load", KEY_LOAD, "PROG", 0,
	 "Load the object's program PROG even if it is optional (SEC(\"?...\")); PROG may be a pattern (handle_*); may be repeated",
	 2},
	{"skip", KEY_SKIP, "PROG", 0,
	 "Do not load the object's program PROG; PROG may be a pattern; may be repeated", 2},
	{"type", KEY_TYPE, "PROG=TYPE", 0,
	 "Give the object's program PROG a type that its section does not tell: the name of a section of libbpf (xdp, fentry), or of a type (sched_cls), and after a colon how it attaches (sched_cls:tcx_ingress); PROG may be a pattern; may be repeated",
	 2},
	{"attach-target", KEY_TARGET, "PROG=FUNC", 0,
	 "Attach the object's program PROG (fentry, fexit, fmod_ret, lsm, tp_btf, iter, raw_tp) to FUNC; PROG may be a pattern; may be repeated",
	 2},
	{"no-seal", KEY_NO_SEAL, NULL, 0,
	 "Do not seal the loader: the loading program can still replace initial values and map "
	 "sizes",
	 2},
	{"insns-form", KEY_INSNS_FORM, "FORM", 0,
	 "What the loader checks in the insns scheme: exclusive (default), that its map is "
	 "exclusive and has the signed hash; hash-only, only the hash, for kernels without struct "
	 "bpf_map.excl (before 6.18.40, 6.19, 7.0, before 7.1.5), which leaves CVE-2026-80675 "
	 "open; exclusive,hash-only: two signatures, for both kinds of kernel",
	 2},
	{NULL, 0, NULL, 0, "Output:", 3},
	{"output", 'o', "FILE", 0,
	 "Write the signed header or image to FILE; - means stdout (default: x.lskel.h next to "
	 "x.bpf.o or x.o; a header or image is rewritten in place)",
	 3},
	{"output-dir", KEY_OUTPUT_DIR, "DIR", 0,
	 "Write the output of each FILE to the folder DIR, under the name that it would have next to FILE",
	 3},
	{"format", KEY_FORMAT, "WHICH", 0,
	 "Write header (x.lskel.h, for programs in C and C++), or image (x.bpf.signed, one file for programs in any language); default: by the name of the output, or as the input",
	 3},
	{"name", 'n', "NAME", 0,
	 "The name of the object in the skeleton; {} in it stands for the name that is made from the file name (default: {})",
	 3},
	{"detached", KEY_DETACHED, NULL, 0,
	 "Write only the signatures, to OUTPUT.SCHEME.p7s (DER); the input is not changed", 3},
	{"runtime", KEY_RUNTIME, "WHICH", 0,
	 "The code that loads the image: embedded (default), which is part of the header and "
	 "supports all schemes; or libbpf, as bpftool -S writes it, with one signature of the "
	 "folded scheme",
	 3},
	{NULL, 0, NULL, 0, "Keys on another machine:", 4},
	{"prepare", KEY_PREPARE, "DIR", 0,
	 "Step 1: write the bytes to be signed to the new folder DIR (NAME.SCHEME.content and "
	 ".digest, and a manifest NAME.json); needs no key",
	 4},
	{"attach", KEY_ATTACH, "DIR", 0,
	 "Step 2: read the signatures in the folder DIR (NAME.SCHEME.p7s: CMS, or "
	 "NAME.SCHEME.sig: raw); needs --cert, and the same files and options as step 1",
	 4},
	{"strip", KEY_STRIP, NULL, 0,
	 "Remove the signatures from a header; needs no key, and allows only --output", 4},
	{"unsigned", KEY_UNSIGNED, NULL, 0,
	 "Write the same header or image without signatures, for a build without a key: it loads only where the program does not enforce signatures",
	 4},
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
	argp_error(state, "unknown --hash '%s': expected sha256, sha384 or sha512", options->hash);
}

static void set_runtime(struct sign_options *options, struct argp_state *state)
{
	options->lskel_runtime = LSKEL_RUNTIME_EMBEDDED;
	if (!options->runtime || !strcmp(options->runtime, "embedded"))
		return;
	if (strcmp(options->runtime, "libbpf"))
		argp_error(state, "unknown --runtime '%s': expected embedded or libbpf",
			   options->runtime);
	options->lskel_runtime = LSKEL_RUNTIME_LIBBPF;
	if (options->detached)
		argp_error(state, "--runtime cannot be used with --detached");
	if (options->mode == SIGN_UNSIGNED)
		argp_error(state,
			   "--runtime libbpf cannot be used with --unsigned: such a header "
			   "would load wherever the kernel allows it");
	if (!options->shared.schemes)
		options->shared.schemes = SCHEME_BIT(SCHEME_FOLDED);
	if (options->shared.schemes != SCHEME_BIT(SCHEME_FOLDED))
		argp_error(state, "--runtime libbpf supports only --scheme folded");
}

static void set_format(struct sign_options *options, struct argp_state *state)
{
	const char *format = options->format_name;

	if (!format)
		return;
	if (!strcmp(format, "image"))
		options->format = OUTPUT_IMAGE;
	else if (!strcmp(format, "header"))
		options->format = OUTPUT_HEADER;
	else
		argp_error(state, "unknown --format '%s': expected header or image", format);
	if (options->detached)
		argp_error(state, "--format cannot be used with --detached");
	if (options->format == OUTPUT_IMAGE && options->runtime)
		argp_error(state, "--runtime is for headers, not for --format image");
}

static void set_form(struct sign_options *options, struct argp_state *state)
{
	const char *form = options->insns_form;
	bool hash_only = form && !strcmp(form, "hash-only");
	bool both = form &&
		    (!strcmp(form, "exclusive,hash-only") || !strcmp(form, "hash-only,exclusive"));

	if (form && !hash_only && !both && strcmp(form, "exclusive"))
		argp_error(state,
			   "unknown --insns-form '%s': expected exclusive, hash-only or "
			   "exclusive,hash-only",
			   form);
	if ((hash_only || both) && options->preparation.no_seal)
		argp_error(state, "--insns-form cannot be used with --no-seal");
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
		argp_error(state, "--allow: unknown finding '%s'", name);
	options->preparation.allowed |= 1u << id;
}

/*
 * Whether two pairs NAME=VALUE have the same name, or one has the first 15 characters of the
 * other's, which kernels use as its name.
 */
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

static void choose(struct object_choice *choice, enum object_choice_kind kind, const char *text,
		   struct argp_state *state)
{
	const char *value = strchr(text, '=');
	struct object_choice_one *longer;

	if (kind == OBJECT_TYPE && (!value || value == text || !value[1]))
		argp_error(state, "--type '%s': expected PROG=TYPE[:ATTACH]", text);
	if (kind == OBJECT_TARGET && (!value || value == text || !value[1]))
		argp_error(state, "--attach-target '%s': expected PROG=FUNC", text);
	longer = reallocarray(choice->list, choice->nr + 1, sizeof(*longer));
	if (!longer) {
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "option");
		return;
	}
	choice->list = longer;
	longer[choice->nr++] = (struct object_choice_one){kind, text};
}

static void add_pair(struct settings_pairs *pairs, const char *option, const char *pair,
		     struct argp_state *state)
{
	for (size_t i = 0; i < pairs->nr; i++) {
		if (is_same_name(pair, pairs->list[i]))
			argp_error(state, "%s is given twice for the same name: %s, %s", option,
				   pairs->list[i], pair);
	}
	append(&pairs->list, &pairs->nr, pair, state);
}

static void set_mode(struct sign_options *options, enum sign_mode mode, const char *folder,
		     struct argp_state *state)
{
	if (options->mode != SIGN_HERE)
		argp_error(
			state,
			"only one of --prepare, --attach, --strip, --unsigned and --check-key can be used, and only once");
	options->mode = mode;
	options->folder = folder;
}

/* The options that a mode does not allow. */
static void check_mode(const struct sign_options *options, struct argp_state *state)
{
	static const char *const names[SIGN_MODE_NR] = {
		[SIGN_PREPARE] = "--prepare", [SIGN_ATTACH] = "--attach",
		[SIGN_STRIP] = "--strip",     [SIGN_UNSIGNED] = "--unsigned",
		[SIGN_CHECK] = "--check-key",
	};
	const unsigned int prepare = 1u << SIGN_PREPARE, attach = 1u << SIGN_ATTACH,
			   strip_only = 1u << SIGN_STRIP, check = 1u << SIGN_CHECK,
			   plain = 1u << SIGN_UNSIGNED, strip = strip_only | check;
	const struct prepare_options *preparation = &options->preparation;
	const char *chosen = options->choice.nr ? object_choice_option(options->choice.list[0].kind)
						: NULL;
	const struct {
		const char *name;
		bool given;
		unsigned int modes;
	} useless[] = {
		{"FILE", shared_nr_inputs(&options->shared), check},
		{"--output", options->output, check},
		{"--output-dir", options->output_dir, prepare | check},
		{"--json", options->shared.json, check},
		{"--key", options->nr_keys, prepare | attach | strip_only | plain},
		{"--detached", options->detached, prepare | strip | plain},
		{"--cert", options->nr_certs, strip_only | plain},
		{"--pkcs11-module", options->pkcs11_module, strip_only | plain},
		{"--hash", options->hash, strip_only},
		{"--name", options->name, strip},
		{"--runtime", options->runtime, strip},
		{"--format", options->format_name, strip},
		{"--insns-form", options->insns_form, strip},
		{"--allow-ambiguous", options->allow_ambiguous, strip},
		{"--allow", preparation->allowed, strip},
		{"--kernel", options->kernel, strip},
		{"--deny", options->deny.ids || options->deny.dangers, strip},
		{"--no-seal", preparation->no_seal, strip},
		{"--set", preparation->set.values.nr, strip},
		{"--kconfig", options->kconfig, strip},
		{"--values", options->values, strip},
		{"--max-entries", preparation->set.sizes.nr, strip},
		{chosen, chosen, strip},
		{"--scheme", options->shared.schemes, strip},
		{"--insns", options->shared.insns, strip},
		{"--record", options->batch.record, prepare | strip | plain},
	};

	for (size_t i = 0; i < ARRAY_SIZE(useless); i++) {
		if (useless[i].given && useless[i].modes & 1u << options->mode)
			argp_error(state, "%s cannot be used with %s", useless[i].name,
				   names[options->mode]);
	}
}

static void check_outputs(const struct sign_options *options, struct argp_state *state)
{
	const struct shared_options *shared = &options->shared;
	bool many = batch_is_many(&options->batch, shared);

	if (shared->insns && !options->detached && options->mode != SIGN_PREPARE)
		argp_error(state, "no skeleton can be written for raw input: add --detached");
	if (options->output && many)
		argp_error(state, "--output allows only one input file: use --output-dir");
	if (options->output && options->output_dir)
		argp_error(state, "--output and --output-dir cannot be used together");
	if (options->output_dir && !*options->output_dir)
		argp_error(state, "--output-dir is empty");
	if (options->name && many && !strstr(options->name, INPUT_NAME_PLACE))
		argp_error(state,
			   "--name gives several objects the same name: add {}, which stands for "
			   "the name of each file, as in --name='app_{}'");
	if (options->output && !strcmp(options->output, "-") && options->detached)
		argp_error(state, "--detached cannot write to stdout: pass a file name");
	if (options->output && !strcmp(options->output, "-") && options->mode == SIGN_PREPARE)
		argp_error(
			state,
			"--prepare writes nothing to stdout: pass the name of the header with --output");
	if (options->output && !strcmp(options->output, "-") && options->batch.record)
		argp_error(state, "--record needs an output with a name, not stdout");
	if (options->output && !strcmp(options->output, "-") && shared->json)
		argp_error(state, "--output - and --json both write to stdout");
}

static void add_key(struct sign_options *options, const char *key, struct argp_state *state)
{
	if (options->nr_keys == KEY_SIGNERS_MAX)
		argp_error(state, "more than %d signers", KEY_SIGNERS_MAX);
	if (!*key)
		argp_error(state, "--key is empty");
	options->signers[options->nr_keys++].key = key;
}

static void add_cert(struct sign_options *options, const char *cert, struct argp_state *state)
{
	if (options->nr_certs == KEY_SIGNERS_MAX)
		argp_error(state, "more than %d signers", KEY_SIGNERS_MAX);
	if (!*cert)
		argp_error(state, "--cert is empty");
	options->signers[options->nr_certs++].cert = cert;
}

/*
 * The value of VARIABLE for the signer N, counted from 0, whose name has a number from the second
 * on: VARIABLE_2. NULL: it is not set. CI systems set a variable without a value to "".
 */
static const char *from_environment(const char *variable, size_t n, struct argp_state *state)
{
	char name[32];
	const char *value;

	snprintf(name, sizeof(name), n ? "%s_%zu" : "%s", variable, n + 1);
	value = getenv(name);
	if (value && !*value)
		argp_error(state, "%s is empty", name);
	return value;
}

/* Take as many certificates from the environment as there are, but no more than MOST. */
static void certs_from_environment(struct sign_options *options, size_t most,
				   struct argp_state *state)
{
	const char *value;

	while (options->nr_certs < most &&
	       (value = from_environment("BPF_CHAINSIGN_CERT", options->nr_certs, state)))
		add_cert(options, value, state);
}

/*
 * Take missing keys and certificates from the environment, and check that there are as many of
 * each.
 */
static void check_signers(struct sign_options *options, struct argp_state *state)
{
	const bool given = options->nr_keys;
	const char *value;

	while (!given && options->nr_keys < KEY_SIGNERS_MAX &&
	       (value = from_environment("BPF_CHAINSIGN_KEY", options->nr_keys, state)))
		add_key(options, value, state);
	if (!options->nr_keys)
		argp_error(state, "no key: pass --key or set BPF_CHAINSIGN_KEY");
	if (!options->nr_certs && (!given || options->nr_keys == 1))
		certs_from_environment(options, options->nr_keys, state);
	for (size_t i = 0; i < options->nr_keys; i++)
		options->signers[i].pkcs11_module = options->pkcs11_module;
	if (options->nr_certs && options->nr_certs != options->nr_keys)
		argp_error(
			state,
			"%zu keys, but %zu certificate%s: pass one --cert for each --key, in the "
			"same order",
			options->nr_keys, options->nr_certs, options->nr_certs == 1 ? "" : "s");
}

/* For signatures that are made elsewhere only the certificates are needed. */
static void check_certs(struct sign_options *options, struct argp_state *state)
{
	if (!options->nr_certs)
		certs_from_environment(options, KEY_SIGNERS_MAX, state);
	if (!options->nr_certs && options->mode == SIGN_ATTACH)
		argp_error(state, "no certificate: pass --cert or set BPF_CHAINSIGN_CERT");
}

static const char *const outcome_names[SIGN_MODE_NR][REPORT_OUTCOME_NR] = {
	[SIGN_HERE] =
		{
			[REPORT_DONE] = "signed",
			[REPORT_FAILED] = "failed",
			[REPORT_SKIPPED] = "skipped",
		},
	[SIGN_PREPARE] =
		{
			[REPORT_DONE] = "prepared",
			[REPORT_FAILED] = "failed",
			[REPORT_SKIPPED] = "skipped",
		},
	[SIGN_ATTACH] =
		{
			[REPORT_DONE] = "signed",
			[REPORT_FAILED] = "failed",
			[REPORT_SKIPPED] = "skipped",
		},
	[SIGN_STRIP] =
		{
			[REPORT_DONE] = "stripped",
			[REPORT_FAILED] = "failed",
			[REPORT_SKIPPED] = "skipped",
		},
	[SIGN_UNSIGNED] =
		{
			[REPORT_DONE] = "unsigned",
			[REPORT_FAILED] = "failed",
			[REPORT_SKIPPED] = "skipped",
		},
};

static void check_options(struct sign_options *options, struct argp_state *state)
{
	check_mode(options, state);
	options->shared.outcome_names =
		outcome_names[options->mode == SIGN_CHECK ? SIGN_HERE : options->mode];
	options->batch.objects = options->mode != SIGN_STRIP; /* objects have no signatures */
	if (options->mode == SIGN_HERE || options->mode == SIGN_CHECK)
		check_signers(options, state);
	else if (options->mode != SIGN_STRIP && options->mode != SIGN_UNSIGNED)
		check_certs(options, state);
	set_hash(options, state);
	set_kernels(options, state);
	set_runtime(options, state);
	set_format(options, state);
	set_form(options, state);
	options->preparation.schemes = options->shared.schemes;
	options->batch.format = options->format;
	check_outputs(options, state);
}

/* Store the value of an option that may be given once; whether KEY is one. */
static bool parse_once(struct sign_options *options, int key, char *arg, struct argp_state *state)
{
	const struct {
		int key;
		const char *name;
		const char **value;
	} once[] = {
		{KEY_PKCS11_MODULE, "--pkcs11-module", &options->pkcs11_module},
		{'m', "--hash", &options->hash},
		{'o', "--output", &options->output},
		{KEY_OUTPUT_DIR, "--output-dir", &options->output_dir},
		{'n', "--name", &options->name},
		{KEY_RUNTIME, "--runtime", &options->runtime},
		{KEY_FORMAT, "--format", &options->format_name},
		{KEY_INSNS_FORM, "--insns-form", &options->insns_form},
		{KEY_KERNEL, "--kernel", &options->kernel},
		{KEY_KCONFIG, "--kconfig", &options->kconfig},
		{KEY_VALUES, "--values", &options->values},
	};

	for (size_t i = 0; i < ARRAY_SIZE(once); i++) {
		if (once[i].key != key)
			continue;
		shared_once(state, once[i].value, arg, once[i].name);
		return true;
	}
	return false;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct sign_options *options = state->input;

	if (parse_once(options, key, arg, state))
		return 0;
	switch (key) {
	case 'k':
		add_key(options, arg, state);
		return 0;
	case 'c':
		add_cert(options, arg, state);
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
	case KEY_UNSIGNED:
		set_mode(options, SIGN_UNSIGNED, NULL, state);
		return 0;
	case KEY_CHECK:
		set_mode(options, SIGN_CHECK, NULL, state);
		options->shared.no_input = true;
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
	case SHARED_KEY_DENY:
		shared_deny(&options->deny, arg, state);
		return 0;
	case KEY_SET:
		add_pair(&options->preparation.set.values, "--set", arg, state);
		return 0;
	case KEY_MAX_ENTRIES:
		add_pair(&options->preparation.set.sizes, "--max-entries", arg, state);
		return 0;
	case KEY_LOAD:
	case KEY_SKIP:
	case KEY_TYPE:
	case KEY_TARGET:
		choose(&options->choice, OBJECT_LOAD + (enum object_choice_kind)(key - KEY_LOAD),
		       arg, state);
		return 0;
	case ARGP_KEY_SUCCESS:
		check_options(options, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"Sign BPF objects (.o), light skeletons (.lskel.h) and signed images (.bpf.signed).\vAn object is turned into a "
	"loader, and a skeleton with the loader and its signatures is written. Every signature is "
	"verified before it is written.\nA passphrase or PIN is read from "
	"$BPF_CHAINSIGN_PASSPHRASE or $BPF_CHAINSIGN_PIN, from the file that "
	"$BPF_CHAINSIGN_PASSPHRASE_FILE or $BPF_CHAINSIGN_PIN_FILE names, or from the terminal.";

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

	free(options.preparation.set.values.list);
	free(options.preparation.set.sizes.list);
	free(options.choice.list);
	return status;
}

const struct cmd cmd_sign = {"sign", "sign BPF objects, light skeletons and signed images",
			     run_sign};
