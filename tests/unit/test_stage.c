// SPDX-License-Identifier: BSD-2-Clause
/* Output files of many inputs: all files of one in their places or none, no place used twice. */
#include "base/stage.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

static struct err err;

static char root[] = "/tmp/test_stage.XXXXXX";
static bool made;

__attribute__((destructor)) static void remove_root(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (made && system(command))
		puts("# not removed");
}

/* A folder of this test's own; PATH in it, in one of a few buffers. */
static const char *at(const char *path)
{
	static char names[8][256];
	static size_t next;
	char *name = names[next++ % ARRAY_SIZE(names)];

	if (!made)
		made = CHECK(mkdtemp(root) != NULL);
	snprintf(name, sizeof(names[0]), "%s/%s", root, path);
	return name;
}

/* An empty folder NAME in it. */
static void folder(const char *name)
{
	CHECK_INT(mkdir(at(name), 0700), 0);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(at(path), "w");

	CHECK(file && fputs(text, file) >= 0 && !fclose(file));
}

/* Whether PATH is a file with this TEXT; NULL: that there is none. */
static bool holds(const char *path, const char *text)
{
	_buf_ struct buf content = {0};

	if (!text)
		return access(at(path), F_OK) && errno == ENOENT;
	return !file_read(at(path), 100, &content, &err) &&
	       view_equal(buf_view(&content), view_str(text));
}

/* How many entries the folder has, with those whose names begin with a dot. */
static int entries(const char *path)
{
	DIR *dir = opendir(at(path));
	int nr = -2; /* "." and ".." */

	if (!CHECK(dir))
		return 0;
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

#define _stage_	 _cleanup_(stage_end)
#define _places_ _cleanup_(places_end)

static void add(struct stage *stage, const char *path, const char *text)
{
	CHECK_INT(stage_add(stage, at(path), view_str(text), &err), 0);
}

TEST(files_are_in_their_places_when_these_are_taken_and_not_before)
{
	_places_ struct places places = {0};
	_stage_ struct stage stage = {0};

	folder("one");
	put("one/b", "old");
	add(&stage, "one/a", "new a");
	add(&stage, "one/b", "new b");
	CHECK_INT((long long)stage.nr, 2);
	CHECK(holds("one/a", NULL) && holds("one/b", "old"));
	CHECK_INT(stage_sync(&stage, &err), 0);
	CHECK(holds("one/a", NULL) && holds("one/b", "old"));
	CHECK_INT(places_take(&places, &stage, "input", &err), 0);
	CHECK(holds("one/a", "new a") && holds("one/b", "new b"));
	CHECK_INT(entries("one"), 2);
	places_sync(&places);
	stage_end(&stage);
	CHECK(holds("one/a", "new a") && holds("one/b", "new b"));
	CHECK_INT((long long)stage.nr, 0);
}

TEST(what_has_no_place_leaves_nothing)
{
	struct stage stage = {0};

	folder("two");
	put("two/b", "old");
	add(&stage, "two/a", "new a");
	add(&stage, "two/b", "new b");
	stage_end(&stage);
	CHECK(holds("two/a", NULL) && holds("two/b", "old"));
	CHECK_INT(entries("two"), 1);
	stage_end(&stage);
}

TEST(a_file_that_cannot_be_written_is_named)
{
	_stage_ struct stage stage = {0};
	const char *path = at("nowhere/a");

	CHECK_INT(stage_add(&stage, path, view_lit("text"), &err), -ENOENT);
	CHECK(!strncmp(err.text, path, strlen(path)));
	/* what was added before it is still there to be moved or removed */
	folder("three");
	add(&stage, "three/a", "a");
	CHECK_INT(entries("three"), 1);
}

TEST(a_place_is_taken_once)
{
	_places_ struct places places = {0};
	_stage_ struct stage first = {0}, second = {0};
	char want[PATH_MAX];

	folder("four");
	add(&first, "four/a", "first");
	add(&second, "four/b", "second b");
	add(&second, "four/./a", "second a");
	CHECK_INT(places_take(&places, &first, "input.one", &err), 0);
	CHECK_INT(places_take(&places, &second, "input.two", &err), -EEXIST);
	snprintf(want, sizeof(want),
		 "%s is already the output of input.one: two inputs cannot have the same output",
		 second.list[1].path);
	CHECK_STR(err.text, want);
	CHECK(holds("four/a", "first") && holds("four/b", NULL));
	CHECK(!second.list[0].place && !second.list[1].place);
}

TEST(places_that_were_given_up_can_be_taken)
{
	_places_ struct places places = {0};
	_stage_ struct stage first = {0}, second = {0}, third = {0};

	folder("five");
	add(&first, "five/a", "first");
	add(&second, "five/b", "second b");
	add(&second, "five/a", "second a");
	add(&third, "five/b", "third");
	CHECK_INT(places_take(&places, &first, "one", &err), 0);
	CHECK_INT(places_take(&places, &second, "two", &err), -EEXIST);
	CHECK_INT(places_take(&places, &third, "three", &err), 0);
	CHECK(holds("five/a", "first") && holds("five/b", "third"));
	places_sync(&places);
}

TEST(one_input_has_no_place_twice)
{
	_places_ struct places places = {0};
	_stage_ struct stage stage = {0};

	folder("six");
	add(&stage, "six/a", "first");
	add(&stage, "six/a", "second");
	CHECK_INT(places_take(&places, &stage, "input", &err), -EEXIST);
	CHECK(strstr(err.text, "already the output of input"));
	CHECK(holds("six/a", NULL));
}

TEST(all_files_of_an_input_are_moved_or_none)
{
	_places_ struct places places = {0};
	_stage_ struct stage stage = {0}, again = {0};

	folder("seven");
	put("seven/a", "old");
	add(&stage, "seven/a", "new");
	add(&stage, "seven/b", "new");
	/* a folder appears where a file was to go */
	folder("seven/b");
	CHECK(places_take(&places, &stage, "input", &err) < 0);
	CHECK(!strncmp(err.text, stage.list[1].path, strlen(stage.list[1].path)));
	CHECK(holds("seven/a", "old"));
	stage_end(&stage);
	CHECK_INT(entries("seven"), 2);
	/* and the places are free again */
	CHECK_INT(rmdir(at("seven/b")), 0);
	add(&again, "seven/a", "newer");
	add(&again, "seven/b", "newer");
	CHECK_INT(places_take(&places, &again, "other", &err), 0);
	CHECK(holds("seven/a", "newer") && holds("seven/b", "newer"));
}

TEST(what_is_kept_is_not_replaced_under_any_name)
{
	static const char *const names[] = {"eight/key", "eight/../eight/key", "eight/link"};
	_places_ struct places places = {0};

	folder("eight");
	put("eight/key", "secret");
	CHECK_INT(symlink("key", at("eight/link")), 0);
	CHECK_INT(places_keep(&places, at("eight/link"), "a private key", &err), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_stage_ struct stage stage = {0};
		char want[PATH_MAX];

		add(&stage, names[i], "header");
		CHECK_INT(places_take(&places, &stage, "input", &err), -EEXIST);
		snprintf(want, sizeof(want),
			 "%s is a private key and will not be overwritten: choose another output",
			 stage.list[0].path);
		CHECK_STR(err.text, want);
	}
	CHECK(holds("eight/key", "secret"));
	CHECK_INT(entries("eight"), 2);
}

TEST(a_file_is_kept_once_and_what_is_none_not_at_all)
{
	_places_ struct places places = {0};
	_stage_ struct stage stage = {0};

	folder("nine");
	put("nine/key", "secret");
	CHECK_INT(places_keep(&places, at("nine/key"), "a private key", &err), 0);
	CHECK_INT(places_keep(&places, at("nine/key"), "a certificate", &err), 0);
	CHECK_INT(places_keep(&places, "pkcs11:token=x", "a private key", &err), 0);
	CHECK_INT(places_keep(&places, at("nine/nothing"), "a private key", &err), 0);
	CHECK_INT(places_reserve(&places, at("nine/key"), "the record", &err), -EEXIST);
	CHECK(strstr(err.text, " is a private key and will not be overwritten"));
	CHECK_INT(places_reserve(&places, at("nine/record"), "the record", &err), 0);
	add(&stage, "nine/nothing", "header");
	CHECK_INT(places_take(&places, &stage, "input", &err), 0);
	CHECK(holds("nine/nothing", "header"));
}

TEST(many_places_in_many_folders_are_all_told_apart)
{
	_places_ struct places places = {0};
	char name[64];

	folder("ten");
	for (int i = 0; i < 64; i++) {
		_stage_ struct stage stage = {0};

		if (i < 8) {
			snprintf(name, sizeof(name), "ten/%d", i);
			folder(name);
		}
		snprintf(name, sizeof(name), "ten/%d/%d", i % 8, i / 8);
		add(&stage, name, name);
		CHECK_INT(places_take(&places, &stage, name, &err), 0);
		CHECK(holds(name, name));
	}
	for (int i = 0; i < 64; i++) {
		_stage_ struct stage stage = {0};

		snprintf(name, sizeof(name), "ten/%d/%d", i % 8, i / 8);
		add(&stage, name, "again");
		CHECK_INT(places_take(&places, &stage, "again", &err), -EEXIST);
		CHECK(strstr(err.text, name) && holds(name, name));
	}
	places_sync(&places);
}

TEST(nothing_is_an_input_without_files)
{
	_places_ struct places places = {0};
	_stage_ struct stage stage = {0};

	CHECK_INT(stage_sync(&stage, &err), 0);
	CHECK_INT(places_take(&places, &stage, "input", &err), 0);
	places_sync(&places);
}

UNIT_MAIN
