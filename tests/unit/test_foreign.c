// SPDX-License-Identifier: BSD-2-Clause
/* Files that are neither objects nor light skeletons are called what they are. */
#include <errno.h>

#include "foreign.h"
#include "unit.h"

static struct err err;

static bool is_called(struct view content, const char *name)
{
	CHECK_INT(foreign_refuse(content, &err), -EBADMSG);
	return strstr(err.text, name);
}

TEST(each_kind_has_its_name)
{
	CHECK(is_called(view_lit("BC\xc0\xde rest"), "is LLVM bitcode, "));
	CHECK(is_called(view_lit("\xde\xc0\x17\x0b rest"), "is LLVM bitcode, "));
	CHECK(is_called(view_lit("; ModuleID = 'x'"), "is LLVM bitcode as text, "));
	CHECK(is_called(view_lit("!<arch>\nx.o/"), "with ar x"));
	CHECK(is_called(view_lit("!<thin>\nx.o/"), "is an archive, "));
	CHECK(is_called(view_lit("\x1f\x8b\x08"), "with gunzip"));
	CHECK(is_called(view_lit("\xfd"
				 "7zXZ"),
			"with unxz"));
	CHECK(is_called(view_lit("\x28\xb5\x2f\xfd"), "with unzstd"));
	CHECK(is_called(view_lit("int x; struct bpf_object_skeleton *s;"),
			"is an ordinary skeleton"));
}

TEST(others_are_told_what_is_expected)
{
	CHECK(is_called(view_lit("BC\xc0"),
			"expected a BPF object (ELF), a light skeleton or a signed image"));
	CHECK(!strstr(err.text, "empty"));
	CHECK(is_called(view_lit("text"), "expected a BPF object"));
	CHECK(is_called(view_lit(""), "but the file is empty"));
	CHECK(is_called((struct view){NULL, 0}, "but the file is empty"));
}

UNIT_MAIN
