// SPDX-License-Identifier: BSD-2-Clause
/* Directives are not followed, only kept away from what the loader is made of. */
#include <ctype.h>
#include <string.h>

#include "lskel/lskel_parse.h"

static bool view_is(struct view view, const char *word)
{
	return view_equal(view, view_str(word));
}

/* The first word of a directive: "if", "endif"; nothing for one without a word of its own. */
static struct view directive_word(struct view text)
{
	size_t at = 1, end;

	while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	end = at;
	while (end < text.size && text.data[end] >= 'a' && text.data[end] <= 'z')
		end++;
	/* A splice or a comment could go on with the word. */
	if (end < text.size && (text.data[end] == '\\' || (text.data[end] == '/' && end == at)))
		return (struct view){NULL, 0};
	return view_sub(text, at, end - at);
}

/* The identifier behind WORD in a directive; nothing where there is none. */
static struct view directive_name(struct view text, struct view word)
{
	size_t at = (size_t)(word.data + word.size - text.data), end;

	while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	for (end = at; end < text.size && (isalnum(text.data[end]) || text.data[end] == '_');)
		end++;
	return view_sub(text, at, end - at);
}

/* A macro could make anything of the load function: before it, the guard's is the only one. */
static int read_define(struct parser *p, struct view name, size_t at)
{
	if (p->load[2] || (name.size && p->nr_conds == 1 && view_equal(name, p->guard)))
		return 0;
	return parse_suspect(p, at,
			     "a macro other than the include guard before the load function");
}

int parse_directive(struct parser *p, struct token token)
{
	struct view text = lexer_text(&p->lexer, token), word = directive_word(text);

	if (p->no_directives)
		parse_suspect(p, token.start,
			      "a directive inside the skeleton's struct or "
			      "before the call that loads");
	if (!word.size)
		return parse_suspect(p, token.start, "a directive without a plain name");
	if (view_is(word, "ifndef"))
		p->guard = directive_name(text, word);
	if (view_is(word, "if") || view_is(word, "ifdef") || view_is(word, "ifndef"))
		p->nr_conds++;
	else if (view_is(word, "endif") && !p->nr_conds--)
		return parse_error(p, token.start, "#endif without #if");
	else if (p->nr_conds == 1 && word.size >= 2 && !memcmp(word.data, "el", 2))
		return parse_suspect(p, token.start, "#else or #elif of the include guard");
	else if (view_is(word, "define"))
		return read_define(p, directive_name(text, word), token.start);
	return 0;
}
