// SPDX-License-Identifier: BSD-2-Clause
/* Lines and colors on a terminal. */
#include "report/report_terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* In a narrower terminal lines are left to the terminal. */
#define COLUMNS_MIN 40

/* What follows a break is indented by a third of the terminal at most. */
#define INDENT_MAX(columns) ((columns) / 3)

size_t report_columns(int fd)
{
	struct winsize size = {0};

	if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) || size.ws_col < COLUMNS_MIN)
		return 0;
	return size.ws_col;
}

bool report_colors(int fd, enum report_color color)
{
	const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

	if (color != REPORT_COLOR_AUTO)
		return color == REPORT_COLOR_ALWAYS;
	return isatty(fd) && !(none && *none) && terminal && strcmp(terminal, "dumb") != 0;
}

void report_paint(struct buf *out, bool colored, enum report_paint paint, const char *word)
{
	static const char *const colors[] = {
		[REPORT_GOOD] = "32", [REPORT_BAD] = "31", [REPORT_UNSURE] = "33"};

	if (colored)
		buf_printf(out, "\033[%sm%s\033[m", colors[paint], word);
	else
		buf_add_str(out, word);
}

/* --- lines --- */

/* The bytes of the character or color at AT, and its columns. */
static size_t step(struct view line, size_t at, size_t *ret_columns)
{
	size_t end = at + 1;

	*ret_columns = 1;
	if (line.data[at] == '\033') {
		const uint8_t *last = memchr(line.data + at, 'm', line.size - at);

		*ret_columns = 0;
		return last ? (size_t)(last + 1 - line.data) - at : 1;
	}
	while (end < line.size && (line.data[end] & 0xc0) == 0x80)
		end++;
	return end - at;
}

/* Where a line can be broken. */
struct place {
	size_t end;    /* of what stays */
	size_t begin;  /* of what goes to the next line, without the spaces between */
	size_t column; /* of BEGIN */
	bool table;    /* there are several spaces: a column of a table begins */
};

/* The next place after *AT and *COLUMN, which are moved to its begin; false: there is none. */
static bool next_place(struct view line, size_t *at, size_t *column, struct place *ret)
{
	size_t columns;

	while (*at < line.size && line.data[*at] == ' ')
		++*at, ++*column;
	for (; *at < line.size && line.data[*at] != ' '; *column += columns)
		*at += step(line, *at, &columns);
	if (*at == line.size)
		return false;
	ret->end = *at;
	while (*at < line.size && line.data[*at] == ' ')
		++*at, ++*column;
	*ret = (struct place){ret->end, *at, *column, *at - ret->end > 1};
	return *at < line.size;
}

/* Whether LINE has at most COLUMNS columns. */
static bool fits(struct view line, size_t columns)
{
	size_t column = 0, own;

	for (size_t at = 0; at < line.size && column <= columns; column += own)
		at += step(line, at, &own);
	return column <= columns;
}

/* The indentation of what follows a break in LINE. */
static size_t hang(struct view line, size_t columns)
{
	size_t at = 0, column = 0, indent = 0;
	struct place place;

	while (indent < line.size && line.data[indent] == ' ')
		indent++;
	indent = indent ? indent + 2 : 4;
	indent = indent < INDENT_MAX(columns) ? indent : INDENT_MAX(columns);
	while (next_place(line, &at, &column, &place) && place.column <= INDENT_MAX(columns)) {
		if (place.table)
			indent = place.column;
	}
	return indent;
}

/* Where to break LINE; false: nowhere. COLUMN is where LINE begins. */
static bool find_break(struct view line, size_t column, size_t columns, size_t indent,
		       struct place *ret)
{
	struct place place, table = {0}, space = {0};
	size_t at = 0, room = columns - column;

	while (next_place(line, &at, &column, &place)) {
		if (!fits(view_head(line, place.end), room)) {
			if (!space.begin)
				space = place;
			break;
		}
		if (place.table && place.column > indent)
			table = place;
		space = place;
	}
	*ret = table.begin ? table : space;
	return ret->begin;
}

static void wrap_line(struct buf *out, struct view line, size_t columns)
{
	const size_t indent = hang(line, columns);
	struct place place;
	size_t column = 0;

	while (!fits(line, columns - column) && find_break(line, column, columns, indent, &place)) {
		buf_add_view(out, view_head(line, place.end));
		buf_printf(out, "\n%*s", (int)indent, "");
		line = view_sub(line, place.begin, line.size - place.begin);
		column = indent;
	}
	buf_add_view(out, line);
}

void report_wrap(struct buf *out, struct view text, size_t columns)
{
	while (text.size) {
		const uint8_t *end = memchr(text.data, '\n', text.size);
		const size_t size = end ? (size_t)(end - text.data) : text.size;

		wrap_line(out, view_head(text, size), columns);
		if (end)
			buf_add_str(out, "\n");
		text = view_sub(text, size + !!end, text.size - size - !!end);
	}
}
