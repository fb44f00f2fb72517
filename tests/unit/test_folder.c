// SPDX-License-Identifier: BSD-2-Clause
/* A folder that appears whole or not at all. */
#include "base/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/temporary.h"
#include "unit.h"

/* A folder of this test's own, with PATH as a name in it. */
static const char *place(const char *path)
{
	static char root[] = "/tmp/test_folder.XXXXXX", name[256];
	static bool made;

	if (!made)
		made = CHECK(mkdtemp(root) != NULL);
	snprintf(name, sizeof(name), "%s/%s", root, path);
	return name;
}

static bool has(const char *path)
{
	bool there = false;
	struct err err;

	CHECK_INT(folder_has(place(path), &there, &err), 0);
	return there;
}

#define _folder_ _cleanup_(folder_end)

TEST(files_are_there_when_it_is_published_and_not_before)
{
	_folder_ struct folder folder = FOLDER_NONE;
	_buf_ struct buf content = {0};
	struct err err;

	CHECK_INT(folder_begin(&folder, place("new//"), &err), 0);
	CHECK_INT(folder_add(&folder, "a", view_lit("first"), &err), 0);
	CHECK_INT(folder_add(&folder, "b", view_lit(""), &err), 0);
	CHECK(!has("new"));
	CHECK_INT(folder_publish(&folder, &err), 0);
	CHECK_INT(folder.fd, -1);
	CHECK_INT(file_read(place("new/a"), 10, &content, &err), 0);
	CHECK(view_equal(buf_view(&content), view_lit("first")));
	CHECK(has("new/b"));
}

TEST(what_is_not_published_leaves_nothing)
{
	struct folder folder = FOLDER_NONE;
	char temporary[PATH_MAX];
	struct err err;
	struct stat st;

	CHECK_INT(folder_begin(&folder, place("gone"), &err), 0);
	snprintf(temporary, sizeof(temporary), "%s", place(folder.temporary->name));
	CHECK_INT(folder_add(&folder, "a", view_lit("x"), &err), 0);
	CHECK_INT(stat(temporary, &st), 0);
	folder_end(&folder);
	CHECK(!has("gone"));
	CHECK_INT(stat(temporary, &st), -1);
	folder_end(&folder);
}

TEST(a_name_is_added_once)
{
	_folder_ struct folder folder = FOLDER_NONE;
	struct err err;

	CHECK_INT(folder_begin(&folder, place("once"), &err), 0);
	CHECK_INT(folder_add(&folder, "a", view_lit("x"), &err), 0);
	CHECK_INT(folder_add(&folder, "a", view_lit("y"), &err), -EEXIST);
}

TEST(an_empty_folder_is_replaced_and_keeps_its_permissions)
{
	_folder_ struct folder folder = FOLDER_NONE;
	struct err err;
	struct stat st;

	CHECK_INT(mkdir(place("empty"), 0700), 0);
	CHECK_INT(folder_begin(&folder, place("empty"), &err), 0);
	CHECK_INT(folder_add(&folder, "a", view_lit("x"), &err), 0);
	CHECK_INT(folder_publish(&folder, &err), 0);
	CHECK(has("empty/a"));
	CHECK(!stat(place("empty"), &st) && (st.st_mode & 07777) == 0700);
}

TEST(a_folder_that_somebody_fills_meanwhile_is_left_alone)
{
	_folder_ struct folder folder = FOLDER_NONE;
	struct err err;
	int rc;

	CHECK_INT(mkdir(place("raced"), 0700), 0);
	CHECK_INT(folder_begin(&folder, place("raced"), &err), 0);
	CHECK_INT(folder_add(&folder, "a", view_lit("x"), &err), 0);
	CHECK_INT(file_replace(place("raced/theirs"), view_lit("y"), &err), 0);
	rc = folder_publish(&folder, &err);
	CHECK(rc == -EEXIST || rc == -ENOTEMPTY);
	CHECK(has("raced/theirs"));
	CHECK(!has("raced/a"));
}

TEST(files_folders_in_use_and_places_that_are_not_there_are_refused)
{
	struct folder folder = FOLDER_NONE;
	struct err err;

	CHECK_INT(folder_begin(&folder, place("new"), &err), -EEXIST);
	CHECK_INT(folder_begin(&folder, place("new/a"), &err), -ENOTDIR);
	CHECK_INT(folder_begin(&folder, place("new/a/b"), &err), -ENOTDIR);
	CHECK_INT(folder_begin(&folder, place("no/such"), &err), -ENOENT);
	CHECK_INT(folder_begin(&folder, "", &err), -ENOENT);
	CHECK_INT(folder.fd, -1);
}

/* The last one: takes away what the others have made. */
TEST(nothing_else_is_left)
{
	static const char *const names[] = {"new/a", "new/b",	     "new",  "empty/a",
					    "empty", "raced/theirs", "raced"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_INT(remove(place(names[i])), 0);
	CHECK_INT(rmdir(place("")), 0);
}

UNIT_MAIN
