// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/tree.h"
#include "base/util.h"
#include "unit.h"

/* What ls -F says of a kind of file. */
static const char *kind_of(const struct stat *st)
{
	if (!st)
		return "?";
	if (S_ISDIR(st->st_mode))
		return "/";
	if (S_ISLNK(st->st_mode))
		return "@";
	return S_ISREG(st->st_mode) ? "" : "|";
}

static int note(void *arg, const char *path, const struct stat *st, struct err *err)
{
	if (strstr(path, "fail"))
		return err_set(err, -EPERM, "told to");
	buf_printf(arg, "%s%s ", path, kind_of(st));
	return 0;
}

static void make(const char *path)
{
	FILE *file = fopen(path, "w");

	CHECK(file && !fclose(file));
}

static int remove_one(const char *path, _unused_ const struct stat *st, _unused_ int kind,
		      _unused_ struct FTW *at)
{
	return remove(path);
}

static void remove_tree(char (*folder)[sizeof("/tmp/test_tree.XXXXXX")])
{
	CHECK(!chdir("/") && !nftw(*folder, remove_one, 8, FTW_DEPTH | FTW_PHYS));
}

/* A tree in a new folder, which is the working directory from then on. */
static void make_tree(char folder[])
{
	CHECK(mkdtemp(folder) && !chdir(folder));
	CHECK(!mkdir("t", 0755) && !mkdir("t/b", 0755) && !mkdir("t/empty", 0755));
	make("t/b.c");
	make("t/b/z");
	make("t/b/a");
	make("t/B");
	make("t/\xc3\xa4");
	make("outside");
	CHECK(!symlink("../outside", "t/link") && !symlink("..", "t/up"));
	CHECK(!mkfifo("t/pipe", 0644));
}

TEST(everything_comes_in_the_order_of_bytes_and_links_are_not_followed)
{
	_cleanup_(remove_tree) char folder[] = "/tmp/test_tree.XXXXXX";
	_buf_ struct buf names = {0};
	struct err err;

	make_tree(folder);
	CHECK_INT(tree_walk("t", note, &names, &err), 0);
	CHECK_STR(buf_cstr(&names),
		  "t/ t/B t/b/ t/b/a t/b/z t/b.c t/empty/ t/link@ t/pipe| "
		  "t/up@ t/\xc3\xa4 ");
	buf_free(&names);
	CHECK_INT(tree_walk("t/b/", note, &names, &err), 0);
	CHECK_STR(buf_cstr(&names), "t/b// t/b/a t/b/z ");
}

TEST(a_failure_ends_the_walk)
{
	_cleanup_(remove_tree) char folder[] = "/tmp/test_tree.XXXXXX";
	_buf_ struct buf names = {0};
	struct err err;

	make_tree(folder);
	make("t/b/fail");
	CHECK_INT(tree_walk("t", note, &names, &err), -EPERM);
	CHECK_STR(err.text, "told to");
	CHECK_STR(buf_cstr(&names), "t/ t/B t/b/ t/b/a ");
}

TEST(a_folder_that_cannot_be_read_is_told_of)
{
	_buf_ struct buf names = {0};
	struct err err;

	CHECK_INT(tree_walk("no such folder", note, &names, &err), 0);
	CHECK_STR(buf_cstr(&names), "no such folder? ");
	CHECK_INT(tree_walk("", note, &names, &err), -ENAMETOOLONG);
}

UNIT_MAIN
