// SPDX-License-Identifier: BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/tree.h"
#include "base/util.h"
#include "unit.h"

/* What ls -F says of a kind of file. */
static const char *kind_of(mode_t mode)
{
	if (!mode)
		return "?";
	if (S_ISDIR(mode))
		return "/";
	if (S_ISLNK(mode))
		return "@";
	return S_ISREG(mode) ? "" : "|";
}

static int note(void *arg, const struct tree_file *file, struct err *err)
{
	struct stat st;

	if (strstr(file->path, "fail"))
		return err_set(err, -EPERM, "told to");
	buf_printf(arg, "%s%s ", file->path, kind_of(file->mode));
	if (S_ISREG(file->mode) && file->seen)
		buf_printf(arg, "(%d) ", file->seen);
	if (file->mode)
		CHECK(!stat(file->path, &st) || S_ISLNK(file->mode));
	if (S_ISREG(file->mode) || S_ISDIR(file->mode))
		CHECK(st.st_ino == file->inode && st.st_dev == file->device);
	return 0;
}

/* The size of the file, which is open. */
static int measure(_unused_ void *arg, const char *path, int fd, const struct stat *st)
{
	struct stat of_path, of_fd;

	CHECK(!lstat(path, &of_path) && !fstat(fd, &of_fd));
	CHECK(of_path.st_ino == st->st_ino && of_fd.st_ino == st->st_ino);
	CHECK(S_ISREG(st->st_mode) && fcntl(fd, F_GETFD) == FD_CLOEXEC);
	return (int)st->st_size;
}

static int walk(const char *folder, unsigned int workers, struct buf *names, struct err *err)
{
	const struct tree_visitor visitor = {
		.look = measure,
		.found = note,
		.arg = names,
		.workers = workers,
	};

	return tree_walk(folder, &visitor, err);
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
	CHECK_INT(walk("t", 1, &names, &err), 0);
	CHECK_STR(buf_cstr(&names),
		  "t/ t/B t/b/ t/b/a t/b/z t/b.c t/empty/ t/link@ t/pipe| "
		  "t/up@ t/\xc3\xa4 ");
	buf_free(&names);
	CHECK_INT(walk("t/b/", 2, &names, &err), 0);
	CHECK_STR(buf_cstr(&names), "t/b// t/b/a t/b/z ");
}

TEST(a_failure_ends_the_walk)
{
	_cleanup_(remove_tree) char folder[] = "/tmp/test_tree.XXXXXX";
	_buf_ struct buf names = {0};
	struct err err;

	make_tree(folder);
	make("t/b/fail");
	CHECK_INT(walk("t", 1, &names, &err), -EPERM);
	CHECK_STR(err.text, "told to");
	CHECK_STR(buf_cstr(&names), "t/ t/B t/b/ t/b/a ");
}

TEST(a_folder_that_cannot_be_read_is_told_of)
{
	_buf_ struct buf names = {0};
	struct err err;

	CHECK_INT(walk("no such folder", 1, &names, &err), 0);
	CHECK_STR(buf_cstr(&names), "no such folder? ");
	CHECK_INT(walk("", 1, &names, &err), -ENAMETOOLONG);
}

/* More than are in memory at a time, and than a thread takes; each has as many bytes as its name
 * says. */
TEST(many_files_are_told_of_in_order_with_what_was_seen_in_them)
{
	_cleanup_(remove_tree) char folder[] = "/tmp/test_tree.XXXXXX";
	_buf_ struct buf expected = {0};
	char path[32];
	struct err err;

	CHECK(mkdtemp(folder) && !chdir(folder) && !mkdir("t", 0755));
	buf_printf(&expected, "t/ ");
	for (int i = 1; i <= 10; i++) {
		snprintf(path, sizeof(path), "t/%02d", i);
		CHECK(!mkdir(path, 0755));
		buf_printf(&expected, "%s/ ", path);
		for (int j = 1; j <= 500; j++) {
			snprintf(path, sizeof(path), "t/%02d/%03d", i, j);
			make(path);
			CHECK(!truncate(path, j));
			buf_printf(&expected, "%s (%d) ", path, j);
		}
	}
	for (unsigned int workers = 1; workers <= 4; workers += 3) {
		_buf_ struct buf names = {0};

		CHECK_INT(walk("t", workers, &names, &err), 0);
		CHECK_STR(buf_cstr(&names), buf_cstr(&expected));
	}
}

TEST(a_file_that_cannot_be_opened_is_told_of_with_the_error)
{
	_cleanup_(remove_tree) char folder[] = "/tmp/test_tree.XXXXXX";
	_buf_ struct buf names = {0};
	struct rlimit limit, none;
	struct err err;

	CHECK(mkdtemp(folder) && !chdir(folder) && !mkdir("t", 0755));
	make("t/a");
	/* enough for the folder's names, not for a file in it */
	CHECK(!getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = (rlim_t)dup(0) + 1;
	CHECK(!close((int)none.rlim_cur - 1) && !setrlimit(RLIMIT_NOFILE, &none));
	CHECK_INT(walk("t", 1, &names, &err), 0);
	CHECK(!setrlimit(RLIMIT_NOFILE, &limit));
	CHECK_STR(buf_cstr(&names), "t/ t/a (-24) ");
}

UNIT_MAIN
