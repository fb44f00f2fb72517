// SPDX-License-Identifier: BSD-2-Clause
#include "loader/btf.h"

#include <linux/btf.h>
#include <stddef.h>
#include <string.h>

#include "loader/insn.h"

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

/* A part of BTF: FIELD of the header is its offset from the header's end, and then its size. */
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

/* A position in the types of BTF. */
struct types {
	struct view all, strings;
	bool big;
	size_t at;
	uint32_t id;	  /* of TYPE; 0 before the first */
	struct view type; /* with what follows it */
};

static struct types types_of(struct view btf, bool big)
{
	return (struct types){
		.all = part(btf, offsetof(struct btf_header, type_off), big),
		.strings = part(btf, offsetof(struct btf_header, str_off), big),
		.big = big,
	};
}

static uint32_t field(const struct types *types, size_t offset)
{
	return get_u32(types->type, offset, types->big);
}

static uint32_t kind(const struct types *types)
{
	return BTF_INFO_KIND(field(types, offsetof(struct btf_type, info)));
}

static struct view name(const struct types *types)
{
	return string_at(types->strings, field(types, offsetof(struct btf_type, name_off)));
}

/* Advance to the next type; false: after the last, or the type is not known. */
static bool next(struct types *types)
{
	struct view type = view_sub(types->all, types->at, sizeof(struct btf_type));
	size_t extra;

	if (!type.data ||
	    !extra_size(get_u32(type, offsetof(struct btf_type, info), types->big), &extra))
		return false;
	types->type = view_sub(types->all, types->at, sizeof(struct btf_type) + extra);
	types->at += sizeof(struct btf_type) + extra;
	types->id++;
	return types->type.data;
}

/* Advance to type ID, which must be of KIND. */
static bool find(struct types *types, uint32_t id, uint32_t wanted)
{
	while (types->id < id && next(types))
		;
	return id && types->id == id && kind(types) == wanted;
}

/* The name of type ID, if it is of KIND. */
static struct view name_of(struct view btf, uint32_t id, uint32_t wanted, bool big)
{
	struct types types = types_of(btf, big);

	return find(&types, id, wanted) ? name(&types) : NOTHING;
}

struct view btf_func_name(struct view btf, uint32_t id, bool big)
{
	return name_of(btf, id, BTF_KIND_FUNC, big);
}

struct view btf_section_name(struct view btf, uint32_t id, bool big)
{
	return name_of(btf, id, BTF_KIND_DATASEC, big);
}

struct view btf_map_name(struct view btf, size_t index, bool big)
{
	struct types types = types_of(btf, big);

	while (next(&types)) {
		size_t var = sizeof(struct btf_type) + index * sizeof(struct btf_var_secinfo);

		if (kind(&types) != BTF_KIND_DATASEC ||
		    !view_equal(name(&types), view_lit(".maps")))
			continue;
		if (var >= types.type.size)
			break;
		return name_of(btf, field(&types, var + offsetof(struct btf_var_secinfo, type)),
			       BTF_KIND_VAR, big);
	}
	return NOTHING;
}

/* --- what kernels refuse --- */

/* The kernel's KSYM_NAME_LEN, with the NUL. */
#define NAME_MAX_SIZE 512

static bool is_letter(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
	       byte == '.';
}

/* btf_name_valid_identifier() */
static bool is_identifier(struct view name)
{
	if (!name.size || name.size >= NAME_MAX_SIZE || !is_letter(name.data[0]))
		return false;
	for (size_t i = 1; i < name.size; i++) {
		if (!is_letter(name.data[i]) && (name.data[i] < '0' || name.data[i] > '9'))
			return false;
	}
	return true;
}

/* What the name of a type must be, by kind. */
enum naming {
	ANY_NAME, /* or others are known to check it */
	NO_NAME,
	MAYBE_IDENTIFIER,
	IDENTIFIER,
};

static enum naming naming_of(uint32_t kind)
{
	switch (kind) {
	case BTF_KIND_PTR:
	case BTF_KIND_ARRAY:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC_PROTO:
		return NO_NAME;
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return MAYBE_IDENTIFIER;
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FUNC:
	case BTF_KIND_VAR:
		return IDENTIFIER;
	default:
		return ANY_NAME;
	}
}

static bool is_name(struct view name, enum naming naming)
{
	switch (naming) {
	case NO_NAME:
		return !name.size;
	case MAYBE_IDENTIFIER:
		return !name.size || is_identifier(name);
	case IDENTIFIER:
		return is_identifier(name);
	default:
		return true;
	}
}

/* Bytes of a member, an enumerator or a parameter, each of which begins with its name; 0: none. */
static size_t part_size(uint32_t kind)
{
	switch (kind) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return 3 * sizeof(uint32_t);
	case BTF_KIND_FUNC_PROTO:
		return sizeof(struct btf_param);
	default:
		return 0;
	}
}

/* Enumerators have names; members and parameters need none. */
static bool has_bad_part(const struct types *types, struct view *ret)
{
	const size_t size = part_size(kind(types));
	const bool is_enum = kind(types) == BTF_KIND_ENUM || kind(types) == BTF_KIND_ENUM64;

	for (size_t at = sizeof(struct btf_type); size && at < types->type.size; at += size) {
		*ret = string_at(types->strings, field(types, at));
		if (!is_name(*ret, is_enum ? IDENTIFIER : MAYBE_IDENTIFIER))
			return true;
	}
	return false;
}

/* btf_int_check_meta(): one of the three, or none */
static bool has_bad_encoding(const struct types *types)
{
	uint32_t encoding;

	if (kind(types) != BTF_KIND_INT)
		return false;
	encoding = BTF_INT_ENCODING(field(types, sizeof(struct btf_type)));
	return encoding & (encoding - 1) || encoding > BTF_INT_BOOL;
}

bool btf_is_refused(struct view btf, bool big, struct view *ret)
{
	static const size_t version = offsetof(struct btf_header, version);
	struct types types = types_of(btf, big);

	if (btf.size <= version || btf.data[version] != BTF_VERSION) {
		*ret = view_lit("BTF version");
		return true;
	}
	while (next(&types)) {
		*ret = name(&types);
		if (!is_name(*ret, naming_of(kind(&types))) || has_bad_encoding(&types) ||
		    has_bad_part(&types, ret))
			return true;
	}
	return false;
}
