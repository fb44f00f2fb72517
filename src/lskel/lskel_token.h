/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_token.h - the C tokens of a light-skeleton header, as gcc and clang see them.
 *
 * Does: comments, line splices, string literals with their escapes.
 * Does not: preprocess (a directive is one token), or guess: what compilers read differently
 * (trigraphs, digraphs, literal prefixes, a splice inside a token, bytes that are no ASCII in a
 * literal) is refused.
 */
#ifndef LSKEL_TOKEN_H
#define LSKEL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum token_kind {
	TOKEN_END,
	TOKEN_IDENT,
	TOKEN_NUMBER,
	TOKEN_STRING,
	TOKEN_CHAR,
	TOKEN_PUNCT,	 /* an operator or other sign, as long as C or C++ makes it */
	TOKEN_DIRECTIVE, /* from the # to the end of the logical line */
};

/* Bytes START to END of the text. */
struct token {
	enum token_kind kind;
	size_t start, end;
};

/* Zero-initialised but for TEXT and ERR. SINK, where it is set, gets the bytes of literals. */
struct lexer {
	struct view text;
	size_t at;
	bool in_line; /* a token stands before AT on this line: '#' starts no directive */
	struct buf *sink;
	struct buf scratch; /* of literals nobody wants; owned */
	struct err *err;
};

/*
 * Refuse text that compilers disagree on: NUL, a carriage return alone, trigraphs. Skips a
 * byte-order mark. Called once, before the first token.
 */
int lexer_start(struct lexer *lexer);

/* The next token. -EBADMSG with the line: not C as expected; -ENOMEM. */
int lexer_next(struct lexer *lexer, struct token *ret);

/* The text of TOKEN. */
struct view lexer_text(const struct lexer *lexer, struct token token);

/* The line, from 1, of byte AT. */
unsigned int lexer_line(const struct lexer *lexer, size_t at);

/* The size of a line splice (backslash, blanks, newline) at byte AT, or 0. */
size_t lexer_splice(struct view text, size_t at);

/* The bytes of a string literal whose opening quote is at *AT, to SINK; *at ends behind it. */
int lexer_literal(struct lexer *lexer, size_t *at, struct buf *sink);

#endif /* LSKEL_TOKEN_H */
