// SPDX-License-Identifier: BSD-2-Clause
#include "lskel/lskel_token.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

struct view lexer_text(const struct lexer *lexer, struct token token)
{
	return view_sub(lexer->text, token.start, token.end - token.start);
}

unsigned int lexer_line(const struct lexer *lexer, size_t at)
{
	const uint8_t *in = lexer->text.data, *end = in + at;
	unsigned int line = 1;

	while (in < end && (in = memchr(in, '\n', (size_t)(end - in)))) {
		line++;
		in++;
	}
	return line;
}

static int refuse(struct lexer *lexer, size_t at, const char *what)
{
	return err_line(lexer->err, -EBADMSG, lexer_line(lexer, at), "%s", what);
}

/* The first byte that equals FIRST and that BAD() rejects; NULL: none. */
static const uint8_t *find_bad(struct view text, uint8_t first,
			       bool (*bad)(const uint8_t *in, size_t left))
{
	const uint8_t *in = text.data, *end = in + text.size;

	while (in < end && (in = memchr(in, first, (size_t)(end - in)))) {
		if (bad(in, (size_t)(end - in)))
			return in;
		in++;
	}
	return NULL;
}

static bool is_any(const uint8_t *in, size_t left)
{
	return in && left;
}

/* clang ends a line here, but gcc does not. */
static bool is_lone_return(const uint8_t *in, size_t left)
{
	return left < 2 || in[1] != '\n';
}

/* Only some language standards turn it into a backslash, a bracket or the like. */
static bool is_trigraph(const uint8_t *in, size_t left)
{
	return left >= 3 && in[1] == '?' && in[2] && strchr("=/'()!<>-", in[2]);
}

int lexer_start(struct lexer *lexer)
{
	static const struct {
		uint8_t first;
		bool (*bad)(const uint8_t *in, size_t left);
		const char *what;
	} checks[] = {
		{'\0', is_any, "the text contains a NUL byte"},
		{'\r', is_lone_return, "a carriage return without a newline"},
		{'?', is_trigraph, "a trigraph"},
	};
	struct view text = lexer->text;

	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		const uint8_t *bad = find_bad(text, checks[i].first, checks[i].bad);

		if (bad)
			return refuse(lexer, (size_t)(bad - text.data), checks[i].what);
	}
	if (text.size >= 3 && !memcmp(text.data, "\xef\xbb\xbf", 3))
		lexer->at = 3;
	return 0;
}

static uint8_t peek(const struct lexer *lexer, size_t ahead)
{
	size_t at = lexer->at + ahead;

	return at < lexer->text.size ? lexer->text.data[at] : 0;
}

static bool is_ident_start(uint8_t byte)
{
	return isalpha(byte) || byte == '_';
}

/* The position after the block comment at AT; a line splice may split its end. */
static int skip_block_comment(struct lexer *lexer)
{
	size_t start = lexer->at, at = start + 2, splice;
	bool star = false;

	for (; at < lexer->text.size; at++) {
		uint8_t byte = lexer->text.data[at];

		splice = lexer_splice(lexer->text, at);
		if (splice) {
			at += splice - 1;
			continue;
		}
		if (star && byte == '/') {
			lexer->at = at + 1;
			return 0;
		}
		star = byte == '*';
	}
	return refuse(lexer, start, "the header ends inside a comment");
}

/* The position of the newline that ends the line comment at AT. */
static void skip_line_comment(struct lexer *lexer)
{
	while (lexer->at < lexer->text.size && peek(lexer, 0) != '\n')
		lexer->at += lexer_splice(lexer->text, lexer->at) ?: 1;
}

/*
 * The position after the literal at AT in a directive or, for a name in angle brackets, after the
 * opening bracket. In directives compilers are more lenient with literals than elsewhere.
 */
static int skip_quoted(struct lexer *lexer, uint8_t quote)
{
	size_t start = lexer->at++;

	while (peek(lexer, 0) != quote) {
		uint8_t byte = peek(lexer, 0);

		if (!byte || byte == '\n' || lexer_splice(lexer->text, lexer->at))
			return refuse(lexer, start, "an unterminated literal in a directive");
		lexer->at += byte == '\\' && peek(lexer, 1) ? 2 : 1;
	}
	lexer->at++;
	return 0;
}

/* A name in angle brackets may contain what looks like comments and literals: refused. */
static int check_angle(struct lexer *lexer)
{
	for (size_t at = 1;; at++) {
		uint8_t byte = peek(lexer, at), next = peek(lexer, at + 1);

		if (!byte || byte == '\n' || byte == '>')
			return 0;
		if (byte == '"' || byte == '\'' || byte == '\\' ||
		    (byte == '/' && (next == '/' || next == '*')))
			return refuse(lexer, lexer->at,
				      "a directive with < before a literal or comment");
	}
}

/* Skip one character, literal or comment of a directive. */
static int skip_in_directive(struct lexer *lexer)
{
	uint8_t byte = peek(lexer, 0), next = peek(lexer, 1);
	size_t splice = lexer_splice(lexer->text, lexer->at);
	int rc = 0;

	if (byte == '/' && next == '*')
		return skip_block_comment(lexer);
	if (byte == '"' || byte == '\'')
		return skip_quoted(lexer, byte);
	if (byte == '/' && next == '/') {
		skip_line_comment(lexer);
		return 0;
	}
	/* It would join the text on both sides. */
	if (byte == '\\' && (!splice || !isspace(lexer->text.data[lexer->at - 1])))
		return refuse(lexer, lexer->at, "a backslash in the middle of a directive");
	if (byte == '<')
		rc = check_angle(lexer);
	lexer->at += splice ?: 1;
	return rc;
}

/* Skip to the newline that ends the logical line; comments may contain newlines. */
static int skip_directive(struct lexer *lexer)
{
	int rc = 0;

	while (!rc && lexer->at < lexer->text.size && peek(lexer, 0) != '\n')
		rc = skip_in_directive(lexer);
	return rc;
}

/* A splice between tokens. One inside a token would join the text on both sides: refused. */
static int skip_splice(struct lexer *lexer)
{
	size_t splice = lexer_splice(lexer->text, lexer->at);

	if (!splice || (lexer->at && !isspace(lexer->text.data[lexer->at - 1])))
		return refuse(lexer, lexer->at, "a backslash in the middle of code");
	lexer->at += splice;
	return 0;
}

/* Skip blanks, comments and line splices. */
static int skip_space(struct lexer *lexer)
{
	int rc = 0;

	while (!rc && lexer->at < lexer->text.size) {
		uint8_t byte = peek(lexer, 0);

		if (byte == '\n')
			lexer->in_line = false;
		if (isspace(byte))
			lexer->at++;
		else if (byte == '\\')
			rc = skip_splice(lexer);
		else if (byte == '/' && peek(lexer, 1) == '*')
			rc = skip_block_comment(lexer);
		else if (byte == '/' && peek(lexer, 1) == '/')
			skip_line_comment(lexer);
		else
			break;
	}
	return rc;
}

/*
 * An identifier, or a number, which may contain points; the sign of an exponent is a separate
 * token.
 */
static int read_word(struct lexer *lexer, bool is_number)
{
	uint8_t byte;

	do {
		lexer->at++;
		byte = peek(lexer, 0);
	} while (isalnum(byte) || byte == '_' || (is_number && byte == '.'));
	if (byte == '"' || byte == '\'')
		return refuse(lexer, lexer->at, "a literal with a prefix");
	return 0;
}

static int read_char(struct lexer *lexer)
{
	size_t start = lexer->at;

	do
		lexer->at += peek(lexer, 0) == '\\' && peek(lexer, 1) ? 2 : 1;
	while (peek(lexer, 0) && peek(lexer, 0) != '\'' && peek(lexer, 0) != '\n');
	if (peek(lexer, 0) != '\'')
		return refuse(lexer, start, "an unterminated character constant");
	lexer->at++;
	return 0;
}

static int read_string(struct lexer *lexer)
{
	lexer->scratch.size = 0;
	return lexer_literal(lexer, &lexer->at, lexer->sink ? lexer->sink : &lexer->scratch);
}

/* The size of the operator at AT: the longest in C or C++. */
static size_t operator_size(const struct lexer *lexer)
{
	static const char longer[][4] = {
		"...", "->*", "<=>", "<<=", ">>=", "->", "++", "--", "<<",
		">>",  "<=",  ">=",  "==",  "!=",  "&&", "||", "*=", "/=",
		"%=",  "+=",  "-=",  "&=",  "^=",  "|=", "##", "::", ".*",
	};
	struct view text = lexer->text;
	size_t left = text.size - lexer->at;

	if (!peek(lexer, 1) || !strchr("=>.-+<&|#:*", peek(lexer, 1)))
		return 1;
	for (size_t i = 0; i < ARRAY_SIZE(longer); i++) {
		size_t size = strlen(longer[i]);

		if (left >= size && !memcmp(text.data + lexer->at, longer[i], size))
			return size;
	}
	return 1;
}

static int read_punct(struct lexer *lexer)
{
	static const char digraphs[][3] = {"<:", ":>", "<%", "%>", "%:"};
	uint8_t byte = peek(lexer, 0);

	if (byte < ' ' || byte > '~' || byte == '$' || byte == '@' || byte == '`')
		return refuse(lexer, lexer->at, "a byte that C does not allow");
	for (size_t i = 0; i < ARRAY_SIZE(digraphs); i++) {
		if (byte == (uint8_t)digraphs[i][0] && peek(lexer, 1) == (uint8_t)digraphs[i][1])
			return refuse(lexer, lexer->at, "a digraph");
	}
	lexer->at += operator_size(lexer);
	return 0;
}

static int read_token(struct lexer *lexer, enum token_kind *ret)
{
	uint8_t byte = peek(lexer, 0);

	if (byte == '#' && !lexer->in_line) {
		*ret = TOKEN_DIRECTIVE;
		return skip_directive(lexer);
	}
	lexer->in_line = true;
	if (is_ident_start(byte)) {
		*ret = TOKEN_IDENT;
		return read_word(lexer, false);
	}
	if (isdigit(byte)) {
		*ret = TOKEN_NUMBER;
		return read_word(lexer, true);
	}
	if (byte == '"') {
		*ret = TOKEN_STRING;
		return read_string(lexer);
	}
	if (byte == '\'') {
		*ret = TOKEN_CHAR;
		return read_char(lexer);
	}
	*ret = TOKEN_PUNCT;
	return read_punct(lexer);
}

int lexer_next(struct lexer *lexer, struct token *ret)
{
	struct token token = {TOKEN_END, 0, 0};
	int rc;

	rc = skip_space(lexer);
	if (rc)
		return rc;
	token.start = lexer->at;
	if (lexer->at < lexer->text.size)
		rc = read_token(lexer, &token.kind);
	if (rc)
		return rc;
	token.end = lexer->at;
	*ret = token;
	return 0;
}
