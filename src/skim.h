/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * skim.h - whether a file could be a light skeleton, wherever in it that begins.
 *
 * A gate that looks through folders asks this of every file, so the answer is yes where it cannot
 * be told: what a compiler would take for a light skeleton must not go by because our own parser
 * does not know it. Nothing is parsed: comments, literals and line splices are known, and the words
 * that each light skeleton needs. A source that speaks of them is not one: it declares, defines, or
 * points to struct bpf_loader_ctx, and has no object of that type.
 *
 * Does: look at bytes. Does not: read files, or know whether what was found is whole (lskel.h).
 */
#ifndef SKIM_H
#define SKIM_H

#include <stdbool.h>

#include "base/buf.h"

/* The longest word that is looked for. */
#define SKIM_WORD_MAX 14

/* A file on its way past, in pieces; zero-initialised is its beginning. */
struct skim {
	bool found; /* one of the words is in it, in whatever spelling: ask skim_text() */
	bool escaped;
	char last[SKIM_WORD_MAX]; /* the last characters that count */
	size_t size;		  /* of LAST */
};

/* The next PIECE of the file. Most files end without FOUND, and cost little more than reading. */
void skim_piece(struct skim *skim, struct view piece);

/*
 * Whether TEXT, the whole of a file in which skim_piece() has FOUND a word, could be a light
 * skeleton. IS_C: its name says that it is C, so that there is no prose in it.
 */
bool skim_text(struct view text, bool is_c);

/* Whether the name of FILE says that it is C. */
bool skim_is_c(const char *file);

#endif /* SKIM_H */
