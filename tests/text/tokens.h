/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tokens.h - the tokens of C text by the phases of translation, one pass for each.
 *
 * Written for tests alone, by the standard and not by src/lskel/lskel_token.c, which it is to be
 * compared with: trigraphs, line splices, comments and tokens, joined literals (C11, 5.1.1.2).
 */
#ifndef TEXT_TOKENS_H
#define TEXT_TOKENS_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * The tokens of TEXT, one a line, with literals joined and their bytes in hex; directives end in a
 * token of their own. TRIGRAPHS: as gcc -std=c99 reads them. False: no C.
 */
bool tokens_of(struct view text, bool trigraphs, struct buf *ret);

#endif /* TEXT_TOKENS_H */
