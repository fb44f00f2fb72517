// SPDX-License-Identifier: BSD-2-Clause
/*
 * Random edits of a header: what is accepted has the tokens of its rendering.
 *
 * edit HEADER SEED COUNT SAMPLES FOLDER: edit HEADER COUNT times, and leave SAMPLES of those that
 * were accepted in FOLDER, with the bytes that the reader saw in them: N.h, N.insns, N.data and, of
 * a signed one, N.excl_hash. Prints how many were accepted, differ, or could not be read; status 1,
 * and the edited header in FOLDER, where an accepted one has other tokens than its rendering.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "header.h"
#include "lskel/lskel.h"
#include "tokens.h"

static uint64_t state;

static size_t below(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (size_t)(state >> 11) % n : 0;
}

#define PICK(list) ((list)[below(ARRAY_SIZE(list))])

/* --- the header in pieces --- */

struct piece {
	size_t at, size;
};

static struct view header;
static struct piece *pieces;
static size_t nr_pieces;

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (c >= '0' && c <= '9');
}

/* A word, a literal, a comment, blanks, or one character. */
static size_t piece_size(const char *at)
{
	size_t size = 1;

	if (*at == '"') {
		while (at[size] && at[size] != '"')
			size += at[size] == '\\' ? 2 : 1;
		return size + 1;
	}
	if (!strncmp(at, "/*", 2))
		return (size_t)(strstr(at, "*/") - at) + 2;
	if (strspn(at, " \t\n"))
		return strspn(at, " \t\n");
	while (is_word((uint8_t)*at) && is_word((uint8_t)at[size]))
		size++;
	return size;
}

static void cut(void)
{
	pieces = calloc(header.size + 1, sizeof(*pieces));
	for (size_t at = 0; pieces && at < header.size; nr_pieces++) {
		pieces[nr_pieces] = (struct piece){at, piece_size((const char *)header.data + at)};
		at += pieces[nr_pieces].size;
	}
}

/* --- edits --- */

static const char *const tokens[] = {
	"{",
	"}",
	"(",
	")",
	"[",
	"]",
	";",
	",",
	"*",
	"&",
	"=",
	"-",
	"->",
	".",
	"\"\"",
	"\"x\"",
	"'\"'",
	"'",
	"\"",
	"\\",
	"#",
	"##",
	"<:",
	":>",
	"<%",
	"%>",
	"%:",
	"?\?/",
	"?\?=",
	"?\?(",
	"R\"(",
	")\"",
	"L\"a\"",
	"u8\"a\"",
	"_Pragma(\"once\")",
	"__asm__(\"nop\")",
	"static",
	"inline",
	"const",
	"extern",
	"int",
	"0",
	"1",
	"4096",
	"010",
	"0x10",
	"4096u",
	"1e+5",
	"1'0",
	"if (0)",
	"return 0;",
	"goto cleanup;",
	"opts",
	"skel",
	"sizeof",
	"#if 0\n",
	"#endif\n",
	"\\u0041",
	"$",
	"@",
	"`",
	"\xc3\xa9",
	"\x01",
	"\f",
	"\v",
	"__attribute__((constructor))",
	"__extension__",
	"typeof(int)",
	"bitor",
	"and",
	"::",
	"...",
};
static const char *const directives[] = {
	"#define skel other",
	"#define static",
	"#define NULL 1",
	"#undef NULL",
	"#if 0",
	"#if 1",
	"#else",
	"#endif",
	"#ifdef X",
	"#ifndef X",
	"#pragma once",
	"#pragma \"/*",
	"#pragma \"*/\"",
	"#pragma '",
	"#error x",
	"#error don't",
	"#include <errno.h>",
	"#include \"errno.h\"",
	"#include <a/*b>",
	"#include <a//b>",
	"#line 1 \"x\"",
	"#",
	"# /* */ define A",
	"#define A \\\n b",
	"#define A /* \n */ b",
	"%:define A",
	"?\?=define A",
	"#define opts_insn opts_data",
	"#warning",
	"#ident \"x\"",
	"#if 1 // \\",
	"#define F(x) \"x",
	"#define __x__ {",
	"# define bpf_load_and_run(x) 0",
	"#define close(x) 0 //",
};
static const char *const comments[] = {
	"/* */",	 "/**/",      "// x\n",		 "/* \" */",	   "/* ' */",
	"// \"\n",	 "// '\n",    "/* // */",	 "// /*\n",	   "// */\n",
	"/* \n */",	 "// x \\\n", "// x \\\n// y\n", "// x ?\?/\n",	   "/* *\\\n/",
	"/* *\\ \n/ */", "/\\\n* */", "/\\\n/ x\n",	 "/* ?\?/ */",	   "/* # */",
	"/*/ */",	 "/***/",     "/* \\ */",	 "/* \xc3\xa9 */", "/* \x01 */",
	"/* \r */",	 "/* \f */",  "//\r\n",
};
static const char *const splices[] = {"\\\n",	"\\\n ",   " \\\n ", " \\ \n ", "\\\r\n",
				      "?\?/\n", " ?\?/\n", "\\\\\n", "\\ \t\n"};
static const char *const blanks[] = {" ",  "\t", "\n", "\n\n", "\r\n", " \n\t",
				     "\f", "\v", "\r", "  ",   ""};
static const char *const joints[] = {
	"\" \"",	"\"\n\"", "\"/**/\"",	"\\\n",	  "\"\\\n\"",	       "\"\"",
	"\" // \"\n\"", "\\\r\n", "\" \"\" \"", "\"x\"",  "\"\n#define A\n\"", "\\ \n",
	"\\0",		"x",	  "\" L\"",	"\"R\"(",
};

static void add_piece(struct buf *out, size_t i)
{
	buf_add(out, header.data + pieces[i].at, pieces[i].size);
}

static void add_token(struct buf *out)
{
	if (below(2))
		buf_add_str(out, PICK(tokens));
	else
		add_piece(out, below(nr_pieces));
}

/* In the middle of piece I, behind an escape where it is a literal. */
static void add_split(struct buf *out, size_t i, const char *what)
{
	const char *text = (const char *)header.data + pieces[i].at;
	size_t at = below(pieces[i].size);

	if (*text == '"' && below(8)) {
		while (at && text[at] != '\\')
			at--;
		if (!at)
			at = 1;
	}
	buf_add(out, text, at);
	buf_add_str(out, what);
	buf_add(out, text + at, pieces[i].size - at);
}

static void add_bracketed(struct buf *out, size_t i)
{
	buf_add_str(out, below(4) ? "(" : "((");
	add_piece(out, i);
	buf_add_str(out, ")");
}

static void add_changed(struct buf *out, size_t i)
{
	size_t at = out->size;

	add_piece(out, i);
	if (out->size > at)
		out->data[at + below(out->size - at)] = (uint8_t)below(256);
}

/* Piece I as edit number KIND leaves it; OTHER is another one. */
static void edit(struct buf *out, size_t i, size_t kind, size_t other)
{
	switch (kind) {
	case 0: /* inserted */
		add_token(out);
		buf_add_str(out, PICK(blanks));
		add_piece(out, i);
		break;
	case 1: /* deleted */
		break;
	case 2: /* replaced */
		add_token(out);
		break;
	case 3: /* moved: OTHER is put here, and this there */
		add_piece(out, other);
		break;
	case 4:
		buf_add_str(out, "\n");
		buf_add_str(out, PICK(directives));
		buf_add_str(out, "\n");
		add_piece(out, i);
		break;
	case 5:
		buf_add_str(out, PICK(comments));
		add_piece(out, i);
		break;
	case 6:
		buf_add_str(out, PICK(splices));
		add_piece(out, i);
		break;
	case 7:
		add_split(out, i, PICK(splices));
		break;
	case 8:
		add_bracketed(out, i);
		break;
	case 9:
		add_split(out, i, PICK(joints));
		break;
	case 10:
		add_changed(out, i);
		break;
	default:
		if (strspn((const char *)header.data + pieces[i].at, " \t\n"))
			buf_add_str(out, PICK(blanks));
		else
			add_piece(out, i);
		break;
	}
}

#define EDITS_MAX 3
#define KINDS	  12

/* Where edits of KIND make something of it. */
static size_t choose_piece(size_t kind)
{
	size_t i = below(nr_pieces);
	const char *want = kind == 9 ? "\"" : kind == 11 ? " \t\n" : NULL;

	for (size_t n = 0; want && n < nr_pieces && !strchr(want, header.data[pieces[i].at]); n++)
		i = (i + 1) % nr_pieces;
	return i;
}

static void make(struct buf *out)
{
	size_t nr = below(4) ? 1 : 2 + below(EDITS_MAX - 1);
	size_t at[EDITS_MAX + 1], kind[EDITS_MAX + 1], other[EDITS_MAX + 1];

	for (size_t n = 0; n < nr; n++) {
		kind[n] = below(KINDS);
		at[n] = choose_piece(kind[n]);
		other[n] = below(nr_pieces);
	}
	if (kind[0] == 3 && nr < EDITS_MAX) { /* both ends of a move */
		kind[nr] = 3;
		at[nr] = other[0];
		other[nr++] = at[0];
	}
	for (size_t i = 0; i < nr_pieces; i++) {
		size_t n = 0;

		while (n < nr && at[n] != i)
			n++;
		if (n < nr)
			edit(out, i, kind[n], other[n]);
		else
			add_piece(out, i);
	}
}

/* --- checks --- */

static const char *folder;

static void put_file(const char *name, const char *suffix, struct view bytes)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", folder, name, suffix);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes.data, 1, bytes.size, file) != bytes.size || fclose(file)) {
		perror(path);
		exit(2);
	}
}

/* A header that is accepted is, for a compiler, what is rendered from what was read in it. */
static bool same_tokens(struct view text, const struct lskel *lskel)
{
	_buf_ struct buf rendered = {0};
	struct err err;
	bool same = true;

	if (lskel_render(lskel, &rendered, &err))
		return false;
	for (int trigraphs = 0; same && trigraphs < 2; trigraphs++) {
		_buf_ struct buf own = {0}, want = {0};

		same = tokens_of(text, trigraphs, &own) &&
		       tokens_of(buf_view(&rendered), trigraphs, &want) &&
		       view_equal(buf_view(&own), buf_view(&want));
	}
	return same;
}

static void put_sample(size_t nr, struct view text, const struct lskel *lskel)
{
	char name[24];

	snprintf(name, sizeof(name), "%zu", nr);
	put_file(name, "h", text);
	put_file(name, "insns", buf_view(&lskel->image.insns));
	put_file(name, "data", buf_view(&lskel->image.maps[0].value));
	if (lskel->is_signed)
		put_file(name, "excl_hash", buf_view(&lskel->image.excl_hash));
}

enum outcome { ACCEPTED, DIFFERS, UNREAD, OUTCOME_NR };

/* What the reader says to one edit; *RET_SAME: an accepted one is its rendering. */
static enum outcome try_text(struct view text, struct lskel *lskel, bool *ret_same)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};

	*ret_same = true;
	if (lskel_parse(text, lskel, &err) || loader_read(&lskel->image, &loader, &err))
		return UNREAD;
	header_check(lskel, &loader);
	if (lskel->text != LSKEL_TEXT_RENDERED)
		return DIFFERS;
	*ret_same = same_tokens(text, lskel);
	return ACCEPTED;
}

int main(int argc, char **argv)
{
	_buf_ struct buf file = {0};
	size_t count, samples, taken = 0, nr[OUTCOME_NR] = {0};
	struct err err;
	bool same;

	if (argc != 6 || file_read(argv[1], FILE_SIZE_MAX, &file, &err) || !buf_cstr(&file))
		return 2;
	header = buf_view(&file);
	cut();
	state = strtoull(argv[2], NULL, 0) * 0x9e3779b97f4a7c15ull + 1;
	count = strtoul(argv[3], NULL, 0);
	samples = strtoul(argv[4], NULL, 0);
	folder = argv[5];
	for (size_t i = 0; i <= count; i++) {
		_lskel_ struct lskel lskel = {0};
		_buf_ struct buf text = {0};
		enum outcome outcome;

		if (i)
			make(&text);
		else /* the header itself */
			buf_add_view(&text, header);
		outcome = try_text(buf_view(&text), &lskel, &same);
		nr[outcome]++;
		if (!same || (!i && outcome != ACCEPTED)) {
			put_file("failed", "h", buf_view(&text));
			printf("edit %zu of %s: accepted with tokens that are not its rendering's, or "
			       "the header itself is refused: failed.h\n",
			       i, argv[1]);
			return 1;
		}
		/* Spread over all of the edits, as far as they are known. */
		if (outcome == ACCEPTED && taken < samples && taken * count <= i * samples)
			put_sample(taken++, buf_view(&text), &lskel);
	}
	printf("%zu accepted, %zu differ, %zu not read, %zu samples\n", nr[ACCEPTED], nr[DIFFERS],
	       nr[UNREAD], taken);
	free(pieces);
	return 0;
}
