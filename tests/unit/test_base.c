// SPDX-License-Identifier: BSD-2-Clause
/* Errors, buffers, files, JSON. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "unit.h"

/* --- errors --- */

TEST(an_error_has_code_place_and_text)
{
	struct err err;

	CHECK_INT(err_set(&err, -EINVAL, "expected %d", 7), -EINVAL);
	CHECK_INT(err.code, -EINVAL);
	CHECK_STR(err.text, "expected 7");
	CHECK_INT(err_at(&err, -EBADMSG, 12, "no %s", "magic"), -EBADMSG);
	CHECK_STR(err.text, "offset 12: no magic");
	CHECK_INT(err_line(&err, -EBADMSG, 57, "x"), -EBADMSG);
	CHECK_INT(err.line, 57);
	CHECK_INT(err_prefix(&err, "map %s", "a"), -EBADMSG);
	CHECK_STR(err.text, "map a: x");
	CHECK_INT(err.line, 57);
}

TEST(untrusted_text_in_an_error_cannot_drive_a_terminal)
{
	struct err err;

	err_set(&err, -EINVAL, "name '%s'", "a\033[2Jb\n\xc3\xa9");
	CHECK_STR(err.text, "name 'a\\x1b[2Jb\\x0a\xc3\xa9'");
}

TEST(a_long_error_is_cut_not_overrun)
{
	struct err err;
	char name[4096];

	memset(name, '\1', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	err_set(&err, -EINVAL, "%s", name);
	CHECK(strlen(err.text) < sizeof(err.text));
	for (int i = 0; i < 10; i++)
		err_prefix(&err, "%s", name);
	CHECK(strlen(err.text) < sizeof(err.text));
}

TEST(escaping_cuts_at_the_room)
{
	char text[8];

	CHECK_STR(err_escape(text, sizeof(text), "abcdefghij", 10), "abcdefg");
	CHECK_STR(err_escape(text, sizeof(text), "ab\ncd", 5), "ab\\x0ac");
	CHECK_STR(err_escape(text, sizeof(text), "abcd\n", 5), "abcd");
	CHECK_STR(err_escape(text, sizeof(text), "\\", 1), "\\x5c");
}

/* --- UTF-8 --- */

/* TEXT as it is printed. */
static const char *shown(const char *text)
{
	static char escaped[64];

	return err_escape(escaped, sizeof(escaped), text, strlen(text));
}

TEST(letters_of_all_alphabets_are_printed_as_they_are)
{
	static const char *const plain[] = {"z\xc3\xbcrich",	"\xd0\xba\xd0\xbb\xd1\x8e\xd1\x87",
					    "\xe9\x8d\xb5",	"\xd9\x85\xd9\x81",
					    "\xf0\x9f\x94\x91", "\xc2\xa0",
					    "\xf4\x8f\xbf\xbd"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		CHECK_STR(shown(plain[i]), plain[i]);
}

TEST(controls_and_marks_of_direction_are_escaped)
{
	CHECK_STR(shown("\x1b[31m\x7f"), "\\x1b[31m\\x7f");
	CHECK_STR(shown("\xc2\x9b"), "\\xc2\\x9b"); /* CSI */
	CHECK_STR(shown("a\xe2\x80\xae"
			"b"),
		  "a\\xe2\\x80\\xaeb");				      /* right to left */
	CHECK_STR(shown("\xe2\x81\xa6"), "\\xe2\\x81\\xa6");	      /* isolate */
	CHECK_STR(shown("\xd8\x9c"), "\\xd8\\x9c");		      /* Arabic letter mark */
	CHECK_STR(shown("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");	      /* no width */
	CHECK_STR(shown("\xe2\x80\xa8"), "\\xe2\\x80\\xa8");	      /* end of line */
	CHECK_STR(shown("\xf3\xa0\x81\x81"), "\\xf3\\xa0\\x81\\x81"); /* tag */
}

TEST(what_is_not_utf8_is_escaped_byte_for_byte)
{
	CHECK_STR(shown("\xc3"), "\\xc3");
	CHECK_STR(shown("\xc3z"), "\\xc3z");
	CHECK_STR(shown("\xff\xc3\xbc"), "\\xff\xc3\xbc");
	CHECK_STR(shown("\xc0\xaf"), "\\xc0\\xaf");
	CHECK_STR(shown("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	CHECK_STR(shown("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	CHECK_INT((long long)utf8_size((const uint8_t *)"", 0), 0);
}

TEST(a_character_is_not_cut)
{
	struct err err;
	char text[5];

	CHECK_STR(err_escape(text, sizeof(text), "abc\xc3\xbc", 5), "abc");
	CHECK_STR(err_escape(text, sizeof(text), "ab\xc3\xbc", 4), "ab\xc3\xbc");
	/* One of two lengths cuts each character at the limit. */
	for (int size = ERR_TEXT_MAX - 12; size < ERR_TEXT_MAX; size++) {
		_buf_ struct buf name = {0};

		for (int i = 0; i < size; i++)
			buf_add_str(&name, i % 2 ? "\xc3\xbc" : "\xe9\x8d\xb5");
		err_set(&err, -EIO, "%.*s", size, buf_cstr(&name));
		err_prefix(&err, "x%s", size % 2 ? "y" : "");
		for (size_t i = 0, own; err.text[i]; i += own) {
			own = utf8_size((uint8_t *)err.text + i, strlen(err.text + i));
			CHECK(own);
			if (!own)
				return;
		}
	}
}

TEST(only_what_was_cut_off_is_trimmed)
{
	char texts[][8] = {"",		"abc",		"a\xc3\xbc",	   "a\xc3",
			   "a\xe9\x8d", "\xf0\x9f\x94", "\xf0\x9f\x94\x91"};
	static const char *const want[] = {"",	"abc", "a\xc3\xbc",	  "a",
					   "a", "",    "\xf0\x9f\x94\x91"};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		utf8_trim(texts[i]);
		CHECK_STR(texts[i], want[i]);
	}
}

/* --- buffers --- */

TEST(a_buffer_grows_and_is_taken)
{
	_buf_ struct buf buf = {0}, other = {0};

	for (int i = 0; i < 1000; i++)
		buf_add_str(&buf, "0123456789");
	buf_printf(&buf, "%05d", 42);
	CHECK_INT((long long)buf.size, 10005);
	CHECK(!memcmp(buf.data + 10000, "00042", 5));
	other = buf_take(&buf);
	CHECK(!buf.data && !buf.size);
	CHECK_INT((long long)other.size, 10005);
}

TEST(bytes_that_move_are_appended_once)
{
	struct buf from = {0}, to = {0};
	const uint8_t *data;

	buf_add_str(&from, "abc");
	data = from.data;
	buf_move(&to, &from);
	CHECK(to.data == data && !from.data && !from.room);
	buf_add_str(&from, "de");
	buf_move(&to, &from);
	CHECK(view_equal(buf_view(&to), view_lit("abcde")) && !from.data);
	from.failed = true;
	buf_move(&to, &from);
	CHECK(to.failed && !from.failed);
	buf_free(&to);
	to.failed = true;
	buf_add_str(&from, "f");
	buf_move(&to, &from);
	CHECK(to.failed && !from.data);
	buf_free(&to);
}

TEST(a_failed_addition_sticks)
{
	_buf_ struct buf buf = {0};
	struct err err;

	buf_add_str(&buf, "x");
	CHECK_INT(buf_done(&buf, &err), 0);
	buf_reserve(&buf, SIZE_MAX / 2);
	CHECK(buf.failed);
	buf_add_str(&buf, "y");
	CHECK_INT((long long)buf.size, 1);
	CHECK(!buf_space(&buf, 1));
	CHECK_INT(buf_done(&buf, &err), -ENOMEM);
}

TEST(bytes_are_appended_escaped_and_in_hex)
{
	_buf_ struct buf buf = {0};

	buf_escape(&buf, view_lit("a\n\\\0z\xc3\xbc\xc3"));
	buf_add_str(&buf, " ");
	buf_hex(&buf, "\x00\x9f", 2);
	buf_hex(&buf, NULL, 0);
	CHECK_STR(buf_cstr(&buf), "a\\x0a\\x5c\\x00z\xc3\xbc\\xc3 009f");
	for (int i = 0; i < 5000; i++)
		buf_escape(&buf, view_lit("\1"));
	CHECK_INT((long long)buf.size, 25 + 4 * 5000);
	CHECK(!buf.failed);
}

TEST(a_view_only_shrinks)
{
	struct view abc = view_lit("abc");

	CHECK(view_equal(view_sub(abc, 1, 2), view_lit("bc")));
	CHECK_INT((long long)view_sub(abc, 3, 0).size, 0);
	CHECK(!view_sub(abc, 1, 3).data);
	CHECK(!view_sub(abc, 4, 0).data);
	CHECK(!view_sub(abc, 2, SIZE_MAX).data);
	CHECK(view_equal(view_head(abc, 2), view_lit("ab")));
	CHECK(view_equal(view_head(abc, 4), abc));
	CHECK(!view_equal(abc, view_lit("abd")));
	CHECK(view_equal(view_of(NULL, 0), view_lit("")));
}

/* --- files --- */

static char folder[] = "/tmp/bpf-chainsign-unit.XXXXXX";

static void remove_folder(void)
{
	static const char *const names[] = {"a",     "b",     "c",    "fifo", "link",
					    "place", "other", "hard", "soft"};
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		unlink(path);
	}
	rmdir(folder);
}

static const char *in_folder(const char *name)
{
	static char path[256];
	static bool made;

	if (!made && (!mkdtemp(folder) || atexit(remove_folder)))
		abort();
	made = true;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

TEST(a_file_comes_back_as_it_was_written)
{
	_buf_ struct buf got = {0};
	struct err err;

	CHECK_INT(file_replace(in_folder("a"), view_lit("one"), &err), 0);
	CHECK_INT(file_replace(in_folder("a"), view_lit("two!"), &err), 0);
	CHECK_INT(file_read(in_folder("a"), 4, &got, &err), 0);
	CHECK(view_equal(buf_view(&got), view_lit("two!")));
	buf_free(&got);
	CHECK_INT(file_replace(in_folder("a"), view_lit(""), &err), 0);
	CHECK_INT(file_read(in_folder("a"), 4, &got, &err), 0);
	CHECK(got.data && !got.size);
}

TEST(a_file_over_the_limit_or_not_regular_is_refused_unread)
{
	struct buf got = {0};
	struct err err;

	CHECK_INT(file_replace(in_folder("b"), view_lit("12345"), &err), 0);
	CHECK_INT(file_read(in_folder("b"), 4, &got, &err), -EFBIG);
	CHECK_INT(file_read(in_folder("missing"), 4, &got, &err), -ENOENT);
	CHECK_INT(file_read("/dev/zero", 4, &got, &err), -EINVAL);
	CHECK_INT(file_read(in_folder("."), 4, &got, &err), -EINVAL);
	CHECK_INT(mkfifo(in_folder("fifo"), 0600), 0);
	CHECK_INT(file_read(in_folder("fifo"), 4, &got, &err), -EINVAL);
	CHECK_INT(file_replace(in_folder("fifo"), view_lit("x"), &err), -EINVAL);
	CHECK(!got.data);
}

TEST(replacing_keeps_permissions_and_follows_links)
{
	struct stat st;
	struct err err;

	CHECK_INT(file_replace(in_folder("c"), view_lit("1"), &err), 0);
	CHECK_INT(chmod(in_folder("c"), 0640), 0);
	CHECK_INT(symlink("c", in_folder("link")), 0);
	CHECK_INT(file_replace(in_folder("link"), view_lit("22"), &err), 0);
	CHECK_INT(lstat(in_folder("link"), &st), 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK_INT(lstat(in_folder("c"), &st), 0);
	CHECK_INT(st.st_mode & 07777, 0640);
	CHECK_INT(st.st_size, 2);
}

TEST(a_failed_replacement_leaves_nothing_behind)
{
	struct err err;

	CHECK_INT(file_replace(in_folder("no/such/folder"), view_lit("1"), &err), -ENOENT);
	CHECK(access(in_folder("no"), F_OK) < 0);
}

/* --- JSON --- */

TEST(a_new_file_is_known_by_any_name_of_its_place)
{
	_cleanup_(file_new_drop) struct file_new file = FILE_NEW_NONE;
	_cleanup_(freep) char *place = strdup(in_folder("place"));
	struct err err;

	/* that is empty */
	CHECK_INT(file_new(place, view_lit("1"), &file, &err), 0);
	CHECK(file_new_is_for(&file, place));
	CHECK(file_new_is_for(&file, in_folder("./place")));
	CHECK(!file_new_is_for(&file, in_folder("other")));
	CHECK(!file_new_is_for(&file, in_folder("no/place")));
	/* that is taken */
	CHECK_INT(file_replace(place, view_lit("2"), &err), 0);
	CHECK_INT(link(place, in_folder("hard")), 0);
	CHECK_INT(symlink("place", in_folder("soft")), 0);
	CHECK(file_new_is_for(&file, place));
	CHECK(file_new_is_for(&file, in_folder("hard")));
	CHECK(file_new_is_for(&file, in_folder("soft")));
	CHECK(!file_new_is_for(&file, in_folder("other")));
	CHECK_INT(file_replace(in_folder("other"), view_lit("2"), &err), 0);
	CHECK(!file_new_is_for(&file, in_folder("other")));
}

TEST(json_is_indented_and_escaped)
{
	_buf_ struct buf out = {0};
	struct json json = {.out = &out};

	json_object(&json, NULL);
	json_text(&json, "a", "q\" b\\ n\n \xc3\xa9 bad\xff\xc3 \xed\xa0\x80");
	json_array(&json, "b");
	json_number(&json, NULL, -129);
	json_bool(&json, NULL, true);
	json_text(&json, NULL, NULL);
	json_array_end(&json);
	json_array(&json, "c");
	json_array_end(&json);
	json_hex(&json, "d", view_lit("\x00\xff"));
	json_text_or_null(&json, "e", "x");
	json_text_or_null(&json, "f", "");
	json_text_or_null(&json, "g", NULL);
	json_object_end(&json);
	CHECK_STR(buf_cstr(&out),
		  "{\n"
		  "  \"a\": \"q\\\" b\\\\ n\\u000a \xc3\xa9 bad\\ufffd\\ufffd "
		  "\\ufffd\\ufffd\\ufffd\",\n"
		  "  \"b\": [\n"
		  "    -129,\n"
		  "    true,\n"
		  "    null\n"
		  "  ],\n"
		  "  \"c\": [],\n"
		  "  \"d\": \"00ff\",\n"
		  "  \"e\": \"x\",\n"
		  "  \"f\": null,\n"
		  "  \"g\": null\n"
		  "}\n");
}

UNIT_MAIN
