// SPDX-License-Identifier: BSD-2-Clause
#include "base/similar.h"

#include <string.h>

/* Longer words are not compared. */
#define WORD_MAX 32

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Letters of A that are wrong, missing, too many, or swapped with the next one, if B was meant. */
static unsigned int count_errors(const char *a, size_t a_size, const char *b, size_t b_size)
{
	unsigned int rows[3][WORD_MAX + 1] = {0};

	for (size_t j = 0; j <= b_size; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= a_size; i++) {
		const unsigned int *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
		unsigned int *row = rows[i % 3];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= b_size; j++) {
			row[j] = least(above[j], row[j - 1]) + 1;
			row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
	}
	return rows[a_size % 3][b_size];
}

void similar_try(struct similar *similar, const char *candidate)
{
	const size_t size = strlen(candidate);
	unsigned int errors, allowed = similar->size < 6 ? 1 : (unsigned int)similar->size / 3;

	if (!similar->size || similar->size > WORD_MAX || size > WORD_MAX)
		return;
	errors = count_errors(similar->word, similar->size, candidate, size);
	if (similar->size > 2 && !strncmp(similar->word, candidate, similar->size))
		errors = least(errors, allowed);
	if (errors > allowed || (similar->best && errors >= similar->errors))
		return;
	similar->best = candidate;
	similar->errors = errors;
}
