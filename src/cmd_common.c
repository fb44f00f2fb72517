// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_common.h"

#include <errno.h>
#include <string.h>

#include "prepare.h"

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Input and output:", 90},
	{"scheme", 's', "LIST", 0,
	 "chain, folded, insns, with commas between them, or all; verify demands them", 90},
	{"insns", COMMON_KEY_INSNS, "FILE", 0,
	 "Raw input instead of FILE...: the loader's instructions", 90},
	{"map", COMMON_KEY_MAP, "FILE", 0,
	 "Raw input: initial contents of a map; repeat it in chain order", 90},
	{"json", COMMON_KEY_JSON, "FORM", OPTION_ARG_OPTIONAL,
	 "Print one JSON document; --json=lines: a JSON object on each line, as results come", 91},
	{"quiet", 'q', NULL, 0,
	 "Print warnings and errors, no results; the exit status tells the rest", 91},
	{"verbose", 'v', NULL, 0, "Print whole digests, every verdict, contents of maps whole", 91},
	{0},
};

void common_once(struct argp_state *state, const char **slot, const char *arg, const char *name)
{
	if (*slot)
		argp_error(state, "%s is given twice", name);
	*slot = arg;
}

void common_bad_value(struct argp_state *state, const char *option, const struct err *err)
{
	if (err->code == -ENOMEM)
		argp_failure(state, CLI_UNKNOWN, ENOMEM, "%s", option);
	else
		argp_error(state, "%s: %s", option, err->text);
}

static void set_schemes(struct common *common, const char *list, struct argp_state *state)
{
	struct err err;

	if (common->schemes)
		argp_error(state, "--scheme is given twice: put commas between schemes");
	if (scheme_parse(list, &common->schemes, &err))
		argp_error(state, "%s", err.text);
}

static void set_json(struct common *common, const char *form, struct argp_state *state)
{
	if (form && strcmp(form, "lines"))
		argp_error(state, "unknown --json=%s: there are --json and --json=lines", form);
	if (common->json)
		argp_error(state, "--json is given twice");
	common->json = true;
	common->json_lines = form;
}

static void check(const struct common *common, struct argp_state *state)
{
	if (common->insns && common->nr_files)
		argp_error(state, "--insns is instead of FILE: give one of them");
	if (common->nr_maps && !common->insns)
		argp_error(state, "--map needs --insns");
	if (common->quiet && (common->verbose || common->json))
		argp_error(state, "--quiet contradicts --verbose and --json");
	if (!common_nr_inputs(common))
		argp_error(state, "no input: give FILE, or --insns and --map");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct common *common = state->input;

	switch (key) {
	case 's':
		set_schemes(common, arg, state);
		return 0;
	case COMMON_KEY_INSNS:
		common_once(state, &common->insns, arg, "--insns");
		return 0;
	case COMMON_KEY_MAP:
		if (common->nr_maps == IMAGE_MAPS_MAX)
			argp_error(state, "more than %d maps", IMAGE_MAPS_MAX);
		common->maps[common->nr_maps++] = arg;
		return 0;
	case COMMON_KEY_JSON:
		set_json(common, arg, state);
		return 0;
	case 'q':
		common->quiet = true;
		return 0;
	case 'v':
		common->verbose = true;
		return 0;
	case ARGP_KEY_ARGS:
		common->files = state->argv + state->next;
		common->nr_files = state->argc - state->next;
		return 0;
	case ARGP_KEY_END:
		check(common, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp common_argp = {.options = options, .parser = parse};

void common_deny(struct common_deny *deny, const char *name, struct argp_state *state)
{
	enum loader_finding_id id;

	if (!strcmp(name, "warning"))
		deny->warnings = deny->dangers = true;
	else if (!strcmp(name, "danger"))
		deny->dangers = true;
	else if (loader_finding_from_name(name, &id))
		argp_error(state,
			   "--deny: there is no finding '%s'; expected warning, danger or an id "
			   "that inspect lists",
			   name);
	else
		deny->ids |= 1u << id;
}

bool common_denied(const struct common_deny *deny, const struct loader_finding *list, size_t nr,
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

int common_keep_parts(const struct common *common, struct places *places, struct err *err)
{
	int rc = common->insns ? places_keep(places, common->insns, "an input", err) : 0;

	for (size_t i = 0; !rc && i < common->nr_maps; i++)
		rc = places_keep(places, common->maps[i], "an input", err);
	return rc;
}

int common_nr_inputs(const struct common *common)
{
	return common->insns ? 1 : common->nr_files;
}

const char *common_input_name(const struct common *common, int i)
{
	return common->insns ?: common->files[i];
}

int common_read(const struct common *common, int i, const char *name,
		const struct object_choice *choice, struct input_digest *digest, struct input *ret,
		struct err *err)
{
	if (common->insns)
		return input_raw(common->insns, common->maps, common->nr_maps, digest, ret, err);
	return input_file(common->files[i], name, choice, digest, ret, err);
}

int common_read_signed(const struct common *common, int i, struct input_digest *digest,
		       struct input *ret, struct err *err)
{
	static const struct prepare_wishes by_default;
	struct prepare_result ignored;
	_input_ struct input input = {0};
	struct subject subject;
	int rc;

	rc = common_read(common, i, NULL, NULL, digest, &input, err);
	subject_begin(&subject, &input.image, &input.loader);
	if (!rc && input.kind == INPUT_OBJECT)
		rc = prepare_image(&subject, &input.skel, LOADER_PROGS_UNKNOWN, &by_default,
				   &ignored, err);
	if (rc)
		return rc;
	*ret = input;
	input = (struct input){0};
	return 0;
}

void common_report(const struct common *common, struct report_output *ret)
{
	const struct report_form form = {
		.as_json = common->json,
		.lines = common->json_lines,
		.quiet = common->quiet,
		.verbose = common->verbose,
	};

	report_begin(&form, common->words, ret);
}
