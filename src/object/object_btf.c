// SPDX-License-Identifier: BSD-2-Clause
/* Names of types and functions. The BTF comes from a loader, and may be hostile. */
#include "object/object_btf.h"

#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "image/image.h"

/* Kernels refuse BTF with longer names (KSYM_NAME_LEN, include/linux/kallsyms.h). */
#define NAME_MAX_SIZE 512

/* Pointers, arrays and qualifiers around a type. */
#define NESTING_MAX 32

/* Enough for all bytes of the largest loader, looked at several times. */
#define STEPS_MAX (8 * IMAGE_SIZE_MAX)
#define ROOM_MAX  (2 * IMAGE_SIZE_MAX)

int object_types_read(struct view btf, bool big, struct object_types **ret, struct err *err)
{
	struct object_types *types = calloc(1, sizeof(*types));
	int rc;

	if (!types)
		return err_nomem(err);
	libbpf_set_print(NULL);
	types->btf = btf__new(btf.data, (uint32_t)btf.size);
	rc = (int)libbpf_get_error(types->btf);
	if (rc) {
		free(types);
		return err_set(err, rc == -ENOMEM ? rc : -EBADMSG, "the loader's BTF is malformed");
	}
	types->big = big;
	types->steps = STEPS_MAX;
	types->room = ROOM_MAX;
	*ret = types;
	return 0;
}

void object_types_free(struct object_types *types)
{
	if (types)
		btf__free(types->btf);
	free(types);
}

/* The name at OFFSET, if its characters are letters, digits and those of MORE; else NULL. */
static const char *name_of(const struct object_types *types, uint32_t offset, const char *more)
{
	const char *name = btf__name_by_offset(types->btf, offset);
	size_t size = name ? strnlen(name, NAME_MAX_SIZE) : 0;

	for (size_t i = 0; i < size; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr(more, name[i]))
			return NULL;
	}
	return size && size < NAME_MAX_SIZE ? name : NULL;
}

const char *object_plain_name(const struct object_types *types, uint32_t offset)
{
	return name_of(types, offset, "_.$");
}

const struct btf_type *object_plain_type(const struct object_types *types, uint32_t id)
{
	int plain = btf__resolve_type(types->btf, id);

	return plain > 0 ? btf__type_by_id(types->btf, (uint32_t)plain) : NULL;
}

/*
 * A name that is not one of C is quoted, so that it cannot be taken for something else. Those of
 * integers have several words.
 */
static void add_name(const struct object_types *types, const char *before, uint32_t offset,
		     const char *anonymous, struct buf *out)
{
	const char *name = btf__name_by_offset(types->btf, offset);

	buf_add_str(out, before);
	if (!name || !*name) {
		buf_add_str(out, anonymous);
	} else if (name_of(types, offset, "_.$ ") && !strstr(name, "  ")) {
		buf_add_str(out, name);
	} else {
		buf_add_str(out, "\"");
		buf_escape(out, view_of(name, strnlen(name, NAME_MAX_SIZE)));
		buf_add_str(out, "\"");
	}
}

/* Pointers and arrays around a type, from the outermost. */
struct wrappers {
	struct wrapper {
		bool is_array;
		bool is_const; /* of a pointer: it does not change */
		uint32_t nelems;
	} list[NESTING_MAX];
	size_t nr;
	bool is_const, is_volatile; /* what is inside all of them */
};

/* A pointer's star; a space is between it and a name. */
static void add_star(const struct wrappers *wrappers, size_t n, struct buf *out)
{
	const bool follows = n + 1 < wrappers->nr && !wrappers->list[n + 1].is_array &&
			     !wrappers->list[n + 1].is_const;

	buf_add_str(out, follows ? "*" : " *");
	if (wrappers->list[n].is_const)
		buf_add_str(out, "const");
}

/* They are written from the innermost to the outermost, but dimensions of an array in their order.
 */
static void add_wrappers(const struct wrappers *wrappers, struct buf *out)
{
	for (size_t end = wrappers->nr, first; end; end = first) {
		first = end - 1;
		if (!wrappers->list[first].is_array) {
			add_star(wrappers, first, out);
			continue;
		}
		while (first && wrappers->list[first - 1].is_array)
			first--;
		for (size_t i = first; i < end; i++)
			buf_printf(out, "[%u]", wrappers->list[i].nelems);
	}
}

/* The name of TYPE, which is no pointer, array or qualifier. */
static void add_base(const struct object_types *types, const struct btf_type *type, struct buf *out)
{
	switch (btf_kind(type)) {
	case BTF_KIND_STRUCT:
		add_name(types, "struct ", type->name_off, "{...}", out);
		break;
	case BTF_KIND_UNION:
		add_name(types, "union ", type->name_off, "{...}", out);
		break;
	case BTF_KIND_ENUM:
	case OBJECT_KIND_ENUM64:
		add_name(types, "enum ", type->name_off, "{...}", out);
		break;
	case BTF_KIND_FWD:
		add_name(types, btf_kflag(type) ? "union " : "struct ", type->name_off, "?", out);
		break;
	case BTF_KIND_FUNC_PROTO:
		buf_add_str(out, "function");
		break;
	case BTF_KIND_UNKN:
		buf_add_str(out, "void");
		break;
	default:
		add_name(types, "", type->name_off, "?", out);
	}
}

/* If TYPE is a pointer, array or qualifier, note it, and go to the type inside. */
static bool unwrap(const struct btf_type *type, struct wrappers *wrappers, uint32_t *ret)
{
	struct wrapper *wrapper = &wrappers->list[wrappers->nr];

	*ret = type->type;
	switch (btf_kind(type)) {
	case BTF_KIND_ARRAY:
		*ret = btf_array(type)->type;
		*wrapper = (struct wrapper){.is_array = true, .nelems = btf_array(type)->nelems};
		wrappers->nr++;
		return true;
	case BTF_KIND_PTR:
		*wrapper = (struct wrapper){.is_const = wrappers->is_const};
		wrappers->is_const = wrappers->is_volatile = false;
		wrappers->nr++;
		return true;
	case BTF_KIND_CONST:
		wrappers->is_const = true;
		return true;
	case BTF_KIND_VOLATILE:
		wrappers->is_volatile = true;
		return true;
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return true;
	default:
		return false;
	}
}

static void charge(struct object_types *types, size_t size)
{
	types->room -= size < types->room ? size : types->room;
}

void object_type_name(struct object_types *types, uint32_t id, struct buf *out)
{
	const struct btf_type *type = id ? btf__type_by_id(types->btf, id) : NULL;
	struct wrappers wrappers = {.nr = 0};
	size_t begin = out->size;
	int depth = 0;

	if (!id)
		return;
	for (; type && depth < NESTING_MAX && unwrap(type, &wrappers, &id); depth++)
		type = btf__type_by_id(types->btf, id);
	buf_add_str(out, wrappers.is_const ? "const " : "");
	buf_add_str(out, wrappers.is_volatile ? "volatile " : "");
	if (!type || depth == NESTING_MAX || !types->room)
		buf_add_str(out, "?");
	else
		add_base(types, type, out);
	add_wrappers(&wrappers, out);
	charge(types, out->size - begin);
}

bool object_func_name(struct object_types *types, uint32_t id, struct buf *out)
{
	const struct btf_type *type = btf__type_by_id(types->btf, id);
	const char *name = NULL;

	if (type && btf_is_func(type))
		name = object_plain_name(types, type->name_off);
	buf_add_str(out, name && types->room ? name : "?");
	charge(types, name ? strlen(name) : 1);
	return name && btf_vlen(type) == BTF_FUNC_STATIC;
}

void object_string(struct object_types *types, uint32_t offset, struct buf *out)
{
	const char *string = btf__name_by_offset(types->btf, offset);
	size_t size = string ? strnlen(string, types->room) : 0;

	if (size)
		buf_escape(out, view_of(string, size));
	charge(types, size);
}
