// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_shared.h"

#include <errno.h>
#include <string.h>

#include "prepare.h"

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Input and output:", 90},
	{"scheme", 's', "LIST", 0,
	 "The schemes to use: chain, folded, insns, separated by commas, or all; verify rejects an input that lacks a signature of one of them (default: what the input allows or has)",
	 90},
	{"insns", SHARED_KEY_INSNS, "FILE", 0,
	 "Read raw input instead of FILE...: the loader's instructions", 90},
	{"map", SHARED_KEY_MAP, "FILE", 0,
	 "Raw input: the initial contents of a map; repeat for several maps, in chain order", 90},
	{"json", SHARED_KEY_JSON, "FORM", OPTION_ARG_OPTIONAL,
	 "Print one JSON document; --json=lines: one JSON object per line, as results arrive", 91},
	{"quiet", 'q', NULL, 0, "Print only warnings and errors; the exit status tells the result",
	 91},
	{"verbose", 'v', NULL, 0, "Print digests and map contents in full, and every verdict", 91},
	{"color", SHARED_KEY_COLOR, "WHEN", 0,
	 "Color verdicts and warnings: auto (default: on a terminal, unless NO_COLOR is set), always or never",
	 91},
	{0},
};

void shared_once(struct argp_state *state, const char **slot, const char *arg, const char *name)
{
	if (*slot)
		argp_error(state, "%s is given twice", name);
	*slot = arg;
}

void shared_bad_value(struct argp_state *state, const char *option, const struct err *err)
{
	if (err->code == -ENOMEM)
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "%s", option);
	else
		argp_error(state, "%s: %s", option, err->text);
}

static void set_schemes(struct shared_options *shared, const char *list, struct argp_state *state)
{
	struct err err;

	if (shared->schemes)
		argp_error(state, "--scheme is given twice: separate schemes with commas");
	if (scheme_parse(list, &shared->schemes, &err))
		argp_error(state, "%s", err.text);
}

static void set_json(struct shared_options *shared, const char *form, struct argp_state *state)
{
	if (form && strcmp(form, "lines"))
		argp_error(state, "unknown --json=%s: expected --json or --json=lines", form);
	if (shared->json)
		argp_error(state, "--json is given twice");
	shared->json = true;
	shared->json_lines = form;
}

static void set_color(struct shared_options *shared, struct argp_state *state)
{
	static const char *const words[] = {[REPORT_COLOR_AUTO] = "auto",
					    [REPORT_COLOR_ALWAYS] = "always",
					    [REPORT_COLOR_NEVER] = "never"};

	for (size_t i = 0; shared->color_name && i < ARRAY_SIZE(words); i++) {
		shared->color = (enum report_color)i;
		if (!strcmp(shared->color_name, words[i]))
			return;
	}
	if (shared->color_name)
		argp_error(state, "unknown --color '%s': expected auto, always or never",
			   shared->color_name);
}

static void check(struct shared_options *shared, struct argp_state *state)
{
	set_color(shared, state);
	if (shared->insns && shared->nr_files)
		argp_error(state, "--insns and FILE exclude each other");
	if (shared->nr_maps && !shared->insns)
		argp_error(state, "--map needs --insns");
	if (shared->quiet && (shared->verbose || shared->json))
		argp_error(state, "--quiet excludes --verbose and --json");
	if (!shared_nr_inputs(shared) && !shared->no_input)
		argp_error(state, "no input: expected FILE, or --insns and --map");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct shared_options *shared = state->input;

	switch (key) {
	case 's':
		set_schemes(shared, arg, state);
		return 0;
	case SHARED_KEY_INSNS:
		shared_once(state, &shared->insns, arg, "--insns");
		return 0;
	case SHARED_KEY_MAP:
		if (shared->nr_maps == IMAGE_MAPS_MAX)
			argp_error(state, "more than %d maps", IMAGE_MAPS_MAX);
		shared->maps[shared->nr_maps++] = arg;
		return 0;
	case SHARED_KEY_JSON:
		set_json(shared, arg, state);
		return 0;
	case SHARED_KEY_COLOR:
		shared_once(state, &shared->color_name, arg, "--color");
		return 0;
	case 'q':
		shared->quiet = true;
		return 0;
	case 'v':
		shared->verbose = true;
		return 0;
	case ARGP_KEY_ARGS:
		shared->files = state->argv + state->next;
		shared->nr_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		check(shared, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp shared_argp = {.options = options, .parser = parse};

void shared_deny(struct shared_deny *deny, const char *name, struct argp_state *state)
{
	enum loader_finding_id id;

	if (!strcmp(name, "warning"))
		deny->warnings = deny->dangers = true;
	else if (!strcmp(name, "danger"))
		deny->dangers = true;
	else if (loader_finding_from_name(name, &id))
		argp_error(state,
			   "--deny: unknown finding '%s': expected warning, danger or an ID that "
			   "inspect lists",
			   name);
	else
		deny->ids |= 1u << id;
}

bool shared_denied(const struct shared_deny *deny, const struct loader_finding *list, size_t nr,
		   struct err *err)
{
	for (size_t i = 0; i < nr; i++) {
		const struct loader_finding *finding = &list[i];

		if (!(deny->ids & 1u << finding->id) &&
		    !(deny->dangers && finding->severity == LOADER_DANGER) &&
		    !(deny->warnings && finding->severity == LOADER_WARNING))
			continue;
		err_set(err, ERR_REFUSED, "[%s] %s%s%s; %s (--deny)", finding->name, finding->where,
			*finding->where ? ": " : "", finding->what, finding->remedy);
		return true;
	}
	return false;
}

int shared_keep_parts(const struct shared_options *shared, struct places *places, struct err *err)
{
	int rc = shared->insns ? places_keep(places, shared->insns, "an input", err) : 0;

	for (size_t i = 0; !rc && i < shared->nr_maps; i++)
		rc = places_keep(places, shared->maps[i], "an input", err);
	return rc;
}

int shared_nr_inputs(const struct shared_options *shared)
{
	return shared->insns ? 1 : shared->nr_files;
}

const char *shared_input_name(const struct shared_options *shared, int i)
{
	return shared->insns ?: shared->files[i];
}

const char *shared_input_file(const struct shared_options *shared, int i)
{
	return shared->sources && shared->sources[i].file ? shared->sources[i].file
							  : shared_input_name(shared, i);
}

int shared_origin(const struct shared_options *shared, int i)
{
	return shared->sources ? shared->sources[i].origin : i;
}

int shared_read(const struct shared_options *shared, int i, const char *name,
		const struct object_choice *choice, struct input_digest *digest, struct input *ret,
		struct err *err)
{
	if (shared->insns)
		return input_raw(shared->insns, shared->maps, shared->nr_maps, digest, ret, err);
	return input_file(shared->files[i], name, choice, digest, ret, err);
}

/* Read the image of SOURCE. What has none is recorded by the digest of the whole. */
static int read_source(const struct shared_source *source, struct input_digest *digest,
		       struct input *ret, struct err *err)
{
	struct err ignored;

	if (!source->why)
		return input_program(source->file, &source->image, digest, ret, err);
	if (digest)
		input_digest_file(source->file, digest, &ignored);
	*err = *source->why;
	return err->code;
}

int shared_read_signed(const struct shared_options *shared, int i, bool judge,
		       struct input_digest *digest, struct input *ret, struct err *err)
{
	const struct prepare_options defaults = {.allowed = judge ? 0 : ~0u, .approved = !judge};
	struct prepare_result ignored;
	_input_ struct input input = {0};
	struct subject subject;
	int rc;

	if (shared->sources && shared->sources[i].file)
		rc = read_source(&shared->sources[i], digest, &input, err);
	else
		rc = shared_read(shared, i, NULL, NULL, digest, &input, err);
	subject_begin(&subject, &input.image, &input.loader);
	if (!rc && input.kind == INPUT_OBJECT)
		rc = prepare_image(&subject, &input.skel, LOADER_PROGS_UNKNOWN, &defaults, &ignored,
				   err);
	if (rc)
		return rc;
	*ret = input;
	input = (struct input){0};
	return 0;
}

void shared_report(const struct shared_options *shared, struct report_output *ret)
{
	const struct report_form form = {
		.color = shared->color,
		.as_json = shared->json,
		.lines = shared->json_lines,
		.quiet = shared->quiet,
		.verbose = shared->verbose,
	};

	report_begin(&form, shared->outcome_names, ret);
}
