// SPDX-License-Identifier: BSD-2-Clause
/* Files of values: what they set, and what is refused. */
#include "values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
		{"{\"a\": \"\\udc00\"}", "\\udc00 in a string is not a character", 1},
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

TEST(a_file_has_limits)
{
	_buf_ struct buf deep = {0}, many = {0}, large = {0}, digits = {0};
	_values_ struct values values = {0};

	buf_add_str(&deep, "{\"a\": ");
	for (int i = 0; i < VALUES_DEPTH_MAX; i++)
		buf_add_str(&deep, "[");
	check_refused(buf_cstr(&deep), 1, "more than 16 objects and arrays inside each other");
	buf_add_str(&many, "{\"a\": [0");
	for (int i = 0; i < VALUES_NR_MAX; i++)
		buf_add_str(&many, ",\n0");
	check_refused(buf_cstr(&many), 4097, "more than 4096 values");
	buf_space(&large, VALUES_SIZE_MAX + 1);
	CHECK_INT(values_parse(buf_view(&large), &values, &err), -EFBIG);
	CHECK_INT(values_parse(view_lit("{}\0"), &values, &err), -EINVAL);
	CHECK_STR(err.text, "expected text, but a byte of it is 0");
	buf_add_str(&digits, "{\"a\": 1");
	for (int i = 0; i < 64; i++)
		buf_add_str(&digits, "0");
	buf_add_str(&digits, "}");
	check_refused(buf_cstr(&digits), 1, "expected a number of JSON, of at most 64 characters");
}

TEST(a_file_that_is_cut_off_is_refused)
{
	static const char text[] = "{\"a\": [1, \"\\u00e9\", {\"b\": -1.5e3}], \"c\": true}";
	_values_ struct values values = {0};

	for (size_t size = 0; size + 1 < sizeof(text); size++)
		CHECK_INT(values_parse(view_of(text, size), &values, &err), -EINVAL);
}

UNIT_MAIN
