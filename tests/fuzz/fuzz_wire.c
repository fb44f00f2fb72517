// SPDX-License-Identifier: BSD-2-Clause
/*
 * A hostile process for objects: what comes back is whatever the fuzzer says. Each answer is
 * refused or harmless: what its text can be is asked here once more, in another way than
 * src/members.c does, and the header that is made of it reads as nothing else.
 */
#include <errno.h>
#include <string.h>

#include "../kernel/der.h"
#include "fuzz.h"
#include "header.h"
#include "lskel/lskel.h"
#include "object/object_wire.h"

/* --- what must hold of an answer that is taken --- */

static bool is_word(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_';
}

static bool is_name(const char *name)
{
	size_t size = strlen(name);

	for (size_t i = 0; i < size; i++) {
		if (!is_word(name[i]))
			return false;
	}
	return size && size < 512 && (*name < '0' || *name > '9') && strcmp(name, "int") &&
	       strcmp(name, "while") && strcmp(name, "asm") && strcmp(name, "__asm__");
}

/* Words that begin more than a declaration. */
static bool is_foreign(struct view word)
{
	static const char *const words[] = {
		"asm",	    "__asm",	   "__asm__", "static",	    "extern", "typedef",
		"inline",   "sizeof",	   "typeof",  "__typeof__", "return", "_Static_assert",
		"goto",	    "if",	   "while",   "_Pragma",    "for",    "__extension__",
		"_Alignas", "_Atomic",	   "do",      "_Generic",   "switch", "register",
		"cleanup",  "constructor", "aligned", "section",    "alias",  "weak",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (view_equal(word, view_str(words[i])))
			return true;
	}
	return false;
}

/* What stands before an opening bracket: a function would have its name there. */
static bool may_be_called(struct view word)
{
	return view_equal(word, view_str("__attribute__")) ||
	       view_equal(word, view_str("btf_type_tag")) || view_equal(word, view_str("mode"));
}

/* The first byte after AT that is not a blank; 0 at the end. */
static int after_blanks(struct view text, size_t at)
{
	while (at < text.size && strchr(" \t\n", text.data[at]) && text.data[at])
		at++;
	return at < text.size ? text.data[at] : 0;
}

/* Nothing leaves the struct, nothing is a function, a value, an expression, a directive. */
static void check_members(struct view text)
{
	struct view word = {NULL, 0}, before = {NULL, 0};
	size_t braces = 0, brackets = 0, enums = 0;
	bool ended = true;

	for (size_t at = 0; at < text.size; at += word.size ?: 1) {
		int c = text.data[at];

		word = (struct view){NULL, 0};
		while (at + word.size < text.size && is_word(text.data[at + word.size]))
			word = view_sub(text, at, word.size + 1);
		if (!c || strchr(" \t\n", c))
			FUZZ_MUST(c);
		else
			ended = c == ';';
		if (word.size) {
			FUZZ_MUST(!is_foreign(word));
			before = word;
			if (view_equal(word, view_str("enum")) &&
			    after_blanks(text, at + word.size) == '{')
				enums = braces + 1;
			continue;
		}
		FUZZ_MUST(strchr(" \t\n{}()[];:,.*=-\"", c));
		if (c == '(')
			FUZZ_MUST(!before.size || may_be_called(before) ||
				  after_blanks(text, at + 1) == '*');
		FUZZ_MUST(c != '=' || (enums && enums == braces));
		FUZZ_MUST(c != '-' || (enums && enums == braces));
		FUZZ_MUST(c != '"' || brackets == 3);
		brackets += c == '(';
		FUZZ_MUST(c != ')' || brackets--);
		FUZZ_MUST(c != '{' || !brackets || after_blanks(text, at + 1));
		braces += c == '{';
		if (c == '}' && enums == braces)
			enums = 0;
		FUZZ_MUST(c != '}' || braces--);
		if (!strchr(" \t\n", c))
			before = (struct view){NULL, 0};
	}
	FUZZ_MUST(!braces && !brackets && ended);
}

/* Whether TEXT can stand between quotes, if ? is escaped. */
static bool is_plain(const char *text)
{
	for (const char *at = text; *at; at++) {
		if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
			return false;
	}
	return *text && strlen(text) < 512;
}

static void check_skel(const struct skel *skel)
{
	FUZZ_MUST(skel->nr_progs <= 32 && skel->nr_maps <= 64);
	for (size_t i = 0; i < skel->nr_progs; i++) {
		FUZZ_MUST(is_name(skel->progs[i].ident));
		FUZZ_MUST(!skel->progs[i].target || is_plain(skel->progs[i].target));
		for (size_t j = 0; j < i; j++)
			FUZZ_MUST(strcmp(skel->progs[i].ident, skel->progs[j].ident));
	}
	for (size_t i = 0; i < skel->nr_maps; i++) {
		const struct skel_map *map = &skel->maps[i];

		FUZZ_MUST(is_name(map->ident));
		for (size_t j = 0; j < i; j++)
			FUZZ_MUST(strcmp(map->ident, skel->maps[j].ident));
		check_members(buf_view(&map->members));
		FUZZ_MUST(!map->value.size);
		for (size_t j = 0; j < map->nr_vars; j++)
			FUZZ_MUST(is_name(map->vars[j].ident));
	}
}

/* The header that is made of it says what it was made of, and nothing else. */
static void check_header(const struct skel *skel, struct image *image)
{
	_lskel_ struct lskel lskel = {0}, again = {0};
	_buf_ struct buf text = {0};
	struct err err = {0};
	int rc;

	rc = lskel_new(skel, LSKEL_RUNTIME_EMBEDDED, image, &lskel, &err);
	if (rc && strstr(err.text, "is a keyword of C++"))
		return;
	FUZZ_MUST(!rc);
	buf_add_str(&lskel.image.sig[SCHEME_FOLDED], "folded");
	FUZZ_MUST(!lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &text, &err));
	rc = lskel_parse(buf_view(&text), &again, &err);
	if (rc == -ENOTSUP) /* of instructions that are those of an old libbpf */
		return;
	if (rc || again.text != LSKEL_TEXT_RENDERED)
		fuzz_failed(__FILE__, __LINE__, "the header reads as what it was made of",
			    rc ? err.text : again.text_why.text);
	FUZZ_MUST(again.skel.nr_maps == skel->nr_maps && again.skel.nr_progs == skel->nr_progs);
	FUZZ_MUST(view_equal(buf_view(&again.image.insns), buf_view(&lskel.image.insns)));
}

/* Contents for the sections, from the loader or, if it is unknown, any. false: they disagree. */
static bool fill(struct skel *skel, struct image *image)
{
	_loader_ struct loader loader = {0};
	struct err err = {0};
	int rc;

	FUZZ_MUST(!loader_read(image, &loader, &err));
	rc = header_fill_object(skel, &loader, &err);
	FUZZ_MUST(!rc || (rc == err.code && *err.text));
	for (size_t i = 0; !rc && i < skel->nr_maps; i++) {
		struct skel_map *map = &skel->maps[i];

		if (map->mapped && !loader.known) {
			buf_space(&map->value, 16);
			map->mmap_size = skel_mmap_size(16);
		}
		FUZZ_MUST(map->mmap_size >= map->value.size &&
			  map->mmap_size < map->value.size + 4096);
		for (size_t j = 0; loader.known && j < map->nr_vars; j++)
			FUZZ_MUST(map->vars[j].size <= map->value.size);
	}
	return !rc;
}

/* Whatever was taken is encoded to the bytes that it was decoded from. */
static void take(struct view wire, struct buf *contents)
{
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	_buf_ struct buf again = {0};
	struct err err = {0};
	int rc = object_wire_decode(wire, contents, "fuzz", &image, &skel, &err);

	if (rc) {
		FUZZ_MUST(rc == err.code && *err.text);
		return;
	}
	object_wire_encode(buf_view(&image.insns), &skel, &again);
	FUZZ_MUST(view_equal(buf_view(&again), wire));
	check_skel(&skel);
	if (fill(&skel, &image))
		check_header(&skel, &image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_buf_ struct buf contents = {0};
	uint64_t contents_size;

	if (size < sizeof(contents_size))
		return 0;
	memcpy(&contents_size, data, sizeof(contents_size));
	data += sizeof(contents_size);
	size -= sizeof(contents_size);
	if (contents_size > size)
		return 0;
	buf_add(&contents, data, contents_size);
	take(view_of(data + contents_size, size - contents_size), &contents);
	return 0;
}

/* --- answers that are whole, and wrong somewhere --- */

/* A number, or bytes with their size before them. */
struct field {
	bool is_bytes;
	uint64_t number;
	struct view bytes;
};

#define FIELDS_MAX 4096

struct answer {
	struct view rest;
	bool broken;
	struct field list[FIELDS_MAX];
	size_t nr;
};

static uint64_t add_number(struct answer *answer)
{
	struct field field = {0};

	if (answer->rest.size < sizeof(field.number) || answer->nr == FIELDS_MAX) {
		answer->broken = true;
		return 0;
	}
	memcpy(&field.number, answer->rest.data, sizeof(field.number));
	answer->rest = view_sub(answer->rest, sizeof(field.number),
				answer->rest.size - sizeof(field.number));
	answer->list[answer->nr++] = field;
	return field.number;
}

static void add_bytes(struct answer *answer)
{
	uint64_t size = add_number(answer);

	if (answer->broken || size > answer->rest.size) {
		answer->broken = true;
		return;
	}
	answer->list[answer->nr - 1].is_bytes = true;
	answer->list[answer->nr - 1].bytes = view_of(answer->rest.data, size);
	answer->rest = view_of(answer->rest.data + size, answer->rest.size - size);
}

static void add_text(struct answer *answer)
{
	if (add_number(answer))
		add_bytes(answer);
}

/* As fuzz_wire_file() writes it. */
static void take_apart(struct answer *answer)
{
	uint64_t nr;

	add_bytes(answer);
	add_bytes(answer);
	for (nr = add_number(answer); nr && !answer->broken; nr--) {
		add_text(answer);
		for (int i = 0; i < 3; i++)
			add_number(answer);
		add_bytes(answer);
		for (uint64_t vars = add_number(answer); vars && !answer->broken; vars--) {
			add_text(answer);
			add_number(answer);
		}
	}
	for (nr = add_number(answer); nr && !answer->broken; nr--) {
		add_text(answer);
		add_number(answer);
		add_text(answer);
	}
}

static const char *const words[] = {
	"}",
	"};",
	"{",
	"(",
	")",
	"=1",
	";",
	"int x;",
	"char __pad0[4];",
	" __attribute__((constructor))",
	" __attribute__((packed))",
	" __attribute__((btf_type_tag(\"a\")))",
	"\n#define int\n",
	"/*",
	"*/",
	"//",
	"\"",
	"\\\n",
	"asm(\"\")",
	"f(void){}",
	"int f(void);",
	"int (*f)(int, ...);",
	"static ",
	"typedef ",
	"const ",
	"[1]",
	":3",
	"*",
	"enum { A = -1, B } e;",
	"struct { int a; } b;",
	"struct s *p;",
	"} x; struct {",
	",",
	"...",
	"int",
	"while",
	"rodata",
	" ",
	"%:",
	"?\?=",
	"u8\"\"",
	"\x80",
};

/* FROM with a few bytes of it replaced, left out or put in. */
static void change_bytes(struct buf *out, struct view from, const struct answer *answer,
			 struct rng *rng)
{
	struct view more = view_str(words[rng_below(rng, ARRAY_SIZE(words))]);
	size_t at = rng_below(rng, (uint32_t)from.size + 1), left = from.size - at;
	const struct field *other = &answer->list[rng_below(rng, (uint32_t)answer->nr)];

	switch (rng_below(rng, 6)) {
	case 0: /* put in */
		left = 0;
		break;
	case 1: /* in the place of as many */
		left = left < more.size ? left : more.size;
		break;
	case 2: /* left out */
		more.size = 0;
		left = rng_below(rng, (uint32_t)left + 1);
		break;
	case 3: /* all of another */
		more = other->bytes;
		at = 0;
		left = from.size;
		break;
	case 4: /* twice */
		more = view_sub(from, at, left);
		left = 0;
		break;
	default: /* of a byte, another */
		left = left > 0;
		buf_add_view(out, view_sub(from, 0, at));
		if (left)
			buf_printf(out, "%c", (char)(from.data[at] ^ 1 << rng_below(rng, 8)));
		buf_add_view(out, view_sub(from, at + left, from.size - at - left));
		return;
	}
	buf_add_view(out, view_sub(from, 0, at));
	buf_add_view(out, more);
	buf_add_view(out, view_sub(from, at + left, from.size - at - left));
}

static uint64_t change_number(uint64_t number, struct rng *rng)
{
	static const uint64_t numbers[] = {0, 1, 2, 3, 4, 64, 65, 4096, UINT32_MAX, UINT64_MAX};

	switch (rng_below(rng, 4)) {
	case 0:
		return number + 1;
	case 1:
		return number - 1;
	case 2:
		return number ^ UINT64_C(1) << rng_below(rng, 64);
	default:
		return numbers[rng_below(rng, ARRAY_SIZE(numbers))];
	}
}

static void put_number(struct buf *out, uint64_t number)
{
	buf_add(out, &number, sizeof(number));
}

/* Data and instructions, the first two, are seldom changed: they are judged as every loader is. */
static size_t choose(const struct answer *answer, struct rng *rng)
{
	if (answer->nr < 3 || !rng_below(rng, 16))
		return rng_below(rng, (uint32_t)answer->nr);
	return 2 + rng_below(rng, (uint32_t)answer->nr - 2);
}

/* One field changed, and all sizes right but perhaps that one. */
static void change(const struct answer *answer, struct buf *out, struct rng *rng)
{
	size_t chosen = choose(answer, rng);

	for (size_t i = 0; i < answer->nr; i++) {
		const struct field *field = &answer->list[i];
		_buf_ struct buf changed = {0};

		if (i == chosen && field->is_bytes) {
			change_bytes(&changed, field->bytes, answer, rng);
			put_number(out, changed.size);
			buf_add_view(out, buf_view(&changed));
		} else if (field->is_bytes) {
			put_number(out, field->bytes.size);
			buf_add_view(out, field->bytes);
		} else {
			put_number(out,
				   i == chosen ? change_number(field->number, rng) : field->number);
		}
	}
	buf_add_view(out, answer->rest);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static struct answer answer;
	_buf_ struct buf out = {0};
	struct rng rng = {seed};

	answer.nr = 0;
	answer.broken = false;
	answer.rest = view_of(data, size);
	take_apart(&answer);
	if (answer.broken || !rng_below(&rng, 16))
		return fuzz_mutate_in_place(data, size, max, seed);
	change(&answer, &out, &rng);
	if (out.failed || !out.size || out.size > max)
		return fuzz_mutate_in_place(data, size, max, seed);
	memcpy(data, out.data, out.size);
	return out.size;
}
