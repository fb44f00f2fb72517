// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_inspect.c - bpf-chainsign inspect: list what a loader installs, and what was found about it.
 */
#include <errno.h>

#include "base/util.h"
#include "cmd_shell.h"
#include "header.h"
#include "loader/loader.h"
#include "object/object.h"
#include "prepare.h"

struct options {
	struct shared_options shared;
	struct shared_deny deny;
};

static const struct argp_option option_table[] = {
	{"deny", SHARED_KEY_DENY, "ID", 0, SHARED_DENY_HELP, 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case SHARED_KEY_DENY:
		shared_deny(&options->deny, arg, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const char doc[] =
	"List what a loader installs: maps with their contents, programs and what they use.\vThe "
	"list is read from the bytes that are signed; a loader with even one unknown bit is not "
	"listed. For an object, it is the loader that sign would make of it. Findings are for the "
	"schemes of --scheme; by default for the schemes of the file's signatures or, without "
	"signatures, for those that it can be signed with. --verbose prints contents in "
	"full.\nExit status: 0 listed, 1 a finding is denied, 2 usage, 3 could not tell, or an "
	"unknown loader.";

/*
 * Find the check of SUBJECT's checked form. The hash-only form must be the same loader except for
 * its check.
 */
static int read_checked(struct subject *subject, enum loader_check *ret, struct err *err)
{
	const struct image *image = subject->image;
	enum loader_form form;
	const uint8_t *hash;
	int rc = 0;

	if (image->insns_checked.data || image->insns_hash.data)
		rc = scheme_map_hash(&subject->contents, 0, &hash, err);
	if (!rc && image->insns_checked.data) {
		rc = loader_find_form(subject->loader, hash, buf_view(&image->insns_checked), &form,
				      err);
		if (!rc)
			*ret = loader_form_check(form);
	}
	if (!rc && image->insns_hash.data)
		rc = loader_find_form(subject->loader, hash, buf_view(&image->insns_hash), &form,
				      err);
	return rc;
}

/* The schemes for which findings are listed. */
static scheme_set choose_schemes(const struct shared_options *shared, const struct image *image,
				 const struct loader *loader)
{
	scheme_set present = scheme_signed(image);

	if (shared->schemes || present)
		return shared->schemes ?: present;
	/* a header in bpftool's form does not say: what checks its map was made for insns */
	if (image->sig_unnamed.data)
		return SCHEME_BIT(loader->check ? SCHEME_INSNS : SCHEME_FOLDED);
	if (image->insns_hash.data)
		return SCHEME_ALL | SCHEME_BIT(SCHEME_INSNS_HASH);
	if (loader->check || image->insns_checked.data)
		return SCHEME_ALL;
	return SCHEME_ALL & ~SCHEME_BIT(SCHEME_INSNS);
}

/* Read the typed values of data sections; a map without BTF gets none. */
static int read_values(const struct loader *loader, struct object_values *values, struct err *err)
{
	for (size_t i = 0; i < loader->nr_maps; i++) {
		const struct loader_map *map = &loader->maps[i];

		if (map->has_value && map->btf_value &&
		    object_values_read(loader->btf, loader->big, map->btf_value, map->value,
				       &values[i], err) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

/*
 * The loader has to be known; *ret: which check its checked form has. *ret_odd: that form is not
 * known, WHY says why.
 */
static int read_forms(struct subject *subject, enum loader_check *ret, bool *ret_odd,
		      struct err *why)
{
	int rc;

	*ret_odd = false;
	if (!subject->loader->known)
		return err_set(why, -EBADMSG, "%s", subject->loader->why);
	rc = read_checked(subject, ret, why);
	*ret_odd = rc == -EBADMSG;
	return *ret_odd ? 0 : rc;
}

/* A form that is not known has no findings of its own. */
static int find(struct subject *subject, scheme_set schemes, size_t progs,
		struct report_listing *listing, struct err *err)
{
	int rc = prepare_judge(subject, schemes, progs, listing->findings, &listing->nr_findings,
			       err);

	if (rc != -EBADMSG)
		return rc;
	listing->nr_findings = loader_findings(listing->loader, schemes, progs, listing->findings);
	return 0;
}

/* A header whose text is another is dangerous: what is listed is not what it stands for. */
static bool deny_text(const struct options *options, const struct input *input, struct err *why)
{
	if (!options->deny.dangers || input->kind != INPUT_LSKEL ||
	    input->lskel.text != LSKEL_TEXT_DIFFERS)
		return false;
	*why = input->lskel.text_why;
	return true;
}

/* Why what is listed need not be what a header stands for; NULL: it is. */
static const struct err *text_why(const struct input *input)
{
	const bool is_other = input->kind == INPUT_LSKEL &&
			      input->lskel.text != LSKEL_TEXT_RENDERED;

	return is_other ? &input->lskel.text_why : NULL;
}

static int list(const struct options *options, struct batch_job *job, struct input *input,
		struct err *err)
{
	const struct image *image = input_image(input);
	const struct loader *loader = &input->loader;
	size_t progs = input->kind == INPUT_LSKEL ? prepare_header_progs(&input->lskel, loader)
						  : LOADER_PROGS_UNKNOWN;
	struct object_values values[IMAGE_MAPS_MAX] = {0};
	struct report_listing listing = {
		.loader = loader,
		.values = values,
		.text_why = text_why(input),
	};
	struct subject subject;
	struct err why;
	bool odd;
	int rc;

	subject_begin(&subject, input_image(input), &input->loader);
	rc = read_forms(&subject, &listing.second, &odd, &why);
	if (rc)
		*err = why;
	if (!rc)
		rc = read_values(loader, values, err);
	if (!rc)
		rc = find(&subject, choose_schemes(&options->shared, image, loader), progs,
			  &listing, err);
	if (!rc && input->kind == INPUT_LSKEL)
		listing.nr_findings += header_find(&input->lskel,
						   &listing.findings[listing.nr_findings]);
	if (!rc) {
		bool denied = !odd && shared_denied(&options->deny, listing.findings,
						    listing.nr_findings, &why);

		denied = denied || (!odd && deny_text(options, input, &why));

		listing.why = odd || denied ? &why : NULL;
		job->outcome = odd ? REPORT_FAILED : denied ? REPORT_REJECTED : REPORT_DONE;
		report_listing(&job->report, job->file, &listing);
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		object_values_free(&values[i]);
	return rc;
}

/* What sign makes of an object; where it refuses for what it finds, the object's own loader. */
static int read_input(const struct shared_options *shared, int i, struct input *ret,
		      struct err *err)
{
	int rc = shared_read_signed(shared, i, NULL, ret, err);

	return rc == ERR_REFUSED ? shared_read(shared, i, NULL, NULL, NULL, ret, err) : rc;
}

static int inspect_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct options *options = arg;
	_input_ struct input input = {0};
	int rc;

	rc = read_input(&options->shared, job->i, &input, err);
	if (!rc)
		rc = list(options, job, &input, err);
	return rc;
}

static const char *const outcome_names[REPORT_OUTCOME_NR] = {
	[REPORT_DONE] = "listed",
	[REPORT_REJECTED] = "denied",
	[REPORT_FAILED] = "failed",
};

static enum cli_status run(void *options, struct report_output *report)
{
	const struct shared_options *shared = &((const struct options *)options)->shared;

	return shell_each(shared, inspect_input, options, report);
}

static enum cli_status run_inspect(int argc, char **argv)
{
	static const struct shell_command command = {option_table, parse, doc, run};
	struct options options = {.shared.outcome_names = outcome_names};

	return shell_run(&command, argc, argv, &options, &options.shared, NULL);
}

const struct cmd cmd_inspect = {"inspect", "list what a loader installs, and possible problems",
				run_inspect};
