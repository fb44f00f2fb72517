// SPDX-License-Identifier: BSD-2-Clause
/*
 * Values as C has them: numbers, enumerators, strings, and initializers of structs, unions and
 * arrays. The types come from a loader, and may be hostile: they may contain each other, have any
 * size and any number of members. So each value has a limit of characters and of depth, and all
 * values together have a limit of steps.
 */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "object/object_btf.h"

/* Structs, unions and arrays inside each other. */
#define DEPTH_MAX 8

/* Zeros at the end of an array that are written out; more are counted. */
#define ZEROS_MAX 8

/* Bytes of a value in hexadecimal, where its type cannot be shown. */
#define BYTES_MAX 16

struct enum64 {
	uint32_t name_off, low, high;
};

/* Take STEPS of those that are left; false: the text ends here. */
static bool go_on(struct object_text *t, size_t steps)
{
	if (t->out->size >= t->limit || t->types->steps < steps)
		t->cut = true;
	else
		t->types->steps -= steps;
	return !t->cut;
}

static bool is_zero(struct view bytes)
{
	for (size_t i = 0; i < bytes.size; i++) {
		if (bytes.data[i])
			return false;
	}
	return true;
}

/* Up to 8 bytes as a number. */
static uint64_t get_number(const struct object_text *t, struct view bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.size; i++)
		number = number << 8 | bytes.data[t->types->big ? i : bytes.size - 1 - i];
	return number;
}

static int64_t sign_extend(uint64_t number, unsigned int bits)
{
	return (int64_t)(number << (64 - bits)) >> (64 - bits);
}

static bool is_number_size(size_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static bool is_plain_char(const struct object_types *types, const struct btf_type *type)
{
	const char *name = object_plain_name(types, type->name_off);

	return btf_is_int(type) && type->size == 1 && name && !strcmp(name, "char");
}

/* --- numbers --- */

/* NUMBER, which has BITS bits, 1 to 64, as an integer of TYPE. */
static void add_int(struct object_text *t, const struct btf_type *type, uint64_t number,
		    unsigned int bits)
{
	uint8_t encoding = btf_int_encoding(type);

	if (encoding & BTF_INT_BOOL && number <= 1)
		buf_add_str(t->out, number ? "true" : "false");
	else if (encoding & BTF_INT_SIGNED)
		buf_printf(t->out, "%" PRId64, sign_extend(number, bits));
	else
		buf_printf(t->out, "%" PRIu64, number);
	if (is_plain_char(t->types, type) && isprint((int)number) && number != '\'' &&
	    number != '\\')
		buf_printf(t->out, " '%c'", (int)number);
}

/* The name of the enumerator with VALUE, or NULL. */
static const char *enumerator(struct object_text *t, const struct btf_type *type, uint64_t value)
{
	const struct enum64 *wide = (const void *)(type + 1);
	const struct btf_enum *narrow = btf_enum(type);
	const bool is_wide = btf_kind(type) == OBJECT_KIND_ENUM64;

	if (!go_on(t, btf_vlen(type)))
		return NULL;
	for (unsigned int i = 0; i < btf_vlen(type); i++) {
		if (is_wide && ((uint64_t)wide[i].high << 32 | wide[i].low) == value)
			return object_plain_name(t->types, wide[i].name_off);
		if (!is_wide && (uint32_t)narrow[i].val == (uint32_t)value)
			return object_plain_name(t->types, narrow[i].name_off);
	}
	return NULL;
}

static void add_enum(struct object_text *t, const struct btf_type *type, uint64_t number,
		     unsigned int bits)
{
	int64_t value = sign_extend(number, bits);
	const char *name = enumerator(t, type, (uint64_t)value);

	/* without its sign, as the whole numbers of small fields are */
	if (!name && value < 0)
		name = enumerator(t, type, number);
	if (name)
		buf_printf(t->out, "%s (%" PRId64 ")", name, value);
	else
		buf_printf(t->out, "%" PRId64, value);
}

static bool is_enum(const struct btf_type *type)
{
	return btf_is_enum(type) || btf_kind(type) == OBJECT_KIND_ENUM64;
}

/* With as many digits as bring the same number back; one that is not a number shows its bits. */
static void add_float(struct object_text *t, const struct btf_type *type, uint64_t number)
{
	double value;

	if (type->size == sizeof(float)) {
		uint32_t bits = (uint32_t)number;
		float narrow;

		memcpy(&narrow, &bits, sizeof(narrow));
		value = narrow;
	} else {
		memcpy(&value, &number, sizeof(value));
	}
	if (isfinite(value))
		buf_printf(t->out, "%.*g", type->size == sizeof(float) ? 9 : 17, value);
	else
		buf_printf(t->out, "0x%" PRIx64, number);
}

static void add_number(struct object_text *t, const struct btf_type *type, struct view bytes)
{
	unsigned int bits = 8 * (unsigned int)bytes.size;
	uint64_t number;

	if (!is_number_size(bytes.size))
		return;
	number = get_number(t, bytes);
	if (btf_is_ptr(type))
		buf_printf(t->out, "0x%" PRIx64, number);
	else if (type->size != bytes.size)
		return;
	else if (btf_is_int(type) && !btf_int_offset(type) && btf_int_bits(type) == bits)
		add_int(t, type, number, bits);
	else if (is_enum(type))
		add_enum(t, type, number, bits);
	else if (btf_is_float(type) && bytes.size >= sizeof(float))
		add_float(t, type, number);
}

/* --- arrays --- */

static void add_quoted(struct object_text *t, struct view bytes)
{
	buf_add_str(t->out, "\"");
	for (size_t i = 0; i < bytes.size && go_on(t, 1); i++) {
		uint8_t c = bytes.data[i];

		if (c == '"' || c == '\\')
			buf_printf(t->out, "\\%c", c);
		else if (isprint(c))
			buf_add(t->out, &c, 1);
		else
			buf_printf(t->out, "\\x%02x", c);
	}
	buf_add_str(t->out, t->cut ? "\"..." : "\"");
}

/* Whether BYTES are written one by one: not if all are zero, or too deep inside others. */
static bool begins(struct object_text *t, struct view bytes, unsigned int depth)
{
	const bool zero = is_zero(bytes);

	if (zero)
		buf_add_str(t->out, "{}");
	else if (depth > DEPTH_MAX)
		buf_add_str(t->out, "{...}");
	t->hides |= !zero && depth > DEPTH_MAX;
	return !zero && depth <= DEPTH_MAX;
}

/* BYTES without the zeros at their end. */
static struct view without_zeros(struct view bytes)
{
	while (bytes.size && !bytes.data[bytes.size - 1])
		bytes.size--;
	return bytes;
}

static void add_item(struct object_text *t, uint32_t id, struct view bytes, unsigned int depth);

static void add_elements(struct object_text *t, const struct btf_array *array, struct view bytes,
			 unsigned int depth)
{
	const size_t size = bytes.size / array->nelems;
	size_t nr = (without_zeros(bytes).size + size - 1) / size;

	if (array->nelems - nr <= ZEROS_MAX)
		nr = array->nelems;
	buf_add_str(t->out, "{");
	for (size_t i = 0; i < nr && !t->cut; i++) {
		buf_add_str(t->out, i ? ", " : "");
		add_item(t, array->type, view_sub(bytes, i * size, size), depth);
	}
	if (!t->cut && nr < array->nelems)
		buf_printf(t->out, ", /* %zu more, all zero */", array->nelems - nr);
	buf_add_str(t->out, "}");
}

static void add_array(struct object_text *t, const struct btf_type *type, struct view bytes,
		      unsigned int depth)
{
	const struct btf_array *array = btf_array(type);
	const struct btf_type *element = object_plain_type(t->types, array->type);
	int64_t size = btf__resolve_size(t->types->btf, array->type);

	if (!element || size <= 0 || (uint64_t)size * array->nelems != bytes.size)
		return;
	if (is_plain_char(t->types, element))
		add_quoted(t, without_zeros(bytes)); /* what follows a zero in it is not hidden */
	else if (begins(t, bytes, depth))
		add_elements(t, array, bytes, depth);
}

/* --- structs and unions --- */

static bool bit_is_set(const struct object_text *t, struct view bytes, size_t bit)
{
	unsigned int shift = t->types->big ? 7 - bit % 8 : bit % 8;

	return bit / 8 < bytes.size && bytes.data[bit / 8] >> shift & 1;
}

/* Whether the bits from FROM up to TO, which no member has, are zero. */
static bool gap_is_zero(const struct object_text *t, struct view bytes, size_t from, size_t to)
{
	for (; from < to && from % 8; from++) {
		if (bit_is_set(t, bytes, from))
			return false;
	}
	for (; from < to && to % 8; to--) {
		if (bit_is_set(t, bytes, to - 1))
			return false;
	}
	return from >= to || is_zero(view_sub(bytes, from / 8, to / 8 - from / 8));
}

/* SIZE bits, 1 to 64, from bit AT on, of which bytes have 8; false: they are in more than 8 bytes.
 */
static bool get_bits(const struct object_text *t, struct view bytes, size_t at, unsigned int size,
		     uint64_t *ret)
{
	size_t nr = (at + size + 7) / 8 - at / 8;
	struct view own = view_sub(bytes, at / 8, nr);
	unsigned int above = (unsigned int)(8 * nr - at % 8 - size);

	if (!own.data || nr > sizeof(*ret))
		return false;
	*ret = get_number(t, own) >> (t->types->big ? above : at % 8);
	if (size < 64)
		*ret &= ((uint64_t)1 << size) - 1;
	return true;
}

static bool add_bitfield(struct object_text *t, uint32_t id, struct view bytes, size_t at,
			 unsigned int size)
{
	const struct btf_type *type = object_plain_type(t->types, id);
	uint64_t number;

	if (!type || !get_bits(t, bytes, at, size, &number))
		return false;
	if (btf_is_int(type))
		add_int(t, type, number, size);
	else if (is_enum(type))
		add_enum(t, type, number, size);
	else
		return false;
	return true;
}

/* Append member N of TYPE. Returns the bit behind it. */
static size_t add_member(struct object_text *t, const struct btf_type *type, unsigned int n,
			 struct view bytes, unsigned int depth)
{
	const struct btf_member *member = &btf_members(type)[n];
	const char *name = object_plain_name(t->types, member->name_off);
	size_t at = btf_member_bit_offset(type, n);
	unsigned int bits = btf_member_bitfield_size(type, n);
	int64_t size = btf__resolve_size(t->types->btf, member->type);

	if (name)
		buf_printf(t->out, ".%s = ", name);
	if (bits) {
		if (bits > 64 || !add_bitfield(t, member->type, bytes, at, bits))
			buf_add_str(t->out, "?");
		return at + bits;
	}
	if (size < 0 || at % 8 || !view_sub(bytes, at / 8, (size_t)size).data) {
		buf_add_str(t->out, "?");
		return at;
	}
	add_item(t, member->type, view_sub(bytes, at / 8, (size_t)size), depth);
	return at + 8 * (size_t)size;
}

static void add_members(struct object_text *t, const struct btf_type *type, struct view bytes,
			unsigned int depth)
{
	size_t end = 0;

	if (!begins(t, bytes, depth))
		return;
	buf_add_str(t->out, "{");
	for (unsigned int i = 0; i < btf_vlen(type) && !t->cut; i++) {
		size_t begin = btf_member_bit_offset(type, i), behind;

		t->hides |= !gap_is_zero(t, bytes, end, begin);
		buf_add_str(t->out, i ? ", " : "");
		behind = add_member(t, type, i, bytes, depth);
		end = behind > end ? behind : end;
	}
	t->hides |= !gap_is_zero(t, bytes, end, 8 * bytes.size);
	buf_add_str(t->out, "}");
}

/* --- any type --- */

/* A value whose size is that of its type. */
static void add_value(struct object_text *t, uint32_t id, struct view bytes, unsigned int depth)
{
	const struct btf_type *type = object_plain_type(t->types, id);

	if (!type)
		return;
	if (!btf_is_array(type) && !btf_is_composite(type)) {
		add_number(t, type, bytes);
		return;
	}
	if (!go_on(t, bytes.size))
		return;
	if (btf_is_array(type))
		add_array(t, type, bytes, depth + 1);
	else if (type->size == bytes.size)
		add_members(t, type, bytes, depth + 1);
}

/* A value inside another, which has to be followed by the next: bytes if it cannot be shown. */
static void add_item(struct object_text *t, uint32_t id, struct view bytes, unsigned int depth)
{
	size_t begin = t->out->size;

	if (go_on(t, 1))
		add_value(t, id, bytes, depth);
	if (t->cut && t->out->size == begin)
		buf_add_str(t->out, "...");
	if (t->out->size > begin || t->out->failed)
		return;
	buf_printf(t->out, "/* %zu bytes:", bytes.size);
	for (size_t i = 0; i < bytes.size && i < BYTES_MAX; i++)
		buf_printf(t->out, " %02x", bytes.data[i]);
	buf_add_str(t->out, bytes.size > BYTES_MAX ? " ... */" : " */");
	t->hides |= bytes.size > BYTES_MAX;
}

void object_text_value(struct object_text *t, uint32_t id, struct view bytes)
{
	size_t begin = t->out->size;

	add_value(t, id, bytes, 0);
	if (t->cut && t->out->size == begin)
		buf_add_str(t->out, "...");
}
