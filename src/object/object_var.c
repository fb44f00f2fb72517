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

DEFINE_CLEANUP(struct btf *, btf__free)

/* The variable that is set, and the text of its value. */
struct setting {
	const struct btf *btf;
	const char *name, *text;
	struct err *err;
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

static int parse_enum(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	const struct btf_enum *value = btf_enum(type);

	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		const char *name = btf__name_by_offset(s->btf, value[i].name_off);

		if (!name || strcmp(name, s->text))
			continue;
		return put_number(s, (uint64_t)(int64_t)value[i].val, type->size, ret);
	}
	return parse_number(s, type->size, *s->text == '-', ret);
}

/* An array of char: the text, then zeros. */
static int parse_text(const struct setting *s, const struct btf_type *type, struct buf *ret)
{
	const struct btf_array *array = btf_array(type);
	const struct btf_type *element = plain_type(s->btf, array->type);
	size_t size = strlen(s->text);

	if (!element || !btf_is_int(element) || element->size != 1)
		return err_set(s->err, -ENOTSUP, "cannot set %s: it is an array, and not of char",
			       s->name);
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

static int parse_value(const struct setting *s, const struct btf_type *var, struct buf *ret)
{
	const struct btf_type *type = plain_type(s->btf, var->type);

	if (type && btf_is_int(type))
		return parse_int(s, type, ret);
	if (type && btf_is_enum(type))
		return parse_enum(s, type, ret);
	if (type && btf_is_array(type))
		return parse_text(s, type, ret);
	return err_set(s->err, -ENOTSUP,
		       "cannot set %s: it is not a number, an enum or an array of char", s->name);
}

/* Look for the variable in the data section with type ID; *nr counts how often it was found. */
static const struct btf_type *find_in(const struct setting *s, uint32_t id, struct object_var *var,
				      size_t *nr)
{
	const struct btf_type *section = btf__type_by_id(s->btf, id), *found = NULL;
	const struct btf_var_secinfo *info = btf_var_secinfos(section);

	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		const struct btf_type *type = btf__type_by_id(s->btf, info[i].type);
		const char *name = type ? btf__name_by_offset(s->btf, type->name_off) : NULL;

		if (!name || !btf_is_var(type) || strcmp(name, s->name))
			continue;
		found = type;
		var->section = id;
		var->offset = info[i].offset;
		++*nr;
	}
	return found;
}

int object_var_parse(struct view btf, const char *name, const char *text, struct object_var *ret,
		     struct err *err)
{
	_cleanup_(btf__free_p) struct btf *parsed = btf__new(btf.data, (uint32_t)btf.size);
	struct setting s = {.name = name, .text = text, .err = err};
	const struct btf_type *type = NULL;
	_buf_ struct buf value = {0};
	struct object_var var = {0};
	size_t nr = 0;
	int rc;

	if (libbpf_get_error(parsed)) {
		parsed = NULL;
		return err_set(err, -EBADMSG,
			       "cannot set a variable: the object has no BTF (compile it with -g)");
	}
	s.btf = parsed;
	for (uint32_t id = 1; id < btf__type_cnt(parsed); id++) {
		const struct btf_type *found = NULL;

		if (btf_is_datasec(btf__type_by_id(parsed, id)))
			found = find_in(&s, id, &var, &nr);
		if (found)
			type = found;
	}
	if (nr != 1 || !type)
		return err_set(err, -ENOENT,
			       nr ? "several global variables are called %s"
				  : "no global variable is called %s: inspect lists them",
			       name);
	rc = parse_value(&s, type, &value);
	if (!rc)
		rc = buf_done(&value, err);
	if (rc)
		return rc;
	var.value = buf_take(&value);
	*ret = var;
	return 0;
}
