// SPDX-License-Identifier: BSD-2-Clause
/* Values for variables, by BTF that may be hostile. */
#include <bpf/btf.h>
#include <errno.h>

#include "object/object.h"
#include "unit.h"

static struct err err;

/*
 * Set "v" to TEXT, a variable of the type that is added by ADD: the errno, and its bytes in *ret.
 */
static int set(int (*add)(struct btf *btf), const char *text, struct buf *ret)
{
	struct btf *btf = btf__new_empty();
	struct object_var var = {0};
	_buf_ struct buf raw = {0};
	const void *data;
	uint32_t size;
	int id, rc;

	id = btf__add_var(btf, "v", BTF_VAR_GLOBAL_ALLOCATED, add(btf));
	CHECK(btf__add_datasec(btf, ".data", 64) > 0);
	CHECK_INT(btf__add_datasec_var_info(btf, id, 4, 8), 0);
	data = btf__raw_data(btf, &size);
	buf_add(&raw, data, data ? size : 0);
	btf__free(btf);
	err = (struct err){0};
	rc = object_var_parse(buf_view(&raw), "v", text, &var, &err);
	CHECK(rc || (var.offset == 4 && var.section == (uint32_t)id + 1));
	CHECK_INT(rc, err.code);
	*ret = var.value;
	return rc;
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

UNIT_MAIN
