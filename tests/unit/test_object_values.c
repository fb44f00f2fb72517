// SPDX-License-Identifier: BSD-2-Clause
/* Typed values of a data section, whose BTF may be hostile. */
#include <bpf/btf.h>
#include <errno.h>
#include <stdlib.h>

#include "object/object.h"
#include "unit.h"

enum { INT = 1, UNSIGNED, LONG, CHAR, BOOL, COLOUR, TEXT, POINTER, CONST, ALIAS, PAIR };

/* The types above, by their ids. */
static void add_types(struct btf *btf)
{
	CHECK_INT(btf__add_int(btf, "int", 4, BTF_INT_SIGNED), INT);
	CHECK_INT(btf__add_int(btf, "unsigned short", 2, 0), UNSIGNED);
	CHECK_INT(btf__add_int(btf, "long", 8, BTF_INT_SIGNED), LONG);
	CHECK_INT(btf__add_int(btf, "char", 1, BTF_INT_SIGNED), CHAR);
	CHECK_INT(btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL), BOOL);
	CHECK_INT(btf__add_enum(btf, "colour", 4), COLOUR);
	CHECK_INT(btf__add_enum_value(btf, "RED", 3), 0);
	CHECK_INT(btf__add_enum_value(btf, "NONE", -1), 0);
	CHECK_INT(btf__add_array(btf, INT, CHAR, 6), TEXT);
	CHECK_INT(btf__add_ptr(btf, CHAR), POINTER);
	CHECK_INT(btf__add_const(btf, INT), CONST);
	CHECK_INT(btf__add_typedef(btf, "alias", CONST), ALIAS);
	CHECK_INT(btf__add_struct(btf, "pair", 8), PAIR);
}

struct sample {
	struct btf *btf;
	int section;
	struct buf raw, contents;
	bool big;
};

static void sample_begin(struct sample *s, bool big)
{
	*s = (struct sample){.btf = btf__new_empty(), .big = big};
	CHECK_INT(btf__set_endianness(s->btf, big ? BTF_BIG_ENDIAN : BTF_LITTLE_ENDIAN), 0);
	add_types(s->btf);
	s->section = PAIR + 1;
}

/* Variables are added before the section is: one for each type id up to NR, then the section. */
static void sample_end(struct sample *s, const int *types, const uint32_t *sizes,
		       const uint32_t *offsets, size_t nr)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
	const void *raw;
	uint32_t size;

	for (size_t i = 0; i < nr; i++)
		s->section = btf__add_var(s->btf, names[i], BTF_VAR_GLOBAL_ALLOCATED, types[i]) + 1;
	CHECK_INT(btf__add_datasec(s->btf, ".data", 64), s->section);
	for (size_t i = 0; i < nr; i++)
		CHECK_INT(btf__add_datasec_var_info(s->btf, s->section - (int)nr + (int)i,
						    offsets[i], sizes[i]),
			  0);
	raw = btf__raw_data(s->btf, &size);
	buf_add(&s->raw, raw, raw ? size : 0);
	btf__free(s->btf);
}

static int sample_read(const struct sample *s, struct object_values *ret, struct err *err)
{
	return object_values_read(buf_view(&s->raw), s->big, (uint32_t)s->section,
				  buf_view(&s->contents), ret, err);
}

static void sample_free(struct sample *s)
{
	buf_free(&s->raw);
	buf_free(&s->contents);
}

static void put(struct sample *s, uint64_t number, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*buf_space(&s->contents, 1) = (uint8_t)(number >> 8 * (s->big ? size - 1 - i : i));
}

static void check_types(bool big)
{
	static const int types[] = {ALIAS, UNSIGNED, LONG, CHAR, BOOL, COLOUR, TEXT, POINTER};
	static const uint32_t sizes[] = {4, 2, 8, 1, 1, 4, 6, 8};
	static const uint32_t offsets[] = {0, 4, 6, 14, 15, 16, 20, 26};
	static const char *const want[] = {"-5",      "65535",		 "-6",	  "97 'a'", "true",
					   "RED (3)", "\"x\\\"\\x00y\"", "0x1234"};
	_object_values_ struct object_values values = {0};
	struct sample s;
	struct err err;

	sample_begin(&s, big);
	put(&s, (uint64_t)-5, 4);
	put(&s, 65535, 2);
	put(&s, (uint64_t)-6, 8);
	put(&s, 'a', 1);
	put(&s, 1, 1);
	put(&s, 3, 4);
	buf_add(&s.contents, "x\"\0y\0\0", 6);
	put(&s, 0x1234, 8);
	sample_end(&s, types, sizes, offsets, 8);
	CHECK_INT(sample_read(&s, &values, &err), 0);
	CHECK_INT((long long)values.nr, 8);
	for (size_t i = 0; i < values.nr; i++)
		CHECK_STR(values.list[i].text, want[i]);
	CHECK_STR(values.nr ? values.list[2].name : "", "c");
	sample_free(&s);
}

TEST(every_type_has_its_form)
{
	check_types(false);
}

TEST(the_other_byte_order_gives_the_same_values)
{
	check_types(true);
}

TEST(what_has_no_value_in_one_line_has_no_text)
{
	static const int types[] = {PAIR, COLOUR, BOOL, INT, INT};
	static const uint32_t sizes[] = {8, 4, 1, 3, 0};
	static const uint32_t offsets[] = {0, 8, 12, 13, 16};
	static const char *const want[] = {NULL, "7", "2", NULL, NULL};
	_object_values_ struct object_values values = {0};
	struct sample s;
	struct err err;

	sample_begin(&s, false);
	put(&s, 1, 8);
	put(&s, 7, 4);
	put(&s, 2, 1);
	put(&s, 0, 3);
	sample_end(&s, types, sizes, offsets, 5);
	CHECK_INT(sample_read(&s, &values, &err), 0);
	for (size_t i = 0; i < values.nr; i++) {
		if (want[i])
			CHECK_STR(values.list[i].text, want[i]);
		else
			CHECK(!values.list[i].text);
	}
	sample_free(&s);
}

TEST(variables_that_overlap_or_leave_the_section_are_refused)
{
	static const int types[] = {INT, INT};
	static const uint32_t sizes[] = {4, 4};
	static const uint32_t offsets[][2] = {{0, 3}, {4, 0}, {0, 5}, {0, UINT32_MAX - 1}};
	struct err err;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		_object_values_ struct object_values values = {0};
		struct sample s;

		sample_begin(&s, false);
		put(&s, 0, 8);
		sample_end(&s, types, sizes, offsets[i], 2);
		CHECK_INT(sample_read(&s, &values, &err), -EBADMSG);
		CHECK(!values.list);
		sample_free(&s);
	}
}

TEST(what_is_no_data_section_is_refused)
{
	static const uint32_t zero;
	_object_values_ struct object_values values = {0};
	const int type = INT;
	struct sample s;
	struct err err;

	sample_begin(&s, false);
	sample_end(&s, &type, &zero, &zero, 1);
	for (s.section = 0; s.section <= PAIR; s.section++)
		CHECK_INT(sample_read(&s, &values, &err), -EBADMSG);
	s.section = 1000;
	CHECK_INT(sample_read(&s, &values, &err), -EBADMSG);
	s.section = -1;
	CHECK_INT(sample_read(&s, &values, &err), -EBADMSG);
	sample_free(&s);
}

/* The sanitizers watch. */
TEST(btf_that_is_cut_or_has_any_bit_flipped_does_no_harm)
{
	static const int types[] = {ALIAS, COLOUR, TEXT, POINTER};
	static const uint32_t sizes[] = {4, 4, 6, 8};
	static const uint32_t offsets[] = {0, 4, 8, 14};
	struct sample s;
	struct err err;
	size_t whole;

	sample_begin(&s, false);
	put(&s, 3, 4);
	put(&s, 3, 4);
	put(&s, 0x414141, 8);
	put(&s, 0, 6);
	sample_end(&s, types, sizes, offsets, 4);
	whole = s.raw.size;
	for (size_t bit = 0; bit < 8 * whole; bit++) {
		_object_values_ struct object_values values = {0};

		s.raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (sample_read(&s, &values, &err))
			CHECK(!values.list);
		s.raw.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (s.raw.size = 0; s.raw.size < whole; s.raw.size++) {
		_object_values_ struct object_values values = {0};

		CHECK(sample_read(&s, &values, &err) < 0);
	}
	sample_free(&s);
}

UNIT_MAIN
