// SPDX-License-Identifier: BSD-2-Clause
/* String literals: a fast loop for the escapes that bpftool writes, and C's rules for others. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "lskel/lskel_token.h"

/* The value of a hex digit, with bit 4 set to distinguish it from other bytes. */
static const uint8_t hex_value[256] = {
	['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
	['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1a, ['b'] = 0x1b,
	['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e, ['f'] = 0x1f, ['A'] = 0x1a, ['B'] = 0x1b,
	['C'] = 0x1c, ['D'] = 0x1d, ['E'] = 0x1e, ['F'] = 0x1f,
};

size_t lexer_splice(struct view text, size_t at)
{
	size_t end = at + 1;

	if (at >= text.size || text.data[at] != '\\')
		return 0;
	/* gcc and clang ignore blanks between backslash and newline, with a warning. */
	while (end < text.size && strchr(" \t\v\f\r", text.data[end]) && text.data[end])
		end++;
	return end < text.size && text.data[end] == '\n' ? end + 1 - at : 0;
}

static int literal_error(struct lexer *lexer, size_t at, const char *what)
{
	return err_line(lexer->err, -EBADMSG, lexer_line(lexer, at), "%s in a string literal",
			what);
}

/* The first byte after the line splices at AT, or AT itself. */
static size_t skip_splices(struct view text, size_t at)
{
	size_t size;

	while ((size = lexer_splice(text, at)))
		at += size;
	return at;
}

/* The byte at AT; 0 at the end (the text contains no NUL). */
static uint8_t byte_at(struct view text, size_t at)
{
	return at < text.size ? text.data[at] : 0;
}

static int read_hex(struct lexer *lexer, size_t *at, uint8_t *ret)
{
	size_t in = *at;
	unsigned int value = 0;

	if (!hex_value[byte_at(lexer->text, in)])
		return literal_error(lexer, in, "\\x without a hex digit");
	/* All hex digits that follow belong to the escape. */
	for (uint8_t digit; (digit = hex_value[byte_at(lexer->text, in)]);
	     in = skip_splices(lexer->text, in + 1)) {
		value = value << 4 | (digit & 0xf);
		if (value > 0xff)
			return literal_error(lexer, in, "hex escape out of range");
	}
	*at = in;
	*ret = (uint8_t)value;
	return 0;
}

static int read_octal(struct lexer *lexer, size_t *at, uint8_t *ret)
{
	size_t in = *at;
	unsigned int value = 0;

	for (int nr = 0; nr < 3; nr++) {
		uint8_t byte = byte_at(lexer->text, in);

		if (byte < '0' || byte > '7')
			break;
		value = value << 3 | (unsigned int)(byte - '0');
		in = skip_splices(lexer->text, in + 1);
	}
	if (value > 0xff)
		return literal_error(lexer, in, "octal escape out of range");
	*at = in;
	*ret = (uint8_t)value;
	return 0;
}

/* Decode the escape whose backslash is at *AT. */
static int read_escape(struct lexer *lexer, size_t *at, uint8_t *ret)
{
	static const char letters[] = "abfnrtve\\'\"?";
	static const char values[] = "\a\b\f\n\r\t\v\033\\'\"?";
	size_t in = skip_splices(lexer->text, *at + 1);
	uint8_t byte = byte_at(lexer->text, in);
	const char *letter;

	if (byte >= '0' && byte <= '7') {
		*at = in;
		return read_octal(lexer, at, ret);
	}
	if (byte == 'x') {
		*at = skip_splices(lexer->text, in + 1);
		return read_hex(lexer, at, ret);
	}
	letter = byte ? strchr(letters, byte) : NULL;
	if (!letter)
		return literal_error(lexer, in, "unknown escape");
	*at = in + 1;
	*ret = (uint8_t)values[letter - letters];
	return 0;
}

/*
 * What bpftool writes is pairs of characters: \0; \x and two digits; and a backslash with a
 * newline, a splice. Nobody can predict which comes next, so a block of pairs is decoded at once,
 * by the compiler's vectors, without a branch on any of them.
 */
#define PAIRS 8
#define BLOCK (2 * PAIRS)

typedef int8_t chars __attribute__((vector_size(BLOCK)));
typedef uint16_t pairs __attribute__((vector_size(BLOCK)));

/* Two characters as they are in memory, where the first byte of a number is its lowest. */
#define PAIR(first, second) (uint16_t)((first) | (second) << 8)

/* A mask of the pairs that are equal to one. */
#define EQUAL(pairs_, pair) ((pairs)((pairs_) == (pair)))

typedef uint64_t fours __attribute__((vector_size(BLOCK)));

/* The value of each pair, and whether it stands for a byte. */
struct block {
	fours value, kept;
};

/* Decode the block at IN, which follows another pair. False: other pairs, or another order. */
static inline bool decode_block(const uint8_t *in, struct block *ret)
{
	pairs pair, before, value, wrong, number, zero, splice;
	uint64_t any[2];
	chars digit, letter;

	memcpy(&pair, in, sizeof(pair));
	memcpy(&before, in - 2, sizeof(before));
	digit = ((chars)pair >= '0') & ((chars)pair <= '9');
	letter = ((chars)pair >= 'a') & ((chars)pair <= 'f');
	number = EQUAL((pairs)(digit | letter), 0xffff);
	zero = EQUAL(pair, PAIR('\\', '0'));
	splice = EQUAL(pair, PAIR('\\', '\n'));
	wrong = ~(number | zero | splice | EQUAL(pair, PAIR('\\', 'x')));
	/* Two digits follow \x and nothing else, and a splice does not follow another. */
	wrong |= number ^ EQUAL(before, PAIR('\\', 'x'));
	wrong |= splice & EQUAL(before, PAIR('\\', '\n'));
	memcpy(any, &wrong, sizeof(any));
	if (any[0] | any[1])
		return false;
	value = (pairs)(((chars)pair & 0xf) + (letter & 9));
	value = (value << 4 | value >> 8) & number & 0xff;
	number |= zero;
	*ret = (struct block){.value = (fours)value, .kept = (fours)number};
	return true;
}

static inline uint8_t *put_pair(uint8_t *to, uint64_t value, uint64_t kept)
{
	*to = (uint8_t)value;
	return to + (kept & 1);
}

static inline uint8_t *put_four(uint8_t *to, uint64_t value, uint64_t kept)
{
	to = put_pair(to, value, kept);
	to = put_pair(to, value >> 16, kept >> 16);
	to = put_pair(to, value >> 32, kept >> 32);
	return put_pair(to, value >> 48, kept >> 48);
}

/*
 * Decode blocks from the escape at AT on. Returns the position from which C's rules have to decide:
 * that of the last escape, because what follows it may belong to it.
 */
static size_t read_blocks(struct view text, size_t at, struct buf *sink)
{
	const uint8_t *start = text.data + at, *in = start, *end = text.data + text.size;
	uint8_t *out = sink->data + sink->size, *full = sink->data + sink->room;
	struct block block;

	if (__BYTE_ORDER != __LITTLE_ENDIAN || at < 2 || in == end || *in != '\\')
		return at;
	/* An escape is two or four characters, so that it begins at an even number of them. */
	while (end - in >= BLOCK && full - out > PAIRS && decode_block(in, &block)) {
		out = put_four(out, block.value[0], block.kept[0]);
		out = put_four(out, block.value[1], block.kept[1]);
		in += BLOCK;
	}
	if (in == start)
		return at;
	in -= in[-1] == 'x' ? 2 : 0;
	in -= in[-1] == '\n' ? 2 : 0;
	in -= in[-2] == '\\' ? 2 : 4;
	sink->size = (size_t)(out - 1 - sink->data);
	return (size_t)(in - text.data);
}

/*
 * Reserve room for the literal at AT: if it is all \xNN and \0, half of the bytes up to the next
 * quote.
 */
static void reserve(struct view text, size_t at, struct buf *sink)
{
	const uint8_t *quote = memchr(text.data + at, '"', text.size - at);

	buf_reserve(sink, quote ? (size_t)(quote - (text.data + at)) / 2 + 1 : 1);
}

int lexer_literal(struct lexer *lexer, size_t *at, struct buf *sink)
{
	struct view text = lexer->text;
	size_t in = *at + 1, splice;
	uint8_t byte;
	int rc;

	reserve(text, in, sink);
	for (;;) {
		if (sink->failed)
			return err_nomem(lexer->err);
		in = read_blocks(text, in, sink);
		byte = byte_at(text, in);
		if (byte == '"')
			break;
		if (!byte)
			return err_line(lexer->err, -EBADMSG, lexer_line(lexer, in),
					"the header ends inside a string literal (was bpftool "
					"interrupted? generate the header again)");
		if (byte == '\n')
			return literal_error(lexer, in, "newline");
		/* The compiler's character set would decide which bytes these are. */
		if (byte > '~')
			return literal_error(lexer, in, "a non-ASCII byte");
		splice = lexer_splice(text, in);
		if (splice) {
			in += splice;
			continue;
		}
		if (byte == '\\') {
			rc = read_escape(lexer, &in, &byte);
			if (rc)
				return rc;
		} else {
			in++;
		}
		buf_add(sink, &byte, 1);
	}
	*at = in + 1;
	return 0;
}
