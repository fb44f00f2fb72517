// SPDX-License-Identifier: BSD-2-Clause
/* String literals that are read in blocks, against C's translation phases one after the other. */
#include "lskel/lskel_token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

static struct err err;
static uint32_t state = 1;

static uint32_t pick(uint32_t nr)
{
	state = state * 1664525 + 1013904223;
	return (state >> 16) % nr;
}

/* Phase 2: TEXT without its splices. */
static void splice(struct view text, struct buf *ret)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '\\' && i + 1 < text.size && text.data[i + 1] == '\n')
			i++;
		else
			buf_add(ret, &text.data[i], 1);
	}
}

/* Phase 5: the bytes of TEXT, which has no splices. False: an escape is out of range. */
static bool unescape(const char *text, struct buf *ret)
{
	while (*text) {
		char *end = (char *)text + 1;
		unsigned long value = (unsigned char)*text;
		char octal[4] = "";

		if (text[0] == '\\' && text[1] == 'x') {
			value = strtoul(text + 2, &end, 16);
		} else if (text[0] == '\\') {
			strncpy(octal, text + 1, 3);
			value = strtoul(octal, &end, 8);
			end = (char *)text + 1 + (end - octal);
		}
		if (value > 255)
			return false;
		buf_add(ret, &(uint8_t){(uint8_t)value}, 1);
		text = end;
	}
	return true;
}

/* Read the literal with TEXT after AHEAD other characters, with BEHIND after it. */
static void check_literal(struct view text, unsigned int ahead, unsigned int behind)
{
	_buf_ struct buf header = {0}, plain = {0}, want = {0}, got = {0};
	struct lexer lexer = {.err = &err};
	size_t at = ahead;
	bool valid;
	int rc;

	for (unsigned int i = 0; i < ahead; i++)
		buf_add_str(&header, "x");
	buf_add_str(&header, "\"");
	buf_add(&header, text.data, text.size);
	buf_add_str(&header, "\"");
	for (unsigned int i = 0; i < behind; i++)
		buf_add_str(&header, i % 2 ? "0" : "\\");
	splice(text, &plain);
	valid = unescape(buf_cstr(&plain), &want);
	lexer.text = buf_view(&header);
	rc = lexer_literal(&lexer, &at, &got);
	CHECK_INT(rc, valid ? 0 : -EBADMSG);
	if (!rc) {
		CHECK_INT(at, ahead + text.size + 2);
		CHECK(view_equal(buf_view(&got), buf_view(&want)));
	}
	if (unit_failures)
		printf("# of \"%s\"\n", buf_cstr(&header));
}

/* Append an escape or splice as bpftool writes them; of ODD ones one in so many are others. */
static void add_piece(struct buf *text, uint32_t odd)
{
	static const char *const others[] = {"1",    "a",    "x",	 "\\12",
					     "\\x3", "\\\n", "\\\n\\\n", "\\x0f0"};

	if (odd && !pick(odd))
		buf_add_str(text, others[pick(8)]);
	else if (!pick(12))
		buf_add_str(text, "\\\n");
	else if (!pick(3))
		buf_add_str(text, "\\0");
	else
		buf_printf(text, "\\x%02x", pick(256));
}

static void check_random(unsigned int pieces, uint32_t odd)
{
	_buf_ struct buf text = {0};

	for (unsigned int i = 0; i < pieces; i++)
		add_piece(&text, odd);
	check_literal(buf_view(&text), pick(20), pick(40));
}

TEST(escapes_of_every_number_and_alignment)
{
	for (unsigned int pieces = 0; pieces < 80 && !unit_failures; pieces++) {
		for (int i = 0; i < 100 && !unit_failures; i++)
			check_random(pieces, 0);
	}
}

TEST(whatever_stands_between_them_is_read_as_C_reads_it)
{
	for (int i = 0; i < 20000 && !unit_failures; i++)
		check_random(1 + pick(60), 1 + pick(40));
}

/* A digit belongs to the escape before it, also behind a splice, wherever a block ends. */
TEST(an_escape_goes_on_behind_the_end_of_a_block)
{
	static const char *const ends[] = {
		"\\x1\\\n2\\x34", "\\x0\\\n\\\n12\\0\\0",  "\\0\\\n1\\x12",
		"\\x12\\\n3\\0",  "\\x12\\\n\\\n\\\n3\\0", "\\01\\x12",
		"\\x0a1\\0",
	};

	for (unsigned int before = 0; before < 40; before++) {
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			_buf_ struct buf text = {0};

			for (unsigned int n = 0; n < before; n++)
				buf_add_str(&text, "\\0");
			buf_add_str(&text, ends[i]);
			for (unsigned int n = 0; n < 20; n++)
				buf_add_str(&text, "\\xab");
			check_literal(buf_view(&text), 3, 0);
		}
	}
}

/* A backslash that is a character, and x41 behind it: not an escape, and not one behind a block. */
TEST(an_escaped_backslash_before_x_begins_no_escape)
{
	_buf_ struct buf got = {0};
	struct lexer lexer = {.text = view_lit("y \"\\\\x41\\x42\\x43\\x44\\x45\\x46\\0\\0\\0\""),
			      .err = &err};
	size_t at = 2;

	CHECK_INT(lexer_literal(&lexer, &at, &got), 0);
	CHECK(view_equal(buf_view(&got), view_lit("\\x41BCDEF\0\0\0")));
}

UNIT_MAIN
