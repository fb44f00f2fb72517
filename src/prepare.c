// SPDX-License-Identifier: BSD-2-Clause
#include "prepare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object.h"

/* --- forms --- */

/* What to do about a loader that cannot be sealed. */
static int explain_seal(const struct loader *loader, bool is_object, struct err *err)
{
	if (is_object)
		return err_prefix(err, "cannot seal the loader that libbpf %s generated",
				  object_libbpf_version());
	if (loader->known || loader->explained)
		return err_prefix(err, "cannot seal the loader");
	return err_prefix(err, "cannot seal the loader (--no-seal signs it as it is)");
}

static int seal(struct subject *subject, bool is_object, bool *ret_closed, struct err *err)
{
	const struct loader *loader = subject->loader;
	bool closed = (loader->open_values || loader->open_sizes) && loader->nr_maps;
	int rc = loader_seal(subject->loader, subject->image, err);

	if (rc)
		return explain_seal(loader, is_object, err);
	*ret_closed = closed;
	return 0;
}

/* Make the checked and hash-only forms that SCHEMES need, for the present data. */
static int make_forms(struct subject *subject, scheme_set schemes, bool hash_only, struct err *err)
{
	const enum loader_form second = hash_only ? LOADER_FORM_HASH : LOADER_FORM_EXCL_HASH;
	struct image *image = subject->image;
	const uint8_t *hash = NULL;
	int rc = 0;

	if (schemes & (SCHEME_BIT(SCHEME_INSNS) | SCHEME_BIT(SCHEME_INSNS_HASH)))
		rc = scheme_map_hash(&subject->contents, 0, &hash, err);
	if (!rc && schemes & SCHEME_BIT(SCHEME_INSNS))
		rc = loader_make_form(subject->loader, second, hash, &image->insns_checked, err);
	if (!rc && schemes & SCHEME_BIT(SCHEME_INSNS_HASH))
		rc = loader_make_form(subject->loader, LOADER_FORM_HASH, hash, &image->insns_hash,
				      err);
	return rc;
}

/* --- findings --- */

/* Add the findings about LOADER for SCHEMES to LIST, each only once. */
static void add_findings(const struct loader *loader, scheme_set schemes, size_t progs,
			 struct loader_finding *list, size_t *nr_list)
{
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr = loader_findings(loader, schemes, progs, findings);

	for (size_t i = 0; i < nr; i++) {
		bool known = false;

		for (size_t n = 0; n < *nr_list; n++)
			known |= list[n].id == findings[i].id;
		if (!known)
			list[(*nr_list)++] = findings[i];
	}
}

/* The same for the form that only SCHEME signs: the sealed loader with a check of its map. */
static int judge_form(struct subject *subject, enum scheme scheme, size_t progs,
		      struct loader_finding *list, size_t *nr_list, struct err *err)
{
	const struct buf *insns = image_insns(subject->image, scheme);
	struct loader sealed = *subject->loader; /* borrows */
	enum loader_form form;
	const uint8_t *hash;
	int rc = scheme_map_hash(&subject->contents, 0, &hash, err);

	if (!rc)
		rc = loader_find_form(subject->loader, hash, buf_view(insns), &form, err);
	if (rc)
		return rc;
	loader_as_sealed(&sealed, loader_form_check(form));
	add_findings(&sealed, SCHEME_BIT(scheme), progs, list, nr_list);
	return 0;
}

/* The schemes that sign a separate form. */
static scheme_set with_own_form(const struct image *image, scheme_set schemes)
{
	scheme_set set = 0;

	for_each_scheme (scheme, schemes)
		set |= image_insns(image, scheme) == &image->insns ? 0 : SCHEME_BIT(scheme);
	return set;
}

static int judge_loader(struct subject *subject, scheme_set schemes, size_t progs,
			struct loader_finding ret[LOADER_FINDING_NR], size_t *ret_nr,
			struct err *err)
{
	const struct loader *loader = subject->loader;
	const scheme_set own = with_own_form(subject->image, schemes);
	size_t nr = 0;
	int rc = 0;

	if (!loader->known)
		return err_set(err, -EBADMSG, "%s", loader->why);
	add_findings(loader, schemes & ~own, progs, ret, &nr);
	for_each_scheme (scheme, own) {
		if (!rc && image_insns(subject->image, scheme)->data)
			rc = judge_form(subject, scheme, progs, ret, &nr, err);
	}
	if (!rc)
		*ret_nr = nr;
	return rc;
}

/* Add the finding about values of the build host. SETTINGS NULL: there are none. */
static int judge_host(const struct loader *loader, const struct settings *settings,
		      struct loader_finding *list, size_t *nr_list, struct err *err)
{
	struct loader_finding finding;
	int rc = settings_find_host(settings, loader, &finding, err);

	if (rc > 0)
		list[(*nr_list)++] = finding;
	return rc < 0 ? rc : 0;
}

int prepare_judge(struct subject *subject, scheme_set schemes, size_t progs,
		  struct loader_finding ret[LOADER_FINDING_NR], size_t *ret_nr, struct err *err)
{
	int rc = judge_loader(subject, schemes, progs, ret, ret_nr, err);

	/* who signed it knew which values it has */
	return rc || scheme_signed(subject->image)
		       ? rc
		       : judge_host(subject->loader, NULL, ret, ret_nr, err);
}

/* The whole name of PROG from BTF if there is any, because the kernel's name is cut off. */
static bool is_prog(const struct loader_prog *prog, struct view name)
{
	struct view own = prog->full_name.size ? prog->full_name : view_str(prog->name);

	return view_equal(own, name);
}

size_t prepare_header_progs(const struct lskel *lskel, const struct loader *loader)
{
	bool in_order = true;
	struct view name;
	size_t nr = 0, at = 0;

	if (!loader->known)
		return LOADER_PROGS_UNKNOWN;
	for (; (name = lskel_next_prog(lskel, &at)).data; nr++)
		in_order &= nr >= loader->nr_progs || is_prog(&loader->progs[nr], name);
	return in_order ? LOADER_PROGS_UNKNOWN : nr;
}

static int refuse_danger(const struct prepare_result *result, const struct prepare_options *options,
			 struct err *err)
{
	/* A user who requests the hash-only form accepts this finding. */
	const bool requested = options->hash_only ||
			       result->schemes & SCHEME_BIT(SCHEME_INSNS_HASH);
	unsigned int allowed = options->allowed | (requested ? 1u << LOADER_NOT_EXCLUSIVE : 0);

	for (size_t i = 0; i < result->nr_findings; i++) {
		const struct loader_finding *finding = &result->findings[i];

		if (finding->severity == LOADER_DANGER && !(allowed & 1u << finding->id))
			return err_set(err, ERR_REFUSED,
				       "[%s]%s%s%s %s; %s, or sign it anyway with --allow=%s",
				       finding->name, *finding->where ? " " : "", finding->where,
				       *finding->where ? ":" : "", finding->what, finding->remedy,
				       finding->name);
	}
	return 0;
}

static int judge(struct subject *subject, size_t progs, const struct prepare_options *options,
		 struct prepare_result *result, struct err *err)
{
	int rc = judge_loader(subject, result->schemes, progs, result->findings,
			      &result->nr_findings, err);

	return rc || options->approved ? rc
				       : judge_host(subject->loader, &options->set,
						    result->findings, &result->nr_findings, err);
}

/* --- the whole image --- */

/* An unknown loader, or raw input, which need not be one. */
static void keep_unknown(const struct subject *subject, bool check,
			 const struct prepare_options *options, struct prepare_result *result)
{
	const scheme_set insns = SCHEME_BIT(SCHEME_INSNS);
	const char *why = subject->loader->why;
	size_t nr = 0;

	if (!options->raw) {
		result->findings[nr] = loader_finding(LOADER_UNKNOWN);
		err_escape(result->findings[nr].where, sizeof(result->findings[nr].where), why,
			   strlen(why));
		nr++;
	}
	/* an insns signature covers only the instructions */
	if (result->schemes & insns && subject->image->nr_maps && !check)
		result->findings[nr++] = loader_finding(LOADER_DATA_UNCOVERED);
	result->nr_findings = nr;
}

/* Without sealing, options of the kernel cannot get a value: they are zero. */
static int refuse_zeros(const struct loader *loader, const struct prepare_options *options,
			struct err *err)
{
	bool needed;
	int rc = settings_need_host(&options->set, loader, &needed, err);

	if (rc || !needed)
		return rc;
	return err_set(err, -EINVAL,
		       "the object asks for options of the kernel (CONFIG_*), whose values can be "
		       "set only in a sealed loader (not with --no-seal)");
}

/* Keep the bytes. The loader of an object must be known even then. */
static int keep_image(struct subject *subject, bool is_object, size_t progs,
		      const struct prepare_options *options, struct prepare_result *result,
		      struct err *err)
{
	scheme_set insns = SCHEME_BIT(SCHEME_INSNS), folded = SCHEME_BIT(SCHEME_FOLDED);
	bool check = loader_has_check(subject->image);
	int rc = 0;

	if (!settings_are_none(&options->set))
		return err_set(err, -EINVAL,
			       "--set, --values, --kconfig and --max-entries need a sealed loader "
			       "(not raw input, not --no-seal)");
	if (!subject->loader->known && is_object)
		return err_set(err, -EBADMSG,
			       "the loader generated for this object is not recognized, so it is "
			       "not signed: %s",
			       subject->loader->why);
	result->schemes = options->schemes ?: SCHEME_ALL & ~(check ? folded : insns);
	if (subject->loader->known)
		rc = judge(subject, progs, options, result, err);
	else
		keep_unknown(subject, check, options, result);
	if (!rc)
		rc = refuse_danger(result, options, err);
	if (!rc && subject->loader->known && is_object)
		rc = refuse_zeros(subject->loader, options, err);
	return rc;
}

int prepare_image(struct subject *subject, struct skel *skel, size_t progs,
		  const struct prepare_options *options, struct prepare_result *ret,
		  struct err *err)
{
	struct prepare_result result = {.schemes = options->schemes ?: SCHEME_ALL};
	int rc;

	buf_free(&subject->image->insns_checked);
	buf_free(&subject->image->insns_hash);
	if (options->also_hash && result.schemes & SCHEME_BIT(SCHEME_INSNS))
		result.schemes |= SCHEME_BIT(SCHEME_INSNS_HASH);
	if (options->no_seal || options->raw) {
		rc = keep_image(subject, skel != NULL, progs, options, &result, err);
	} else {
		result.sealed = true;
		rc = seal(subject, skel != NULL, &result.closed, err);
		if (!rc)
			rc = settings_apply(&options->set, subject, skel, err);
		if (!rc)
			rc = make_forms(subject, result.schemes, options->hash_only, err);
		if (!rc)
			rc = judge(subject, progs, options, &result, err);
		if (!rc)
			rc = refuse_danger(&result, options, err);
	}
	if (!rc)
		*ret = result;
	return rc;
}
