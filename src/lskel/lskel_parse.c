// SPDX-License-Identifier: BSD-2-Clause
/*
 * The declarations of a header, from top to bottom. Only two matter: the struct, because of
 * keyring_id, and the load function (lskel_load.c). The others are skipped but must be complete,
 * because bpftool leaves a truncated header if it fails.
 */
#include "lskel/lskel_parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"
#include "members.h"

/* Each takes 12 bytes; a section's member and its assertion have some 25 tokens. */
#define TOKENS_MAX ((size_t)4 << 20)

void lskel_free(struct lskel *lskel)
{
	free(lskel->name);
	skel_free(&lskel->skel);
	buf_free(&lskel->own);
	buf_free(&lskel->own_member);
	buf_free(&lskel->own_enforce);
	image_free(&lskel->image);
	*lskel = (struct lskel){0};
}

static bool contains(struct view text, const char *word)
{
	return text.size && memmem(text.data, text.size, word, strlen(word));
}

bool lskel_is(struct view text)
{
	return contains(text, "bpf_loader_ctx") || contains(text, "skel_internal.h") ||
	       contains(text, LSKEL_RUNTIME_ANY);
}

int parse_error(struct parser *p, size_t at, const char *what)
{
	return err_line(p->lexer.err, -EBADMSG, lexer_line(&p->lexer, at), "%s", what);
}

int parse_suspect(struct parser *p, size_t at, const char *what)
{
	if (!p->lskel.text_why.code)
		err_line(&p->lskel.text_why, -EBADMSG, lexer_line(&p->lexer, at), "%s", what);
	return 0;
}

int parse_too_new(struct parser *p)
{
	return err_set(p->lexer.err, -ENOTSUP,
		       "the revision of its run-time part is too new for this version: use a newer "
		       "bpf-chainsign");
}

int parse_truncated(struct parser *p, const char *missing)
{
	return err_line(p->lexer.err, -EBADMSG, lexer_line(&p->lexer, p->lexer.text.size),
			"%s is missing: the header ends after %s (was bpftool interrupted? "
			"generate the header again)",
			missing, p->after[0] ? p->after : "its first lines");
}

int parse_unexpected(struct parser *p, const char *expected)
{
	struct view found = lexer_text(&p->lexer, p->token);
	char text[64];

	if (p->token.kind == TOKEN_END)
		return parse_truncated(p, expected);
	err_escape(text, sizeof(text), found.data, found.size);
	return err_line(p->lexer.err, -EBADMSG, lexer_line(&p->lexer, p->token.start),
			"unexpected %s: expected %s", text, expected);
}

static bool view_is(struct view view, const char *word)
{
	return view_equal(view, view_str(word));
}

static int note_token(struct parser *p, struct token token)
{
	struct form_token own = {token.kind, (uint32_t)token.start, (uint32_t)token.end};

	if (p->tokens.size / sizeof(own) == TOKENS_MAX)
		return err_set(p->lexer.err, -E2BIG, "the header has more than %zu tokens",
			       TOKENS_MAX);
	buf_add(&p->tokens, &own, sizeof(own));
	return 0;
}

void parse_again(struct parser *p, size_t at)
{
	const struct form_token *tokens = (const void *)p->tokens.data;
	size_t nr = p->tokens.size / sizeof(*tokens);

	while (nr && tokens[nr - 1].start >= at)
		nr--;
	p->tokens.size = nr * sizeof(*tokens);
	p->lexer.at = at;
}

int parse_next(struct parser *p)
{
	struct token token;
	int rc;

	do {
		rc = lexer_next(&p->lexer, &token);
		if (!rc)
			rc = note_token(p, token);
		if (!rc && token.kind == TOKEN_DIRECTIVE)
			rc = parse_directive(p, token);
	} while (!rc && token.kind == TOKEN_DIRECTIVE);
	if (rc)
		return rc;
	p->token = token;
	return 0;
}

static bool parse_is(const struct parser *p, struct token token, const char *word)
{
	return view_is(lexer_text(&p->lexer, token), word);
}

bool parse_at(const struct parser *p, const char *word)
{
	return parse_is(p, p->token, word);
}

bool parse_is_name(const struct parser *p, struct token token, const char *suffix)
{
	struct view text = lexer_text(&p->lexer, token);
	size_t size = p->name_size;

	return size && text.size > size && !memcmp(text.data, p->lskel.name, size) &&
	       view_is(view_sub(text, size, text.size - size), suffix);
}

bool parse_is_runtime(const struct parser *p, const char *own, const char *suffix)
{
	return p->runtime[1] &&
	       (p->runtime_conds ? parse_at(p, own) : parse_is_name(p, p->token, suffix));
}

int parse_skip(struct parser *p, const char *words)
{
	char expected[80];
	int rc = 0;

	while (!rc && *words) {
		struct view word = view_of(words, strcspn(words, " "));

		if (view_equal(lexer_text(&p->lexer, p->token), word)) {
			rc = parse_next(p);
		} else {
			err_escape(expected, sizeof(expected), word.data, word.size);
			rc = parse_unexpected(p, expected);
		}
		words += word.size;
		words += strspn(words, " ");
	}
	return rc;
}

int parse_block(struct parser *p)
{
	size_t depth = 1;
	int rc = 0;

	while (!rc) {
		if (p->token.kind == TOKEN_END)
			return parse_truncated(p, "a closing brace");
		if (parse_at(p, "{"))
			depth++;
		else if (parse_at(p, "}") && !--depth)
			break;
		rc = parse_next(p);
	}
	return rc;
}

/* The start of the line of byte AT if only blanks precede AT; else AT. */
static size_t line_start(struct view text, size_t at)
{
	size_t start = at;

	while (start && (text.data[start - 1] == ' ' || text.data[start - 1] == '\t'))
		start--;
	return !start || text.data[start - 1] == '\n' ? start : at;
}

/* The position after the next newline if only blanks precede it; else AT. */
static size_t line_end(struct view text, size_t at)
{
	size_t end = at;

	while (end < text.size &&
	       (text.data[end] == ' ' || text.data[end] == '\t' || text.data[end] == '\r'))
		end++;
	return end < text.size && text.data[end] == '\n' ? end + 1 : at;
}

/* The range of a member in the text: its whole line, or from the blanks before it. */
static void found_member(struct parser *p, size_t start, size_t end, size_t ret[2])
{
	struct view text = p->lexer.text;
	size_t first = line_start(text, start), last = line_end(text, end);
	bool is_line = last > end && text.data[first - 1] == '\n';

	while (!is_line && (text.data[start - 1] == ' ' || text.data[start - 1] == '\t'))
		start--;
	ret[0] = is_line ? first : start;
	ret[1] = is_line ? last : end;
}

/*
 * Where to add LINE, which goes to OWN: after the text from START to END, with the indentation of
 * START.
 */
static int place_line(struct parser *p, size_t start, size_t end, const char *line, struct buf *own,
		      size_t ret[2])
{
	struct view text = p->lexer.text;
	size_t after = line_end(text, end), indent = line_start(text, start);

	own->size = 0;
	buf_add_view(own, after == end ? view_str(" ") : view_sub(text, indent, start - indent));
	buf_add_str(own, line);
	if (after != end)
		buf_add_str(own, p->lskel.crlf ? "\r\n" : "\n");
	ret[0] = ret[1] = after;
	return buf_done(own, p->lexer.err);
}

/* keyring_id belongs after the member whose last line starts at START. */
static int place_member(struct parser *p, size_t start, size_t end)
{
	return place_line(p, start, end, LSKEL_MEMBER, &p->lskel.own_member, p->member);
}

/* A member of our own form, or of that of releases 0.1.0 and 0.2.0. */
static int found_added(struct parser *p, struct view name, size_t start, size_t end)
{
	const bool is_first = view_is(name, "enforce") || view_is(name, "allow_unsigned");
	size_t range[2];
	char what[64];

	if (!is_first && !view_is(name, "loaded_as") && !view_is(name, "why"))
		return 0;
	snprintf(what, sizeof(what), "%.*s %s", (int)name.size, (const char *)name.data,
		 p->lskel.has_member ? "is declared twice" : "must come after keyring_id");
	if (!p->lskel.has_member || (is_first && p->added[1]))
		return parse_error(p, start, what);
	found_member(p, start, end, range);
	if (!p->added[1])
		p->added[0] = range[0];
	p->added[1] = range[1];
	return 0;
}

/* One member of the struct, its semicolon included. */
static int read_member(struct parser *p)
{
	static const char *const ahead[] = {"maps", "progs", "links"};
	size_t start = p->token.start, closing = start, end;
	struct view name = {NULL, 0};
	int rc = 0;

	while (!rc && !parse_at(p, ";")) {
		if (p->token.kind == TOKEN_END || parse_at(p, "}"))
			return parse_unexpected(p, "a member of the struct");
		if (p->token.kind == TOKEN_IDENT)
			name = lexer_text(&p->lexer, p->token);
		if (parse_at(p, "{")) {
			rc = parse_next(p);
			if (!rc)
				rc = parse_block(p);
			closing = p->token.start;
		}
		if (!rc)
			rc = parse_next(p);
	}
	end = p->token.end;
	if (!rc)
		rc = parse_next(p);
	if (!rc && view_is(name, "keyring_id")) {
		if (p->lskel.has_member)
			return parse_error(p, start, "keyring_id is declared twice");
		found_member(p, start, end, p->member);
		p->lskel.has_member = true;
	} else if (!rc) {
		rc = found_added(p, name, start, end);
	}
	for (size_t i = 0; !rc && i < ARRAY_SIZE(ahead); i++) {
		if (view_is(name, ahead[i]) && !p->lskel.has_member)
			rc = place_member(p, closing, end);
	}
	return rc;
}

/* The skeleton's struct, from after its first member. */
static int read_members(struct parser *p)
{
	int rc = 0;

	while (!rc && !parse_at(p, "}"))
		rc = read_member(p);
	snprintf(p->after, sizeof(p->after), "struct %s", p->lskel.name);
	return rc;
}

/* Remember the skeleton's name. A second skeleton is an error. */
static int set_name(struct parser *p, struct view name, size_t at)
{
	if (p->lskel.name)
		return err_line(p->lexer.err, -ENOTSUP, lexer_line(&p->lexer, at),
				"the file has a second skeleton: put each into its own file");
	if (p->nr_conds > 1)
		parse_suspect(p, at, "the skeleton's struct is inside an #if");
	if (!members_is_name(name))
		return parse_error(
			p, at,
			"the name of the skeleton's struct is not a C identifier, or too "
			"long");
	p->lskel.name = view_strdup(name);
	p->name_size = name.size;
	return p->lskel.name ? 0 : err_nomem(p->lexer.err);
}

/*
 * struct NAME { struct bpf_loader_ctx ctx; ... }, from after the brace. Other structs are skipped.
 */
static int read_struct(struct parser *p, struct view name)
{
	static const char *const ctx[] = {"struct", "bpf_loader_ctx", "ctx"};
	size_t start = p->token.start, end;
	bool is_alone = false;
	int rc = 0;

	for (size_t i = 0; !rc && i < ARRAY_SIZE(ctx); i++) {
		is_alone |= i == 1 && parse_at(p, LSKEL_RUNTIME_CTX);
		if (!parse_at(p, ctx[i]) && !(i == 1 && is_alone))
			return parse_block(p);
		rc = parse_next(p);
	}
	if (!rc)
		rc = set_name(p, name, start);
	p->lskel.is_alone = is_alone;
	end = p->token.end;
	p->no_directives = true;
	if (!rc)
		rc = parse_skip(p, ";");
	if (!rc)
		rc = place_member(p, start, end);
	if (!rc)
		rc = read_members(p);
	p->no_directives = false;
	return rc;
}

/*
 * The body of a struct; the current token is its opening brace, and afterwards its closing brace.
 */
static int read_struct_body(struct parser *p, size_t start, struct token name)
{
	int rc;

	if (parse_is_name(p, name, LSKEL_OLD_STRUCT)) {
		if (p->runtime[0])
			return parse_error(p, start, "the header has two run-time parts");
		p->runtime[0] = start;
	}
	rc = parse_next(p);
	return rc ? rc : read_struct(p, lexer_text(&p->lexer, name));
}

/* The load function, from its name to its closing brace. */
static int read_load(struct parser *p, size_t start, struct token name)
{
	int rc;

	if (p->load[1])
		return err_line(p->lexer.err, -ENOTSUP, lexer_line(&p->lexer, start),
				"%s__load() is defined twice", p->lskel.name);
	if (p->nr_conds > 1)
		parse_suspect(p, start, "the load function is inside an #if");
	p->no_directives = true;
	parse_again(p, name.end);
	rc = parse_next(p);
	if (!rc)
		rc = parse_skip(p, "( struct");
	if (!rc)
		rc = parse_skip(p, p->lskel.name);
	if (!rc)
		rc = parse_skip(p, "* skel )");
	p->load[0] = start;
	p->load[1] = p->token.end;
	if (!rc)
		rc = parse_skip(p, "{");
	if (!rc)
		rc = parse_load(p);
	p->no_directives = false;
	/* The current token is still the call's semicolon, because a directive may follow. */
	p->load[2] = p->token.end;
	return rc ? rc : parse_block(p);
}

/* The rest of a statement of the open function; the semicolon is the current token. */
static int read_statement(struct parser *p, size_t *ret)
{
	int rc = 0;

	while (!rc && !parse_at(p, ";")) {
		if (p->token.kind == TOKEN_END || parse_at(p, "}"))
			return parse_unexpected(p, ";");
		rc = parse_next(p);
	}
	*ret = p->token.end;
	return rc;
}

/*
 * The open function, from its opening to its closing brace. After "skel->ctx.sz = ...;" stands
 * "skel->enforce = 1;", or belongs there. The whole text is compared later.
 */
static int read_open(struct parser *p)
{
	size_t depth = 1, start = 0, end;
	int rc = parse_next(p);

	while (!rc) {
		if (p->token.kind == TOKEN_END)
			return parse_truncated(p, "a closing brace");
		if (parse_at(p, "{"))
			depth++;
		else if (parse_at(p, "}") && !--depth)
			break;
		if (parse_at(p, "skel"))
			start = p->token.start;
		if (start && !p->enforce[1] && parse_at(p, "sz")) {
			rc = read_statement(p, &end);
			if (!rc)
				rc = place_line(p, start, end, LSKEL_ENFORCE, &p->lskel.own_enforce,
						p->enforce);
		} else if (p->enforce[0] && p->enforce[0] == p->enforce[1] &&
			   parse_at(p, "enforce")) {
			rc = read_statement(p, &end);
			if (!rc)
				found_member(p, start, end, p->enforce);
		}
		if (!rc)
			rc = parse_next(p);
	}
	return rc;
}

/*
 * The body of function NAME; the current token is its opening brace, and afterwards its closing
 * brace.
 */
static int read_body(struct parser *p, size_t start, struct token name)
{
	struct view text = lexer_text(&p->lexer, name);
	int rc;

	if (parse_is_name(p, name, "__load")) {
		rc = read_load(p, start, name);
	} else if (parse_is_name(p, name, "__open") && !p->enforce[1]) {
		rc = read_open(p);
	} else {
		rc = parse_next(p);
		if (!rc)
			rc = parse_block(p);
	}
	if (!rc && p->runtime[0] && parse_is_name(p, name, LSKEL_OLD_CALL)) {
		if (p->runtime[1])
			return parse_error(p, name.start,
					   "the header has two ends of a run-time part");
		p->runtime[1] = p->token.end;
	}
	snprintf(p->after, sizeof(p->after), "%.*s()", (int)(text.size < 120 ? text.size : 120),
		 (const char *)text.data);
	return rc;
}

/* A declaration, or the definition of a function or type. */
static int read_declaration(struct parser *p)
{
	struct token last[2] = {{TOKEN_END, 0, 0}, {TOKEN_END, 0, 0}}, name = last[0];
	size_t start = p->token.start, parens = 0;
	int rc = 0;

	while (!rc && (parens || !parse_at(p, ";"))) {
		bool is_body = parse_at(p, "{");
		struct token token = p->token;

		if (token.kind == TOKEN_END || parse_at(p, "}"))
			return parse_unexpected(p, "the end of a declaration");
		if (is_body && parse_is(p, last[0], ")")) {
			rc = read_body(p, start, name);
			return rc ? rc : parse_next(p);
		}
		if (is_body && parse_is(p, last[1], "struct")) {
			rc = read_struct_body(p, start, last[0]);
		} else if (is_body) {
			rc = parse_next(p);
			if (!rc)
				rc = parse_block(p);
		} else if (parse_at(p, "(") && !parens++) {
			name = last[0];
		} else if (parse_at(p, ")") && parens) {
			parens--;
		}
		last[1] = last[0];
		last[0] = token;
		if (!rc)
			rc = parse_next(p);
	}
	return rc ? rc : parse_next(p);
}

/* Split the text into the parts that are kept and those that are rewritten. */
static int cut(struct parser *p)
{
	struct view text = p->lexer.text;
	struct lskel *lskel = &p->lskel;
	bool has_runtime = p->runtime[1] > 0, is_first = lskel->is_alone;
	/* With the empty line behind it. */
	size_t behind = line_end(text, line_end(text, p->runtime[1]));
	size_t mid_end = has_runtime && !is_first ? p->runtime[0] : p->load[0];
	size_t decl = has_runtime && !is_first ? behind : p->load[0];
	size_t added = p->added[1] ? p->added[0] : p->member[1];
	size_t mid = p->added[1] ? p->added[1] : p->member[1];
	size_t head = is_first ? behind : 0;
	/* Without a place for it, nothing is added, and the text is no rendering. */
	size_t enforce = p->enforce[1] ? p->enforce[0] : mid_end;
	size_t rest = p->enforce[1] ? p->enforce[1] : mid_end;

	if (has_runtime != !!p->runtime[0] || (is_first && !p->runtime_conds) ||
	    head > p->member[0] || added < p->member[1] || mid > enforce || rest > mid_end ||
	    decl > p->load[0])
		return parse_error(p, p->load[0],
				   "the parts of the skeleton are in the wrong order");
	lskel->front = view_sub(text, 0, is_first ? p->runtime[0] : 0);
	lskel->head = view_sub(text, head, p->member[0] - head);
	lskel->member = lskel->has_member
				? view_sub(text, p->member[0], p->member[1] - p->member[0])
				: buf_view(&lskel->own_member);
	lskel->gap = view_sub(text, p->member[1], added - p->member[1]);
	lskel->added = view_sub(text, added, mid - added);
	lskel->mid = view_sub(text, mid, enforce - mid);
	lskel->enforce = rest > enforce ? view_sub(text, enforce, rest - enforce)
					: buf_view(&lskel->own_enforce);
	lskel->rest = view_sub(text, rest, mid_end - rest);
	lskel->decl = view_sub(text, decl, p->load[1] - decl);
	lskel->tail = view_sub(text, p->load[2], text.size - p->load[2]);
	return 0;
}

static int read_header(struct parser *p)
{
	const uint8_t *newline = memchr(p->lexer.text.data, '\n', p->lexer.text.size);
	int rc = lexer_start(&p->lexer);

	p->lskel.crlf = newline && newline > p->lexer.text.data && newline[-1] == '\r';
	if (!rc)
		rc = parse_next(p);
	while (!rc && p->token.kind != TOKEN_END)
		rc = read_declaration(p);
	if (rc)
		return rc;
	if (!p->lskel.name)
		return parse_truncated(p, "the skeleton's struct");
	if (!p->load[1])
		return parse_truncated(p, "the load function");
	if (p->nr_conds)
		return parse_truncated(p, "#endif");
	rc = cut(p);
	return rc ? rc : parse_text(p);
}

int lskel_parse(struct view text, struct lskel *ret, struct err *err)
{
	struct parser p = {.lexer = {.text = text, .err = err}, .lskel = {.source = text}};
	int rc;

	if (!text.size)
		return err_set(err, -EBADMSG, "the header is empty");
	if (text.size > UINT32_MAX)
		return err_set(err, -E2BIG, "the header has more than 4 GiB");
	rc = read_header(&p);
	buf_free(&p.lexer.scratch);
	buf_free(&p.tokens);
	skel_free(&p.names);
	/* If something suspect was found, it is the likely reason of the error. */
	if (rc == -EBADMSG && p.lskel.text_why.code)
		*err = p.lskel.text_why;
	if (rc)
		lskel_free(&p.lskel);
	else
		*ret = p.lskel;
	return rc;
}

unsigned int lskel_line(const struct lskel *lskel, size_t at)
{
	struct lexer lexer = {.text = lskel->source};

	return lexer_line(&lexer, at < lskel->source.size ? at : lskel->source.size);
}

/*
 * Only programs are declared with that type and a name. The struct was parsed already, so it is
 * valid.
 */
struct view lskel_next_prog(const struct lskel *lskel, size_t *at)
{
	const char *type = lskel->is_alone ? LSKEL_RUNTIME_PREFIX "prog_desc" : "bpf_prog_desc";
	struct view text = lskel->head;
	size_t start, end;
	const uint8_t *found;

	found = memmem(text.data + *at, text.size - *at, type, strlen(type));
	if (!found)
		return (struct view){NULL, 0};
	start = (size_t)(found - text.data) + strlen(type);
	while (start < text.size && isspace(text.data[start]))
		start++;
	end = start;
	while (end < text.size && (isalnum(text.data[end]) || text.data[end] == '_'))
		end++;
	*at = end;
	return view_sub(text, start, end - start);
}
