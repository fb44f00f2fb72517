// SPDX-License-Identifier: BSD-2-Clause
#include "prepare.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object.h"

/* --- forms --- */

/* IMAGE's instructions and map become those of SEALED. */
static void take_sealed(struct image *image, struct image *sealed)
{
	struct buf old = buf_take(&image->insns);

	buf_free(&old);
	image->insns = buf_take(&sealed->insns);
	buf_free(&image->maps[0].value);
	image->maps[0].value = buf_take(&sealed->maps[0].value);
}

static int seal_plain(struct image *image, bool *ret_closed, struct err *err)
{
	_image_ struct image sealed = {0};
	_loader_ struct loader loader = {0};
	int rc = loader_read(image, &loader, err);

	if (!rc)
		rc = loader_seal(image, LOADER_FORM_PLAIN, &sealed, err);
	if (rc)
		return err_prefix(err, "it cannot be sealed (--no-seal signs it as it is)");
	*ret_closed = (loader.open_values || loader.open_sizes) && loader.nr_maps;
	take_sealed(image, &sealed);
	return 0;
}

/* A form that checks its map, over the data as it is now, to *ret. */
static int make_form(const struct image *image, enum loader_form form, struct buf *ret,
		     struct err *err)
{
	_image_ struct image checked = {0};
	int rc = loader_seal(image, form, &checked, err);

	if (rc)
		return rc;
	if (!view_equal(buf_view(&checked.maps[0].value), buf_view(&image->maps[0].value)))
		return err_set(err, -EBADMSG,
			       "the two forms of the loader disagree about its data");
	*ret = buf_take(&checked.insns);
	return 0;
}

/* The forms that check their map, as far as SCHEMES have a use for them. */
static int make_forms(struct image *image, scheme_set schemes, bool hash_only, struct err *err)
{
	int rc = 0;

	if (schemes & SCHEME_BIT(SCHEME_INSNS))
		rc = make_form(image, hash_only ? LOADER_FORM_HASH : LOADER_FORM_EXCL_HASH,
			       &image->insns_checked, err);
	if (!rc && schemes & SCHEME_BIT(SCHEME_INSNS_HASH))
		rc = make_form(image, LOADER_FORM_HASH, &image->insns_hash, err);
	return rc;
}

/* --- values and sizes --- */

/* The part of PAIR before the first '=', owned; *ret_value points behind it. */
static char *split_pair(const char *pair, const char **ret_value, struct err *err)
{
	const char *equals = strchr(pair, '=');
	char *name;

	if (!equals || equals == pair) {
		err_set(err, -EINVAL, "'%s' is not NAME=VALUE", pair);
		return NULL;
	}
	name = view_strdup(view_of(pair, (size_t)(equals - pair)));
	if (!name)
		err_nomem(err);
	*ret_value = equals + 1;
	return name;
}

/* The skeleton's copy of a value that the loader now installs. */
static int follow_value(struct skel *skel, size_t map, size_t offset, struct view value,
			struct err *err)
{
	struct buf *copy = map < skel->nr_maps ? &skel->maps[map].value : NULL;

	if (!copy || offset > copy->size || value.size > copy->size - offset)
		return err_set(err, -ENOTSUP, "the variable is not one that a skeleton shows");
	memcpy(copy->data + offset, value.data, value.size);
	return 0;
}

static int set_in_section(struct image *image, struct skel *skel, const struct object_var *var,
			  struct err *err)
{
	_loader_ struct loader loader = {0};
	size_t map = 0;
	int rc = loader_read(image, &loader, err);

	if (rc)
		return rc;
	while (map < loader.nr_maps &&
	       (loader.maps[map].btf_value != var->section || !loader.maps[map].has_value))
		map++;
	if (map == loader.nr_maps)
		return err_set(err, -ENOTSUP, "the variable's section is not in the loader");
	rc = loader_set_value(image, map, var->offset, buf_view(&var->value), err);
	return rc ? rc : follow_value(skel, map, var->offset, buf_view(&var->value), err);
}

static int set_value(struct image *image, struct skel *skel, const char *pair, struct err *err)
{
	_loader_ struct loader loader = {0};
	_cleanup_(freep) char *name = NULL;
	struct object_var var = {0};
	const char *value = NULL;
	int rc;

	name = split_pair(pair, &value, err);
	if (!name)
		return err->code;
	if (!skel)
		return err_set(err, -ENOTSUP, "a header's values cannot be set: give the object");
	rc = loader_read(image, &loader, err);
	if (!rc)
		rc = object_var_parse(loader.btf, name, value, &var, err);
	if (!rc)
		rc = set_in_section(image, skel, &var, err);
	buf_free(&var.value);
	return rc;
}

/* Maps by their whole names; the kernel, and the loader, know the first 15 characters. */
struct map_list {
	const struct loader *loader;
	const struct skel *names; /* NULL: nobody knows more than the loader */
};

static const char *whole_name(const struct map_list *list, size_t map)
{
	bool known = list->names && map < list->names->nr_maps;

	return known ? list->names->maps[map].ident : list->loader->maps[map].name;
}

static bool is_whole(const struct map_list *list, size_t map, const char *name)
{
	return !strcmp(whole_name(list, map), name);
}

static bool is_cut(const struct map_list *list, size_t map, const char *name)
{
	return strlen(name) == LOADER_NAME_SIZE - 1 && !strcmp(list->loader->maps[map].name, name);
}

static bool begins_alike(const struct map_list *list, size_t map, const char *name)
{
	return strlen(name) >= LOADER_NAME_SIZE - 1 &&
	       !strncmp(list->loader->maps[map].name, name, LOADER_NAME_SIZE - 1);
}

/* How many maps IS is true of; *ret: the last of them. */
static size_t count_maps(const struct map_list *list, const char *name,
			 bool (*is)(const struct map_list *, size_t, const char *), size_t *ret)
{
	size_t nr = 0;

	for (size_t map = 0; map < list->loader->nr_maps; map++) {
		if (!is(list, map, name))
			continue;
		*ret = map;
		nr++;
	}
	return nr;
}

/* No map is called NAME, or several may be: with the whole names of those that could be meant. */
static int refuse_map(const struct map_list *list, const char *name, bool several, struct err *err)
{
	_buf_ struct buf alike = {0};
	char text[64];

	for (size_t map = 0; map < list->loader->nr_maps; map++) {
		const char *own = whole_name(list, map);

		if (begins_alike(list, map, name))
			buf_printf(&alike, "%s%s", alike.size ? ", " : "",
				   err_escape(text, sizeof(text), own, strlen(own)));
	}
	if (alike.failed)
		return err_nomem(err);
	if (several)
		return err_set(err, -ENOENT,
			       "%s is how several names of maps begin: give one of them whole: %s",
			       name, buf_cstr(&alike));
	return err_set(err, -ENOENT, "there is no map %s: %s%s", name,
		       alike.size ? "names that begin alike are " : "inspect lists them",
		       alike.size ? buf_cstr(&alike) : "");
}

/* A whole name, or the beginning of it that the kernel knows, if only one map has that. */
static int find_map(const struct map_list *list, const char *name, size_t *ret, struct err *err)
{
	size_t nr = count_maps(list, name, is_whole, ret);

	if (!nr)
		nr = count_maps(list, name, is_cut, ret);
	return nr == 1 ? 0 : refuse_map(list, name, nr, err);
}

static int parse_size(const char *text, uint32_t *ret, struct err *err)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 0);
	if (errno || *end || *text < '0' || *text > '9' || !number || number > UINT32_MAX)
		return err_set(err, -EINVAL, "'%s' is not a number of entries: expected 1 to %u",
			       text, UINT32_MAX);
	*ret = (uint32_t)number;
	return 0;
}

static int set_size(struct image *image, const struct skel *names, const char *pair,
		    struct err *err)
{
	_loader_ struct loader loader = {0};
	_cleanup_(freep) char *name = NULL;
	const char *value = NULL;
	uint32_t size = 0;
	size_t map = 0;
	int rc;

	name = split_pair(pair, &value, err);
	if (!name)
		return err->code;
	rc = parse_size(value, &size, err);
	if (!rc)
		rc = loader_read(image, &loader, err);
	if (!rc)
		rc = find_map(&(struct map_list){&loader, names}, name, &map, err);
	return rc ? rc : loader_set_size(image, map, size, err);
}

static int set_all(struct image *image, struct skel *skel, const struct prepare_wishes *wishes,
		   struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < wishes->sizes.nr; i++) {
		rc = set_size(image, wishes->names, wishes->sizes.list[i], err);
		if (rc)
			err_prefix(err, "--max-entries %s", wishes->sizes.list[i]);
	}
	for (size_t i = 0; !rc && i < wishes->values.nr; i++) {
		rc = set_value(image, skel, wishes->values.list[i], err);
		if (rc)
			err_prefix(err, "--set %s", wishes->values.list[i]);
	}
	return rc;
}

/* --- findings --- */

/* Add what is dangerous about one form of the loader for the schemes that use it. */
static int judge_form(const struct image *image, scheme_set schemes, size_t progs,
		      struct loader_finding *list, size_t *nr_list, struct err *err)
{
	struct loader_finding findings[LOADER_FINDING_NR];
	_loader_ struct loader loader = {0};
	size_t nr;
	int rc;

	rc = loader_read(image, &loader, err);
	if (rc)
		return rc;
	nr = loader_findings(&loader, schemes, progs, findings);
	for (size_t i = 0; i < nr; i++) {
		bool known = false;

		for (size_t n = 0; n < *nr_list; n++)
			known |= list[n].id == findings[i].id;
		if (!known)
			list[(*nr_list)++] = findings[i];
	}
	return 0;
}

/* The schemes that are over a form of their own. */
static scheme_set with_own_form(const struct image *image, scheme_set schemes)
{
	scheme_set set = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		set |= image_insns(image, scheme) == &image->insns ? 0 : SCHEME_BIT(scheme);
	return set & schemes;
}

int prepare_judge(const struct image *image, scheme_set schemes, size_t progs,
		  struct loader_finding ret[LOADER_FINDING_NR], size_t *ret_nr, struct err *err)
{
	const scheme_set own = with_own_form(image, schemes);
	size_t nr = 0;
	int rc = judge_form(image, schemes & ~own, progs, ret, &nr, err);

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		struct image form = *image; /* borrows */

		form.insns = *image_insns(image, scheme);
		if (own & SCHEME_BIT(scheme) && form.insns.data)
			rc = judge_form(&form, SCHEME_BIT(scheme), progs, ret, &nr, err);
	}
	if (!rc)
		*ret_nr = nr;
	return rc;
}

/* The kernel's name of PROG is cut; the whole one comes from BTF, where there is any. */
static bool is_prog(const struct loader_prog *prog, struct view name)
{
	struct view own = prog->full_name.size ? prog->full_name : view_str(prog->name);

	return view_equal(own, name);
}

size_t prepare_header_progs(const struct lskel *lskel)
{
	_loader_ struct loader loader = {0};
	bool in_order = true;
	struct err ignored;
	struct view name;
	size_t nr = 0, at = 0;

	if (loader_read(&lskel->image, &loader, &ignored))
		return LOADER_PROGS_UNKNOWN;
	for (; (name = lskel_next_prog(lskel, &at)).data; nr++)
		in_order &= nr >= loader.nr_progs || is_prog(&loader.progs[nr], name);
	return in_order ? LOADER_PROGS_UNKNOWN : nr;
}

static int refuse_danger(const struct prepare_result *result, const struct prepare_wishes *wishes,
			 struct err *err)
{
	/* Who asks for the form without the exclusivity check has been told. */
	const bool told = wishes->hash_only || result->schemes & SCHEME_BIT(SCHEME_INSNS_HASH);
	unsigned int allowed = wishes->allowed | (told ? 1u << LOADER_NOT_EXCLUSIVE : 0);

	for (size_t i = 0; i < result->nr_findings; i++) {
		const struct loader_finding *finding = &result->findings[i];

		if (finding->severity == LOADER_DANGER && !(allowed & 1u << finding->id))
			return err_set(err, ERR_REFUSED, "[%s] %s; %s, or insist with --allow=%s",
				       finding->name, finding->what, finding->remedy,
				       finding->name);
	}
	return 0;
}

/* --- the whole --- */

/* A loader that is not known, and parts that need not be one. */
static int keep_unknown(const struct image *image, bool check, const struct prepare_wishes *wishes,
			struct prepare_result *result, const struct err *why)
{
	const scheme_set insns = SCHEME_BIT(SCHEME_INSNS);
	size_t nr = 0;

	if (!wishes->raw) {
		result->findings[nr] = loader_finding(LOADER_UNKNOWN);
		err_escape(result->findings[nr].where, sizeof(result->findings[nr].where),
			   why->text, strlen(why->text));
		nr++;
	}
	/* an insns signature is over the instructions alone */
	if (result->schemes & insns && image->nr_maps && !check)
		result->findings[nr++] = loader_finding(LOADER_DATA_UNCOVERED);
	result->nr_findings = nr;
	return 0;
}

/* Bytes that are kept; of an object only those of a loader that is known. */
static int keep_image(const struct image *image, bool is_object, size_t progs,
		      const struct prepare_wishes *wishes, struct prepare_result *result,
		      struct err *err)
{
	scheme_set insns = SCHEME_BIT(SCHEME_INSNS), folded = SCHEME_BIT(SCHEME_FOLDED);
	bool check = loader_has_check(image);
	int rc;

	if (wishes->values.nr || wishes->sizes.nr)
		return err_set(err, -EINVAL,
			       "--set and --max-entries need a loader that is sealed");
	result->schemes = wishes->schemes ?: SCHEME_ALL & ~(check ? folded : insns);
	rc = prepare_judge(image, result->schemes, progs, result->findings, &result->nr_findings,
			   err);
	if (rc == -EBADMSG && is_object)
		return err_prefix(
			err, "the loader made of this object is not known, so it is not signed");
	if (rc == -EBADMSG)
		rc = keep_unknown(image, check, wishes, result, err);
	return rc ?: refuse_danger(result, wishes, err);
}

int prepare_image(struct image *image, struct skel *skel, size_t progs,
		  const struct prepare_wishes *wishes, struct prepare_result *ret, struct err *err)
{
	struct prepare_result result = {.schemes = wishes->schemes ?: SCHEME_ALL};
	int rc;

	buf_free(&image->insns_checked);
	buf_free(&image->insns_hash);
	if (wishes->also_hash && result.schemes & SCHEME_BIT(SCHEME_INSNS))
		result.schemes |= SCHEME_BIT(SCHEME_INSNS_HASH);
	if (wishes->no_seal || wishes->raw) {
		rc = keep_image(image, skel != NULL, progs, wishes, &result, err);
	} else {
		result.sealed = true;
		rc = seal_plain(image, &result.closed, err);
		if (!rc)
			rc = set_all(image, skel, wishes, err);
		if (!rc)
			rc = make_forms(image, result.schemes, wishes->hash_only, err);
		if (!rc)
			rc = prepare_judge(image, result.schemes, progs, result.findings,
					   &result.nr_findings, err);
		if (!rc)
			rc = refuse_danger(&result, wishes, err);
	}
	if (!rc)
		*ret = result;
	return rc;
}
