// SPDX-License-Identifier: BSD-2-Clause
/* Files of values: what they set, and what is refused. */
#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "failing.h"
#include "unit.h"

static struct err err;

/* The items of TEXT, each as "LINE NAME=TEXT" or "LINE NAME[]NR", with spaces between them. */
static void check_items(const char *text, const char *want)
{
	_values_ struct values values = {0};
	_buf_ struct buf list = {0};

	err = (struct err){0};
	CHECK_INT(values_parse(view_str(text), &values, &err), 0);
	CHECK_STR(err.text, "");
	for (size_t i = 0; i < values.nr; i++) {
		const struct values_item *item = &values.list[i];

		buf_printf(&list, "%s%u %s", i ? " " : "", item->line, item->name);
		if (item->kind == VALUES_ARRAY)
			buf_printf(&list, "[]%zu", item->nr);
		else
			buf_printf(&list, "%s%s", item->kind == VALUES_TEXT ? "=" : ":",
				   item->text);
	}
	CHECK_STR(buf_cstr(&list), want);
}

static void check_refused(const char *text, unsigned int line, const char *want)
{
	_values_ struct values values = {0};

	err = (struct err){0};
	CHECK_INT(values_parse(view_str(text), &values, &err), -EINVAL);
	CHECK_INT(err.line, line);
	CHECK_STR(err.text, want);
	CHECK(!values.list);
}

TEST(names_are_made_of_keys_and_indexes)
{
	check_items("{}", "");
	check_items(" {\"a\":1}\r\n", "1 a:1");
	check_items(
		"{\"level\": -3,\n\t\"cfg\": {\"limit\": 5, \"in.x\": true},\n\n\"name\": \"abc\"}",
		"1 level:-3 2 cfg.limit:5 2 cfg.in.x:true 4 name=abc");
	check_items("{\"t\": [1,\n{\"x\": false}, [\"\"]]}",
		    "1 t[0]:1 2 t[1].x:false 2 t[2][0]= 2 t[2][]1 1 t[]3");
	check_items("{\"t[3].x\": 1, \"t[4]\": {\"x\": 2}}", "1 t[3].x:1 1 t[4].x:2");
}

TEST(numbers_stay_the_digits_that_they_are)
{
	check_items(
		"{\"a\": 18446744073709551615, \"b\": -9223372036854775808, \"c\": 0, \"d\": -0}",
		"1 a:18446744073709551615 1 b:-9223372036854775808 1 c:0 1 d:-0");
	check_items("{\"a\": 2.50, \"b\": 1e3, \"c\": 1.5E-07, \"d\": 1e+9}",
		    "1 a:2.50 1 b:1e3 1 c:1.5E-07 1 d:1e+9");
}

TEST(strings_have_the_escapes_of_json)
{
	check_items("{\"a\": \"\\\"\\\\\\/\\b\\f\\n\\r\\t\"}", "1 a=\"\\/\b\f\n\r\t");
	check_items("{\"a\": \"\\u0041\\u00e9\\u20ac\\ud83d\\uDE00\"}",
		    "1 a=A\303\251\342\202\254\360\237\230\200");
	/* the first and last of each length */
	check_items("{\"a\": \"\\u007f\\u0080\\u07ff\\u0800\"}",
		    "1 a=\177\302\200\337\277\340\240\200");
	check_items("{\"a\": \"\\ud7ff\\ue000\\uffff\\ud800\\udc00\\udbff\\udfff\"}",
		    "1 a=\355\237\277\356\200\200\357\277\277\360\220\200\200\364\217\277\277");
	check_items("{\"a\": \"\303\251 \177\"}", "1 a=\303\251 \177");
	check_items("{\"\\u0061\": 1}", "1 a:1");
}

TEST(what_is_not_json_is_refused_with_its_line)
{
	static const struct {
		const char *text, *want;
		unsigned int line;
	} cases[] = {
		{"", "expected an object, which begins with {, but the file ends", 1},
		{"\n[1]", "expected an object, which begins with {, not '['", 2},
		{"{\"a\": 1} x", "expected the end of the file, not 'x'", 1},
		{"{\"a\": 1,}", "expected a string, not '}'", 1},
		{"{\"a\": 1\n\"b\": 2}", "expected , or }, not '\"'", 2},
		{"{\"a\" 1}", "expected :, not '1'", 1},
		{"{a: 1}", "expected a string, not 'a'", 1},
		{"{\"a\": 01}", "expected a number of JSON, of at most 64 characters", 1},
		{"{\"a\": 0x10}", "expected , or }, not 'x'", 1},
		{"{\"a\": -}", "expected a number of JSON, of at most 64 characters", 1},
		{"{\"a\": 1.}", "expected a number of JSON, of at most 64 characters", 1},
		{"{\"a\": 1e}", "expected a number of JSON, of at most 64 characters", 1},
		{"{\"a\": +1}", "expected a number, string, true, false, object or array, not '+'",
		 1},
		{"{\"a\": null}",
		 "expected a number, string, true, false, object or array, not 'n'", 1},
		{"{\"a\": truly}",
		 "expected a number, string, true, false, object or array, not 't'", 1},
		{"{\"a\": trues}", "expected , or }, not 's'", 1},
		{"{\"a\": [1 2]}", "expected , or ], not '2'", 1},
		{"{\"a\": [1,]}",
		 "expected a number, string, true, false, object or array, not ']'", 1},
		{"{\"a\": \"x\n\"}",
		 "expected UTF-8 without control characters up to a closing \", not '\\x0a'", 1},
		{"{\"a\": \"x",
		 "expected UTF-8 without control characters up to a closing \", but the file ends",
		 1},
		{"{\"a\": \"\377\"}",
		 "expected UTF-8 without control characters up to a closing \", not '\\xff'", 1},
		{"{\"a\": \"\\x\"}", "expected an escape of JSON after \\, not 'x'", 1},
		{"{\"a\": \"\\u00\"}", "\\u00\"} in a string is not a character", 1},
		{"{\"a\": \"\\u0000\"}", "\\u0000 in a string is not a character", 1},
		{"{\"a\": \"\\ud800\"}", "\\ud800 in a string is not a character", 1},
		{"{\"a\": \"\\ud800\\u0041\"}", "\\ud800 in a string is not a character", 1},
		{"{\"a\": \"\\ud800\\udbff\"}", "\\ud800 in a string is not a character", 1},
		{"{\"a\": \"\\ud800\\ue000\"}", "\\ud800 in a string is not a character", 1},
		{"{\"a\": \"\\udc00\"}", "\\udc00 in a string is not a character", 1},
		{"{\"a\": \"\\udfff\"}", "\\udfff in a string is not a character", 1},
		{"// a\n{}", "expected an object, which begins with {, not '/'", 1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		check_refused(cases[i].text, cases[i].line, cases[i].want);
}

TEST(what_would_be_without_effect_is_refused)
{
	check_refused("{\"a\": 1,\n\"a\": 2}", 2, "a is given twice");
	check_refused("{\"c\": {\"a\": 1, \"\\u0061\": 2}}", 1, "a is given twice");
	check_refused("{\"a\": {}}", 1, "expected a string, not '}'");
	check_refused("{\"a\": []}", 1,
		      "expected a number, string, true, false, object or array, not ']'");
	check_refused("{\"\": 1}", 1, "'' is not the name of a variable or of a part of one");
	check_refused("{\"a b\": 1}", 1, "'a b' is not the name of a variable or of a part of one");
	check_refused("{\"a=b\": 1}", 1, "'a=b' is not the name of a variable or of a part of one");
}

/* BEFORE, NR times PART, and AFTER. */
static struct buf repeated(const char *before, const char *part, size_t nr, const char *after)
{
	struct buf text = {0};

	buf_add_str(&text, before);
	while (nr--)
		buf_add_str(&text, part);
	buf_add_str(&text, after);
	return text;
}

static int parse(const struct buf *text)
{
	_values_ struct values values = {0};

	return values_parse(buf_view(text), &values, &err);
}

TEST(what_is_just_inside_the_limits_is_read)
{
	_buf_ struct buf many = repeated("{\"a\": [0", ",\n0", VALUES_NR_MAX - 2, "]}");
	_buf_ struct buf digits = repeated("{\"a\": 1", "0", 63, "}");
	_buf_ struct buf key = repeated("{\"", "k", 255, "\": 1}");
	_buf_ struct buf large = repeated("{", " ", VALUES_SIZE_MAX - 2, "}");
	/* the outermost object counts */
	_buf_ struct buf deep = repeated("{\"a\":", "[", VALUES_DEPTH_MAX - 1, "1");

	buf_add_str(&deep, "]]]]]]]]]]]]]]]}");
	CHECK_INT(parse(&many), 0);
	CHECK_INT(parse(&digits), 0);
	CHECK_INT(parse(&key), 0);
	CHECK_INT(parse(&large), 0);
	CHECK_INT(parse(&deep), 0);
}

TEST(a_file_has_limits)
{
	_buf_ struct buf many = repeated("{\"a\": [0", ",\n0", VALUES_NR_MAX - 1, "]}");
	_buf_ struct buf digits = repeated("{\"a\": 1", "0", 64, "}");
	_buf_ struct buf key = repeated("{\"", "k", 256, "\": 1}");
	_buf_ struct buf large = repeated("{", " ", VALUES_SIZE_MAX - 1, "}");
	_buf_ struct buf deep = repeated("{\"a\": ", "[", VALUES_DEPTH_MAX, "1");
	_values_ struct values values = {0};

	check_refused(buf_cstr(&deep), 1, "more than 16 objects and arrays inside each other");
	check_refused(buf_cstr(&many), 4096, "more than 4096 values");
	check_refused(buf_cstr(&digits), 1, "expected a number of JSON, of at most 64 characters");
	CHECK_INT(parse(&key), -EINVAL);
	CHECK(strstr(err.text, "k' is not the name of a variable or of a part of one"));
	CHECK_INT(parse(&large), -EFBIG);
	CHECK_INT(values_parse(view_lit("{}\0"), &values, &err), -EINVAL);
	CHECK_STR(err.text, "expected text, but a byte of it is 0");
}

TEST(each_allocation_that_fails_is_an_error)
{
	static const char text[] = "{\"a\": [1, \"\\u00e9\", {\"b\": -1.5e3}], \"c\": true}";
	size_t nr = 0;

	for (bool failed = true; failed; nr++) {
		_values_ struct values values = {0};
		int rc;

		until_failure = nr;
		rc = values_parse(view_str(text), &values, &err);
		failed = has_failed();
		if (!CHECK_INT(rc, failed ? -ENOMEM : 0))
			printf("# allocation %zu\n", nr);
		CHECK(!values.list == failed);
	}
	CHECK(nr > 10);
}

TEST(a_file_that_is_cut_off_is_refused)
{
	static const char text[] = "{\"a\": [1, \"\\u00e9\", {\"b\": -1.5e3}], \"c\": true}";
	_values_ struct values values = {0};

	for (size_t size = 0; size + 1 < sizeof(text); size++)
		CHECK_INT(values_parse(view_of(text, size), &values, &err), -EINVAL);
}

UNIT_MAIN
