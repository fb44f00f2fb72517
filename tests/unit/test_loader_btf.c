// SPDX-License-Identifier: BSD-2-Clause
/* BTF that no kernel accepts. */
#include <bpf/btf.h>
#include <string.h>

#include "loader/btf.h"
#include "unit.h"

/* Whether BTF, which is freed, is refused for NAME; NULL: it is not. */
static void check(struct btf *btf, const char *name)
{
	struct view raw, found = {NULL, 0};
	uint32_t size = 0;

	raw.data = btf__raw_data(btf, &size);
	raw.size = size;
	CHECK(raw.size);
	if (CHECK_INT(btf_is_refused(raw, false, &found), name != NULL) && name)
		CHECK(view_equal(found, view_str(name)) && !found.data[found.size]);
	btf__free(btf);
}

static struct btf *with_struct(const char *name, const char *member)
{
	struct btf *btf = btf__new_empty();
	int id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);

	CHECK(btf__add_struct(btf, name, 4) > 0);
	CHECK_INT(btf__add_field(btf, member, id, 0, 0), 0);
	return btf;
}

TEST(names_of_c_are_accepted)
{
	check(with_struct("a_1.b", "_member"), NULL);
	check(with_struct(NULL, NULL), NULL);
	check(with_struct("", ""), NULL);
}

TEST(other_names_are_refused_wherever_they_stand)
{
	struct btf *btf;

	check(with_struct("Map<u64>", "member"), "Map<u64>");
	check(with_struct("1st", "member"), "1st");
	check(with_struct("name", "mem ber"), "mem ber");
	btf = with_struct("name", "member");
	CHECK(btf__add_typedef(btf, "*T", 1) > 0);
	check(btf, "*T");
	btf = with_struct("name", "member");
	CHECK(btf__add_enum(btf, "colors", 4) > 0);
	CHECK_INT(btf__add_enum_value(btf, "RED-1", 1), 0);
	check(btf, "RED-1");
	btf = with_struct("name", "member");
	CHECK(btf__add_func_proto(btf, 1) > 0);
	CHECK_INT(btf__add_func_param(btf, "x y", 1), 0);
	check(btf, "x y");
	btf = with_struct("name", "member");
	CHECK(btf__add_var(btf, "v::w", BTF_VAR_GLOBAL_ALLOCATED, 1) > 0);
	check(btf, "v::w");
	btf = with_struct("name", "member");
	CHECK(btf__add_fwd(btf, "f<g>", BTF_FWD_STRUCT) > 0);
	check(btf, "f<g>");
}

/* KSYM_NAME_LEN is 512, with the NUL. */
TEST(a_name_that_is_too_long_is_refused)
{
	char name[513];

	memset(name, 'a', sizeof(name));
	name[511] = '\0';
	check(with_struct(name, "member"), NULL);
	name[511] = 'a';
	name[512] = '\0';
	check(with_struct(name, "member"), name);
}

/* As bpf-gcc 12 writes "signed char"; libbpf's own function does not add it. */
TEST(an_integer_has_one_encoding)
{
	struct btf *btf = btf__new_empty();
	int id = btf__add_int(btf, "signed char", 1, BTF_INT_SIGNED);
	uint32_t *info = (uint32_t *)((struct btf_type *)btf__type_by_id(btf, (uint32_t)id) + 1);

	*info |= BTF_INT_CHAR << 24;
	check(btf, "signed char");
	btf = btf__new_empty();
	CHECK(btf__add_int(btf, "char", 1, BTF_INT_CHAR) > 0);
	CHECK(btf__add_int(btf, "_Bool", 1, BTF_INT_BOOL) > 0);
	CHECK(btf__add_int(btf, "unsigned int", 4, 0) > 0);
	check(btf, NULL);
}

TEST(another_version_is_refused)
{
	struct btf *btf = with_struct("name", "member");
	struct view found = {NULL, 0};
	uint8_t copy[4096];
	uint32_t size = 0;
	const void *raw = btf__raw_data(btf, &size);

	CHECK(size && size <= sizeof(copy));
	memcpy(copy, raw, size);
	copy[2] = 2;
	CHECK(btf_is_refused(view_of(copy, size), false, &found));
	CHECK(view_equal(found, view_lit("BTF version")));
	CHECK(btf_is_refused(view_of(copy, 2), false, &found));
	btf__free(btf);
}

/* Sections of data have dots and dollars, functions have none to miss. */
TEST(what_clang_and_libbpf_write_is_accepted)
{
	struct btf *btf = with_struct("name", "member");
	int var = btf__add_var(btf, "v", BTF_VAR_GLOBAL_ALLOCATED, 1);

	CHECK(btf__add_datasec(btf, ".rodata.cst16$x", 4) > 0);
	CHECK_INT(btf__add_datasec_var_info(btf, var, 0, 4), 0);
	CHECK(btf__add_ptr(btf, 1) > 0);
	CHECK(btf__add_const(btf, 1) > 0);
	CHECK(btf__add_array(btf, 1, 1, 3) > 0);
	CHECK(btf__add_func_proto(btf, 1) > 0);
	CHECK(btf__add_float(btf, "double", 8) > 0);
	check(btf, NULL);
}

UNIT_MAIN
