// SPDX-License-Identifier: BSD-2-Clause
#include "lskel/lskel_form.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lskel/lskel_text.h"

void form_free(struct form *form)
{
	buf_free(&form->wanted);
	buf_free(&form->literal);
}

bool form_reads(const struct form *form)
{
	return !form->out && !form->err.code;
}

/* The N-th token from here, or the last. */
static const struct form_token *token_at(const struct form *form, size_t n)
{
	const struct form_token *token = &form->tokens[form->at];

	while (n-- && token->kind != TOKEN_END)
		token++;
	return token;
}

static struct view text_of(const struct form *form, const struct form_token *token)
{
	return view_sub(form->text, token->start, token->end - token->start);
}

struct view form_token(const struct form *form, size_t n)
{
	return text_of(form, token_at(form, n));
}

bool form_sees(const struct form *form, size_t n, const char *word)
{
	return form_reads(form) && view_equal(form_token(form, n), view_str(word));
}

bool form_sees_call(const struct form *form, size_t n, const char *function)
{
	const char *prefix = form->style->prefix;
	struct view text = form_reads(form) ? form_token(form, n) : (struct view){NULL, 0};
	size_t size = strlen(prefix);

	return text.size > size && !memcmp(text.data, prefix, size) &&
	       view_equal(view_sub(text, size, text.size - size), view_str(function));
}

void form_differs(struct form *form, const char *expected)
{
	const struct form_token *token = &form->tokens[form->at];
	struct lexer lexer = {.text = form->text};
	struct view found = text_of(form, token);
	char wanted[64], text[64];

	if (form->err.code)
		return;
	err_escape(wanted, sizeof(wanted), expected, strlen(expected));
	err_escape(text, sizeof(text), found.data, found.size);
	err_line(&form->err, -EBADMSG, lexer_line(&lexer, token->start),
		 "this text was not generated for these names and arrays: expected %s, found %s",
		 wanted, token->kind == TOKEN_END ? "the end" : text);
}

/* --- directives --- */

static bool is_word(uint8_t byte)
{
	return isalnum(byte) || byte == '_';
}

static uint8_t byte_at(struct view text, size_t at)
{
	return at < text.size ? text.data[at] : 0;
}

/* The position after the block comment at AT. */
static size_t skip_comment(struct view text, size_t at)
{
	at += 2;
	while (at < text.size && !(byte_at(text, at) == '*' && byte_at(text, at + 1) == '/'))
		at++;
	return at + 2;
}

/* The next piece of the directive TEXT at *AT: a word, <a name>, or one byte; empty at its end. */
static struct view next_piece(struct view text, size_t *at)
{
	size_t start = *at, end;

	for (;;) {
		uint8_t byte = byte_at(text, start), next = byte_at(text, start + 1);

		if (byte == ' ' || byte == '\t' || byte == '\r')
			start++;
		else if (byte == '/' && next == '*')
			start = skip_comment(text, start);
		else
			break;
	}
	if (start >= text.size || (text.data[start] == '/' && byte_at(text, start + 1) == '/')) {
		*at = text.size;
		return (struct view){NULL, 0};
	}
	end = start + 1;
	while (is_word(text.data[start]) && is_word(byte_at(text, end)))
		end++;
	if (text.data[start] == '<') {
		while (end < text.size && text.data[end - 1] != '>')
			end++;
	}
	*at = end;
	return view_sub(text, start, end - start);
}

static bool same_directive(struct view a, struct view b)
{
	size_t at_a = 0, at_b = 0;

	/* No rendering has a line splice; in a comment it could split the end. */
	if (memchr(a.data, '\\', a.size))
		return false;
	for (;;) {
		struct view piece_a = next_piece(a, &at_a), piece_b = next_piece(b, &at_b);

		if (!view_equal(piece_a, piece_b))
			return false;
		if (!piece_a.size)
			return true;
	}
}

bool form_sees_directive(const struct form *form, const char *text)
{
	return form_reads(form) && token_at(form, 0)->kind == TOKEN_DIRECTIVE &&
	       same_directive(form_token(form, 0), view_of(text, strcspn(text, "\n")));
}

/* --- tokens --- */

/* Read the adjacent literals that come next, which a compiler joins, into SINK. */
static void read_literals(struct form *form, struct buf *sink)
{
	struct lexer lexer = {.text = form->text, .err = &form->err};
	int rc = 0;

	while (!rc && form->tokens[form->at].kind == TOKEN_STRING) {
		size_t at = form->tokens[form->at++].start;

		rc = lexer_literal(&lexer, &at, sink);
	}
	if (!rc && sink->failed)
		err_nomem(&form->err);
}

static bool same_literal(struct form *form, struct view wanted)
{
	size_t start = form->at;

	form->literal.size = 0;
	read_literals(form, &form->literal);
	if (form->err.code || view_equal(buf_view(&form->literal), wanted))
		return true;
	form->at = start;
	return false;
}

/* Compare the next token with TOKEN of the expected text, and skip it. */
static void take_same(struct form *form, struct lexer *wanted, struct token token)
{
	const struct form_token *own = &form->tokens[form->at];
	struct view text = lexer_text(wanted, token);
	char expected[64];
	bool same;

	if (own->kind != token.kind)
		same = false;
	else if (token.kind == TOKEN_STRING)
		same = same_literal(form, buf_view(&wanted->scratch));
	else if (token.kind == TOKEN_DIRECTIVE)
		same = same_directive(text_of(form, own), text);
	else
		same = view_equal(text_of(form, own), text);
	if (!same) {
		snprintf(expected, sizeof(expected), "%.*s", (int)text.size,
			 (const char *)text.data);
		form_differs(form, expected);
	} else if (token.kind != TOKEN_STRING) {
		form->at++;
	}
}

static void take_wanted(struct form *form)
{
	struct err ignored;
	struct lexer wanted = {.text = buf_view(&form->wanted), .err = &ignored};
	struct token token;

	while (!form->err.code) {
		if (lexer_next(&wanted, &token)) {
			err_nomem(&form->err);
			break;
		}
		if (token.kind == TOKEN_END)
			break;
		take_same(form, &wanted, token);
	}
	buf_free(&wanted.scratch);
}

/* Write TEXT with NAMES in it, or read it. */
static void put(struct form *form, const char *text, const struct lskel_names *names)
{
	struct buf *out = form->out ?: &form->wanted;

	form->wanted.size = 0;
	if (names)
		lskel_put(out, text, names);
	else
		buf_add_str(out, text);
	if (form->out)
		return;
	if (form->wanted.failed)
		err_nomem(&form->err);
	else
		take_wanted(form);
}

void form_put(struct form *form, const char *text, const char *ident)
{
	const struct lskel_names names = {form->skel->name, ident,
					  form->style ? form->style->prefix : ""};

	put(form, text, &names);
}

void form_put_verbatim(struct form *form, const char *text)
{
	put(form, text, NULL);
}

/* --- numbers and literals --- */

void form_put_number(struct form *form, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	form_put(form, digits, "");
}

uint64_t form_take_number(struct form *form)
{
	struct view text = form_token(form, 0);
	uint64_t number = 0;

	for (size_t i = 0; i < text.size; i++) {
		if (!isdigit(text.data[i]) || text.size > 10) {
			form_differs(form, "a number");
			return 0;
		}
		number = 10 * number + (uint64_t)(text.data[i] - '0');
	}
	/* No leading zero: to a compiler, 010 is another number. */
	form_put_number(form, number);
	return number;
}

void form_put_bytes(struct form *form, struct view bytes)
{
	if (form->out) {
		buf_add_str(form->out, "\"\\\n");
		lskel_put_bytes(form->out, bytes);
		buf_add_str(form->out, "\"");
	} else {
		form_take_bytes(form, NULL);
	}
}

void form_take_bytes(struct form *form, struct buf *bytes)
{
	if (form->err.code)
		return;
	if (form->tokens[form->at].kind != TOKEN_STRING)
		form_differs(form, "a string literal");
	else if (bytes)
		read_literals(form, bytes);
	while (form->tokens[form->at].kind == TOKEN_STRING)
		form->at++;
}
