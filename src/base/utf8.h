/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * utf8.h - characters in UTF-8.
 *
 * Does: find the end of a character, and say whether a terminal shows it.
 * Does not: ask for the locale: names of files and certificates are taken for UTF-8.
 */
#ifndef UTF8_H
#define UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the character that starts at TEXT of SIZE bytes; 0: none, as RFC 3629 has it. */
size_t utf8_size(const uint8_t *text, size_t size);

/*
 * The same, but 0 also for a character that would not be seen, or would change how others are seen:
 * controls (C0, DEL, C1), marks of direction, ends of line, and characters without a width.
 */
size_t utf8_printable(const uint8_t *text, size_t size);

/* Remove what is left of a character that was cut off at the end of TEXT. */
void utf8_trim(char *text);

#endif /* UTF8_H */
