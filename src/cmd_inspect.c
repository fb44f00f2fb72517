// SPDX-License-Identifier: BSD-2-Clause
/*
 * cmd_inspect.c - bpf-chainsign inspect: what a loader installs, and what is the matter with it.
 */
#include <errno.h>
#include <stdio.h>

#include "cmd_batch.h"
#include "crypto.h"
#include "loader/loader.h"
#include "object.h"
#include "prepare.h"
#include "util.h"

static error_t parse(int key, _unused_ char *arg, struct argp_state *state)
{
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
}

static const char doc[] =
	"List what a loader installs: maps with their contents, programs and what they use.\v"
	"The list is read from the very bytes that are signed. A loader that is not known to the last "
	"bit is not listed. Findings are those for the schemes of --scheme; by default for those that "
	"the file has signatures of, and without signatures for those it can be signed with as it "
	"is. Of an object it is the loader that sign makes. --verbose prints contents whole.\n"
	"Exit status: 0 listed, 2 usage, 3 could not tell, or an unknown loader.";

/* Which check the second form of IMAGE has, which must be the same loader but for that. */
static int read_second(const struct image *image, enum loader_check *ret, struct err *err)
{
	static const struct {
		enum loader_form form;
		enum loader_check check;
	} forms[] = {
		{LOADER_FORM_EXCL_HASH, LOADER_CHECK_EXCL_HASH},
		{LOADER_FORM_HASH, LOADER_CHECK_HASH},
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_image_ struct image sealed = {0};
		int rc = loader_seal(image, forms[i].form, &sealed, err);

		if (rc)
			return rc;
		if (view_equal(buf_view(&sealed.insns), buf_view(&image->insns_checked))) {
			*ret = forms[i].check;
			return 0;
		}
	}
	return err_set(
		err, -EBADMSG,
		"the loader's second form, for the scheme insns, is not what the first gives "
		"when it is sealed: it may install something else");
}

/* The schemes that the findings are for. */
static scheme_set choose_schemes(const struct common *common, const struct image *image,
				 const struct loader *loader)
{
	scheme_set present = scheme_signed(image);

	if (common->schemes || present)
		return common->schemes ?: present;
	/* a header in bpftool's form does not say: what checks its map was made for insns */
	if (image->sig_unnamed.data)
		return SCHEME_BIT(loader->check ? SCHEME_INSNS : SCHEME_FOLDED);
	if (loader->check || image->insns_checked.data)
		return SCHEME_ALL;
	return SCHEME_ALL & ~SCHEME_BIT(SCHEME_INSNS);
}

/* Findings on both forms of the loader, each for the schemes it is for. */
static void find(const struct image *image, size_t progs, scheme_set schemes,
		 struct report_listing *listing)
{
	struct loader_finding checked[LOADER_FINDING_NR];
	struct loader second = *listing->loader;
	size_t nr;

	if (!image->insns_checked.data || !(schemes & SCHEME_BIT(SCHEME_INSNS))) {
		listing->nr_findings = loader_findings(listing->loader, schemes, progs,
						       listing->findings);
		return;
	}
	listing->nr_findings = loader_findings(listing->loader, schemes & ~SCHEME_BIT(SCHEME_INSNS),
					       progs, listing->findings);
	second.check = listing->second;
	nr = loader_findings(&second, SCHEME_BIT(SCHEME_INSNS), progs, checked);
	for (size_t i = 0; i < nr; i++) {
		if (checked[i].id == LOADER_NOT_EXCLUSIVE)
			listing->findings[listing->nr_findings++] = checked[i];
	}
}

/* Values with types, where BTF knows them; of a map where it does not, nothing. */
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

static int list(const struct common *common, struct batch_job *job, struct input *input,
		struct err *err)
{
	const struct image *image = input_image(input);
	size_t progs = input->kind == INPUT_LSKEL ? prepare_header_progs(&input->lskel)
						  : LOADER_PROGS_UNKNOWN;
	struct object_values values[IMAGE_MAPS_MAX] = {0};
	_loader_ struct loader loader = {0};
	struct report_listing listing = {.loader = &loader, .values = values};
	int rc;

	rc = loader_read(image, &loader, err);
	if (!rc && image->insns_checked.data)
		rc = read_second(image, &listing.second, err);
	if (!rc)
		rc = read_values(&loader, values, err);
	if (!rc) {
		find(image, progs, choose_schemes(common, image, &loader), &listing);
		report_listing(&job->report, job->file, &listing);
	}
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		object_values_free(&values[i]);
	return rc;
}

/* What is listed is then not what the header stands for. */
static void warn_text(struct batch_job *job, const struct input *input)
{
	const struct err *why = &input->lskel.text_why;
	char text[ERR_TEXT_MAX + 32];

	if (input->kind != INPUT_LSKEL || input->lskel.text == LSKEL_TEXT_RENDERED)
		return;
	snprintf(text, sizeof(text), "line %u: %s", why->line, why->text);
	report_warning(&job->report, job->file, text);
}

/* What sign makes of an object; where it refuses for what it finds, the object's own loader. */
static int read_input(const struct common *common, int i, struct input *ret, struct err *err)
{
	int rc = common_read_signed(common, i, NULL, ret, err);

	return rc == -EPERM ? common_read(common, i, NULL, NULL, ret, err) : rc;
}

static int inspect_input(void *arg, struct batch_job *job, struct err *err)
{
	const struct common *common = arg;
	_input_ struct input input = {0};
	int rc;

	rc = read_input(common, job->i, &input, err);
	if (!rc)
		rc = list(common, job, &input, err);
	if (!rc)
		warn_text(job, &input);
	return rc;
}

static enum cli_status run_inspect(int argc, char **argv)
{
	static const struct argp_child children[] = {{&common_argp, 0, NULL, 0}, {0}};
	static const struct argp argp = {
		.parser = parse,
		.args_doc = "FILE...",
		.doc = doc,
		.children = children,
	};
	struct common common = {0};
	struct report report;
	struct batch batch;
	struct err err;

	argp_parse(&argp, argc, argv, 0, NULL, &common);
	common_report(&common, &report);
	if (crypto_begin_plain(&err)) {
		report_error(&report, NULL, &err);
		return report_end(&report, CLI_UNKNOWN);
	}
	batch = (struct batch){
		.common = &common,
		.report = &report,
		.work = inspect_input,
		.arg = &common,
	};
	return report_end(&report, batch_run(&batch));
}

const struct cmd cmd_inspect = {"inspect", "list what a loader installs, and what is wrong with it",
				run_inspect};
