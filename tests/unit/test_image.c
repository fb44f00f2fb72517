// SPDX-License-Identifier: BSD-2-Clause
/* The signed image as a file: what docs/image.md says, one way to write it, and nothing else. */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "unit.h"

static struct err err;

static bool is_byte(const char *hex)
{
	return strspn(hex, "0123456789abcdef") == 2 && (hex[2] == ' ' || hex[2] == '\n');
}

/* The bytes of example NUMBER (from 0) in docs/image.md, whose lines are two columns. */
static struct buf example(int number)
{
	struct buf bytes = {0};
	_buf_ struct buf text = {0};
	const char *at;

	CHECK_INT(file_read("docs/image.md", FILE_SIZE_MAX, &text, &err), 0);
	at = buf_cstr(&text);
	for (int i = 0; i <= number; i++)
		at = strstr(at, "```hex\n") + strlen("```hex\n");
	for (; strncmp(at, "```", 3); at = strchr(at, '\n') + 1) {
		for (const char *hex = at; is_byte(hex); hex += 2 + strspn(hex + 2, " ")) {
			uint8_t byte = (uint8_t)strtoul(hex, NULL, 16);

			buf_add(&bytes, &byte, 1);
		}
	}
	return bytes;
}

static int parse(const struct buf *bytes, struct image_file *ret)
{
	int rc;

	memset(&err, 0, sizeof(err));
	*ret = (struct image_file){.size = 0};
	rc = image_file_parse(buf_view(bytes), ret, &err);
	CHECK(rc == err.code && (!rc || *err.text));
	return rc;
}

/* Parse BYTES after FROM, which must be there once, was replaced by TO. */
static int parse_edited(const struct buf *bytes, const char *from, size_t from_size, const char *to,
			size_t to_size)
{
	const uint8_t *at = memmem(bytes->data, bytes->size, from, from_size);
	size_t before = at ? (size_t)(at - bytes->data) : 0;
	_image_file_ struct image_file file = {.size = 0};
	_buf_ struct buf edited = {0};

	CHECK(at);
	buf_add(&edited, bytes->data, before);
	buf_add(&edited, to, to_size);
	buf_add(&edited, bytes->data + before + from_size, bytes->size - before - from_size);
	/* the size of the whole, in either byte order */
	edited.data[bytes->data[8] ? 12 : 15] = (uint8_t)edited.size;
	return parse(&edited, &file);
}

#define EDIT(bytes, from, to) parse_edited(bytes, from, sizeof(from) - 1, to, sizeof(to) - 1)

TEST(the_examples_of_the_document_are_read)
{
	_buf_ struct buf first = example(0), second = example(1);
	_image_file_ struct image_file a = {.size = 0}, b = {.size = 0};

	CHECK_INT(parse(&first, &a), 0);
	CHECK(!a.big && a.size == 96 && !a.has_unknown);
	CHECK_STR(a.skel.name, "a");
	CHECK(view_equal(buf_view(&a.image.maps[0].value), view_lit("data\0\0\0\0")));
	CHECK_INT((long long)a.image.insns.size, 16);
	CHECK(!a.image.sig[SCHEME_FOLDED].data && !a.skel.nr_maps);
	CHECK_STR(a.skel.progs[0].ident, "p");
	CHECK_INT(a.skel.progs[0].attach, SKEL_ATTACH_TRACING);
	CHECK_INT(parse(&second, &b), 0);
	CHECK(b.big && b.size == 168);
	CHECK_STR(b.skel.name, "ab");
	CHECK(view_equal(buf_view(&b.image.sig[SCHEME_FOLDED]), view_lit("0\2\5\0")));
	CHECK(b.skel.maps[0].pinned && !b.skel.maps[1].pinned);
	CHECK(!b.skel.maps[0].mapped && b.skel.maps[1].mapped && b.skel.maps[1].read_only);
	CHECK_STR(b.skel.maps[1].ident, "rodata");
	CHECK_INT((long long)b.skel.maps[1].value.size, 4);
	CHECK_STR(b.skel.progs[0].target, "kprobe/x");
}

TEST(the_examples_are_written_again_with_the_same_bytes)
{
	for (int i = 0; i < 2; i++) {
		_buf_ struct buf bytes = example(i), again = {0};
		_image_file_ struct image_file file = {.size = 0};

		CHECK_INT(parse(&bytes, &file), 0);
		CHECK_INT(image_file_write(&file.image, &file.skel, file.big, &again, &err), 0);
		CHECK(view_equal(buf_view(&bytes), buf_view(&again)));
	}
}

TEST(each_bit_is_of_consequence)
{
	for (int i = 0; i < 2; i++) {
		_buf_ struct buf bytes = example(i);

		for (size_t bit = 0; bit < 8 * bytes.size; bit++) {
			_image_file_ struct image_file file = {.size = 0};
			_buf_ struct buf again = {0};

			bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (!parse(&bytes, &file) && !file.has_unknown) {
				CHECK_INT(image_file_write(&file.image, &file.skel, file.big,
							   &again, &err),
					  0);
				CHECK(view_equal(buf_view(&bytes), buf_view(&again)));
			}
			bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

TEST(a_part_of_an_image_is_refused_and_what_follows_it_is_not_of_it)
{
	_buf_ struct buf bytes = example(1);
	_image_file_ struct image_file file = {.size = 0};
	const size_t size = bytes.size;

	for (bytes.size = 0; bytes.size < size; bytes.size++)
		CHECK_INT(parse(&bytes, &file), -EBADMSG);
	buf_add_str(&bytes, "more");
	CHECK_INT(parse(&bytes, &file), 0);
	CHECK_INT((long long)file.size, (long long)size);
}

TEST(what_breaks_a_rule_is_refused_with_the_offset)
{
	_buf_ struct buf a = example(0), b = example(1);

	/* head */
	CHECK_INT(EDIT(&a, "\x1a\1\0\0\0", "\x1a\2\0\0\0"), -EBADMSG);
	CHECK_STR(err.text, "offset 8: version 2 of signed images: use a newer bpf-chainsign");
	CHECK_INT(EDIT(&a, "BPFS\r\n", "BPFS\n"), -EBADMSG);
	/* order, and twice */
	CHECK_INT(EDIT(&b, "\0\0\0\3\0\0\0\10", "\0\0\0\2\0\0\0\10"), -EBADMSG);
	CHECK_STR(err.text, "offset 48: a record of type 2 cannot follow one of type 2");
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4", "\0\0\0\1\0\0\0\4"), -EBADMSG);
	/* padding, and lengths that are not inside */
	CHECK_INT(EDIT(&b, "\1\2\3\0\0\0\0\0", "\1\2\3\0\0\0\0\1"), -EBADMSG);
	CHECK_STR(err.text, "offset 47: expected zeros after a record");
	CHECK_INT(EDIT(&b, "\0\0\0\x21\0\0\0\x13", "\0\0\0\x21\0\0\0\x19"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\x21\0\0\0\x13", "\0\0\0\x21\xff\xff\xff\xff"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p\0", "\0\0\0\4\xff\xff\xff\xffp\0"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p\0", "\0\0\0\4\0\0\0\x0cp\0"), -EBADMSG);
	/* types */
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4", "\0\0\0\x14\0\0\0\4"), -EBADMSG);
	CHECK_STR(err.text, "offset 64: unknown type 20 of a record: use a newer bpf-chainsign");
	/* forms and their signatures */
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4", "\0\0\0\x13\0\0\0\4"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4\x30\2\5\0\0\0\0\0",
		       "\0\0\0\4\0\0\0\10\x95\0\0\0\0\0\0\0"),
		  -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4", "\0\0\0\x12\0\0\0\4"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4\x30\2\5\0\0\0\0\0",
		       "\0\0\0\4\0\0\0\10\x95\0\0\0\0\0\0\0"
		       "\0\0\0\x12\0\0\0\4\x30\2\5\0\0\0\0\0"),
		  0);
	/* instructions that are not whole, or none */
	CHECK_INT(EDIT(&b, "\0\0\0\3\0\0\0\10", "\0\0\0\3\0\0\0\7"), -EINVAL);
	CHECK_INT(EDIT(&b, "\0\0\0\x10\0\0\0\4\x30\2\5\0\0\0\0\0", "\0\0\0\x10\0\0\0\0"), -EBADMSG);
	/* something is missing */
	CHECK_INT(EDIT(&b, "\0\0\0\2\0\0\0\3\1\2\3\0\0\0\0\0", ""), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\3\0\0\0\10\x95\0\0\0\0\0\0\0", ""), -EBADMSG);
	CHECK_INT(EDIT(&b,
		       "\0\0\0\1\0\0\0\3"
		       "ab\0\0\0\0\0\0",
		       ""),
		  -EBADMSG);
}

TEST(names_maps_and_programs_are_what_they_can_be)
{
	_buf_ struct buf b = example(1);

	CHECK_INT(EDIT(&b, "ab\0\0", "a\0\0\0"), -EBADMSG);
	CHECK_INT(EDIT(&b, "ab\0\0", "abc\0"), -EBADMSG);
	CHECK_INT(EDIT(&b, "ab\0\0", "0b\0\0"), -EBADMSG);
	CHECK_STR(err.text, "offset 24: expected a name in C of up to 63 characters and a NUL");
	CHECK_INT(EDIT(&b, "ab\0\0", "do\0\0"), -EBADMSG);
	/* kinds */
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\2\0\0\0\4\0\0\0\0rod"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\3\0\0\0\4\0\0\0\0rod"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\4\0\0\0\4\0\0\0\0rod"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\5\0\0\0\4\0\0\0\0rod"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\6\0\0\0\4\0\0\0\0rod"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\0\0\0\0\4\0\0\0\0rod"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\1\0\0\0\0rod"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\1\0\0\0\4\0\0\0\0rod", "\0\0\0\1\1\0\0\0rod"), -EBADMSG);
	/* pinned */
	CHECK_INT(EDIT(&b, "\0\0\0\1m", "\0\0\0\0m"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\1m", "\0\0\0\2m"), -EBADMSG);
	/* ways */
	CHECK_INT(EDIT(&b, "kprobe/x", "fprobe/x"), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kprobe/\""), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kpr\0be/x"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\1\0\0\0\2p"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\0\0\0\0\2p"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\6\0\0\0\2p"), -EBADMSG);
}

TEST(a_short_image_cannot_ask_for_much_memory)
{
	_buf_ struct buf b = example(1);

#define MAP_B "\0\0\0\x20\0\0\0\x0e\0\0\0\5"
	CHECK_INT(EDIT(&b, "\0\0\0\x21\0\0\0\x13",
		       MAP_B "\0\xff\xff\xfb\0\0\0\0b\0\0\0\0\0\0\x21\0\0\0\x13"),
		  0);
	CHECK_INT(EDIT(&b, "\0\0\0\x21\0\0\0\x13",
		       MAP_B "\0\xff\xff\xfc\0\0\0\0b\0\0\0\0\0\0\x21\0\0\0\x13"),
		  -EBADMSG);
	CHECK_STR(err.text,
		  "offset 148: the variables of map b cannot have 16777212 bytes: "
		  "expected at least 1, at most 16777215 in all maps, and 0 where there "
		  "are none");
}

/* Example 0 with NR records RECORD of SIZE bytes before its program: what parse() says. */
static int parse_with(const char *record, size_t size, size_t nr)
{
	_buf_ struct buf a = example(0), many = {0};
	_image_file_ struct image_file file = {.size = 0};
	const size_t program = 72;

	buf_add(&many, a.data, program);
	for (size_t i = 0; i < nr; i++)
		buf_add(&many, record, size);
	buf_add(&many, a.data + program, a.size - program);
	for (int i = 0; i < 4; i++)
		many.data[12 + i] = (uint8_t)(many.size >> 8 * i);
	return parse(&many, &file);
}

TEST(there_are_up_to_64_maps_and_1024_programs)
{
	static const char map[] = "\x20\0\0\0\x0e\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0m\0\0\0";
	static const char prog[] = "\x21\0\0\0\x0a\0\0\0\0\0\0\0\2\0\0\0p\0\0\0\0\0\0\0";

	CHECK_INT(parse_with(map, sizeof(map) - 1, 64), 0);
	CHECK_INT(parse_with(map, sizeof(map) - 1, 65), -EBADMSG);
	CHECK_INT(parse_with(prog, sizeof(prog) - 1, 1023), 0);
	CHECK_INT(parse_with(prog, sizeof(prog) - 1, 1024), -EBADMSG);
}

TEST(optional_records_are_passed_over)
{
	_buf_ struct buf a = example(0), again = {0};
	_image_file_ struct image_file file = {.size = 0};

	buf_add(&a, "\0\0\0\x80\1\0\0\0x\0\0\0\0\0\0\0", 16);
	a.data[12] = (uint8_t)a.size;
	CHECK_INT(parse(&a, &file), 0);
	CHECK(file.has_unknown && file.size == 112);
	/* each at most once */
	buf_add(&a, "\0\0\0\x80\1\0\0\0x\0\0\0\0\0\0\0", 16);
	a.data[12] = (uint8_t)a.size;
	image_file_free(&file);
	CHECK_INT(parse(&a, &file), -EBADMSG);
}

UNIT_MAIN
