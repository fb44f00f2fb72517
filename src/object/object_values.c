// SPDX-License-Identifier: BSD-2-Clause
/* Typed values of a data section. The BTF comes from a loader, and may be hostile. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "object/object.h"

/* Kernels refuse BTF with longer names (KSYM_NAME_LEN, include/linux/kallsyms.h). */
#define NAME_MAX_SIZE 512

/* Newer than the libbpf and UAPI headers of some distributions that we build on. */
#define KIND_ENUM64 19
struct enum64 {
	uint32_t name_off, low, high;
};

DEFINE_CLEANUP(struct btf *, btf__free)

void object_values_free(struct object_values *vars)
{
	for (size_t i = 0; i < vars->nr; i++) {
		free(vars->list[i].name);
		free(vars->list[i].text);
	}
	free(vars->list);
	*vars = (struct object_values){0};
}

/* What is needed to read a value. */
struct reader {
	const struct btf *btf;
	bool big;
};

/* Up to 8 bytes as a number. */
static uint64_t get_number(const struct reader *reader, struct view bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.size; i++)
		number = number << 8 | bytes.data[reader->big ? i : bytes.size - 1 - i];
	return number;
}

/* The same, sign-extended. */
static int64_t get_signed(const struct reader *reader, struct view bytes)
{
	unsigned int unused = 64 - 8 * (unsigned int)bytes.size;

	return (int64_t)(get_number(reader, bytes) << unused) >> unused;
}

static bool is_number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static void add_quoted(struct buf *out, struct view bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		uint8_t c = bytes.data[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (isprint(c))
			buf_add(out, &c, 1);
		else
			buf_printf(out, "\\x%02x", c);
	}
}

/* Only characters of C identifiers and of section names: others could make output misleading. */
static const char *name_at(const struct btf *btf, uint32_t offset)
{
	const char *name = btf__name_by_offset(btf, offset);
	size_t size = name ? strnlen(name, NAME_MAX_SIZE) : 0;

	for (size_t i = 0; i < size; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("_.$", name[i]))
			return NULL;
	}
	return size && size < NAME_MAX_SIZE ? name : NULL;
}

static bool is_plain_char(const struct btf *btf, const struct btf_type *type)
{
	const char *name = name_at(btf, type->name_off);

	return btf_is_int(type) && type->size == 1 && name && !strcmp(name, "char");
}

/* Each of these adds nothing if it cannot show a value of this type. */
static void add_int(struct buf *out, const struct reader *reader, const struct btf_type *type,
		    struct view bytes)
{
	uint8_t encoding = btf_int_encoding(type);
	uint64_t number = get_number(reader, bytes);

	if (btf_int_offset(type) || btf_int_bits(type) != 8 * bytes.size)
		return;
	if (encoding & BTF_INT_BOOL && number <= 1)
		buf_add_str(out, number ? "true" : "false");
	else if (encoding & BTF_INT_SIGNED)
		buf_printf(out, "%" PRId64, get_signed(reader, bytes));
	else
		buf_printf(out, "%" PRIu64, number);
	if (is_plain_char(reader->btf, type) && isprint((int)number) && number != '\'' &&
	    number != '\\')
		buf_printf(out, " '%c'", (int)number);
}

/* The name of the enumerator with VALUE's lower SIZE bytes, or NULL. */
static const char *enumerator(const struct btf *btf, const struct btf_type *type, uint64_t value,
			      bool is64)
{
	const struct enum64 *wide = (const void *)(type + 1);

	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		const struct btf_enum *narrow = &btf_enum(type)[i];

		if (is64 && ((uint64_t)wide[i].high << 32 | wide[i].low) == value)
			return name_at(btf, wide[i].name_off);
		if (!is64 && (uint32_t)narrow->val == (uint32_t)value)
			return name_at(btf, narrow->name_off);
	}
	return NULL;
}

static void add_enum(struct buf *out, const struct reader *reader, const struct btf_type *type,
		     struct view bytes)
{
	int64_t value = get_signed(reader, bytes);
	const char *name = enumerator(reader->btf, type, (uint64_t)value,
				      btf_kind(type) == KIND_ENUM64);

	if (name)
		buf_printf(out, "%s (%" PRId64 ")", name, value);
	else
		buf_printf(out, "%" PRId64, value);
}

/* A string followed by zeros only, because nothing after a zero may be hidden. */
static void add_string(struct buf *out, const struct reader *reader, const struct btf_type *type,
		       struct view bytes)
{
	const struct btf_array *array = btf_array(type);
	const struct btf_type *element = btf__type_by_id(
		reader->btf, (uint32_t)btf__resolve_type(reader->btf, array->type));
	size_t size = bytes.size;

	if (!element || !is_plain_char(reader->btf, element) || array->nelems != bytes.size)
		return;
	while (size && !bytes.data[size - 1])
		size--;
	buf_add_str(out, "\"");
	add_quoted(out, view_of(bytes.data, size));
	buf_add_str(out, "\"");
}

static void add_value(struct buf *out, const struct reader *reader, uint32_t id, struct view bytes)
{
	int resolved = btf__resolve_type(reader->btf, id);
	const struct btf_type *type = resolved > 0
					      ? btf__type_by_id(reader->btf, (uint32_t)resolved)
					      : NULL;
	bool number = is_number_size(bytes.size);

	if (!type)
		return;
	if (btf_is_array(type))
		add_string(out, reader, type, bytes);
	else if (number && btf_is_ptr(type))
		buf_printf(out, "0x%" PRIx64, get_number(reader, bytes));
	else if (number && type->size == bytes.size && btf_is_int(type))
		add_int(out, reader, type, bytes);
	else if (number && type->size == bytes.size &&
		 (btf_kind(type) == BTF_KIND_ENUM || btf_kind(type) == KIND_ENUM64))
		add_enum(out, reader, type, bytes);
}

static int read_var(const struct reader *reader, const struct btf_var_secinfo *info,
		    struct view value, struct object_value *ret, struct err *err)
{
	const struct btf_type *type = btf__type_by_id(reader->btf, info->type);
	const char *name = type ? name_at(reader->btf, type->name_off) : NULL;
	_buf_ struct buf text = {0};
	const char *shown;

	ret->bytes = view_sub(value, info->offset, info->size);
	if (!name || !btf_is_var(type) || !ret->bytes.data)
		return err_set(err, -EBADMSG, "the BTF of a data section is inconsistent");
	ret->name = strdup(name);
	if (!ret->name)
		return err_nomem(err);
	add_value(&text, reader, type->type, ret->bytes);
	if (text.failed)
		return err_nomem(err);
	if (!text.size)
		return 0;
	shown = buf_cstr(&text);
	ret->text = shown ? strdup(shown) : NULL;
	return ret->text ? 0 : err_nomem(err);
}

static int read_vars(const struct reader *reader, const struct btf_type *section, struct view value,
		     struct object_values *vars, struct err *err)
{
	const struct btf_var_secinfo *infos = btf_var_secinfos(section);
	uint64_t end = 0;

	vars->list = calloc(btf_vlen(section) ?: 1, sizeof(*vars->list));
	if (!vars->list)
		return err_nomem(err);
	for (unsigned int i = 0; i < btf_vlen(section); i++) {
		int rc;

		if (infos[i].offset < end)
			return err_set(err, -EBADMSG, "variables of a data section overlap");
		end = (uint64_t)infos[i].offset + infos[i].size;
		rc = read_var(reader, &infos[i], value, &vars->list[vars->nr++], err);
		if (rc)
			return rc;
	}
	return 0;
}

int object_values_read(struct view btf, bool big, uint32_t section, struct view value,
		       struct object_values *ret, struct err *err)
{
	_cleanup_(btf__free_p) struct btf *own = NULL;
	_object_values_ struct object_values vars = {0};
	struct reader reader = {.big = big};
	const struct btf_type *type;
	int rc;

	libbpf_set_print(NULL);
	own = btf__new(btf.data, (uint32_t)btf.size);
	rc = (int)libbpf_get_error(own);
	if (rc) {
		own = NULL;
		return err_set(err, rc == -ENOMEM ? rc : -EBADMSG, "the loader's BTF is malformed");
	}
	reader.btf = own;
	type = btf__type_by_id(own, section);
	if (!type || !btf_is_datasec(type))
		return err_set(err, -EBADMSG, "type %u is not a data section", section);
	rc = read_vars(&reader, type, value, &vars, err);
	if (rc)
		return rc;
	*ret = vars;
	vars = (struct object_values){0};
	return 0;
}
