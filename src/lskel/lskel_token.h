/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_token.h - split a light-skeleton header into C tokens, as gcc and clang do.
 *
 * Does: handle comments, line splices, and string literals with their escapes.
 * Does not: preprocess (a directive is one token), or accept what compilers read differently
 * (trigraphs, digraphs, literal prefixes, a splice inside a token, non-ASCII bytes in a literal).
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
	TOKEN_PUNCT,	 /* an operator or other sign, the longest in C or C++ */
	TOKEN_DIRECTIVE, /* from the # to the end of the logical line */
};

/* A token: bytes START to END of the text. */
struct token {
	enum token_kind kind;
	size_t start, end;
};

/*
 * Zero-initialized except for TEXT and ERR. SINK gets the bytes of literals; NULL: they are
 * dropped.
 */
struct lexer {
	struct view text;
	size_t at;
	bool in_line; /* a token precedes AT on this line, so # does not start a directive */
	struct buf *sink;
	struct buf scratch; /* for the bytes of dropped literals; owned */
	struct err *err;
};

/*
 * Refuse text that compilers read differently: NUL, a carriage return without newline, trigraphs.
 * Skip a byte-order mark. To be called once, before the first token.
 */
int lexer_start(struct lexer *lexer);

/* Read the next token. -EBADMSG, with the line: malformed, or refused; -ENOMEM. */
int lexer_next(struct lexer *lexer, struct token *ret);

/* The text of TOKEN. */
struct view lexer_text(const struct lexer *lexer, struct token token);

/* The line number, counted from 1, of byte AT. */
unsigned int lexer_line(const struct lexer *lexer, size_t at);

/* The size of a line splice (backslash, blanks, newline) at byte AT, or 0. */
size_t lexer_splice(struct view text, size_t at);

/* Decode the string literal whose opening quote is at *AT into SINK; *at is moved after it. */
int lexer_literal(struct lexer *lexer, size_t *at, struct buf *sink);

#endif /* LSKEL_TOKEN_H */
