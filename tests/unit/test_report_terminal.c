// SPDX-License-Identifier: BSD-2-Clause
/* How lines are broken for a terminal. */
#include "report/report_terminal.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

/* TEXT, broken for COLUMNS. */
static const char *wrapped(const char *text, size_t columns)
{
	static struct buf out;

	buf_free(&out);
	report_wrap(&out, view_str(text), columns);
	return buf_cstr(&out);
}

TEST(lines_that_fit_stay_as_they_are)
{
	static const char *const plain[] = {"",
					    "\n",
					    "a\n\nb",
					    "  one  two\n",
					    "exactly twelve cols",
					    "\033[32mnineteen letters..\033[m\n"};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		CHECK_STR(wrapped(plain[i], 19), plain[i]);
}

TEST(prose_is_broken_between_words)
{
	CHECK_STR(wrapped("one two three four five six\n", 15),
		  "one two three\n    four five\n    six\n");
	CHECK_STR(wrapped("  one two three four five six\nx", 15),
		  "  one two three\n    four five\n    six\nx");
}

TEST(a_word_that_is_too_long_is_not_broken)
{
	CHECK_STR(wrapped("one abcdefghijklmnopqrstuvwxyz two", 12),
		  "one\n    abcdefghijklmnopqrstuvwxyz\n    two");
	CHECK_STR(wrapped("abcdefghijklmnopqrstuvwxyz", 12), "abcdefghijklmnopqrstuvwxyz");
}

TEST(the_last_column_of_a_table_moves_as_a_whole)
{
	CHECK_STR(wrapped("  ab  cdefghijkl  m n o p q r s t u v w\n", 24),
		  "  ab  cdefghijkl\n      m n o p q r s t u\n      v w\n");
}

TEST(colors_and_parts_of_characters_have_no_width)
{
	CHECK_STR(wrapped("\033[31mone\033[m two three four", 13),
		  "\033[31mone\033[m two three\n    four");
	CHECK_STR(wrapped("\xc3\xbc\xc3\xbc\xc3\xbc two three four", 13),
		  "\xc3\xbc\xc3\xbc\xc3\xbc two three\n    four");
	CHECK_STR(wrapped("\033 unfinished color", 8), "\033\n  unfinished\n  color");
}

TEST(no_word_is_lost_whatever_the_width)
{
	static const char text[] =
		"  folded   Linux 7.3 and later   ENOKEY (-126)  no certificate "
		"in the keyring has the signer's key id 0963779305\n";

	for (size_t columns = 1; columns < sizeof(text); columns++) {
		const char *found = wrapped(text, columns);
		size_t at = 0, line = 0, longest = 0;

		for (size_t i = 0; found[i]; i++) {
			line = found[i] == '\n' ? 0 : line + 1;
			longest = line > longest ? line : longest;
			if (found[i] == ' ' || found[i] == '\n')
				continue;
			while (text[at] == ' ')
				at++;
			CHECK_INT(found[i], text[at]);
			at++;
		}
		CHECK_STR(text + at, "\n");
		CHECK(longest <= columns || columns < 24);
	}
}

TEST(words_have_colors_when_these_are_wanted)
{
	_buf_ struct buf out = {0};

	report_paint(&out, false, REPORT_BAD, "no");
	report_paint(&out, true, REPORT_GOOD, "yes");
	CHECK_STR(buf_cstr(&out), "no\033[32myes\033[m");
	setenv("TERM", "xterm", 1);
	CHECK(report_colors(-1, REPORT_COLOR_ALWAYS));
	CHECK(!report_colors(-1, REPORT_COLOR_NEVER));
	CHECK(!report_colors(-1, REPORT_COLOR_AUTO));
	CHECK_INT((long long)report_columns(-1), 0);
}

UNIT_MAIN
