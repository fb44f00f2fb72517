// SPDX-License-Identifier: BSD-2-Clause
/* Values for global variables, by their types in BTF. */
#include "object/object.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object_host.h"

/* What is set, as the user named it, and the text of its value. */
struct setting {
	const struct btf *btf;
	const char *name, *text;
	struct err *err;
};

/* A place in a section: the type of what lies there, and where. */
struct place {
	const struct btf_type *type; /* without typedefs and qualifiers */
	size_t offset;		     /* in bytes, from the beginning of the section */
};

/*
 * Type ID without typedefs and qualifiers; NULL: too many of them, or a type that does not exist.
 */
static const struct btf_type *plain_type(const struct btf *btf, uint32_t id)
{
	int plain = btf__resolve_type(btf, id);

	return plain < 0 ? NULL : btf__type_by_id(btf, (uint32_t)plain);
}

static int not_a_value(const struct setting *s, const char *expected)
{
	return err_set(s->err, -EINVAL, "'%s' is not a value for %s: expected %s", s->text, s->name,
		       expected);
}

static bool is_number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/*
 * Append SIZE bytes of NUMBER in the byte order of the BTF. SIZE comes from the BTF: it may be any.
 */
static int put_number(const struct setting *s, uint64_t number, size_t size, struct buf *ret)
{
	bool big = btf__endianness(s->btf) == BTF_BIG_ENDIAN;
	uint8_t bytes[sizeof(number)] = {0};

	if (!is_number_size(size))
		return err_set(s->err, -ENOTSUP, "%s has %zu bytes: expected 1, 2, 4 or 8", s->name,
			       size);
	for (size_t i = 0; i < size; i++)
		bytes[big ? size - 1 - i : i] = (uint8_t)(number >> 8 * i);
	buf_add(ret, bytes, size);
	return 0;
}

static int out_of_range(const struct setting *s, size_t size, bool is_signed)
{
	return err_set(s->err, -ERANGE, "%s does not fit into %s: %zu %s bytes", s->text, s->name,
		       size, is_signed ? "signed" : "unsigned");
}

static int parse_number(const struct setting *s, size_t size, bool is_signed, struct buf *ret)
{
	bool negative = *s->text == '-';
	uint64_t number, limit;
	char *end;

	if (!is_number_size(size))
		return put_number(s, 0, size, ret);
	errno = 0;
	number = strtoull(s->text + negative, &end, 0);
	if (end == s->text + negative || *end || strspn(s->text + negative, " +-\t\n"))
		return not_a_value(s, "a number");
	limit = is_signed ? (UINT64_C(1) << (8 * size - 1)) - !negative
			  : UINT64_MAX >> 8 * (sizeof(limit) - size);
	if (errno == ERANGE || number > limit || (negative && !is_signed && number))
		return out_of_range(s, size, is_signed);
	return put_number(s, negative ? -number : number, size, ret);
}

static int parse_int(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	uint8_t encoding = btf_int_encoding(type);

	if (!(encoding & BTF_INT_BOOL))
		return parse_number(s, type->size, encoding & BTF_INT_SIGNED, ret);
	if (strcmp(s->text, "true") && strcmp(s->text, "false") && strcmp(s->text, "1") &&
	    strcmp(s->text, "0"))
		return not_a_value(s, "true or false");
	return put_number(s, *s->text == 't' || *s->text == '1', type->size, ret);
}

/* Names of at most so many enumerators are listed in a message. */
#define LISTED_MAX 12

/* BTF_KIND_ENUM64, and what its values are, which libbpf 0.8 does not know. */
#define KIND_ENUM64 19

struct wide_enumerator {
	uint32_t name_off, low, high;
};

static bool is_enum(const struct btf_type *type)
{
	return btf_is_enum(type) || btf_kind(type) == KIND_ENUM64;
}

/* The enumerator number I of TYPE, of either kind of enum. */
static const char *enumerator(const struct setting *s, const struct btf_type *type, unsigned int i,
			      uint64_t *ret_value)
{
	const struct wide_enumerator *wide = (const void *)(type + 1);
	const struct btf_enum *narrow = btf_enum(type);
	const bool is_wide = btf_kind(type) == KIND_ENUM64;

	*ret_value = is_wide ? (uint64_t)wide[i].high << 32 | wide[i].low
			     : (uint64_t)(int64_t)narrow[i].val;
	return btf__name_by_offset(s->btf, is_wide ? wide[i].name_off : narrow[i].name_off) ?: "";
}

static int not_an_enumerator(const struct setting *s, const struct btf_type *type)
{
	_buf_ struct buf list = {0};
	uint64_t ignored;

	buf_add_str(&list, "a number");
	for (unsigned int i = 0; i < btf_vlen(type) && i < LISTED_MAX; i++)
		buf_printf(&list, ", %s", enumerator(s, type, i, &ignored));
	if (btf_vlen(type) > LISTED_MAX)
		buf_add_str(&list, ", ...");
	return list.failed ? err_nomem(s->err) : not_a_value(s, buf_cstr(&list));
}

static int parse_enum(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	const char first = s->text[*s->text == '-'];

	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		uint64_t value;

		if (!strcmp(enumerator(s, type, i, &value), s->text))
			return put_number(s, value, type->size, ret);
	}
	if (first < '0' || first > '9')
		return not_an_enumerator(s, type);
	return parse_number(s, type->size, *s->text == '-', ret);
}

static int parse_float(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	const double number = strtod(s->text, NULL);
	const float narrow = strtof(s->text, NULL);
	uint32_t narrow_bits;
	uint64_t bits;
	char *end;

	strtod(s->text, &end);
	if (!*s->text || *end || strspn(s->text, " \t\n"))
		return not_a_value(s, "a number such as 2.5");
	if (type->size == sizeof(narrow)) {
		memcpy(&narrow_bits, &narrow, sizeof(narrow_bits));
		return put_number(s, narrow_bits, sizeof(narrow_bits), ret);
	}
	if (type->size != sizeof(number))
		return err_set(s->err, -ENOTSUP, "%s is a number of %u bytes: expected 4 or 8",
			       s->name, type->size);
	memcpy(&bits, &number, sizeof(bits));
	return put_number(s, bits, sizeof(bits), ret);
}

/* An array of char: the text, then zeros. */
static int parse_text(const struct setting *s, const struct btf_array *array, struct buf *ret)
{
	size_t size = strlen(s->text);

	if (array->nelems > IMAGE_SIZE_MAX)
		return err_set(s->err, -ENOTSUP, "cannot set %s: it is larger than any loader",
			       s->name);
	if (size > array->nelems)
		return err_set(s->err, -ERANGE, "the text for %s has %zu bytes; the array holds %u",
			       s->name, size, array->nelems);
	buf_add(ret, s->text, size);
	buf_space(ret, array->nelems - size);
	return 0;
}

static const struct btf_type *element_type(const struct setting *s, const struct btf_type *array)
{
	return plain_type(s->btf, btf_array(array)->type);
}

static bool is_text(const struct btf_type *element)
{
	return btf_is_int(element) && element->size == 1 &&
	       !(btf_int_encoding(element) & BTF_INT_BOOL);
}

static int parse_one(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	if (type && btf_is_int(type))
		return parse_int(s, type, ret);
	if (type && is_enum(type))
		return parse_enum(s, type, ret);
	if (type && btf_is_float(type))
		return parse_float(s, type, ret);
	if (type && btf_is_ptr(type))
		return err_set(s->err, -ENOTSUP, "cannot set %s: it is a pointer", s->name);
	if (type && btf_is_composite(type))
		return err_set(s->err, -ENOTSUP,
			       "cannot set %s at once: it is a struct or union; set its members, "
			       "such as %s.MEMBER",
			       s->name, s->name);
	return err_set(s->err, -ENOTSUP,
		       "cannot set %s: it is not a number, an enum or an array of these", s->name);
}

/* An array of numbers or enumerators: as many as it has elements, with commas between them. */
static int parse_list(const struct setting *s, const struct btf_type *array, struct buf *ret)
{
	const struct btf_type *element = element_type(s, array);
	struct setting one = *s;
	const char *at = s->text;
	size_t nr = 0;
	int rc = 0;

	for (bool more = true; !rc && more; nr++) {
		size_t size = strcspn(at, ",");
		_cleanup_(freep) char *text = view_strdup(view_of(at, size));

		if (!text)
			return err_nomem(s->err);
		one.text = text;
		rc = parse_one(&one, element, ret);
		more = at[size] == ',';
		at += size + more;
	}
	if (!rc && nr != btf_array(array)->nelems)
		return err_set(s->err, -EINVAL,
			       "'%s' has %zu values, but %s has %u elements: pass all of them, "
			       "separated by commas, or set one element with %s[0]=VALUE",
			       s->text, nr, s->name, btf_array(array)->nelems, s->name);
	return rc;
}

static int parse_value(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	const struct btf_type *element = NULL;

	if (type && btf_is_array(type))
		element = element_type(s, type);
	if (element && is_text(element))
		return parse_text(s, btf_array(type), ret);
	return element ? parse_list(s, type, ret) : parse_one(s, type, ret);
}

/* --- the path: NAME, then .MEMBER and [ELEMENT] --- */

/*
 * The most members to look at for one name, and structs without a name inside each other: those of
 * hostile BTF may hold themselves.
 */
#define MEMBERS_MAX 65536
#define DEPTH_MAX   16

/* A member that is looked for, and what the search may still cost. */
struct search {
	struct view name;
	unsigned int budget, depth;
	bool bits; /* what was found is a bit field */
};

/* Look for a member in PLACE, and in the structs and unions in it that have no name. */
static bool find_member(const struct setting *s, struct search *search, struct place *place)
{
	const struct btf_type *type = place->type;
	const struct btf_member *members = btf_members(type);

	for (unsigned int i = 0; i < btf_vlen(type) && search->budget; i++) {
		const char *own = btf__name_by_offset(s->btf, members[i].name_off) ?: "";
		struct place at = {
			.type = plain_type(s->btf, members[i].type),
			.offset = place->offset + btf_member_bit_offset(type, i) / 8,
		};
		bool found = *own && view_equal(view_str(own), search->name);

		search->budget--;
		if (found)
			search->bits = btf_member_bitfield_size(type, i);
		if (!found && !*own && search->depth && at.type && btf_is_composite(at.type)) {
			search->depth--;
			found = find_member(s, search, &at);
			search->depth++;
		}
		if (!found)
			continue;
		*place = at;
		return true;
	}
	return false;
}

static int enter_member(const struct setting *s, const char **at, struct place *place)
{
	size_t size = strcspn(++*at, ".[");
	struct search search = {
		.name = view_of(*at, size),
		.budget = MEMBERS_MAX,
		.depth = DEPTH_MAX,
	};

	if (!place->type || !btf_is_composite(place->type))
		return err_set(s->err, -EINVAL, "%s: what precedes .%.*s is not a struct or union",
			       s->name, (int)size, *at);
	if (!size || !find_member(s, &search, place))
		return err_set(s->err, -ENOENT, "%s: no member is called '%.*s'", s->name,
			       (int)size, *at);
	if (search.bits)
		return err_set(s->err, -ENOTSUP, "cannot set %s: it is a bit field", s->name);
	*at += size;
	return 0;
}

static int enter_element(const struct setting *s, const char **at, struct place *place)
{
	const struct btf_array *array;
	unsigned long long index;
	long long size;
	char *end;

	if (!place->type || !btf_is_array(place->type))
		return err_set(s->err, -EINVAL, "%s: what precedes [ is not an array", s->name);
	array = btf_array(place->type);
	errno = 0;
	index = strtoull(*at + 1, &end, 10);
	if (errno || (*at)[1] < '0' || (*at)[1] > '9' || *end != ']')
		return err_set(s->err, -EINVAL, "%s: expected the number of an element and ]",
			       s->name);
	if (index >= array->nelems)
		return err_set(s->err, -ERANGE, "%s: the array has %u elements, numbered from 0",
			       s->name, array->nelems);
	size = btf__resolve_size(s->btf, array->type);
	if (size < 0 || (size && index > IMAGE_SIZE_MAX / (unsigned long long)size))
		return err_set(s->err, -ENOTSUP, "cannot set %s: it is larger than any loader",
			       s->name);
	place->type = element_type(s, place->type);
	place->offset += (size_t)index * (size_t)size;
	*at = end + 1;
	return 0;
}

/* Follow PATH, which stands behind the name of the variable at PLACE. */
static int follow_path(const struct setting *s, const char *path, struct place *place)
{
	int rc = 0;

	while (!rc && *path) {
		if (*path == '.')
			rc = enter_member(s, &path, place);
		else if (*path == '[')
			rc = enter_element(s, &path, place);
		else
			rc = err_set(s->err, -EINVAL, "%s: expected . or [, not '%c'", s->name,
				     *path);
	}
	return rc;
}

/* --- the variable --- */

/* Look for VARIABLE in the data section with type ID; *nr counts how often it was found. */
static void find_in(const struct setting *s, uint32_t id, struct view variable,
		    struct object_var *var, struct place *place, size_t *nr)
{
	const struct btf_type *section = btf__type_by_id(s->btf, id);
	const struct btf_var_secinfo *info = btf_var_secinfos(section);

	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		const struct btf_type *type = btf__type_by_id(s->btf, info[i].type);
		const char *name = type ? btf__name_by_offset(s->btf, type->name_off) : NULL;

		if (!name || !btf_is_var(type) || !view_equal(view_str(name), variable))
			continue;
		var->section = id;
		*place = (struct place){plain_type(s->btf, type->type), info[i].offset};
		++*nr;
	}
}

static int find_variable(const struct setting *s, struct view variable, struct object_var *var,
			 struct place *place)
{
	size_t nr = 0;

	for (uint32_t id = 1; id < btf__type_cnt(s->btf); id++) {
		if (btf_is_datasec(btf__type_by_id(s->btf, id)))
			find_in(s, id, variable, var, place, &nr);
	}
	if (nr == 1)
		return 0;
	return err_set(s->err, -ENOENT,
		       nr ? "several global variables are called %.*s"
			  : "no global variable is called %.*s: inspect lists them",
		       (int)variable.size, (const char *)variable.data);
}

/* The value for a variable in .kconfig that the text of S stands for there, to *ret. */
static int parse_option(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	_cleanup_(freep) char *text = object_host_text(s->btf, type, s->name, s->text);
	struct setting plain = *s;
	int rc;

	if (!text)
		return err_nomem(s->err);
	plain.text = text;
	rc = parse_value(&plain, type, ret);
	/* libbpf ends every text with a NUL */
	if (!rc && type && btf_is_array(type) && ret->size && ret->data[ret->size - 1])
		return err_set(s->err, -ERANGE, "the text for %s has %zu bytes; the array holds %u",
			       s->name, strlen(text), btf_array(type)->nelems - 1);
	return rc;
}

int object_vars_read(struct view btf, struct object_vars *ret, struct err *err)
{
	struct btf *parsed = btf__new(btf.data, (uint32_t)btf.size);

	if (libbpf_get_error(parsed))
		return err_set(err, -EBADMSG,
			       "cannot set a variable: the object has no BTF (compile it with -g)");
	ret->btf = parsed;
	return 0;
}

void object_vars_free(struct object_vars *vars)
{
	btf__free(vars->btf);
	*vars = (struct object_vars){NULL};
}

/* Find the variable and the part of it that S names. */
static int find(const struct setting *s, struct object_var *var, struct place *place)
{
	const struct view variable = view_of(s->name, strcspn(s->name, ".["));
	int rc = find_variable(s, variable, var, place);

	return rc ?: follow_path(s, s->name + variable.size, place);
}

int object_var_parse(const struct object_vars *vars, const char *name, const char *text,
		     struct object_var *ret, struct err *err)
{
	const struct setting s = {.btf = vars->btf, .name = name, .text = text, .err = err};
	struct place place = {.type = NULL};
	_buf_ struct buf value = {0};
	struct object_var var = {0};
	int rc = find(&s, &var, &place);

	if (!rc)
		rc = object_host_has(s.btf, var.section) ? parse_option(&s, place.type, &value)
							 : parse_value(&s, place.type, &value);
	if (!rc)
		rc = buf_done(&value, err);
	if (rc)
		return rc;
	var.offset = place.offset;
	var.value = buf_take(&value);
	*ret = var;
	return 0;
}

int object_var_elements(const struct object_vars *vars, const char *name, uint32_t *ret,
			struct err *err)
{
	const struct setting s = {.btf = vars->btf, .name = name, .text = "", .err = err};
	struct place place = {.type = NULL};
	struct object_var ignored = {0};
	int rc = find(&s, &ignored, &place);

	if (!rc)
		*ret = place.type && btf_is_array(place.type) ? btf_array(place.type)->nelems : 0;
	return rc;
}
