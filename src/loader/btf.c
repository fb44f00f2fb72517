// SPDX-License-Identifier: BSD-2-Clause
#include "btf.h"

#include <linux/btf.h>
#include <stddef.h>
#include <string.h>

#include "insn.h"

#define NOTHING ((struct view){NULL, 0})

/* The bytes that follow a struct btf_type, by kind; 0 for kinds that are not known. */
static bool extra_size(uint32_t info, size_t *ret)
{
	size_t nr = BTF_INFO_VLEN(info);

	switch (BTF_INFO_KIND(info)) {
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		*ret = 0;
		return true;
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		*ret = sizeof(uint32_t);
		return true;
	case BTF_KIND_ARRAY:
		*ret = sizeof(struct btf_array);
		return true;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		*ret = nr * sizeof(struct btf_member);
		return true;
	case BTF_KIND_ENUM:
		*ret = nr * sizeof(struct btf_enum);
		return true;
	case BTF_KIND_FUNC_PROTO:
		*ret = nr * sizeof(struct btf_param);
		return true;
	case BTF_KIND_DATASEC:
		*ret = nr * sizeof(struct btf_var_secinfo);
		return true;
	case BTF_KIND_ENUM64:
		*ret = nr * 3 * sizeof(uint32_t);
		return true;
	default:
		return false;
	}
}

/* A part of BTF: its offset behind the header and its size stand at FIELD of the header. */
static struct view part(struct view btf, size_t field, bool big)
{
	size_t header = get_u32(btf, offsetof(struct btf_header, hdr_len), big);
	size_t offset = get_u32(btf, field, big);

	return view_sub(btf, header + offset, get_u32(btf, field + sizeof(uint32_t), big));
}

static struct view string_at(struct view strings, uint32_t offset)
{
	struct view rest = view_sub(strings, offset, 0);
	const uint8_t *nul;

	if (!rest.data)
		return NOTHING;
	rest.size = strings.size - offset;
	nul = memchr(rest.data, '\0', rest.size);
	return nul ? view_of(rest.data, (size_t)(nul - rest.data)) : NOTHING;
}

struct view btf_func_name(struct view btf, uint32_t id, bool big)
{
	struct view types = part(btf, offsetof(struct btf_header, type_off), big);
	struct view strings = part(btf, offsetof(struct btf_header, str_off), big);
	size_t at = 0, extra;

	for (uint32_t i = 1; i <= id; i++) {
		struct view type = view_sub(types, at, sizeof(struct btf_type));
		uint32_t info = get_u32(type, offsetof(struct btf_type, info), big);

		if (!type.data || !extra_size(info, &extra))
			return NOTHING;
		if (i == id && BTF_INFO_KIND(info) == BTF_KIND_FUNC)
			return string_at(strings,
					 get_u32(type, offsetof(struct btf_type, name_off), big));
		at += sizeof(struct btf_type) + extra;
	}
	return NOTHING;
}
