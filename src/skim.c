// SPDX-License-Identifier: BSD-2-Clause
#include "skim.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/util.h"

/*
 * Every light skeleton declares an object of the first, perhaps by a macro, and includes the
 * second. Or it contains our own run-time part with its guard: then the name of its type starts
 * with the third and ends with the fourth, and any name of that part stands for the include.
 */
#define WORD_TYPE    "bpf_loader_ctx"
#define WORD_INCLUDE "skel_internal"
#define WORD_OWN     "bpf_chainsign_rt"
#define WORD_OWN_CTX "_ctx"
#define WORD_GUARD   "BPF_CHAINSIGN_RT"

/* --- in pieces --- */

static bool has(struct view text, const char *word)
{
	return text.size && memmem(text.data, text.size, word, strlen(word));
}

static bool has_word(struct view text)
{
	return has(text, WORD_TYPE) || has(text, WORD_INCLUDE) || has(text, WORD_OWN);
}

/*
 * Whether to drop BYTE before the search: NUL, so that UTF-16 becomes ASCII, and all that line
 * splices, with trigraphs too, consist of. This drops more than a compiler would; skim_text() is
 * exact.
 */
static bool is_filler(struct skim *skim, uint8_t byte)
{
	bool escaped = skim->escaped;

	skim->escaped = byte == '\\' || byte == '?' ||
			(escaped && (isspace(byte) || !byte || byte == '/'));
	return !byte || skim->escaped;
}

/* Search PIECE without such bytes, in overlapping blocks. */
static void skim_filled(struct skim *skim, struct view piece)
{
	char block[4096];
	size_t size = skim->size;

	memcpy(block, skim->last, size);
	for (size_t i = 0; i < piece.size && !skim->found; i++) {
		if (is_filler(skim, piece.data[i]))
			continue;
		block[size++] = (char)piece.data[i];
		if (size < sizeof(block))
			continue;
		skim->found = has_word(view_of(block, size));
		memmove(block, block + size - SKIM_WORD_MAX, SKIM_WORD_MAX);
		size = SKIM_WORD_MAX;
	}
	skim->found |= has_word(view_of(block, size));
	skim->size = size < SKIM_WORD_MAX ? size : SKIM_WORD_MAX;
	memcpy(skim->last, block + size - skim->size, skim->size);
}

void skim_piece(struct skim *skim, struct view piece)
{
	if (!skim->found)
		skim_filled(skim, piece);
}

/* --- the whole file --- */

bool skim_is_c(const char *file)
{
	static const char *const suffixes[] = {".h",   ".c",   ".hh",  ".cc",  ".hpp",
					       ".cpp", ".hxx", ".cxx", ".inc", ".i",
					       ".inl", ".ipp", ".c++", ".h++"};
	const char *dot = strrchr(file, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++) {
		if (!strcasecmp(dot, suffixes[i]))
			return true;
	}
	return false;
}

/* The size of a line splice, as gcc defines it, at offset AT of TEXT; 0: none. */
static size_t splice_size(struct view text, size_t at)
{
	size_t end = at + 1;

	if (text.data[at] != '\\')
		return 0;
	while (end < text.size && text.data[end] != '\n' && isspace(text.data[end]))
		end++;
	return end < text.size && text.data[end] == '\n' ? end + 1 - at : 0;
}

/* TEXT without line splices, and with a space for each NUL, as gcc treats them. */
static void make_logical(struct view text, struct buf *ret)
{
	size_t size = 0;
	uint8_t *to;

	buf_reserve(ret, text.size);
	if (ret->failed)
		return;
	to = ret->data;
	for (size_t at = 0, splice; at < text.size; at += splice ?: 1) {
		splice = splice_size(text, at);
		if (!splice)
			to[size++] = text.data[at] ?: ' ';
	}
	ret->size = size;
}

/* What was read since the name of the type, and so what may follow. */
enum follows {
	NOTHING, /* not after the name of the type */
	ANY,
	NAME, /* a name came after it: that of an object, if punctuation of C follows */
};

struct scan {
	struct view text;
	size_t at;
	bool is_c;
	enum follows follows;
	bool after_struct;  /* the last token was "struct" */
	bool of_struct;	    /* "struct" came before the name of the type */
	bool line_begins;   /* only spaces and comments in this line so far */
	bool is_directive;  /* in a preprocessor directive */
	bool includes;	    /* a directive includes WORD_INCLUDE, or C uses a name of WORD_OWN */
	bool loads;	    /* NAME__load, or the function that it calls, occurs */
	bool raw, could_be; /* a raw string occurs; the answer so far */
};

static bool is_word(uint8_t byte)
{
	return isalnum(byte) || byte == '_' || byte == '$' || byte >= 0x80;
}

static bool scan_has(const struct scan *scan, const char *text)
{
	size_t size = strlen(text);

	return scan->text.size - scan->at >= size &&
	       !memcmp(scan->text.data + scan->at, text, size);
}

/* Skip a comment: to the end of its line, past its end, or to the end of the text. */
static void skip_comment(struct scan *scan)
{
	bool is_line = scan_has(scan, "//");
	struct view rest = view_sub(scan->text, scan->at + 2, scan->text.size - scan->at - 2);
	const uint8_t *end = is_line ? memchr(rest.data, '\n', rest.size)
				     : memmem(rest.data, rest.size, "*/", 2);

	scan->at = end ? (size_t)(end - scan->text.data) + (is_line ? 0 : 2) : scan->text.size;
}

/* Skip a literal, which must end in its line: compilers refuse others. */
static void skip_literal(struct scan *scan)
{
	const uint8_t *data = scan->text.data;
	const uint8_t quote = data[scan->at++];

	while (scan->at < scan->text.size && data[scan->at] != quote && data[scan->at] != '\n')
		scan->at += data[scan->at] == '\\' && scan->at + 1 < scan->text.size &&
					    data[scan->at + 1] != '\n'
				    ? 2
				    : 1;
	if (scan->at < scan->text.size && data[scan->at] == quote)
		scan->at++;
}

/*
 * A word after the name of the type: in C it declares an object; elsewhere only if the text does
 * not continue like prose.
 */
static void see_name(struct scan *scan, struct view word)
{
	if (view_equal(word, view_lit("const")) || view_equal(word, view_lit("volatile")))
		return;
	scan->could_be |= scan->is_c || *word.data == '_';
	scan->follows = scan->follows == ANY ? NAME : NOTHING;
}

/* Read a word, or a number, in which apostrophes may separate digits. */
static struct view next_word(struct scan *scan)
{
	const uint8_t *data = scan->text.data;
	const size_t begin = scan->at, size = scan->text.size;
	const bool is_number = isdigit(data[begin]);

	while (scan->at < size &&
	       (is_word(data[scan->at]) || (is_number && data[scan->at] == '\'' &&
					    scan->at + 1 < size && is_word(data[scan->at + 1]))))
		scan->at++;
	return view_sub(scan->text, begin, scan->at - begin);
}

static bool is_own(struct view word)
{
	const size_t size = sizeof(WORD_OWN) - 1;

	return word.size > size && !memcmp(word.data, WORD_OWN, size);
}

static bool is_type(struct view word)
{
	const size_t size = sizeof(WORD_OWN_CTX) - 1;

	return view_equal(word, view_lit(WORD_TYPE)) ||
	       (is_own(word) &&
		view_equal(view_sub(word, word.size - size, size), view_lit(WORD_OWN_CTX)));
}

static void see_word(struct scan *scan)
{
	struct view word = next_word(scan), end;

	end = word.size > 6 ? view_sub(word, word.size - 6, 6) : word;
	scan->loads |= view_equal(end, view_lit("__load")) ||
		       view_equal(word, view_lit("bpf_load_and_run"));
	scan->raw |= word.data[word.size - 1] == 'R' && scan_has(scan, "\"");
	scan->includes |= scan->is_c && is_own(word);
	if (is_type(word)) {
		scan->could_be |= scan->is_directive;
		scan->follows = ANY;
		scan->of_struct = scan->after_struct;
	} else if (scan->follows) {
		see_name(scan, word);
	}
	scan->after_struct = view_equal(word, view_lit("struct"));
}

static void see_punctuation(struct scan *scan, uint8_t byte)
{
	enum follows before = scan->follows;

	scan->follows = NOTHING;
	if (before == NAME && byte == ',')
		scan->follows = ANY; /* another declarator may follow */
	else if (before == NAME)
		scan->could_be |= byte == ';' || byte == '=' || byte == '{' ||
				  (byte == '[' && scan->of_struct);
	else if (before == ANY)
		scan->could_be |= scan->of_struct && (byte == '(' || byte == '[');
	scan->after_struct = false;
	scan->at++;
}

/* A directive. One that includes is skipped to the end of its line. */
static void see_directive(struct scan *scan)
{
	struct view rest = view_sub(scan->text, scan->at, scan->text.size - scan->at);
	const uint8_t *end = memchr(rest.data, '\n', rest.size);

	if (end)
		rest.size = (size_t)(end - rest.data);
	scan->includes |= has(rest, WORD_INCLUDE) && has(rest, "include");
	scan->could_be |= has(rest, WORD_GUARD);
	scan->is_directive = true;
	scan->at++;
}

static void see_space(struct scan *scan, uint8_t byte)
{
	if (byte == '\n') {
		scan->line_begins = true;
		scan->is_directive = false;
	}
	scan->at++;
}

static void scan_one(struct scan *scan)
{
	const uint8_t byte = scan->text.data[scan->at];
	const bool begins = scan->line_begins;

	if (isspace(byte)) {
		see_space(scan, byte);
		return;
	}
	if (scan_has(scan, "/*") || scan_has(scan, "//")) {
		skip_comment(scan);
		return;
	}
	scan->line_begins = false;
	if (begins && (byte == '#' || scan_has(scan, "%:")))
		see_directive(scan);
	else if (byte == '"' || byte == '\'')
		skip_literal(scan);
	else if (is_word(byte))
		see_word(scan);
	else
		see_punctuation(scan, byte);
}

/* Whether TEXT has a trigraph for a backslash, a number sign, an opening bracket or a brace. */
static bool has_trigraph(struct view text)
{
	return has(text, "?\?/") || has(text, "?\?=") || has(text, "?\?(") || has(text, "?\?<");
}

bool skim_text(struct view text, bool is_c)
{
	_buf_ struct buf logical = {0};
	struct scan scan = {.is_c = is_c, .line_begins = true};

	make_logical(text, &logical);
	scan.text = buf_view(&logical);
	/* UTF-16 or trigraphs, which are not analyzed */
	if (logical.failed || !has_word(scan.text) || has_trigraph(scan.text))
		return true;
	while (scan.at < scan.text.size && !scan.could_be)
		scan_one(&scan);
	/* raw strings are not analyzed either */
	return scan.could_be || scan.raw || (scan.includes && scan.loads);
}
