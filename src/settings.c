// SPDX-License-Identifier: BSD-2-Clause
#include "settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object.h"

bool settings_are_none(const struct settings *settings)
{
	return !settings->values.nr && !settings->file && !settings->sizes.nr && !settings->kconfig;
}

/* --- values of variables --- */

/* The part of PAIR before the first '=', owned; *ret_value points after it. */
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

/* Also set the skeleton's copy of the value. */
static int follow_value(struct skel *skel, size_t map, size_t offset, struct view value,
			struct err *err)
{
	struct buf *copy = map < skel->nr_maps ? &skel->maps[map].value : NULL;

	if (!copy || offset > copy->size || value.size > copy->size - offset)
		return err_set(err, -ENOTSUP, "the variable is not visible in the skeleton");
	memcpy(copy->data + offset, value.data, value.size);
	return 0;
}

static int set_in_section(struct subject *subject, struct skel *skel, const struct object_var *var,
			  struct err *err)
{
	const struct loader *loader = subject->loader;
	size_t map = 0;
	int rc;

	while (map < loader->nr_maps &&
	       (loader->maps[map].btf_value != var->section || !loader->maps[map].has_value))
		map++;
	if (map == loader->nr_maps)
		return err_set(err, -ENOTSUP, "the variable's section is not in the loader");
	rc = loader_set_value(loader, subject->image, map, var->offset, buf_view(&var->value), err);
	return rc ? rc : follow_value(skel, map, var->offset, buf_view(&var->value), err);
}

/* The range of bytes of a data section that a value sets, and where the value is from. */
struct filled {
	uint32_t section;
	size_t offset, size;
	const char *pair;  /* of --set; NULL: of the file of --values */
	unsigned int line; /* of that file */
};

/* The values that are set in an image. */
struct setter {
	struct subject *subject;
	struct skel *skel;
	const struct settings *settings;
	struct object_vars vars;
	struct filled *filled;
	size_t nr;
};

static void setter_end(struct setter *setter)
{
	object_vars_free(&setter->vars);
	free(setter->filled);
}

/* Prepend what the value of FILLED is. */
static int prefix_origin(const struct setter *setter, const struct filled *filled, struct err *err)
{
	return filled->pair ? err_prefix(err, "--set %s", filled->pair)
			    : err_prefix(err, "--values: %s:%u", setter->settings->file_name,
					 filled->line);
}

/* Two values for the same bytes are ambiguous. */
static int refuse_overlap(const struct setter *setter, struct err *err)
{
	const struct filled *last = &setter->filled[setter->nr];

	for (size_t i = 0; i < setter->nr; i++) {
		const struct filled *one = &setter->filled[i];

		if (one->section != last->section || one->offset >= last->offset + last->size ||
		    last->offset >= one->offset + one->size)
			continue;
		return one->pair ? err_set(err, -EINVAL, "--set %s already sets these bytes",
					   one->pair)
				 : err_set(err, -EINVAL, "%s:%u already sets these bytes",
					   setter->settings->file_name, one->line);
	}
	return 0;
}

/* Parse TEXT as a value of the variable NAME. The BTF is parsed for the first of them. */
static int parse_variable(struct setter *setter, const char *name, const char *text,
			  struct object_var *ret, struct err *err)
{
	int rc = setter->vars.btf
			 ? 0
			 : object_vars_read(setter->subject->loader->btf, &setter->vars, err);

	return rc ?: object_var_parse(&setter->vars, name, text, ret, err);
}

/* Set NAME to TEXT, which is from where the next of FILLED says. */
static int set_value(struct setter *setter, const char *name, const char *text, struct err *err)
{
	struct filled *filled = &setter->filled[setter->nr];
	struct object_var var = {0};
	int rc = parse_variable(setter, name, text, &var, err);

	filled->section = var.section;
	filled->offset = var.offset;
	filled->size = var.value.size;
	if (!rc)
		rc = refuse_overlap(setter, err);
	if (!rc)
		rc = set_in_section(setter->subject, setter->skel, &var, err);
	buf_free(&var.value);
	setter->nr++;
	return rc;
}

static int set_pair(struct setter *setter, const char *pair, struct err *err)
{
	_cleanup_(freep) char *name = NULL;
	const char *value = NULL;

	setter->filled[setter->nr].pair = pair;
	name = split_pair(pair, &value, err);
	return name ? set_value(setter, name, value, err) : err->code;
}

/*
 * An array has to have all of its elements in the file, and a number cannot stand for one: --set
 * would take it for a list or a text.
 */
static int check_elements(const struct setter *setter, const struct values_item *item,
			  struct err *err)
{
	uint32_t nr = 0;
	int rc = item->kind == VALUES_TEXT
			 ? 0
			 : object_var_elements(&setter->vars, item->name, &nr, err);

	if (rc || (item->kind == VALUES_ARRAY ? item->nr == nr : !nr))
		return rc;
	if (item->kind == VALUES_NUMBER)
		return err_set(err, -EINVAL,
			       "%s is an array of %u elements: expected an array or a string",
			       item->name, nr);
	return err_set(err, -EINVAL, "%s has %u elements in the object, but %zu here", item->name,
		       nr, item->nr);
}

static int set_item(struct setter *setter, const struct values_item *item, struct err *err)
{
	int rc;

	setter->filled[setter->nr].line = item->line;
	rc = check_elements(setter, item, err);
	return rc || item->kind == VALUES_ARRAY ? rc
						: set_value(setter, item->name, item->text, err);
}

/* Set the values of the file, then those of --set. */
static int set_values(struct setter *setter, struct err *err)
{
	const struct settings_pairs *pairs = &setter->settings->values;
	const struct values *file = setter->settings->file;
	const size_t in_file = file ? file->nr : 0;
	int rc;

	if (!pairs->nr && !in_file)
		return 0;
	if (!setter->skel)
		return err_set(err, -ENOTSUP,
			       "%s%s: the values of a header cannot be set: pass the object",
			       pairs->nr ? "--set " : "--values", pairs->nr ? pairs->list[0] : "");
	setter->filled = calloc(pairs->nr + in_file, sizeof(*setter->filled));
	if (!setter->filled)
		return err_nomem(err);
	rc = setter->vars.btf ? 0
			      : object_vars_read(setter->subject->loader->btf, &setter->vars, err);
	for (size_t i = 0; !rc && i < in_file + pairs->nr; i++) {
		struct filled *filled = &setter->filled[setter->nr];

		rc = i < in_file ? set_item(setter, &file->list[i], err)
				 : set_pair(setter, pairs->list[i - in_file], err);
		if (rc)
			prefix_origin(setter, filled, err);
	}
	return rc;
}

/* --- options of the kernel --- */

/* The map of .kconfig with the types of its variables; NULL: there is none. */
static const struct loader_map *kconfig_map(const struct loader *loader)
{
	static const char end[] = ".kconfig";

	for (size_t i = 0; i < loader->nr_maps; i++) {
		const struct loader_map *map = &loader->maps[i];
		size_t size = strlen(map->name);

		if (map->has_value && map->btf_value && size >= strlen(end) &&
		    !strcmp(map->name + size - strlen(end), end))
			return map;
	}
	return NULL;
}

/* The variables of .kconfig. */
static int read_kconfig(const struct loader *loader, struct object_values *ret, struct err *err)
{
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	const struct loader_map *map = kconfig_map(loader);
	int rc;

	if (!map)
		return 0;
	rc = object_types_read(loader->btf, loader->big, &types, err);
	return rc
		       ?: object_values_read(types, map->btf_value, map->value, OBJECT_TEXT_SHORT,
					     ret, err);
}

static bool is_option(const char *name)
{
	return !strncmp(name, "CONFIG_", strlen("CONFIG_"));
}

/* Whether --set or --values has a value for NAME. */
static bool is_set(const struct settings *settings, const char *name)
{
	const struct values *file = settings ? settings->file : NULL;
	size_t size = strlen(name);

	for (size_t i = 0; file && i < file->nr; i++) {
		if (!strcmp(file->list[i].name, name))
			return true;
	}
	for (size_t i = 0; settings && i < settings->values.nr; i++) {
		const char *pair = settings->values.list[i];

		if (!strncmp(pair, name, size) && pair[size] == '=')
			return true;
	}
	return false;
}

static struct view find_option(const struct settings *settings, const char *name)
{
	bool has = settings && settings->kconfig && is_option(name);

	return has ? kconfig_find(settings->kconfig, name) : (struct view){NULL, 0};
}

/* Whether libbpf would take the value of NAME from the host: LINUX_HAS_* are 1 in any loader. */
static bool is_of_host(const struct settings *settings, const char *name)
{
	return (is_option(name) || !strcmp(name, "LINUX_KERNEL_VERSION")) &&
	       !is_set(settings, name) && !find_option(settings, name).data;
}

/* Room in a finding for " and 9999 more". */
#define MORE_SIZE 16

/* Add NAME to those where FINDING was found; false: there is no room. */
static bool add_name(struct loader_finding *finding, const char *name)
{
	size_t used = strlen(finding->where), room = sizeof(finding->where) - used;

	if (strlen(name) + strlen(", ") + MORE_SIZE > room)
		return false;
	snprintf(finding->where + used, room, "%s%s", used ? ", " : "", name);
	return true;
}

int settings_find_host(const struct settings *settings, const struct loader *loader,
		       struct loader_finding *ret, struct err *err)
{
	_object_values_ struct object_values values = {0};
	struct loader_finding finding = loader_finding(LOADER_HOST_CONFIG);
	size_t shown = 0, nr = 0, used;
	int rc = read_kconfig(loader, &values, err);

	for (size_t i = 0; !rc && i < values.nr; i++) {
		if (!is_of_host(settings, values.list[i].name))
			continue;
		if (shown == nr)
			shown += add_name(&finding, values.list[i].name);
		nr++;
	}
	used = strlen(finding.where);
	if (shown < nr)
		snprintf(finding.where + used, sizeof(finding.where) - used, "%s%zu%s",
			 used ? " and " : "", nr - shown, used ? " more" : " variables");
	*ret = finding;
	return rc ?: nr > 0;
}

static int set_option(struct setter *setter, const char *name, struct view value, struct err *err)
{
	_cleanup_(freep) char *text = view_strdup(value);
	struct object_var var = {0};
	int rc = text ? parse_variable(setter, name, text, &var, err) : err_nomem(err);

	if (!rc)
		rc = set_in_section(setter->subject, setter->skel, &var, err);
	buf_free(&var.value);
	return rc && text ? err_prefix(err, "%s", name) : rc;
}

int settings_need_host(const struct settings *settings, const struct loader *loader, bool *ret,
		       struct err *err)
{
	_object_values_ struct object_values values = {0};
	int rc = settings->host ? read_kconfig(loader, &values, err) : 0;

	*ret = false;
	for (size_t i = 0; i < values.nr; i++)
		*ret |= is_option(values.list[i].name) && is_of_host(settings, values.list[i].name);
	return rc;
}

/* Read the configuration of the running kernel, whose version libbpf has set, if it is needed. */
static int read_host(const struct loader *loader, const struct settings *settings,
		     struct kconfig *ret, struct err *err)
{
	bool needed;
	int rc = settings_need_host(settings, loader, &needed, err);

	if (!rc && needed && kconfig_read_host(ret, err))
		rc = err_prefix(err, "--allow=host-config");
	return rc;
}

/*
 * Set the options that --set does not, from --kconfig or, where that is allowed, from the running
 * kernel. All of them are zero now, and stay so if they are not set there.
 */
static int set_options(struct setter *setter, struct err *err)
{
	const struct settings *settings = setter->settings;
	const struct loader *loader = setter->subject->loader;
	_object_values_ struct object_values values = {0};
	_kconfig_ struct kconfig host = {0};
	int rc = read_kconfig(loader, &values, err);

	if (!rc)
		rc = read_host(loader, settings, &host, err);
	for (size_t i = 0; !rc && i < values.nr; i++) {
		const char *name = values.list[i].name;
		struct view value = find_option(settings, name);

		if (!is_option(name) || is_set(settings, name))
			continue;
		if (!value.data)
			value = kconfig_find(&host, name);
		if (value.size)
			rc = set_option(setter, name, value, err);
	}
	return rc;
}

/* --- sizes of maps --- */

/* Find maps by their whole names, of which kernel and loader have the first 15 characters. */
struct map_list {
	const struct loader *loader;
	const struct skel *names; /* NULL: only the loader's names are known */
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

/* How many maps satisfy IS; *ret: the last of them. */
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

/* The error if no map is called NAME, or several may be; it lists their whole names. */
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
			       "the names of several maps begin with %s: pass one of them in "
			       "full: %s",
			       name, buf_cstr(&alike));
	return err_set(err, -ENOENT, "no map is called %s: %s%s", name,
		       alike.size ? "similar names are " : "inspect lists them",
		       alike.size ? buf_cstr(&alike) : "");
}

/* Find a map by its whole name, or by its first 15 characters if only one map has them. */
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
		return err_set(err, -EINVAL,
			       "'%s' is not a valid number of entries: expected 1 "
			       "to %u",
			       text, UINT32_MAX);
	*ret = (uint32_t)number;
	return 0;
}

static int set_size(struct subject *subject, const struct skel *names, const char *pair,
		    struct err *err)
{
	const struct map_list maps = {subject->loader, names};
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
		rc = find_map(&maps, name, &map, err);
	return rc ? rc : loader_set_size(subject->loader, subject->image, map, size, err);
}

int settings_apply(const struct settings *settings, struct subject *subject, struct skel *skel,
		   struct err *err)
{
	_cleanup_(setter_end) struct setter setter = {
		.subject = subject,
		.skel = skel,
		.settings = settings,
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < settings->sizes.nr; i++) {
		rc = set_size(subject, settings->names, settings->sizes.list[i], err);
		if (rc)
			err_prefix(err, "--max-entries %s", settings->sizes.list[i]);
	}
	if (!rc && skel)
		rc = set_options(&setter, err);
	return rc ?: set_values(&setter, err);
}
