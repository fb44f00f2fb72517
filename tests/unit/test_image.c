// SPDX-License-Identifier: BSD-2-Clause
/* The signed image as a file: what docs/image.md says, one way to write it, and nothing else. */
#include "image/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "failing.h"
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
		CHECK_INT(image_file_write(&file.image, &file.skel, file.big, &again, NULL, &err),
			  0);
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
							   &again, NULL, &err),
					  0);
				CHECK(view_equal(view_head(buf_view(&bytes), file.size),
						 buf_view(&again)));
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
	CHECK_STR(err.text,
		  "offset 136: a record of 25 bytes is longer than the rest of the image");
	CHECK_INT(EDIT(&b, "\0\0\0\x21\0\0\0\x13", "\0\0\0\x21\xff\xff\xff\xff"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p\0", "\0\0\0\4\xff\xff\xff\xffp\0"), -EBADMSG);
	CHECK_STR(err.text, "offset 144: the name of a program is longer than its record");
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

TEST(the_size_in_the_head_is_a_multiple_of_8_from_16_up_to_that_of_the_file)
{
	static const uint8_t wrong[] = {0, 8, 92, 104};
	_image_file_ struct image_file file = {.size = 0};
	_buf_ struct buf a = example(0);

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		a.data[12] = wrong[i];
		CHECK_INT(parse(&a, &file), -EBADMSG);
		CHECK(!strncmp(err.text, "offset 12: the image has ", 25));
	}
	/* the smallest, but for its records */
	a.data[12] = 16;
	CHECK_INT(parse(&a, &file), -EBADMSG);
	CHECK_STR(err.text, "an image must have a name, data and instructions");
}

TEST(names_maps_and_programs_are_what_they_can_be)
{
	_buf_ struct buf b = example(1);

	CHECK_INT(EDIT(&b, "ab\0\0", "a\0\0\0"), -EBADMSG);
	CHECK_INT(EDIT(&b, "ab\0\0", "abc\0"), -EBADMSG);
	CHECK_INT(EDIT(&b, "ab\0\0", "0b\0\0"), -EBADMSG);
	CHECK_STR(err.text,
		  "offset 24: expected an identifier of C of up to 63 characters and a NUL");
	CHECK_INT(EDIT(&b, "ab\0\0", "do\0\0"), 0);
	/* records that end where a name begins, or before that */
	CHECK_INT(EDIT(&b, "\0\0\0\x20\0\0\0\x0e", "\0\0\0\x20\0\0\0\x0c"), -EBADMSG);
	CHECK_STR(err.text,
		  "offset 100: expected an identifier of C of up to 511 characters and a NUL");
	CHECK_INT(EDIT(&b, "\0\0\0\x20\0\0\0\x0e", "\0\0\0\x20\0\0\0\x0b"), -EBADMSG);
	CHECK_STR(err.text, "offset 88: a map has 11 bytes: expected more than 12");
	CHECK_INT(EDIT(&b, "\0\0\0\x13\0\0\0\4\0\0\0\2p\0kprobe/x\0\0\0\0\0\0",
		       "\0\0\0\x08\0\0\0\4\0\0\0\0"),
		  -EBADMSG);
	CHECK_STR(err.text,
		  "offset 152: expected an identifier of C of up to 511 characters and a NUL");
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
	CHECK_INT(EDIT(&b, "kprobe/x", "fprobe/x"), 0);
	CHECK_INT(EDIT(&b, "kprobe/x", "kprobe \xc3"), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kprobe \\"), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kprobe\nx"), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kprobe/\""), -EBADMSG);
	CHECK_INT(EDIT(&b, "kprobe/x", "kpr\0be/x"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\1\0\0\0\2p"), 0);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\0\0\0\0\2p"), -EBADMSG);
	CHECK_INT(EDIT(&b, "\0\0\0\4\0\0\0\2p", "\0\0\0\6\0\0\0\2p"), -EBADMSG);
}

TEST(a_section_that_this_tool_does_not_know_is_written_again)
{
	_buf_ struct buf bytes = example(1), again = {0};
	_image_file_ struct image_file file = {.size = 0};
	uint8_t *at = memmem(bytes.data, bytes.size, "kprobe/x", 8);

	CHECK(at);
	memcpy(at, "fprobe~!", 8);
	CHECK_INT(parse(&bytes, &file), 0);
	CHECK_INT(file.skel.progs[0].attach, SKEL_ATTACH_UNKNOWN);
	CHECK_STR(file.skel.progs[0].target, "fprobe~!");
	CHECK_INT(image_file_write(&file.image, &file.skel, file.big, &again, NULL, &err), 0);
	CHECK(view_equal(buf_view(&bytes), buf_view(&again)));
}

TEST(the_name_of_an_image_has_up_to_63_characters)
{
#define A_21 "aaaaaaaaaaaaaaaaaaaaa"
	_buf_ struct buf b = example(1);

	CHECK_INT(EDIT(&b, "\3ab\0\0\0\0\0\0", "\x40" A_21 A_21 A_21 "\0"), 0);
	CHECK_INT(EDIT(&b, "\3ab\0\0\0\0\0\0", "\x41" A_21 A_21 A_21 "a\0\0\0\0\0\0\0\0"),
		  -EBADMSG);
	CHECK_STR(err.text,
		  "offset 24: expected an identifier of C of up to 63 characters and a NUL");
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

TEST(a_signature_has_up_to_1_mib)
{
	for (uint32_t size = 1 << 20; size <= (1 << 20) + 1; size++) {
		const uint8_t head[8] = {16, 0, 0, 0, (uint8_t)size, 0, 16, 0};
		_buf_ struct buf record = {0};

		buf_add(&record, head, sizeof(head));
		memset(buf_space(&record, (size + 7) & ~7u), 0, size);
		CHECK_INT(parse_with((const char *)record.data, record.size, 1),
			  size > 1 << 20 ? -EBADMSG : 0);
	}
	CHECK_STR(err.text,
		  "offset 80: a record of type 16 has 1048577 bytes: expected 1 to 1048576");
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

TEST(an_image_has_up_to_64_mib)
{
	const uint32_t most = 64 << 20;
	_buf_ struct buf a = example(0);
	_image_file_ struct image_file file = {.size = 0};
	const uint32_t rest = most - (uint32_t)a.size - 8;
	const uint8_t head[8] = {0,
				 0,
				 0,
				 0x80,
				 (uint8_t)rest,
				 (uint8_t)(rest >> 8),
				 (uint8_t)(rest >> 16),
				 (uint8_t)(rest >> 24)};

	buf_add(&a, head, sizeof(head));
	memset(buf_space(&a, rest + 8), 0, rest + 8);
	memcpy(a.data + 12, "\0\0\0\4", 4);
	CHECK_INT(parse(&a, &file), 0);
	CHECK(file.size == most);
	image_file_free(&file);
	a.data[12] = 8;
	CHECK_INT(parse(&a, &file), -EBADMSG);
	CHECK(!strncmp(err.text, "offset 12: the image has 67108872 bytes", 39));
}

/* --- write --- */

static int write_image(const struct image_file *file, struct buf *ret)
{
	memset(&err, 0, sizeof(err));
	return image_file_write(&file->image, &file->skel, false, ret, NULL, &err);
}

TEST(a_form_is_written_with_its_signature_and_not_without)
{
	static const enum scheme schemes[] = {SCHEME_INSNS, SCHEME_INSNS_HASH};
	_buf_ struct buf bytes = example(0);
	_image_file_ struct image_file file = {.size = 0};

	CHECK_INT(parse(&bytes, &file), 0);
	buf_add_str(&file.image.insns_checked, "checked.");
	buf_add_str(&file.image.insns_hash, "hashonly");
	for (size_t i = 0; i <= ARRAY_SIZE(schemes); i++) {
		_image_file_ struct image_file again = {.size = 0};
		_buf_ struct buf out = {0};

		CHECK_INT(write_image(&file, &out), 0);
		CHECK_INT(parse(&out, &again), 0);
		CHECK((again.image.insns_checked.size == 8) == (i > 0));
		CHECK((again.image.insns_hash.size == 8) == (i > 1));
		if (i < ARRAY_SIZE(schemes))
			buf_add_str(&file.image.sig[schemes[i]], "signature");
	}
}

TEST(a_program_that_is_not_loaded_is_not_written)
{
	_buf_ struct buf a = example(0), both = {0};
	_image_file_ struct image_file file = {.size = 0};

	buf_add_view(&both, buf_view(&a));
	buf_add_view(&both, view_sub(buf_view(&a), 72, a.size - 72));
	both.data[12] = (uint8_t)both.size;
	CHECK_INT(parse(&both, &file), 0);
	for (size_t i = 0; i < 2; i++) {
		_buf_ struct buf out = {0};

		CHECK_INT(write_image(&file, &out), 0);
		CHECK(view_equal(buf_view(&out), buf_view(i ? &a : &both)));
		file.skel.progs[0].skipped = true;
	}
}

TEST(what_cannot_be_read_is_not_written)
{
	_buf_ struct buf a = example(0), out = {0};
	_image_file_ struct image_file file = {.size = 0};

	CHECK_INT(parse(&a, &file), 0);
	file.skel.name[0] = '0';
	CHECK_INT(write_image(&file, &out), -EBADMSG);
	CHECK(!out.data);
}

TEST(each_allocation_that_fails_is_an_error)
{
	_buf_ struct buf bytes = example(1);
	size_t nr = 0;

	for (bool failed = true; failed; nr++) {
		_image_file_ struct image_file file = {.size = 0};
		_buf_ struct buf out = {0};
		int rc;

		until_failure = nr;
		rc = parse(&bytes, &file) ?: write_image(&file, &out);
		failed = has_failed();
		CHECK_INT(rc, failed ? -ENOMEM : 0);
		CHECK(!out.data == failed);
	}
	CHECK(nr > 20);
}

TEST(optional_records_are_passed_over)
{
	_buf_ struct buf a = example(0);
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
