// SPDX-License-Identifier: BSD-2-Clause
/* Variables of a data section, with their values. The BTF comes from a loader, and may be hostile.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object_btf.h"

void object_values_free(struct object_values *vars)
{
	for (size_t i = 0; i < vars->nr; i++) {
		free(vars->list[i].name);
		free(vars->list[i].type);
		free(vars->list[i].text);
	}
	free(vars->list);
	*vars = (struct object_values){0};
}

/* What is needed to read the variables of a section. */
struct reader {
	struct object_types *types;
	struct view contents;
	size_t limit;
	struct err *err;
};

/* A copy of TEXT in *RET, taken from the room for all texts. */
static int keep(const struct reader *r, struct buf *text, char **ret)
{
	const char *string = text->failed ? NULL : buf_cstr(text);

	*ret = string ? strdup(string) : NULL;
	if (!*ret)
		return err_nomem(r->err);
	r->types->room -= text->size < r->types->room ? text->size : r->types->room;
	return 0;
}

static int read_name(const struct reader *r, const char *name, uint32_t type,
		     struct object_value *ret)
{
	_buf_ struct buf own = {0}, of_type = {0};
	int rc;

	buf_add_str(&own, name);
	rc = keep(r, &own, &ret->name);
	if (rc)
		return rc;
	object_type_name(r->types, type, &of_type);
	return keep(r, &of_type, &ret->type);
}

static int read_text(const struct reader *r, uint32_t type, struct object_value *ret)
{
	_buf_ struct buf text = {0};
	struct object_text t = {
		.types = r->types,
		.out = &text,
		.limit = r->limit < r->types->room ? r->limit : r->types->room,
	};

	object_text_value(&t, type, ret->bytes);
	ret->partial = t.cut || t.hides;
	return text.size || text.failed ? keep(r, &text, &ret->text) : 0;
}

static int read_var(const struct reader *r, const struct btf_var_secinfo *info,
		    struct object_value *ret)
{
	const struct btf_type *type = btf__type_by_id(r->types->btf, info->type);
	const char *name = type ? object_plain_name(r->types, type->name_off) : NULL;

	ret->bytes = view_sub(r->contents, info->offset, info->size);
	if (!name || !btf_is_var(type) || !ret->bytes.data)
		return err_set(r->err, -EBADMSG, "the BTF of a data section is inconsistent");
	if (!r->types->room)
		return err_set(r->err, -E2BIG, "too many variables, or too long names");
	return read_name(r, name, type->type, ret) ?: read_text(r, type->type, ret);
}

static int read_vars(const struct reader *r, const struct btf_type *section,
		     struct object_values *vars)
{
	const struct btf_var_secinfo *infos = btf_var_secinfos(section);
	uint64_t end = 0;

	vars->list = calloc(btf_vlen(section) ?: 1, sizeof(*vars->list));
	if (!vars->list)
		return err_nomem(r->err);
	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		int rc;

		if (infos[i].offset < end)
			return err_set(r->err, -EBADMSG, "variables of a data section overlap");
		end = (uint64_t)infos[i].offset + infos[i].size;
		rc = read_var(r, &infos[i], &vars->list[vars->nr++]);
		if (rc)
			return rc;
	}
	return 0;
}

int object_values_read(struct object_types *types, uint32_t section, struct view contents,
		       size_t limit, struct object_values *ret, struct err *err)
{
	const struct reader reader = {types, contents, limit, err};
	const struct btf_type *type = btf__type_by_id(types->btf, section);
	_object_values_ struct object_values vars = {0};
	int rc;

	if (!type || !btf_is_datasec(type))
		return err_set(err, -EBADMSG, "type %u is not a data section", section);
	rc = read_vars(&reader, type, &vars);
	if (rc)
		return rc;
	*ret = vars;
	vars = (struct object_values){0};
	return 0;
}
