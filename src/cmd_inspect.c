// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_inspect.c - bpf-chainsign inspect: list what a loader installs, and what was found about it.
 */
#include <errno.h>

#include "base/util.h"
#include "cmd_shell.h"
#include "compare.h"
#include "header.h"
#include "listing.h"
#include "loader/loader.h"
#include "object/object.h"
#include "prepare.h"
#include "signers.h"

struct options {
	struct shared_options shared;
	struct shared_deny deny;
	bool denies;	 /* --deny is given */
	const char *old; /* the file of --diff; NULL: inputs are listed, not compared */
};

enum { KEY_DIFF = SHARED_KEY_END };

/* Names of outcomes, as for report_begin(): of a list, and of a comparison. */
static const char *const list_outcomes[REPORT_OUTCOME_NR] = {
	[REPORT_DONE] = "listed",
	[REPORT_REJECTED] = "denied",
	[REPORT_FAILED] = "failed",
};
static const char *const diff_outcomes[REPORT_OUTCOME_NR] = {
	[REPORT_DONE] = "same",
	[REPORT_REJECTED] = "different",
	[REPORT_FAILED] = "failed",
};

static const struct argp_option option_table[] = {
	{"deny", SHARED_KEY_DENY, "ID", 0, SHARED_DENY_HELP, 1},
	{"diff", KEY_DIFF, "OLD", 0,
	 "List what changed from the file OLD to FILE; exit status 1 if anything did", 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case SHARED_KEY_DENY:
		shared_deny(&options->deny, arg, state);
		options->denies = true;
		return 0;
	case KEY_DIFF:
		shared_once(state, &options->old, arg, "--diff");
		options->shared.outcome_names = diff_outcomes;
		return 0;
	case ARGP_KEY_END:
		if (options->old && options->denies)
			argp_error(state, "--diff and --deny exclude each other");
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
	"full.\nExit status: 0 listed or, with --diff, the same; 1 a finding is denied or, with "
	"--diff, something changed; 2 usage; 3 could not tell, or an unknown loader.";

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
static int find(struct subject *subject, scheme_set schemes, size_t progs, struct listing *listing,
		struct err *err)
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
	const struct err *differs = input_differs(input);

	if (!options->deny.dangers || !differs)
		return false;
	*why = *differs;
	return true;
}

/* Why what is listed need not be what a header stands for; NULL: it is. */
static const struct err *text_why(const struct input *input)
{
	const bool is_other = input->kind == INPUT_LSKEL &&
			      input->lskel.text != LSKEL_TEXT_RENDERED;

	return is_other ? &input->lskel.text_why : input_differs(input);
}

/* An input with all that is known about it; its parts point into each other. */
struct look {
	struct input input;
	struct subject subject;
	struct listing listing;
	struct err odd_why;
	bool odd; /* the checked form is not known, for ODD_WHY */
};

#define _look_ _cleanup_(look_end)

static void look_end(struct look *look)
{
	listing_free(&look->listing);
	input_free(&look->input);
}

/* The findings of LOOK's loader and, for a header, of its text. */
static int look_for_findings(const struct shared_options *shared, struct look *look,
			     struct err *err)
{
	struct listing *listing = &look->listing;
	const struct lskel *lskel = look->input.kind == INPUT_LSKEL ? &look->input.lskel : NULL;
	size_t progs = lskel ? prepare_header_progs(lskel, listing->loader) : LOADER_PROGS_UNKNOWN;
	int rc = find(&look->subject, choose_schemes(shared, look->subject.image, listing->loader),
		      progs, listing, err);

	if (!rc && lskel)
		listing->nr_findings += header_find(lskel,
						    &listing->findings[listing->nr_findings]);
	else if (!rc && listing->skel)
		listing->nr_findings += header_find_pins(listing->skel,
							 &listing->findings[listing->nr_findings]);
	if (!rc)
		listing->nr_findings += input_find(&look->input,
						   &listing->findings[listing->nr_findings]);
	if (!rc && listing->skel && (lskel || look->input.kind == INPUT_OBJECT))
		listing->nr_findings += header_find_attach(
			listing->skel, lskel, listing->loader, LSKEL_RUNTIME_EMBEDDED,
			&listing->findings[listing->nr_findings]);
	return rc;
}

/* Read input I into LOOK, which has to be zero, and must not be moved. */
static int look_at(const struct shared_options *shared, int i, struct look *look, struct err *err)
{
	const bool is_long = shared->json || shared->verbose;
	int rc = shared_read_signed(shared, i, false, NULL, &look->input, err);

	if (rc)
		return rc;
	subject_begin(&look->subject, input_image(&look->input), &look->input.loader);
	look->listing.loader = &look->input.loader;
	look->listing.skel = input_skel(&look->input);
	look->listing.text_why = text_why(&look->input);
	rc = read_forms(&look->subject, &look->listing.second, &look->odd, &look->odd_why);
	if (rc) {
		*err = look->odd_why;
		return rc;
	}
	rc = listing_read(&look->listing, is_long ? OBJECT_TEXT_LONG : OBJECT_TEXT_SHORT, err);
	return rc ?: look_for_findings(shared, look, err);
}

static int inspect_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct options *options = arg;
	_look_ struct look look = {.odd = false};
	struct listing *listing = &look.listing;
	struct err why;
	bool denied;
	int rc = look_at(&options->shared, job->i, &look, err);

	if (rc)
		return rc;
	denied = !look.odd &&
		 (shared_denied(&options->deny, listing->findings, listing->nr_findings, &why) ||
		  deny_text(options, &look.input, &why));
	listing->why = look.odd ? &look.odd_why : denied ? &why : NULL;
	job->outcome = look.odd ? REPORT_FAILED : denied ? REPORT_REJECTED : REPORT_DONE;
	report_listing(&job->report, job->file, listing);
	return 0;
}

/* --- --diff --- */

/* An input to compare, and its signatures. */
struct side {
	struct look look;
	struct signers signers;
};

#define _side_ _cleanup_(side_end)

static void side_end(struct side *side)
{
	signers_free(&side->signers);
	look_end(&side->look);
}

static int read_side(const struct shared_options *shared, int i, struct side *side,
		     struct compare_side *ret, struct err *err)
{
	const struct input *input = &side->look.input;
	int rc = look_at(shared, i, &side->look, err);

	if (!rc && side->look.odd) {
		*err = side->look.odd_why;
		return -EBADMSG;
	}
	if (!rc)
		rc = signers_read(side->look.subject.image, SCHEME_BIT(SCHEME_NR) - 1,
				  &side->signers, err);
	if (rc)
		return rc;
	*ret = (struct compare_side){
		.listing = &side->look.listing,
		.image = side->look.subject.image,
		.signers = &side->signers,
	};
	if (input->kind == INPUT_LSKEL) {
		ret->header = input->lskel.source;
		ret->name = view_str(input->lskel.name);
	}
	return 0;
}

/* The file of --diff as the only input of SHARED. */
static int read_old(const struct options *options, struct side *side, struct compare_side *ret,
		    struct err *err)
{
	char *file = (char *)options->old;
	struct shared_options shared = options->shared;
	int rc;

	shared.insns = NULL;
	shared.files = &file;
	shared.nr_files = 1;
	shared.sources = NULL;
	rc = shared_find_images(&shared, err);
	if (!rc && shared.nr_files > 1)
		rc = err_set(err, -EINVAL, "has %d signed images: name one of them, such as %s",
			     shared.nr_files, shared.files[0]);
	if (!rc)
		rc = read_side(&shared, 0, side, ret, err);
	shared_end(&shared);
	return rc ? err_prefix(err, "--diff %s", options->old) : 0;
}

static int compare_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct options *options = arg;
	_side_ struct side before = {.signers.nr = 0}, after = {.signers.nr = 0};
	_compare_rows_ struct compare_rows rows = {0};
	struct compare_side old, new;
	int rc;

	rc = read_old(options, &before, &old, err);
	if (!rc)
		rc = read_side(&options->shared, job->i, &after, &new, err);
	if (!rc)
		rc = compare(&old, &new, &rows, err);
	if (rc)
		return rc;
	job->outcome = rows.nr ? REPORT_REJECTED : REPORT_DONE;
	report_comparison(&job->report, options->old, job->file, &rows);
	return 0;
}

/* --- the command --- */

static enum cli_status run(void *arg, struct report_output *report)
{
	struct options *options = arg;

	return shell_each(&options->shared, options->old ? compare_input : inspect_input, options,
			  report);
}

static enum cli_status run_inspect(int argc, char **argv)
{
	static const struct shell_command command = {option_table, parse, doc, run};
	struct options options = {.shared = {.outcome_names = list_outcomes, .programs = true}};

	return shell_run(&command, argc, argv, &options, &options.shared, NULL);
}

const struct cmd cmd_inspect = {
	"inspect", "list what a loader installs, and possible problems; or compare two",
	run_inspect};
