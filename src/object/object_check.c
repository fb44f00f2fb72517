// SPDX-License-Identifier: BSD-2-Clause
/*
 * Check a skeleton's description: it becomes C code that is compiled, and it comes from a process
 * that a hostile object may have taken over.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "members.h"
#include "object/object_wire.h"

static int refuse(struct err *err, const char *what, const char *name, const char *why)
{
	char text[64];

	return err_set(err, -EBADMSG, "%s '%s' %s", what,
		       err_escape(text, sizeof(text), name, strlen(name)), why);
}

static int check_name(const char *what, const char *name, struct err *err)
{
	if (members_is_name(view_str(name)))
		return 0;
	return refuse(err, what, name, "is not a C identifier, or is reserved");
}

static int check_prog(const struct skel *skel, size_t n, struct err *err)
{
	const struct skel_prog *prog = &skel->progs[n];
	int rc = check_name("program", prog->ident, err);

	for (size_t i = 0; !rc && i < n; i++) {
		if (!strcmp(skel->progs[i].ident, prog->ident))
			rc = refuse(err, "program", prog->ident, "is defined twice");
	}
	if (!rc)
		rc = skel_check_target(prog, err);
	if (!rc && skel_attach_pieces(prog->attach) & ~skel->pieces)
		rc = refuse(err, "program", prog->ident,
			    "is attached by what the header would not have");
	return rc;
}

/* --- members --- */

/* Collect the name of a member: a view into the members' text. */
static int note_name(struct view name, void *arg, struct err *err)
{
	struct buf *names = arg;

	buf_add(names, &name, sizeof(name));
	return names->failed ? err_nomem(err) : 0;
}

static int compare_names(const void *left, const void *right)
{
	const struct view *a = left, *b = right;
	int order = memcmp(a->data, b->data, a->size < b->size ? a->size : b->size);

	return order ?: (a->size > b->size) - (a->size < b->size);
}

/* Advance *AT to the next member that is not padding; false: no such member. */
static bool next_var(const struct view *names, size_t nr, size_t *at)
{
	while (*at < nr && members_is_padding(names[*at]))
		++*at;
	return *at < nr;
}

/*
 * The variables are the members, in this order, without padding; none is larger than the section.
 */
static int check_vars(const struct skel_map *map, const struct view *names, size_t nr,
		      struct err *err)
{
	size_t at = 0;

	for (size_t i = 0; i < map->nr_vars; i++, at++) {
		const struct skel_var *var = &map->vars[i];

		if (!next_var(names, nr, &at) || !view_equal(names[at], view_str(var->ident)))
			return refuse(err, "variable", var->ident,
				      "is not the member at its position");
	}
	if (next_var(names, nr, &at))
		return err_set(err, -EBADMSG, "section %s has a member that is not a variable",
			       map->ident);
	return 0;
}

static int check_members(const struct skel_map *map, struct err *err)
{
	_buf_ struct buf list = {0};
	struct view *names;
	size_t nr;
	int rc;

	rc = members_each(buf_view(&map->members), note_name, &list, err);
	if (rc)
		return err_prefix(err, "section %s", map->ident);
	names = (struct view *)list.data;
	nr = list.size / sizeof(*names);
	rc = check_vars(map, names, nr, err);
	if (rc || !nr)
		return rc;
	qsort(names, nr, sizeof(*names), compare_names);
	for (size_t i = 1; i < nr; i++) {
		char text[64];

		if (!compare_names(&names[i - 1], &names[i]))
			return err_set(
				err, -EBADMSG, "section %s: member %s is defined twice", map->ident,
				err_escape(text, sizeof(text), names[i].data, names[i].size));
	}
	return 0;
}

/* --- maps --- */

/* The skeleton's struct has these, and ctx, maps, progs and links. */
static bool is_section(const char *ident)
{
	static const char *const sections[] = {"data", "rodata", "bss", "percpu", "kconfig"};

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (!strncmp(ident, sections[i], strlen(sections[i])))
			return true;
	}
	return false;
}

static int check_map(const struct skel *skel, size_t n, struct err *err)
{
	const struct skel_map *map = &skel->maps[n];
	int rc = check_name("map", map->ident, err);

	if (rc)
		return rc;
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(skel->maps[i].ident, map->ident))
			return refuse(err, "map", map->ident, "is defined twice");
	}
	if (!map->mapped && (map->read_only || map->percpu || map->members.size || map->nr_vars))
		return refuse(err, "map", map->ident, "has variables but is not a data section");
	if (map->mapped && map->pinned)
		return refuse(err, "section", map->ident, "cannot be pinned");
	if (map->mapped && !is_section(map->ident))
		return refuse(err, "section", map->ident, "is not a data section");
	return check_members(map, err);
}

int object_check(const struct skel *skel, struct err *err)
{
	int rc = check_name("the object's name", skel->name, err);

	if (!rc && skel->nr_progs > OBJECT_PROGS_MAX)
		rc = err_set(err, -EBADMSG, "%zu programs, expected up to %d", skel->nr_progs,
			     OBJECT_PROGS_MAX);
	if (!rc && skel->nr_maps > IMAGE_MAPS_MAX)
		rc = err_set(err, -EBADMSG, "%zu maps, expected up to %d", skel->nr_maps,
			     IMAGE_MAPS_MAX);
	for (size_t i = 0; !rc && i < skel->nr_progs; i++)
		rc = check_prog(skel, i, err);
	for (size_t i = 0; !rc && i < skel->nr_maps; i++)
		rc = check_map(skel, i, err);
	return rc;
}
