// SPDX-License-Identifier: BSD-2-Clause
#include "tokens.h"

#include <ctype.h>
#include <string.h>

/* Phase 1: trigraphs, the ends of lines, and what both compilers leave out at the start. */
static void map_characters(struct view text, bool trigraphs, struct buf *ret)
{
	static const char third[] = "=/'()!<>-", single[] = "#\\^[]|{}~";
	size_t at = text.size >= 3 && !memcmp(text.data, "\xef\xbb\xbf", 3) ? 3 : 0;

	for (; at < text.size; at++) {
		const uint8_t *in = text.data + at;
		const char *found = NULL;

		if (trigraphs && at + 2 < text.size && in[0] == '?' && in[1] == '?' && in[2])
			found = strchr(third, in[2]);
		if (found) {
			buf_add(ret, single + (found - third), 1);
			at += 2;
		} else if (in[0] != '\r' || at + 1 == text.size || in[1] != '\n') {
			buf_add(ret, in, 1);
		}
	}
}

/* Phase 2: backslashes at the ends of lines, with blanks behind them as gcc and clang have it. */
static void join_lines(struct view text, struct buf *ret)
{
	for (size_t at = 0; at < text.size; at++) {
		size_t end = at + 1;

		while (end < text.size && text.data[end] && strchr(" \t\v\f", text.data[end]))
			end++;
		if (text.data[at] == '\\' && end < text.size && text.data[end] == '\n')
			at = end;
		else
			buf_add(ret, text.data + at, 1);
	}
	buf_add(ret, "\n\0\0\0\0", 5);
}

struct reader {
	const char *in;
	struct buf *out;
	bool in_line, in_directive, in_literal, is_include;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void put_token(struct reader *r, const char *text, size_t size)
{
	if (r->in_literal)
		buf_add_str(r->out, "\n");
	r->in_literal = false;
	buf_add(r->out, text, size);
	buf_add_str(r->out, "\n");
}

/* Blanks and comments; false: a comment without an end. */
static bool skip_blanks(struct reader *r)
{
	for (;; r->in++) {
		if (*r->in == '\n') {
			if (r->in_directive)
				put_token(r, "<end of directive>", 18);
			r->in_line = r->in_directive = r->is_include = false;
		} else if (!strncmp(r->in, "/*", 2)) {
			r->in = strstr(r->in + 2, "*/");
			if (!r->in)
				return false;
			r->in++;
		} else if (!strncmp(r->in, "//", 2)) {
			r->in = strchr(r->in, '\n') - 1;
		} else if (!*r->in || !strchr(" \t\v\f\r", *r->in)) {
			return true;
		}
	}
}

/* One character of a literal, to *ret. */
static const char *read_char(const char *in, unsigned int *ret)
{
	static const char letters[] = "abfnrtve", values[] = "\a\b\f\n\r\t\v\033";
	const char *found;
	int digits = 0;

	*ret = (unsigned char)*in++;
	if (*ret != '\\')
		return in;
	*ret = (unsigned char)*in;
	if (*in == 'x') {
		for (*ret = 0, in++; isxdigit((unsigned char)*in); in++)
			*ret = 16 * *ret + (unsigned int)(isdigit((unsigned char)*in)
								  ? *in - '0'
								  : tolower(*in) - 'a' + 10);
		return in;
	}
	if (*in >= '0' && *in <= '7') {
		for (*ret = 0; digits < 3 && *in >= '0' && *in <= '7'; in++, digits++)
			*ret = 8 * *ret + (unsigned int)(*in - '0');
		return in;
	}
	found = *in ? strchr(letters, *in) : NULL;
	if (found)
		*ret = (unsigned char)values[found - letters];
	return in + 1;
}

static bool read_literal(struct reader *r)
{
	const char *in = r->in + 1;
	unsigned int byte;

	if (!r->in_literal)
		buf_add_str(r->out, "literal ");
	r->in_literal = true;
	while (*in != '"') {
		if (!*in || *in == '\n')
			return false;
		in = read_char(in, &byte);
		buf_printf(r->out, "%02x", byte);
	}
	r->in = in + 1;
	return true;
}

static size_t token_size(const struct reader *r)
{
	static const char *const longer[] = {"%:%:", "...", "<<=", ">>=", "->", "++", "--", "<<",
					     ">>",   "<=",  ">=",  "==",  "!=", "&&", "||", "*=",
					     "/=",   "%=",  "+=",  "-=",  "&=", "^=", "|=", "##",
					     "<:",   ":>",  "<%",  "%>",  "%:", "::"};
	const char *in = r->in;
	size_t size = 1;

	if (r->is_include && *in == '<')
		return strcspn(in, ">\n") + 1;
	if (isdigit((unsigned char)*in) || (*in == '.' && isdigit((unsigned char)in[1]))) {
		while (is_word(in[size]) || in[size] == '.' ||
		       ((in[size] == '+' || in[size] == '-') && strchr("eEpP", in[size - 1])))
			size++;
		return size;
	}
	if (is_word(*in)) {
		while (is_word(in[size]))
			size++;
		return size;
	}
	if (*in == '\'') {
		while (in[size] != '\'' && in[size] != '\n')
			size += in[size] == '\\' ? 2 : 1;
		return size + 1;
	}
	for (size_t i = 0; i < sizeof(longer) / sizeof(longer[0]); i++) {
		if (!strncmp(in, longer[i], strlen(longer[i])))
			return strlen(longer[i]);
	}
	return 1;
}

/* Phases 3 to 6. */
static bool read_tokens(struct reader *r, const char *end)
{
	while (skip_blanks(r) && r->in < end) {
		size_t size;

		if (!*r->in)
			return false;
		if (*r->in == '"') {
			r->in_line = true;
			if (!read_literal(r))
				return false;
			continue;
		}
		size = token_size(r);
		if (*r->in == '#' && !r->in_line)
			r->in_directive = true;
		r->is_include = r->in_directive && size == 7 && !memcmp(r->in, "include", 7);
		r->in_line = true;
		put_token(r, r->in, size);
		/* A literal with a prefix is another one. */
		if (is_word(*r->in) && (r->in[size] == '"' || r->in[size] == '\''))
			return false;
		r->in += size;
	}
	return r->in >= end;
}

bool tokens_of(struct view text, bool trigraphs, struct buf *ret)
{
	_buf_ struct buf mapped = {0}, joined = {0};
	struct reader r = {.out = ret};

	map_characters(text, trigraphs, &mapped);
	join_lines(buf_view(&mapped), &joined);
	if (mapped.failed || joined.failed || joined.size < 5)
		return false;
	r.in = (const char *)joined.data;
	return read_tokens(&r, r.in + joined.size - 4) && !ret->failed;
}
