/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skim.h - whether a file could be a light skeleton, as a whole or in part.
 *
 * For "verify --recursive", which checks every file of a folder. In doubt the answer is yes: what a
 * compiler would accept as a light skeleton must not be skipped because our parser does not
 * recognize it. The text is not parsed; only comments, literals and line splices are handled, and
 * the words that each light skeleton needs are searched for. Other source code that uses these
 * words is no light skeleton if it declares, defines or points to struct bpf_loader_ctx, or the
 * struct of our own run-time part, but has no object of that type.
 *
 * Does: search bytes. Does not: read files, or parse what was found (lskel.h does).
 */
#ifndef SKIM_H
#define SKIM_H

#include <stdbool.h>

#include "base/buf.h"

/* The longest word that is searched for. */
#define SKIM_WORD_MAX 16

/* The state of a search through a file in pieces; zero-initialized at its beginning. */
struct skim {
	bool found; /* one of the words may be in the file: skim_text() must decide */
	bool escaped;
	char last[SKIM_WORD_MAX]; /* the last characters of the previous piece */
	size_t size;		  /* how many of LAST are used */
};

/*
 * Search the next PIECE of the file. For most files FOUND stays false, at little more cost than
 * reading.
 */
void skim_piece(struct skim *skim, struct view piece);

/*
 * Whether TEXT, the whole file in which skim_piece() has FOUND a word, could be a light skeleton.
 * IS_C: the file's name says that it is C, so it is not prose.
 */
bool skim_text(struct view text, bool is_c);

/* Whether the name of FILE is one of C or C++ code. */
bool skim_is_c(const char *file);

#endif /* SKIM_H */
