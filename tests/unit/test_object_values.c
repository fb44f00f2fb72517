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
	size_t limit; /* of characters; 0: the short one */
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
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	int rc = object_types_read(buf_view(&s->raw), s->big, &types, err);

	return rc
		       ?: object_values_read(types, (uint32_t)s->section, buf_view(&s->contents),
					     s->limit ?: OBJECT_TEXT_SHORT, ret, err);
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
	static const char *const want[] = {"{}", "7", "2", NULL, NULL};
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

/* --- structs, unions and arrays --- */

/* The text of BYTES as a variable of the last type of BTF, which is freed. */
struct shown {
	struct object_values values;
	const char *text;
	const char *type;
	bool partial;
};

static struct shown show(struct sample *s, int type, const void *bytes, size_t size)
{
	const uint32_t length = (uint32_t)size, offset = 0;
	struct shown shown = {.text = ""};
	struct err err;

	sample_end(s, &type, &length, &offset, 1);
	buf_add(&s->contents, bytes, size);
	if (CHECK_INT(sample_read(s, &shown.values, &err), 0)) {
		shown.text = shown.values.list[0].text;
		shown.type = shown.values.list[0].type;
		shown.partial = shown.values.list[0].partial;
	}
	sample_free(s);
	return shown;
}

/* A struct of an int, a nested struct of two short numbers, and an array of three. */
static int add_nested(struct btf *btf)
{
	int inner, array, outer;

	inner = btf__add_struct(btf, "inner", 4);
	CHECK_INT(btf__add_field(btf, "left", UNSIGNED, 0, 0), 0);
	CHECK_INT(btf__add_field(btf, "right", UNSIGNED, 16, 0), 0);
	array = btf__add_array(btf, INT, UNSIGNED, 3);
	outer = btf__add_struct(btf, "outer", 16);
	CHECK_INT(btf__add_field(btf, "first", INT, 0, 0), 0);
	CHECK_INT(btf__add_field(btf, "second", inner, 32, 0), 0);
	CHECK_INT(btf__add_field(btf, "third", array, 64, 0), 0);
	return outer;
}

static void check_nested(const char *bytes, const char *want, bool partial)
{
	struct sample s;
	struct shown shown;

	sample_begin(&s, false);
	shown = show(&s, add_nested(s.btf), bytes, 16);
	CHECK_STR(shown.text, want);
	CHECK_STR(shown.type, "struct outer");
	CHECK_INT(shown.partial, partial);
	object_values_free(&shown.values);
}

TEST(a_struct_has_the_names_of_its_members)
{
	check_nested("\1\0\0\0\2\0\3\0\4\0\5\0\6\0\0\0",
		     "{.first = 1, .second = {.left = 2, .right = 3}, .third = {4, 5, 6}}", false);
	check_nested("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "{.first = 1, .second = {}, .third = {}}",
		     false);
	check_nested("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "{}", false);
}

TEST(bytes_between_members_are_not_hidden)
{
	check_nested("\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", "{.first = 1, .second = {}, .third = {}}",
		     true);
}

TEST(a_text_is_cut_at_its_limit)
{
	struct sample s;
	struct shown shown;

	sample_begin(&s, false);
	s.limit = 20;
	shown = show(&s, add_nested(s.btf), "\1\0\0\0\2\0\3\0\4\0\5\0\6\0\0\0", 16);
	CHECK_STR(shown.text, "{.first = 1, .second = ...}");
	CHECK(shown.partial);
	object_values_free(&shown.values);
}

TEST(zeros_at_the_end_of_an_array_are_counted)
{
	uint8_t bytes[40] = {7, 0, 9};
	struct sample s;
	struct shown shown;

	sample_begin(&s, false);
	shown = show(&s, btf__add_array(s.btf, INT, UNSIGNED, 20), bytes, sizeof(bytes));
	CHECK_STR(shown.text, "{7, 9, /* 18 more, all zero */}");
	CHECK_STR(shown.type, "unsigned short[20]");
	CHECK(!shown.partial);
	object_values_free(&shown.values);
}

TEST(a_union_shows_every_member)
{
	struct sample s;
	struct shown shown;
	int type;

	sample_begin(&s, false);
	type = btf__add_union(s.btf, NULL, 8);
	CHECK_INT(btf__add_field(s.btf, "narrow", UNSIGNED, 0, 0), 0);
	CHECK_INT(btf__add_field(s.btf, "wide", LONG, 0, 0), 0);
	shown = show(&s, type, "\1\0\1\0\0\0\0\0", 8);
	CHECK_STR(shown.text, "{.narrow = 1, .wide = 65537}");
	CHECK_STR(shown.type, "union {...}");
	CHECK(!shown.partial);
	object_values_free(&shown.values);
}

/* Fields of 3 bits (signed), 5 bits (an enum) and 8 bits, and 16 bits that no field has. */
static void check_bitfields(bool big, const char *bytes, const char *want, bool partial)
{
	struct sample s;
	struct shown shown;
	int type;

	sample_begin(&s, big);
	type = btf__add_struct(s.btf, "bits", 4);
	CHECK_INT(btf__add_field(s.btf, "low", INT, 0, 3), 0);
	CHECK_INT(btf__add_field(s.btf, "color", COLOUR, 3, 5), 0);
	CHECK_INT(btf__add_field(s.btf, "", INT, 8, 8), 0);
	shown = show(&s, type, bytes, 4);
	CHECK_STR(shown.text, want);
	CHECK_INT(shown.partial, partial);
	object_values_free(&shown.values);
}

TEST(bit_fields_are_numbers_of_either_byte_order)
{
	check_bitfields(false, "\x1e\x05\0\0", "{.low = -2, .color = RED (3), 5}", false);
	check_bitfields(true, "\xc3\x05\0\0", "{.low = -2, .color = RED (3), 5}", false);
	check_bitfields(false, "\x1e\x05\1\0", "{.low = -2, .color = RED (3), 5}", true);
	check_bitfields(true, "\xc3\x05\0\1", "{.low = -2, .color = RED (3), 5}", true);
}

TEST(floats_are_numbers)
{
	static const double values[] = {0.5, -1e300, 0.1};
	static const char *const want[] = {"0.5", "-1.0000000000000001e+300",
					   "0.10000000000000001"};
	static const uint64_t odd = 0x7ff8000000000001;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct sample s;
		struct shown shown;

		sample_begin(&s, false);
		shown = show(&s, btf__add_float(s.btf, "double", 8), &values[i], 8);
		CHECK_STR(shown.text, want[i]);
		object_values_free(&shown.values);
		sample_begin(&s, false);
		shown = show(&s, btf__add_float(s.btf, "double", 8), &odd, 8);
		CHECK_STR(shown.text, "0x7ff8000000000001");
		object_values_free(&shown.values);
	}
}

/* A struct of 1000 members, each of which is the struct itself. */
TEST(types_that_contain_themselves_end_at_a_depth_and_at_the_limit)
{
	struct sample s;
	struct shown shown;
	int type;

	sample_begin(&s, false);
	type = btf__add_struct(s.btf, "self", 4);
	CHECK_INT(btf__add_field(s.btf, "s", type, 0, 0), 0);
	shown = show(&s, type, "\1\0\0\0", 4);
	CHECK_STR(shown.text, "{.s = {.s = {.s = {.s = {.s = {.s = {.s = {.s = {...}}}}}}}}}");
	CHECK(shown.partial);
	object_values_free(&shown.values);

	sample_begin(&s, false);
	type = btf__add_struct(s.btf, "self", 4);
	for (int i = 0; i < 1000; i++)
		CHECK_INT(btf__add_field(s.btf, "", type, 0, 0), 0);
	s.limit = OBJECT_TEXT_LONG;
	shown = show(&s, type, "\1\0\0\0", 4);
	CHECK(shown.partial && strlen(shown.text) < OBJECT_TEXT_LONG + 100);
	object_values_free(&shown.values);
}

/* Many variables of no size in one section cost no more than the limits for all allow. */
TEST(variables_of_long_names_are_refused_when_they_are_too_many)
{
	char name[512];
	struct object_values values = {0};
	struct sample s = {.btf = btf__new_empty()};
	struct err err;
	const void *raw;
	uint32_t size;
	int var;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	add_types(s.btf);
	var = btf__add_var(s.btf, name, BTF_VAR_GLOBAL_ALLOCATED, INT);
	s.section = btf__add_datasec(s.btf, ".data", 4);
	for (int i = 0; i < 65535; i++)
		btf__add_datasec_var_info(s.btf, var, 0, 0);
	raw = btf__raw_data(s.btf, &size);
	buf_add(&s.raw, raw, raw ? size : 0);
	btf__free(s.btf);
	buf_add(&s.contents, "1234", 4);
	CHECK_INT(sample_read(&s, &values, &err), -E2BIG);
	CHECK(!values.list);
	sample_free(&s);
}

/* --- names of types --- */

static int read_types(struct btf *btf, struct object_types **ret)
{
	struct view raw;
	struct err err;
	uint32_t size = 0;

	raw.data = btf__raw_data(btf, &size);
	raw.size = size;
	return object_types_read(raw, false, ret, &err);
}

static void check_type(struct btf *btf, int id, const char *want)
{
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	_buf_ struct buf name = {0};

	if (CHECK_INT(read_types(btf, &types), 0)) {
		object_type_name(types, (uint32_t)id, &name);
		CHECK_STR(buf_cstr(&name), want);
	}
	btf__free(btf);
}

static struct btf *types_of_sample(void)
{
	struct btf *btf = btf__new_empty();

	add_types(btf);
	return btf;
}

TEST(types_have_the_names_of_c)
{
	struct btf *btf = types_of_sample();

	check_type(btf, INT, "int");
	check_type(types_of_sample(), ALIAS, "alias");
	check_type(types_of_sample(), CONST, "const int");
	check_type(types_of_sample(), COLOUR, "enum colour");
	check_type(types_of_sample(), PAIR, "struct pair");
	check_type(types_of_sample(), TEXT, "char[6]");
	check_type(types_of_sample(), POINTER, "char *");
	btf = types_of_sample();
	check_type(btf, btf__add_array(btf, INT, TEXT, 2), "char[2][6]");
	btf = types_of_sample();
	check_type(btf, btf__add_array(btf, INT, POINTER, 2), "char *[2]");
	btf = types_of_sample();
	check_type(btf, btf__add_ptr(btf, POINTER), "char **");
	btf = types_of_sample();
	check_type(btf, btf__add_const(btf, POINTER), "char *const");
	btf = types_of_sample();
	check_type(btf, btf__add_ptr(btf, CONST), "const int *");
	btf = types_of_sample();
	check_type(btf, btf__add_ptr(btf, 0), "void *");
	btf = types_of_sample();
	check_type(btf, btf__add_ptr(btf, btf__add_func_proto(btf, 0)), "function *");
	btf = types_of_sample();
	check_type(btf, btf__add_struct(btf, NULL, 4), "struct {...}");
	btf = types_of_sample();
	check_type(btf, btf__add_fwd(btf, "task", BTF_FWD_STRUCT), "struct task");
}

TEST(names_that_are_not_of_c_are_quoted_and_types_that_are_not_there_unknown)
{
	struct btf *btf = types_of_sample();

	check_type(btf, btf__add_struct(btf, "Map<u64>  max 5", 4), "struct \"Map<u64>  max 5\"");
	btf = types_of_sample();
	check_type(btf, btf__add_typedef(btf, "a\nb", INT), "\"a\\x0ab\"");
	check_type(types_of_sample(), 1000, "?");
	check_type(types_of_sample(), 0, "");
}

/* libbpf before 1.4 reads such BTF. */
TEST(a_type_that_refers_to_none_is_refused_or_unknown)
{
	_cleanup_(object_types_free_p) struct object_types *types = NULL;
	_buf_ struct buf name = {0};
	struct btf *btf = types_of_sample();
	int id = btf__add_const(btf, 1000);

	if (!read_types(btf, &types)) {
		object_type_name(types, (uint32_t)id, &name);
		CHECK_STR(buf_cstr(&name), "const ?");
	}
	btf__free(btf);
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
