// SPDX-License-Identifier: BSD-2-Clause
#include "members.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The deepest nesting of structs and brackets that is accepted; more than any real code has. */
#define DEPTH_MAX 64

/* Digits of the largest number in a declaration: 2^64 - 1. */
#define DIGITS_MAX 20

/* The words that names of arithmetic types consist of. */
enum base {
	BASE_VOID,
	BASE_CHAR,
	BASE_SHORT,
	BASE_INT,
	BASE_LONG,
	BASE_SIGNED,
	BASE_UNSIGNED,
	BASE_FLOAT,
	BASE_DOUBLE,
	BASE_INT128,
	BASE_COMPLEX,
	BASE_BOOL,
	BASE_BOOL_CPP,
	BASE_NR,
};

static const char *const bases[BASE_NR] = {
	"void",	 "char",   "short",    "int",	   "long",  "signed", "unsigned",
	"float", "double", "__int128", "_Complex", "_Bool", "bool",
};

static const char *const qualifiers[] = {"const", "volatile", "restrict"};

/* The keywords of C up to C23, and of GNU C. */
static const char *const keywords[] = {
	"_Alignas",
	"_Alignof",
	"_Atomic",
	"_BitInt",
	"_Bool",
	"_Complex",
	"_Decimal128",
	"_Decimal32",
	"_Decimal64",
	"_Generic",
	"_Imaginary",
	"_Noreturn",
	"_Pragma",
	"_Static_assert",
	"_Thread_local",
	"alignas",
	"alignof",
	"asm",
	"auto",
	"bool",
	"break",
	"case",
	"char",
	"const",
	"constexpr",
	"continue",
	"default",
	"do",
	"double",
	"else",
	"enum",
	"extern",
	"false",
	"float",
	"for",
	"goto",
	"if",
	"inline",
	"int",
	"long",
	"nullptr",
	"register",
	"restrict",
	"return",
	"short",
	"signed",
	"sizeof",
	"static",
	"static_assert",
	"struct",
	"switch",
	"thread_local",
	"true",
	"typedef",
	"typeof",
	"typeof_unqual",
	"union",
	"unsigned",
	"void",
	"volatile",
	"while",
};

/* Keywords of GNU C, with two underscores before them or on both sides. */
static const char *const gnu_keywords[] = {
	"alignof",  "asm",    "attribute", "auto_type", "complex",	 "const",    "extension",
	"imag",	    "inline", "int128",	   "label",	"nullptr",	 "pragma",   "real",
	"restrict", "signed", "thread",	   "typeof",	"typeof_unqual", "volatile",
};

/* Of C++, and not of C. */
static const char *const cpp_keywords[] = {
	"and",	     "and_eq",	     "bitand",
	"bitor",     "catch",	     "class",
	"co_await",  "co_return",    "co_yield",
	"compl",     "concept",	     "const_cast",
	"consteval", "constinit",    "decltype",
	"delete",    "dynamic_cast", "explicit",
	"export",    "friend",	     "mutable",
	"namespace", "new",	     "noexcept",
	"not",	     "not_eq",	     "operator",
	"or",	     "or_eq",	     "private",
	"protected", "public",	     "reinterpret_cast",
	"requires",  "static_cast",  "template",
	"this",	     "throw",	     "try",
	"typeid",    "typename",     "using",
	"virtual",   "xor",	     "xor_eq",
};

struct reader {
	struct view text;
	struct view token; /* the current token, which ends at AT; {NULL, 0} at the end */
	size_t at;
	unsigned int depth;
	bool has_body; /* the last type was a struct or union with a body */
	int (*each)(struct view name, void *arg, struct err *err);
	void *arg;
	struct err *err;
};

/* --- tokens --- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit(c);
}

static size_t word_size(struct view text, size_t at)
{
	size_t size = 0;

	while (at + size < text.size && is_word(text.data[at + size]))
		size++;
	return size;
}

/* The next token: a word, or one character. */
static void next(struct reader *r)
{
	size_t size;

	while (r->at < r->text.size && r->text.data[r->at] && strchr(" \t\n", r->text.data[r->at]))
		r->at++;
	if (r->at == r->text.size) {
		r->token = (struct view){NULL, 0};
		return;
	}
	size = word_size(r->text, r->at) ?: 1;
	r->token = view_sub(r->text, r->at, size);
	r->at += size;
}

static int unexpected(struct reader *r, const char *expected)
{
	char found[40];

	if (!r->token.size)
		return err_at(r->err, -EBADMSG, r->text.size,
			      "the members of a struct end too early: expected %s", expected);
	err_escape(found, sizeof(found), r->token.data, r->token.size);
	return err_at(r->err, -EBADMSG, r->at - r->token.size,
		      "unexpected '%s' in the members of a struct: expected %s", found, expected);
}

static bool is(const struct reader *r, const char *word)
{
	return view_equal(r->token, view_str(word));
}

/* Skip WORD if it is the current token. */
static bool skip(struct reader *r, const char *word)
{
	if (!is(r, word))
		return false;
	next(r);
	return true;
}

/* Skip all of WORDS, which are separated by blanks; they must follow. */
static int need(struct reader *r, const char *words)
{
	while (*words) {
		struct view word = view_of(words, strcspn(words, " "));
		char expected[20];

		if (!view_equal(r->token, word)) {
			snprintf(expected, sizeof(expected), "'%.*s'", (int)word.size, words);
			return unexpected(r, expected);
		}
		next(r);
		words += word.size;
		words += *words == ' ';
	}
	return 0;
}

static bool is_one_of(struct view word, const char *const *list, size_t nr)
{
	for (size_t i = 0; word.size && i < nr; i++) {
		if (word.data[0] == (uint8_t)list[i][0] && view_equal(word, view_str(list[i])))
			return true;
	}
	return false;
}

static bool is_gnu_keyword(struct view word)
{
	if (word.size < 2 || memcmp(word.data, "__", 2))
		return false;
	word = view_sub(word, 2, word.size - 2);
	if (word.size > 2 && !memcmp(word.data + word.size - 2, "__", 2))
		word.size -= 2;
	return is_one_of(word, gnu_keywords, ARRAY_SIZE(gnu_keywords));
}

bool members_is_identifier(struct view name)
{
	return name.size && name.size <= MEMBERS_NAME_MAX && !is_digit(name.data[0]) &&
	       word_size(name, 0) == name.size;
}

bool members_is_name(struct view name)
{
	return members_is_identifier(name) && !is_one_of(name, keywords, ARRAY_SIZE(keywords)) &&
	       !is_gnu_keyword(name);
}

static bool skip_name(struct reader *r)
{
	if (!members_is_name(r->token))
		return false;
	next(r);
	return true;
}

/* Skip a decimal number, which may have SUFFIX. */
static bool skip_number(struct reader *r, const char *suffix)
{
	size_t digits = 0;

	while (digits < r->token.size && is_digit(r->token.data[digits]))
		digits++;
	if (!digits || digits > DIGITS_MAX || (digits > 1 && r->token.data[0] == '0'))
		return false;
	if (digits < r->token.size &&
	    !view_equal(view_sub(r->token, digits, r->token.size - digits), view_str(suffix)))
		return false;
	next(r);
	return true;
}

static int enter(struct reader *r)
{
	if (++r->depth > DEPTH_MAX)
		return err_at(r->err, -EBADMSG, r->at,
			      "declarations are nested deeper than %d levels", DEPTH_MAX);
	return 0;
}

/* --- the grammar (members.h), bottom up --- */

static int read_qualifiers(struct reader *r)
{
	int rc = 0;

	for (; !rc; next(r)) {
		if (is_one_of(r->token, qualifiers, ARRAY_SIZE(qualifiers)))
			continue;
		if (!is(r, "__attribute__"))
			break;
		rc = need(r, "__attribute__ ( (");
		if (!rc && is(r, "__aligned__")) {
			rc = need(r, "__aligned__ ( 8 ) )");
			if (!rc && !is(r, ")"))
				rc = unexpected(r, "')'");
			continue;
		}
		if (!rc)
			rc = need(r, "btf_type_tag ( \"");
		if (!rc && !skip_name(r))
			rc = unexpected(r, "a word");
		if (!rc)
			rc = need(r, "\" ) )");
		if (!rc && !is(r, ")"))
			rc = unexpected(r, "')'");
	}
	return rc;
}

static int read_members(struct reader *r, bool outer);

/* After "struct" or "union". */
static int read_struct(struct reader *r)
{
	int rc;

	if (skip_name(r))
		return 0;
	rc = enter(r) ?: need(r, "{") ?: read_members(r, false) ?: need(r, "}");
	r->depth--;
	r->has_body = true;
	if (!rc && is(r, "__attribute__"))
		rc = need(r, "__attribute__ ( ( packed ) )");
	return rc;
}

static int read_constant(struct reader *r)
{
	skip(r, "-");
	if (skip_number(r, "LL") || skip_number(r, "ULL"))
		return 0;
	return unexpected(r, "a number");
}

static int read_enumerators(struct reader *r)
{
	int rc = 0;

	do {
		if (!skip_name(r))
			return unexpected(r, "the name of an enumerator");
		if (skip(r, "="))
			rc = read_constant(r);
	} while (!rc && skip(r, ",") && !is(r, "}"));
	return rc;
}

/* After "enum". */
static int read_enum(struct reader *r)
{
	int rc;

	if (skip_name(r))
		return 0;
	rc = need(r, "{") ?: read_enumerators(r) ?: need(r, "}");
	if (rc || !is(r, "__attribute__"))
		return rc;
	rc = need(r, "__attribute__ ( ( mode (");
	if (!rc && !skip(r, "byte") && !skip(r, "DI"))
		rc = need(r, "word");
	return rc ?: need(r, ") ) )");
}

/* Whether NR[], how often each word occurs, makes an arithmetic type (C11, 6.7.2). */
static bool is_type(const unsigned int nr[BASE_NR])
{
	unsigned int sizes = nr[BASE_SHORT] + nr[BASE_LONG],
		     signs = nr[BASE_SIGNED] + nr[BASE_UNSIGNED];
	unsigned int all = 0, others;

	for (size_t i = 0; i < BASE_NR; i++) {
		if (nr[i] > (i == BASE_LONG ? 2 : 1))
			return false;
		all += nr[i];
	}
	others = all - sizes - signs - nr[BASE_INT];
	if (signs > 1 || (nr[BASE_SHORT] && nr[BASE_LONG]))
		return false;
	if (!others)
		return true;
	if (nr[BASE_CHAR] || nr[BASE_INT128])
		return all == 1 + signs;
	if (nr[BASE_DOUBLE])
		return nr[BASE_LONG] < 2 && all == 1 + nr[BASE_LONG] + nr[BASE_COMPLEX];
	if (nr[BASE_FLOAT])
		return all == 1 + nr[BASE_COMPLEX];
	return all == 1 && !nr[BASE_COMPLEX];
}

static int read_bases(struct reader *r)
{
	unsigned int nr[BASE_NR] = {0};

	for (; is_one_of(r->token, bases, ARRAY_SIZE(bases)); next(r)) {
		for (size_t i = 0; i < BASE_NR; i++)
			nr[i] += is(r, bases[i]);
	}
	return is_type(nr) ? 0 : unexpected(r, "another type");
}

/* The words of a type of numbers, to the last of them; *ret_end is the offset behind it. */
static void skip_bases(struct reader *r, unsigned int nr[BASE_NR], size_t *ret_end)
{
	for (; is_one_of(r->token, bases, ARRAY_SIZE(bases)); next(r)) {
		for (size_t i = 0; i < BASE_NR; i++)
			nr[i] += is(r, bases[i]);
		*ret_end = r->at;
	}
}

/* The type of NR words with the same size everywhere, or NULL: it has that already. */
static const char *fixed_type(const unsigned int nr[BASE_NR])
{
	if (nr[BASE_BOOL])
		return "bool";
	if (nr[BASE_LONG] != 1 || nr[BASE_DOUBLE])
		return NULL;
	return nr[BASE_UNSIGNED] ? "uint64_t" : "int64_t";
}

void members_put_fixed(struct view text, struct buf *out)
{
	struct reader r = {.text = text};
	unsigned int braces = 0, brackets = 0;
	bool is_mode = false;
	size_t done = 0;

	for (next(&r); r.token.size;) {
		size_t start = r.at - r.token.size, end = r.at;
		unsigned int nr[BASE_NR] = {0};
		const char *type;
		bool is_wide;

		braces += is(&r, "{") - is(&r, "}");
		brackets += is(&r, "(") - is(&r, ")");
		if (!is_one_of(r.token, bases, ARRAY_SIZE(bases))) {
			type = is_mode && is(&r, "word") ? "DI" : NULL;
			is_mode = is(&r, "mode") || (is_mode && is(&r, "("));
			is_wide = false;
			next(&r);
		} else {
			skip_bases(&r, nr, &end);
			type = fixed_type(nr);
			is_wide = !nr[BASE_LONG] != !nr[BASE_DOUBLE];
		}
		buf_add_view(out, view_sub(text, done, start - done));
		buf_add_view(out, type ? view_str(type) : view_sub(text, start, end - start));
		/* In the outer struct padding is written out. */
		if (is_wide && braces && !brackets && !is(&r, "__attribute__"))
			buf_add_str(out, " __attribute__((__aligned__(8)))");
		done = end;
	}
	buf_add_view(out, view_sub(text, done, text.size - done));
}

struct view members_find_cpp(struct view text)
{
	struct reader r = {.text = text};

	for (next(&r); r.token.size; next(&r)) {
		if (is_one_of(r.token, cpp_keywords, ARRAY_SIZE(cpp_keywords)))
			return r.token;
	}
	return (struct view){NULL, 0};
}

static int read_specifiers(struct reader *r)
{
	int rc = read_qualifiers(r);

	if (rc)
		return rc;
	r->has_body = false;
	if (skip(r, "struct") || skip(r, "union"))
		rc = read_struct(r);
	else if (skip(r, "enum"))
		rc = read_enum(r);
	else if (is_one_of(r->token, bases, ARRAY_SIZE(bases)))
		rc = read_bases(r);
	else if (!skip_name(r))
		rc = unexpected(r, "a type");
	return rc ?: read_qualifiers(r);
}

static int read_arrays(struct reader *r)
{
	int rc = 0;

	while (!rc && skip(r, "[")) {
		skip_number(r, "");
		rc = need(r, "]");
	}
	return rc;
}

static int read_declarator(struct reader *r, struct view *ret_name);

static int read_params(struct reader *r)
{
	int rc = 0;

	if (skip(r, ")"))
		return 0;
	do {
		struct view ignored = {NULL, 0};

		if (is(r, "."))
			return need(r, ". . . )");
		rc = read_specifiers(r);
		if (!rc)
			rc = read_declarator(r, &ignored);
	} while (!rc && skip(r, ","));
	return rc ?: need(r, ")");
}

/* After the bracket of "(*": a pointer to a function or to an array. */
static int read_pointee(struct reader *r, struct view *ret_name)
{
	int rc = enter(r);

	if (!rc && !is(r, "*"))
		rc = unexpected(r, "'*'");
	rc = rc ?: read_declarator(r, ret_name) ?: need(r, ")");
	if (!rc)
		rc = skip(r, "(") ? read_params(r) : read_arrays(r);
	r->depth--;
	return rc;
}

/* *ret_name is unchanged if there is no name. */
static int read_declarator(struct reader *r, struct view *ret_name)
{
	struct view name;
	int rc = 0;

	while (!rc && skip(r, "*"))
		rc = read_qualifiers(r);
	if (rc)
		return rc;
	if (skip(r, "("))
		return read_pointee(r, ret_name);
	name = r->token;
	if (skip_name(r))
		*ret_name = name;
	return read_arrays(r);
}

static int read_member(struct reader *r, bool outer)
{
	struct view name = {NULL, 0};
	int rc = read_specifiers(r);
	bool has_body = r->has_body;

	if (!rc)
		rc = read_declarator(r, &name);
	/* Only an anonymous struct or union, or padding, may have no name. */
	if (!rc && !name.size && !has_body && !is(r, ":"))
		rc = unexpected(r, "a name");
	if (!rc && skip(r, ":") && !skip_number(r, ""))
		rc = unexpected(r, "a number of bits");
	if (!rc)
		rc = need(r, ";");
	if (!rc && outer && name.size && r->each)
		rc = r->each(name, r->arg, r->err);
	return rc;
}

static int read_members(struct reader *r, bool outer)
{
	int rc = 0;

	while (!rc && r->token.size && !is(r, "}"))
		rc = read_member(r, outer);
	return rc;
}

int members_each(struct view text, int (*each)(struct view name, void *arg, struct err *err),
		 void *arg, struct err *err)
{
	struct reader r = {.text = text, .each = each, .arg = arg, .err = err};
	int rc;

	if (text.size > MEMBERS_SIZE_MAX)
		return err_set(err, -EBADMSG,
			       "the declarations of a struct's members have more "
			       "than %d bytes",
			       MEMBERS_SIZE_MAX);
	next(&r);
	rc = read_members(&r, true);
	if (!rc && r.token.size)
		rc = unexpected(&r, "a declaration");
	return rc;
}

int members_check(struct view text, struct err *err)
{
	return members_each(text, NULL, NULL, err);
}

bool members_is_padding(struct view name)
{
	static const char prefix[] = "__pad";
	size_t digits = sizeof(prefix) - 1;

	if (name.size <= digits || memcmp(name.data, prefix, digits))
		return false;
	while (digits < name.size && isdigit(name.data[digits]))
		digits++;
	return digits == name.size;
}
