// SPDX-License-Identifier: BSD-2-Clause
/* Signed images are found in ELF files of every kind and in archives, and nothing hostile hurts. */
#include "program/program.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "unit.h"

static struct err err;

/* --- files --- */

static void put(struct buf *out, bool big, size_t size, uint64_t number)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)(number >> 8 * (big ? size - 1 - i : i));

		buf_add(out, &byte, 1);
	}
}

/* An image of 96 bytes called NAME (up to 7 letters) whose data is DATA. */
static struct buf image(const char *name, uint64_t data)
{
	struct buf out = {0};
	size_t size = strlen(name) + 1;

	buf_add(&out,
		"\x89"
		"BPFS\r\n\x1a",
		8);
	put(&out, false, 4, 1);
	put(&out, false, 4, 96);
	put(&out, false, 4, 1);
	put(&out, false, 4, size);
	buf_add(&out, name, size);
	buf_space(&out, 8 - size);
	put(&out, false, 4, 2);
	put(&out, false, 4, 8);
	put(&out, false, 8, data);
	put(&out, false, 4, 3);
	put(&out, false, 4, 16);
	put(&out, false, 8, 0xb7);
	put(&out, false, 8, 0x95);
	put(&out, false, 4, 33);
	put(&out, false, 4, 10);
	put(&out, false, 4, 2);
	put(&out, false, 4, 2);
	buf_add(&out, "p\0\0\0\0\0\0", 8);
	return out;
}

#define SECTIONS_MAX 40

struct section {
	struct view bytes;
	const char *name; /* NULL: PROGRAM_SECTION */
	uint32_t type;	  /* 0: SHT_PROGBITS */
	uint64_t flags;
	int64_t more; /* added to its size in the header */
};

struct elf {
	bool wide, big, no_sections;
	uint16_t type, machine; /* 0: ET_DYN, x86-64 */
	struct section list[SECTIONS_MAX];
	size_t nr;
	bool same_place;  /* all sections are where the first is */
	uint32_t flags;	  /* of the segment; 0: PF_R */
	size_t extension; /* how many headers are counted in the first one */
	size_t where;	  /* set: the offset of the first section */
};

static void put_head(struct buf *out, const struct elf *elf, uint64_t sections, size_t nr)
{
	const size_t word = elf->wide ? 8 : 4;
	const bool big = elf->big;

	buf_add(out, ELFMAG, SELFMAG);
	put(out, big, 1, elf->wide ? ELFCLASS64 : ELFCLASS32);
	put(out, big, 1, big ? ELFDATA2MSB : ELFDATA2LSB);
	put(out, big, 1, 1);
	buf_space(out, 9);
	put(out, big, 2, elf->type ?: ET_DYN);
	put(out, big, 2, elf->machine ?: EM_X86_64);
	put(out, big, 4, 1);
	put(out, big, word, 0);
	put(out, big, word, elf->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put(out, big, word, elf->no_sections ? 0 : sections);
	put(out, big, 4, 0);
	put(out, big, 2, elf->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr));
	put(out, big, 2, elf->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr));
	put(out, big, 2, 1);
	put(out, big, 2, elf->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
	put(out, big, 2, elf->no_sections || elf->extension ? 0 : nr);
	put(out, big, 2, elf->no_sections ? 0 : elf->extension ? SHN_XINDEX : 1);
}

/* One segment: the whole file, up to its section headers. */
static void put_segment(struct buf *out, const struct elf *elf, uint64_t size)
{
	const size_t word = elf->wide ? 8 : 4;
	const uint32_t flags = elf->flags ?: PF_R;

	put(out, elf->big, 4, PT_LOAD);
	if (elf->wide)
		put(out, elf->big, 4, flags);
	put(out, elf->big, word, 0);
	put(out, elf->big, word, 0);
	put(out, elf->big, word, 0);
	put(out, elf->big, word, size);
	put(out, elf->big, word, size);
	if (!elf->wide)
		put(out, elf->big, 4, flags);
	put(out, elf->big, word, 4096);
}

static void put_section(struct buf *out, const struct elf *elf, uint32_t name,
			const struct section *section, uint64_t offset)
{
	const size_t word = elf->wide ? 8 : 4;

	put(out, elf->big, 4, name);
	put(out, elf->big, 4, section->type ?: SHT_PROGBITS);
	put(out, elf->big, word, section->flags);
	put(out, elf->big, word, 0);
	put(out, elf->big, word, offset);
	put(out, elf->big, word, section->bytes.size + (uint64_t)section->more);
	put(out, elf->big, 4, 0);
	put(out, elf->big, 4, 0);
	put(out, elf->big, word, 8);
	put(out, elf->big, word, 0);
}

/* The section header with index 0. */
static void put_first(struct buf *out, const struct elf *elf, size_t nr)
{
	const size_t word = elf->wide ? 8 : 4;

	put(out, elf->big, 8, 0);
	buf_space(out, 3 * word);
	put(out, elf->big, word, elf->extension ? nr : 0);
	put(out, elf->big, 4, elf->extension ? 1 : 0);
	buf_space(out, 4 + 2 * word);
}

/* The bytes of ELF: headers, sections, their names, their headers. */
static struct buf build(struct elf *elf)
{
	_buf_ struct buf body = {0}, names = {0};
	const size_t head = elf->wide ? sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr)
				      : sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr);
	const size_t begin = head + -head % 8, nr = elf->nr + 2;
	size_t offsets[SECTIONS_MAX], at[SECTIONS_MAX], strings;
	struct buf out = {0};

	buf_space(&names, 1);
	for (size_t i = 0; i < elf->nr; i++) {
		const struct section *section = &elf->list[i];

		offsets[i] = elf->same_place ? begin : begin + body.size;
		at[i] = names.size;
		buf_add(&names, section->name ?: PROGRAM_SECTION,
			strlen(section->name ?: PROGRAM_SECTION) + 1);
		if (!elf->same_place || !i)
			buf_add_view(&body, section->bytes);
		buf_space(&body, -body.size % 8);
	}
	strings = begin + body.size;
	buf_add_view(&body, buf_view(&names));
	buf_space(&body, -body.size % 8);
	put_head(&out, elf, begin + body.size, nr);
	put_segment(&out, elf, begin + body.size);
	buf_space(&out, begin - out.size);
	buf_add_view(&out, buf_view(&body));
	elf->where = begin;
	if (elf->no_sections)
		return out;
	put_first(&out, elf, nr);
	put_section(&out, elf, 0, &(struct section){.bytes = buf_view(&names), .type = SHT_STRTAB},
		    strings);
	for (size_t i = 0; i < elf->nr; i++)
		put_section(&out, elf, (uint32_t)at[i], &elf->list[i], offsets[i]);
	return out;
}

/* What program_find_in() says of BYTES; ERR has a text if and only if it fails. */
static int find(struct view bytes, struct program *ret)
{
	int rc;

	*ret = (struct program){.nr = 0};
	memset(&err, 0, sizeof(err));
	rc = program_find_in(bytes, ret, &err);
	CHECK(rc == err.code && (!rc || *err.text));
	for (size_t i = 0; i < ret->nr; i++) {
		const struct program_image *image = &ret->list[i];

		CHECK(*image->name && image->copies && image->size <= bytes.size &&
		      image->offset <= bytes.size - image->size);
	}
	return rc;
}

/* The same for ELF, how many images it has, and whether TEXT is in the message. */
static int find_elf(struct elf *elf, struct program *ret)
{
	_buf_ struct buf bytes = build(elf);

	return find(buf_view(&bytes), ret);
}

static void check_refused(struct elf *elf, size_t nr, const char *text)
{
	_program_ struct program program = {.nr = 0};

	CHECK_INT(find_elf(elf, &program), -EBADMSG);
	CHECK_INT((long long)program.nr, (long long)nr);
	if (!CHECK(strstr(err.text, text)))
		printf("# %s\n", err.text);
}

/* --- tests --- */

TEST(images_are_found_in_every_class_and_byte_order)
{
	_buf_ struct buf both = image("a", 1), b = image("b", 2);

	buf_space(&both, 24);
	buf_add_view(&both, buf_view(&b));
	buf_space(&both, 5);
	for (int i = 0; i < 16; i++) {
		struct elf elf = {
			.wide = i & 1,
			.big = i & 2,
			.no_sections = i & 4,
			.type = i & 8 ? ET_EXEC : ET_REL,
			.machine = i & 2 ? EM_S390 : EM_ARM,
			.list = {{.bytes = view_lit("text"), .name = ".text"},
				 {.bytes = buf_view(&both)}},
			.nr = 2,
		};
		_program_ struct program program = {.nr = 0};

		CHECK_INT(find_elf(&elf, &program), 0);
		if (!CHECK_INT((long long)program.nr, 2))
			continue;
		CHECK_STR(program.list[0].name, "a");
		CHECK_STR(program.list[1].name, "b");
		CHECK_INT((long long)program.list[0].offset, (long long)elf.where + 8);
		CHECK_INT((long long)program.list[1].offset, (long long)elf.where + 8 + 96 + 24);
		CHECK(program.list[1].size == 96 && program.list[1].copies == 1);
		CHECK(!program.list[0].is_writable && !program.list[0].has_namesake);
	}
}

TEST(only_programs_are_read)
{
	_buf_ struct buf a = image("a", 1);
	struct elf bpf = {.wide = true,
			  .type = ET_REL,
			  .machine = EM_BPF,
			  .list = {{.bytes = buf_view(&a)}},
			  .nr = 1};
	struct elf core = {
		.wide = true, .type = ET_CORE, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	_program_ struct program one = {.nr = 0}, two = {.nr = 0}, three = {.nr = 0};

	CHECK_INT(find_elf(&bpf, &one), ERR_NO_INPUT);
	CHECK_INT(find_elf(&core, &two), ERR_NO_INPUT);
	CHECK_INT(find(buf_view(&a), &three), ERR_NO_INPUT);
	CHECK_INT(find(view_lit(""), &three), ERR_NO_INPUT);
	CHECK_INT(find(view_lit("!<thin>\n"), &three), ERR_NO_INPUT);
}

TEST(a_program_may_have_no_image)
{
	_buf_ struct buf a = image("a", 1);
	struct elf elf = {.wide = true,
			  .list = {{.bytes = buf_view(&a), .name = ".bpf_signe"},
				   {.bytes = buf_view(&a), .name = ".bpf_signed.x"},
				   {.bytes = {NULL, 0}}},
			  .nr = 3};
	struct elf empty = {.wide = true, .no_sections = true};
	_program_ struct program program = {.nr = 0}, none = {.nr = 0};

	CHECK_INT(find_elf(&elf, &program), 0);
	CHECK_INT((long long)program.nr, 0);
	CHECK_INT(find_elf(&empty, &none), 0);
	CHECK_INT((long long)none.nr, 0);
}

TEST(the_number_of_sections_may_be_in_the_first_header)
{
	_buf_ struct buf a = image("a", 1);
	struct elf elf = {.wide = true, .extension = 1, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	_program_ struct program program = {.nr = 0};

	CHECK_INT(find_elf(&elf, &program), 0);
	CHECK_INT((long long)program.nr, 1);
}

TEST(what_is_between_images_must_be_zeros)
{
	_buf_ struct buf a = image("a", 1), odd = image("a", 1), junk = image("a", 1);
	struct elf elf = {.wide = true, .nr = 1};

	buf_space(&odd, 4);
	buf_add_view(&odd, buf_view(&a));
	elf.list[0] = (struct section){.bytes = buf_view(&odd)};
	check_refused(&elf, 1, "something that is not a signed image");
	buf_add(&junk, "\0\0\0\0\0\0\0\0\1", 9);
	elf.list[0].bytes = buf_view(&junk);
	check_refused(&elf, 1, "something that is not a signed image");
	/* cut off in the second image, and in its head */
	elf.list[0].bytes = view_head(buf_view(&a), 88);
	check_refused(&elf, 0, "truncated or damaged");
	elf.list[0].bytes = view_head(buf_view(&a), 20);
	check_refused(&elf, 0, "truncated or damaged");
	elf.list[0].bytes = view_head(buf_view(&a), 12);
	check_refused(&elf, 0, "signed image");
}

TEST(the_head_of_an_image_must_be_right)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} edits[] = {{0, 'x'}, {7, 0},	{8, 2},	  {12, 97},  {12, 104},
		     {16, 2},  {20, 1}, {20, 66}, {24, '1'}, {25, 'x'}};

	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		_buf_ struct buf a = image("a", 1);
		struct elf elf = {.wide = true, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
		struct elf bare = elf;
		_program_ struct program program = {.nr = 0};

		a.data[edits[i].at] = edits[i].byte;
		check_refused(&elf, 0, "something that is not a signed image");
		/* where nothing says that it must be one, it is none, unless it fits */
		if (edits[i].byte == 104)
			continue;
		bare.no_sections = true;
		CHECK_INT(find_elf(&bare, &program), 0);
		CHECK_INT((long long)program.nr, 0);
	}
}

TEST(sections_that_cannot_be_read_are_named)
{
	_buf_ struct buf a = image("a", 1);
	struct elf elf = {.wide = true, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	struct section good = elf.list[0];

	elf.list[0].type = SHT_NOBITS;
	check_refused(&elf, 0, "has no contents in this file");
	elf.list[0] = good;
	elf.list[0].flags = SHF_COMPRESSED;
	check_refused(&elf, 0, "is compressed");
	elf.list[0] = good;
	elf.list[0].type = SHT_NOTE;
	check_refused(&elf, 0, "is of type 7, expected PROGBITS (1)");
	elf.list[0] = good;
	elf.list[0].more = 100000;
	check_refused(&elf, 0, "lies outside of the ELF file");
	elf.list[0].more = -97; /* 2^64 - 1 */
	check_refused(&elf, 0, "lies outside of the ELF file");
}

TEST(a_writable_section_or_segment_is_told)
{
	_buf_ struct buf a = image("a", 1);
	struct elf elf = {.wide = true,
			  .list = {{.bytes = buf_view(&a)},
				   {.bytes = buf_view(&a), .flags = SHF_ALLOC | SHF_WRITE}},
			  .nr = 2};
	struct elf bare = {.no_sections = true,
			   .flags = PF_R | PF_W,
			   .list = {{.bytes = buf_view(&a)}},
			   .nr = 1};
	_program_ struct program program = {.nr = 0}, other = {.nr = 0};

	CHECK_INT(find_elf(&elf, &program), 0);
	CHECK(program.nr == 1 && program.list[0].copies == 2 && program.list[0].is_writable);
	CHECK_INT(find_elf(&bare, &other), 0);
	CHECK(other.nr == 1 && other.list[0].is_writable);
}

TEST(copies_are_one_image_and_others_of_the_name_are_numbered)
{
	_buf_ struct buf a = image("a", 1), other = image("a", 2), third = image("a", 3),
			 b = image("b", 1);
	struct elf elf = {.wide = true,
			  .list = {{.bytes = buf_view(&a)},
				   {.bytes = buf_view(&b)},
				   {.bytes = buf_view(&other)},
				   {.bytes = buf_view(&a)},
				   {.bytes = buf_view(&third)},
				   {.bytes = buf_view(&other)},
				   {.bytes = buf_view(&other)}},
			  .nr = 7};
	_program_ struct program program = {.nr = 0};

	CHECK_INT(find_elf(&elf, &program), 0);
	if (!CHECK_INT((long long)program.nr, 4))
		return;
	CHECK_STR(program.list[0].name, "a");
	CHECK_STR(program.list[1].name, "b");
	CHECK_STR(program.list[2].name, "a#2");
	CHECK_STR(program.list[3].name, "a#3");
	CHECK(program.list[0].copies == 2 && program.list[1].copies == 1 &&
	      program.list[2].copies == 3 && program.list[3].copies == 1);
	for (int i = 0; i < 4; i++)
		CHECK(program.list[i].has_namesake == (i != 1));
}

TEST(sections_cannot_overlap_and_images_are_not_too_many)
{
	_buf_ struct buf a = image("a", 1), many = {0}, names = {0};
	struct elf elf = {.wide = true, .nr = SECTIONS_MAX, .same_place = true};
	struct elf copies = {.wide = true, .nr = 1}, others = {.wide = true, .nr = 1};
	_program_ struct program one = {.nr = 0}, two = {.nr = 0}, three = {.nr = 0};

	for (size_t i = 0; i < elf.nr; i++)
		elf.list[i].bytes = buf_view(&a);
	CHECK_INT(find_elf(&elf, &one), -EBADMSG);
	CHECK(strstr(err.text, "overlaps"));
	for (int i = 0; i <= PROGRAM_IMAGES_MAX; i++)
		buf_add_view(&many, buf_view(&a));
	copies.list[0].bytes = buf_view(&many);
	CHECK_INT(find_elf(&copies, &two), -E2BIG);
	CHECK(two.nr == 1 && two.list[0].copies == PROGRAM_IMAGES_MAX + 1);
	copies.list[0].bytes = view_head(buf_view(&many), many.size - 96);
	program_free(&two);
	CHECK_INT(find_elf(&copies, &two), 0);
	for (uint64_t i = 0; i <= PROGRAM_NAMESAKES_MAX; i++) {
		_buf_ struct buf next = image("same", i);

		buf_add_view(&names, buf_view(&next));
	}
	others.list[0].bytes = buf_view(&names);
	CHECK_INT(find_elf(&others, &three), -E2BIG);
	CHECK(strstr(err.text, "'same'") && three.nr == PROGRAM_NAMESAKES_MAX);
}

TEST(a_file_that_is_cut_off_is_refused)
{
	_buf_ struct buf a = image("a", 1), whole = {0};
	struct elf elf = {.wide = true, .list = {{.bytes = buf_view(&a)}}, .nr = 1};

	whole = build(&elf);
	for (size_t size = 0; size < whole.size; size++) {
		/* in memory of its own, so that a read behind it is noticed */
		_cleanup_(freep) uint8_t *copy = malloc(size + !size);
		_program_ struct program program = {.nr = 0};

		memcpy(copy, whole.data, size);
		CHECK_INT(find(view_of(copy, size), &program),
			  size < sizeof(Elf64_Ehdr) ? ERR_NO_INPUT : -EBADMSG);
	}
}

/* Whatever a byte becomes: an error, or images that are inside. */
static void flip_all(const struct buf *whole)
{
	static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
	_cleanup_(freep) uint8_t *copy = malloc(whole->size);

	for (size_t i = 0; i < whole->size * sizeof(values); i++) {
		_program_ struct program program = {.nr = 0};

		memcpy(copy, whole->data, whole->size);
		copy[i / sizeof(values)] = values[i % sizeof(values)];
		find(view_of(copy, whole->size), &program);
		CHECK(program.nr <= 2);
	}
}

TEST(no_byte_of_the_headers_leads_outside)
{
	_buf_ struct buf a = image("a", 1), b = image("b", 1);

	for (int i = 0; i < 8; i++) {
		struct elf elf = {
			.wide = i & 1,
			.big = i & 2,
			.no_sections = i & 4,
			.list = {{.bytes = buf_view(&a)}, {.bytes = buf_view(&b)}},
			.nr = 2,
		};
		_buf_ struct buf whole = build(&elf);

		flip_all(&whole);
	}
}

/* --- archives --- */

static void put_member(struct buf *out, const char *name, struct view bytes)
{
	buf_printf(out, "%-16s%-12d%-6d%-6d%-8o%-10zu`\n", name, 0, 0, 0, 0100644, bytes.size);
	buf_add_view(out, bytes);
	if (bytes.size % 2)
		buf_add_str(out, "\n");
}

TEST(members_of_archives_are_searched)
{
	_buf_ struct buf a = image("a", 1), b = image("b", 2), archive = {0}, named = {0};
	struct elf one = {.wide = true, .type = ET_REL, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	struct elf two = {
		.big = true, .no_sections = true, .list = {{.bytes = buf_view(&b)}}, .nr = 1};
	_buf_ struct buf first = build(&one), second = build(&two);
	_program_ struct program program = {.nr = 0};

	buf_add_str(&archive, "!<arch>\n");
	put_member(&archive, "/", view_lit("symbols"));
	put_member(&archive, "a.o/", buf_view(&first));
	buf_add_str(&named, "a name of BSD");
	buf_add_view(&named, buf_view(&second));
	put_member(&archive, "#1/13", buf_view(&named));
	put_member(&archive, "text/",
		   view_lit("\x7f"
			    "ELF"));
	CHECK_INT(find(buf_view(&archive), &program), 0);
	CHECK_INT((long long)program.nr, 2);
	CHECK(program.nr == 2 && !strcmp(program.list[0].name, "a") &&
	      !strcmp(program.list[1].name, "b"));
	CHECK(!memcmp(archive.data + program.list[1].offset, b.data, b.size));
}

TEST(an_archive_that_is_malformed_is_refused)
{
	_buf_ struct buf a = image("a", 1), archive = {0};
	struct elf one = {.wide = true, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	_buf_ struct buf elf = build(&one);
	static const struct {
		size_t at;
		const char *text, *message;
	} edits[] = {
		{8 + 58, "x", "expected the header of a member"},
		{8 + 48, "x", "expected the header of a member"},
		{8 + 48, "99999999", "more than the rest of the file"},
		{8, "#1/9999 ", "the name of a member"},
		{8, "#1/x ", "the name of a member"},
	};

	buf_add_str(&archive, "!<arch>\n");
	put_member(&archive, "a.o/", buf_view(&elf));
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		_program_ struct program program = {.nr = 0};
		_buf_ struct buf edited = {0};

		buf_add_view(&edited, buf_view(&archive));
		memcpy(edited.data + edits[i].at, edits[i].text, strlen(edits[i].text));
		CHECK_INT(find(buf_view(&edited), &program), -EBADMSG);
		CHECK(strstr(err.text, edits[i].message));
	}
	for (size_t size = 9; size < archive.size; size++) {
		_program_ struct program program = {.nr = 0};

		CHECK_INT(find(view_head(buf_view(&archive), size), &program), -EBADMSG);
	}
}

/* --- files --- */

TEST(a_file_that_changed_is_not_read)
{
	_buf_ struct buf a = image("a", 1), got = {0};
	struct elf elf = {.wide = true, .list = {{.bytes = buf_view(&a)}}, .nr = 1};
	_buf_ struct buf bytes = build(&elf);
	char path[] = "/tmp/test_program.XXXXXX";
	_program_ struct program program = {.nr = 0};
	int fd = mkstemp(path);

	CHECK(fd >= 0 && write(fd, bytes.data, bytes.size) == (ssize_t)bytes.size);
	CHECK_INT(program_find(path, &program, &err), 0);
	CHECK_INT((long long)program.nr, 1);
	CHECK_INT(program_read(path, &program.list[0], &got, &err), 0);
	CHECK(view_equal(buf_view(&got), buf_view(&a)));
	CHECK_INT(ftruncate(fd, (off_t)bytes.size + 1), 0);
	CHECK_INT(program_read(path, &program.list[0], &got, &err), -EAGAIN);
	close(fd);
	unlink(path);
	CHECK_INT(program_read(path, &program.list[0], &got, &err), -ENOENT);
	program_free(&program);
	CHECK_INT(program_find("/dev/null", &program, &err), ERR_NO_INPUT);
	CHECK_INT(program_find(path, &program, &err), -ENOENT);
}

UNIT_MAIN
