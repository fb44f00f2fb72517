/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * similar.h - which word was meant.
 *
 * Does: compare spellings. Does not: know which words there are.
 */
#ifndef SIMILAR_H
#define SIMILAR_H

#include <stddef.h>

/* The candidate that is most similar to a word; zero-initialized but for the word. */
struct similar {
	const char *word;
	size_t size;	     /* of WORD, without a NUL */
	const char *best;    /* borrowed; NULL: no candidate is similar enough */
	unsigned int errors; /* in WORD, if BEST was meant */
};

/*
 * Make CANDIDATE the best one if WORD is it with fewer letters that are wrong, missing, too many or
 * swapped with the next than the best one so far: one, or one in three letters; or if WORD is its
 * beginning.
 */
void similar_try(struct similar *similar, const char *candidate);

#endif /* SIMILAR_H */
