/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_terminal.h - what is different on a terminal: the width of lines, and colors; private to
 * report/.
 *
 * Does: break long lines between words, and color a word. Does not: write.
 */
#ifndef REPORT_TERMINAL_H
#define REPORT_TERMINAL_H

#include <stdbool.h>

#include "base/buf.h"
#include "report/report.h"

/* The columns of the terminal FD; 0: not a terminal, or it does not say, or it is too narrow. */
size_t report_columns(int fd);

/* Whether to color what is written to FD, if the user has chosen COLOR. */
bool report_colors(int fd, enum report_color color);

/*
 * Append TEXT to OUT, with each line broken that is longer than COLUMNS: in front of its last
 * column if it has no room for it, otherwise between words. What follows is indented like a column
 * on the left, or a little more than the line. A word that is too long is not broken.
 */
void report_wrap(struct buf *out, struct view text, size_t columns);

/* The kinds of words that have a color. */
enum report_paint {
	REPORT_GOOD,
	REPORT_BAD,
	REPORT_UNSURE,
};

/* Append WORD, in the color of PAINT if COLORED. */
void report_paint(struct buf *out, bool colored, enum report_paint paint, const char *word);

#endif /* REPORT_TERMINAL_H */
