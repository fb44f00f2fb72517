// SPDX-License-Identifier: BSD-2-Clause
/* Values for variables, by BTF that may be hostile. */
#include <bpf/btf.h>
#include <errno.h>

#include "object/object.h"
#include "unit.h"

static struct err err;

/*
 * Set NAME to TEXT, VARIABLE or a part of it: a variable at byte 4 of SECTION, of the type that is
 * added by ADD. The errno, and the bytes in *ret; AT is where they have to be.
 */
static int set_in(const char *section, const char *variable, int (*add)(struct btf *btf),
		  const char *name, size_t at, const char *text, struct buf *ret)
{
	struct btf *btf = btf__new_empty();
	_object_vars_ struct object_vars vars = {0};
	struct object_var var = {0};
	_buf_ struct buf raw = {0};
	const void *data;
	uint32_t size;
	int id, rc;

	id = btf__add_var(btf, variable, BTF_VAR_GLOBAL_ALLOCATED, add(btf));
	CHECK(btf__add_datasec(btf, section, 64) > 0);
	CHECK_INT(btf__add_datasec_var_info(btf, id, 4, 8), 0);
	data = btf__raw_data(btf, &size);
	buf_add(&raw, data, data ? size : 0);
	btf__free(btf);
	err = (struct err){0};
	rc = object_vars_read(buf_view(&raw), &vars, &err)
		     ?: object_var_parse(&vars, name, text, &var, &err);
	CHECK(rc || (var.offset == at && var.section == (uint32_t)id + 1));
	CHECK_INT(rc, err.code);
	*ret = var.value;
	return rc;
}

/* The same for a variable "v" of .data. */
static int set_part(int (*add)(struct btf *btf), const char *name, size_t at, const char *text,
		    struct buf *ret)
{
	return set_in(".data", "v", add, name, at, text, ret);
}

static int set(int (*add)(struct btf *btf), const char *text, struct buf *ret)
{
	return set_part(add, "v", 4, text, ret);
}

static void check_set(int (*add)(struct btf *btf), const char *text, const char *want, size_t size)
{
	_buf_ struct buf value = {0};

	CHECK_INT(set(add, text, &value), 0);
	CHECK(view_equal(buf_view(&value), view_of(want, size)));
}

static void check_refused(int (*add)(struct btf *btf), const char *text, int want)
{
	_buf_ struct buf value = {0};

	CHECK_INT(set(add, text, &value), want);
	CHECK(!value.data);
}

static int add_bool(struct btf *btf)
{
	return btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL);
}

static int add_wide_bool(struct btf *btf)
{
	return btf__add_int(btf, "_Bool", 16, BTF_INT_BOOL);
}

static int add_short(struct btf *btf)
{
	return btf__add_const(btf, btf__add_int(btf, "short", 2, BTF_INT_SIGNED));
}

static int add_enum(struct btf *btf)
{
	int id = btf__add_enum(btf, "colour", 4);

	CHECK_INT(btf__add_enum_value(btf, "GREEN", -5), 0);
	return id;
}

/* As hostile BTF has it; libbpf's own functions do not make such a type. */
static int add_wide_enum(struct btf *btf)
{
	int id = add_enum(btf);

	((struct btf_type *)btf__type_by_id(btf, (uint32_t)id))->size = 4096;
	return id;
}

static int add_array(struct btf *btf, uint32_t nr)
{
	int element = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);

	return btf__add_array(btf, element, element, nr);
}

static int add_text(struct btf *btf)
{
	return add_array(btf, 4);
}

static int add_huge_text(struct btf *btf)
{
	return add_array(btf, UINT32_MAX);
}

static int add_float(struct btf *btf)
{
	return btf__add_float(btf, "float", 4);
}

static int add_double(struct btf *btf)
{
	return btf__add_float(btf, "double", 8);
}

static int add_shorts(struct btf *btf)
{
	int element = add_short(btf);

	return btf__add_array(btf, element, element, 3);
}

static int add_pointer(struct btf *btf)
{
	return btf__add_ptr(btf, add_short(btf));
}

/*
 * struct { short first; struct { union { short in_union; char byte; }; }; short bits : 3; short
 * list[3]; char text[4]; } at 8 bytes of alignment
 */
static int add_struct(struct btf *btf)
{
	int number = add_short(btf), text = add_text(btf), list = add_shorts(btf);
	int byte = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
	int inner, middle, whole;

	inner = btf__add_union(btf, "", 2);
	btf__add_field(btf, "in_union", number, 0, 0);
	btf__add_field(btf, "byte", byte, 0, 0);
	middle = btf__add_struct(btf, "", 2);
	btf__add_field(btf, "", inner, 0, 0);
	whole = btf__add_struct(btf, "whole", 16);
	btf__add_field(btf, "first", number, 0, 0);
	btf__add_field(btf, "", middle, 16, 0);
	btf__add_field(btf, "bits", number, 32, 3);
	btf__add_field(btf, "list", list, 48, 0);
	btf__add_field(btf, "text", text, 96, 0);
	return whole;
}

static int add_structs(struct btf *btf)
{
	int element = add_struct(btf), index = add_short(btf);

	return btf__add_array(btf, index, element, 2);
}

/* struct { struct { the same; }; struct { the same; } ... }: as hostile BTF has it */
static int add_nested_in_itself(struct btf *btf)
{
	int id = btf__add_struct(btf, "", 8);

	for (int i = 0; i < 64; i++)
		btf__add_field(btf, "", id, 0, 0);
	return id;
}

/* A typedef of a typedef of itself. */
static int add_loop(struct btf *btf)
{
	int id = btf__add_typedef(btf, "a", 2);

	CHECK_INT(btf__add_typedef(btf, "b", id), 2);
	return id;
}

TEST(values_are_set_by_their_types)
{
	check_set(add_bool, "true", "\1", 1);
	check_set(add_bool, "0", "\0", 1);
	check_set(add_short, "-2", "\xfe\xff", 2);
	check_set(add_enum, "GREEN", "\xfb\xff\xff\xff", 4);
	check_set(add_enum, "6", "\6\0\0\0", 4);
	check_set(add_text, "abc", "abc", 4);
	check_refused(add_short, "32768", -ERANGE);
	check_refused(add_short, "x", -EINVAL);
	check_refused(add_text, "abcde", -ERANGE);
}

TEST(floats_and_arrays_are_set_by_their_types)
{
	check_set(add_float, "-2.5", "\0\0\x20\xc0", 4);
	check_set(add_double, "1e3", "\0\0\0\0\0\x40\x8f\x40", 8);
	check_set(add_shorts, "1,-2,3", "\1\0\xfe\xff\3\0", 6);
	check_refused(add_float, "x", -EINVAL);
	check_refused(add_float, "", -EINVAL);
	check_refused(add_float, "1,5", -EINVAL);
	check_refused(add_shorts, "1,2", -EINVAL);
	CHECK(strstr(err.text, "'1,2' has 2 values, but v has 3 elements"));
	check_refused(add_shorts, "1,2,3,4", -EINVAL);
	check_refused(add_shorts, "1,2,", -EINVAL);
	check_refused(add_shorts, "1,99999,3", -ERANGE);
	check_refused(add_pointer, "0", -ENOTSUP);
}

TEST(an_enumerator_that_does_not_exist_is_answered_with_those_that_do)
{
	check_refused(add_enum, "BLUE", -EINVAL);
	CHECK(strstr(err.text, "expected a number, GREEN"));
	check_refused(add_enum, "-", -EINVAL);
	check_refused(add_enum, "", -EINVAL);
}

/* Whether NAME is a part at byte AT that TEXT sets to WANT. */
static bool part_is(int (*add)(struct btf *btf), const char *name, size_t at, const char *text,
		    struct view want)
{
	_buf_ struct buf value = {0};

	return CHECK_INT(set_part(add, name, at, text, &value), 0) &&
	       view_equal(buf_view(&value), want);
}

TEST(parts_are_set_where_they_are)
{
	CHECK(part_is(add_struct, "v.first", 4, "3", view_lit("\3\0")));
	CHECK(part_is(add_struct, "v.in_union", 6, "4", view_lit("\4\0")));
	CHECK(part_is(add_struct, "v.byte", 6, "5", view_lit("\5")));
	CHECK(part_is(add_struct, "v.list", 10, "1,2,3", view_lit("\1\0\2\0\3\0")));
	CHECK(part_is(add_struct, "v.list[2]", 14, "9", view_lit("\x9\0")));
	CHECK(part_is(add_struct, "v.text", 16, "ab", view_lit("ab\0\0")));
	CHECK(part_is(add_struct, "v.text[1]", 17, "-1", view_lit("\xff")));
	CHECK(part_is(add_structs, "v[1].first", 20, "7", view_lit("\7\0")));
	CHECK(part_is(add_structs, "v[1].list[1]", 28, "8", view_lit("\x8\0")));
	CHECK(part_is(add_shorts, "v[0]", 4, "6", view_lit("\6\0")));
}

TEST(parts_that_do_not_exist_are_refused)
{
	static const struct {
		int (*add)(struct btf *btf);
		const char *name;
		int rc;
	} parts[] = {
		{add_struct, "v", -ENOTSUP},
		{add_struct, "v.bits", -ENOTSUP},
		{add_struct, "v.none", -ENOENT},
		{add_struct, "v.", -ENOENT},
		{add_struct, "v.firs", -ENOENT},
		{add_struct, "v.first.x", -EINVAL},
		{add_struct, "v[0]", -EINVAL},
		{add_struct, "v.list[3]", -ERANGE},
		{add_struct, "v.list[-1]", -EINVAL},
		{add_struct, "v.list[]", -EINVAL},
		{add_struct, "v.list[1", -EINVAL},
		{add_struct, "v.list[0x1]", -EINVAL},
		{add_struct, "v.list[1]x", -EINVAL},
		{add_struct, "v.list[99999999999999999999]", -EINVAL},
		{add_structs, "v[0]", -ENOTSUP},
		{add_shorts, "v.first", -EINVAL},
		{add_struct, "w.first", -ENOENT},
		{add_huge_text, "v[4294967295]", -ERANGE},
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		_buf_ struct buf value = {0};

		if (!CHECK_INT(set_part(parts[i].add, parts[i].name, 0, "1", &value), parts[i].rc))
			printf("# %s\n", parts[i].name);
		CHECK(!value.data);
	}
}

TEST(a_struct_that_is_in_itself_is_searched_in_bounded_time)
{
	_buf_ struct buf value = {0};

	CHECK_INT(set_part(add_nested_in_itself, "v.none", 0, "1", &value), -ENOENT);
}

TEST(a_size_that_no_number_has_is_refused)
{
	check_refused(add_wide_bool, "true", -ENOTSUP);
	check_refused(add_wide_enum, "GREEN", -ENOTSUP);
	check_refused(add_wide_enum, "7", -ENOTSUP);
}

TEST(an_array_larger_than_any_loader_is_refused)
{
	check_refused(add_huge_text, "abc", -ENOTSUP);
}

TEST(types_that_lead_in_a_circle_are_refused)
{
	check_refused(add_loop, "1", -ENOTSUP);
}

static int add_tristate(struct btf *btf)
{
	int id = btf__add_enum(btf, "libbpf_tristate", 4);

	btf__add_enum_value(btf, "TRI_NO", 0);
	btf__add_enum_value(btf, "TRI_YES", 1);
	btf__add_enum_value(btf, "TRI_MODULE", 2);
	return id;
}

static int add_char(struct btf *btf)
{
	return btf__add_int(btf, "char", 1, BTF_INT_SIGNED);
}

static int add_int(struct btf *btf)
{
	return btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
}

TEST(options_of_the_kernel_have_the_values_that_libbpf_takes)
{
	static const struct {
		int (*add)(struct btf *btf);
		const char *name, *text, *want;
		size_t size;
		int code;
	} cases[] = {
		{add_bool, "CONFIG_X", "y", "\1", 1, 0},
		{add_bool, "CONFIG_X", "n", "\0", 1, 0},
		{add_bool, "CONFIG_X", "1", "\1", 1, 0},
		{add_bool, "CONFIG_X", "m", NULL, 0, -EINVAL},
		{add_bool, "CONFIG_X", "yes", NULL, 0, -EINVAL},
		{add_tristate, "CONFIG_X", "n", "\0\0\0\0", 4, 0},
		{add_tristate, "CONFIG_X", "y", "\1\0\0\0", 4, 0},
		{add_tristate, "CONFIG_X", "m", "\2\0\0\0", 4, 0},
		{add_char, "CONFIG_X", "m", "m", 1, 0},
		{add_char, "CONFIG_X", "7", "\7", 1, 0},
		{add_int, "CONFIG_X", "0x10", "\20\0\0\0", 4, 0},
		{add_int, "CONFIG_X", "y", NULL, 0, -EINVAL},
		{add_enum, "CONFIG_X", "y", NULL, 0, -EINVAL},
		{add_text, "CONFIG_X", "\"ab\"", "ab\0\0", 4, 0},
		{add_text, "CONFIG_X", "\"\"", "\0\0\0\0", 4, 0},
		{add_text, "CONFIG_X", "abc", "abc\0", 4, 0},
		{add_text, "CONFIG_X", "y", "y\0\0\0", 4, 0},
		{add_text, "CONFIG_X", "\"abcd\"", NULL, 0, -ERANGE},
		{add_int, "LINUX_KERNEL_VERSION", "6.12.3", "\3\14\6\0", 4, 0},
		{add_int, "LINUX_KERNEL_VERSION", "6.12", "\0\14\6\0", 4, 0},
		{add_int, "LINUX_KERNEL_VERSION", "6.1.300", "\377\1\6\0", 4, 0},
		{add_int, "LINUX_KERNEL_VERSION", "394243", "\3\4\6\0", 4, 0},
		{add_int, "LINUX_KERNEL_VERSION", "6.256", NULL, 0, -EINVAL},
		{add_int, "LINUX_KERNEL_VERSION", "6.1.", NULL, 0, -EINVAL},
		{add_int, "LINUX_KERNEL_VERSION", "6.1.2-rc1", NULL, 0, -EINVAL},
		{add_int, "LINUX_KERNEL_VERSION", " 6.1", NULL, 0, -EINVAL},
		{add_int, "CONFIG_X", "6.1", NULL, 0, -EINVAL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_buf_ struct buf value = {0};
		int rc = set_in(".kconfig", cases[i].name, cases[i].add, cases[i].name, 4,
				cases[i].text, &value);

		if (!CHECK_INT(rc, cases[i].code))
			printf("# %s: %s\n", cases[i].text, err.text);
		CHECK(rc || view_equal(buf_view(&value), view_of(cases[i].want, cases[i].size)));
	}
}

TEST(those_words_mean_nothing_for_other_variables)
{
	check_refused(add_bool, "y", -EINVAL);
	check_refused(add_char, "m", -EINVAL);
	check_refused(add_int, "6.1", -EINVAL);
	check_set(add_text, "\"a\"", "\"a\"\0", 4);
}

UNIT_MAIN
