// SPDX-License-Identifier: BSD-2-Clause
/*
 * Preprocessor directives. They are not evaluated, but refused where they could change the loader.
 */
#include <ctype.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_parse.h"
#include "lskel/lskel_text.h"

static bool view_is(struct view view, const char *word)
{
	return view_equal(view, view_str(word));
}

/* The first word of a directive: "if", "endif"; empty if it does not begin with a word. */
static struct view directive_word(struct view text)
{
	size_t at = 1, end;

	while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	end = at;
	while (end < text.size && islower(text.data[end]))
		end++;
	/* A line splice or a comment could continue the word. */
	if (end < text.size && (text.data[end] == '\\' || (text.data[end] == '/' && end == at)))
		return (struct view){NULL, 0};
	return view_sub(text, at, end - at);
}

/* The identifier after WORD in a directive; empty if there is none. */
static struct view directive_name(struct view text, struct view word)
{
	size_t at = (size_t)(word.data + word.size - text.data), end;

	while (at < text.size && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	for (end = at; end < text.size && (isalnum(text.data[end]) || text.data[end] == '_');)
		end++;
	return view_sub(text, at, end - at);
}

/* Whether NAME is the guard of a part that only some headers need. */
static bool is_part(struct view name)
{
	for (size_t i = 0; i < form_pieces_nr; i++) {
		const char *guard = form_pieces[i].text + strlen("#ifndef ");

		if (form_pieces[i].part != FORM_PART_ALL &&
		    view_equal(name, view_of(guard, strcspn(guard, "\n"))))
			return true;
	}
	return false;
}

/* A macro could change the load function, so only the include guard's may come before it. */
static int read_define(struct parser *p, struct view name, size_t at)
{
	if (p->load[2] || (name.size && p->nr_conds == 1 && view_equal(name, p->guard)))
		return 0;
	if (p->runtime_conds && p->nr_conds == p->runtime_conds && view_equal(name, p->guard) &&
	    (p->runtime[1] ? is_part(name) : view_is(name, LSKEL_RUNTIME_GUARD)))
		return 0;
	return parse_suspect(p, at,
			     "a macro other than the include guard is defined before the load "
			     "function");
}

/*
 * The run-time part begins with a guard of its own, and so do the parts that follow it; what is in
 * them, lskel_match.c compares.
 */
static int read_ifndef(struct parser *p, struct view name, size_t at)
{
	const size_t size = strlen(LSKEL_RUNTIME_GUARDS);

	p->guard = name;
	p->nr_conds++;
	if (name.size < size || memcmp(name.data, LSKEL_RUNTIME_GUARDS, size))
		return 0;
	if (p->runtime[1] && is_part(name))
		return 0;
	if (!view_is(name, LSKEL_RUNTIME_GUARD))
		return parse_too_new(p);
	if (p->runtime[0])
		return parse_error(p, at, "the header has two run-time parts");
	p->runtime[0] = at;
	p->runtime_conds = p->nr_conds;
	return 0;
}

static int read_endif(struct parser *p, struct token token)
{
	if (!p->nr_conds)
		return parse_error(p, token.start, "#endif without #if");
	if (p->nr_conds-- == p->runtime_conds && !p->runtime[1])
		p->runtime[1] = token.end;
	return 0;
}

int parse_directive(struct parser *p, struct token token)
{
	struct view text = lexer_text(&p->lexer, token), word = directive_word(text);

	if (p->no_directives)
		parse_suspect(p, token.start,
			      "a preprocessor directive inside the skeleton's struct or before "
			      "the call that loads");
	if (!word.size)
		return parse_suspect(p, token.start,
				     "a preprocessor directive without a plain "
				     "name");
	if (view_is(word, "ifndef"))
		return read_ifndef(p, directive_name(text, word), token.start);
	if (view_is(word, "if") || view_is(word, "ifdef"))
		p->nr_conds++;
	else if (view_is(word, "endif"))
		return read_endif(p, token);
	else if (p->nr_conds == 1 && word.size >= 2 && !memcmp(word.data, "el", 2))
		return parse_suspect(p, token.start, "the include guard has an #else or #elif");
	else if (view_is(word, "define"))
		return read_define(p, directive_name(text, word), token.start);
	return 0;
}
