// SPDX-License-Identifier: BSD-2-Clause
/* Where images are in an ELF file: in its sections, or without section headers in its segments. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "program/program_find.h"

/* Headers that are taken at once. */
#define HEADERS_AT_ONCE 64

/* Bytes around the section headers that are read at once, and how many of them are before: names.
 */
#define AHEAD_SIZE   8192
#define AHEAD_BEFORE 1024

/* Names of sections that are read at once, if there are no more bytes of them. */
#define NAMES_AT_ONCE ((size_t)64 << 10)

struct elf {
	struct program_search *search;
	const struct program_range *range; /* of the file; offsets in the ELF file are from there */
	bool is_wide;			   /* 64 bits */
	bool is_big;
	uint8_t head[sizeof(Elf64_Ehdr)];
	uint64_t sum; /* of the sizes of sections or segments that were searched */
	struct {
		uint8_t bytes[AHEAD_SIZE];
		struct program_range range; /* of the ELF file */
	} ahead;			    /* what was read in advance */
	struct err *err;
};

/* A table of headers in the file. */
struct table {
	uint64_t offset, nr;
	size_t size; /* of a header */
};

struct section {
	uint32_t type, link;
	uint64_t flags, offset, size;
};

static uint64_t number(const uint8_t *at, size_t size, bool big)
{
	uint64_t number = 0;

	for (size_t i = 0; i < size; i++)
		number |= (uint64_t)at[i] << 8 * (big ? size - 1 - i : i);
	return number;
}

/* FIELD of the header (Ehdr, Shdr, Phdr) at BYTES. */
#define FIELD(elf, bytes, header, field)                                                 \
	((elf)->is_wide ? number((bytes) + offsetof(Elf64_##header, field),              \
				 sizeof(((Elf64_##header *)NULL)->field), (elf)->is_big) \
			: number((bytes) + offsetof(Elf32_##header, field),              \
				 sizeof(((Elf32_##header *)NULL)->field), (elf)->is_big))

#define HEAD(elf, field)     FIELD(elf, (elf)->head, Ehdr, field)
#define SIZE_OF(elf, header) ((elf)->is_wide ? sizeof(Elf64_##header) : sizeof(Elf32_##header))

bool program_is_elf(struct view head)
{
	uint64_t type, machine;
	bool is_big;

	if (!view_equal(view_head(head, SELFMAG), view_lit(ELFMAG)) ||
	    head.size < sizeof(Elf32_Ehdr))
		return false;
	if (head.data[EI_CLASS] != ELFCLASS32 &&
	    (head.data[EI_CLASS] != ELFCLASS64 || head.size < sizeof(Elf64_Ehdr)))
		return false;
	is_big = head.data[EI_DATA] == ELFDATA2MSB;
	if (!is_big && head.data[EI_DATA] != ELFDATA2LSB)
		return false;
	type = number(head.data + offsetof(Elf64_Ehdr, e_type), 2, is_big);
	machine = number(head.data + offsetof(Elf64_Ehdr, e_machine), 2, is_big);
	return machine != EM_BPF && (type == ET_REL || type == ET_EXEC || type == ET_DYN);
}

/* Read SIZE bytes at OFFSET of the ELF file; WHAT they are is for the message. */
static int read_at(const struct elf *elf, uint64_t offset, void *ret, size_t size, const char *what)
{
	if (!program_inside(elf->range, offset, size))
		return err_at(elf->err, -EBADMSG, offset,
			      "%s of the ELF file lie outside of it: it was truncated or damaged",
			      what);
	if (offset >= elf->ahead.range.offset &&
	    program_inside(&elf->ahead.range, offset - elf->ahead.range.offset, size)) {
		memcpy(ret, elf->ahead.bytes + (offset - elf->ahead.range.offset), size);
		return 0;
	}
	return program_bytes(&elf->search->source, elf->range->offset + offset, ret, size,
			     elf->err);
}

/* Read what is around OFFSET of the ELF file in advance, at once. */
static int read_ahead(struct elf *elf, uint64_t offset)
{
	const uint64_t begin = offset < AHEAD_BEFORE ? 0 : offset - AHEAD_BEFORE;
	const uint64_t rest = elf->range->size - begin;
	const uint64_t size = rest < AHEAD_SIZE ? rest : AHEAD_SIZE;
	int rc = read_at(elf, begin, elf->ahead.bytes, (size_t)size, "section headers");

	if (!rc)
		elf->ahead.range = (struct program_range){begin, size};
	return rc;
}

/* The range of SIZE bytes at OFFSET of the ELF file, which is WHAT, for a search. */
static int take_range(struct elf *elf, uint64_t offset, uint64_t size, const char *what,
		      struct program_range *ret)
{
	if (!program_inside(elf->range, offset, size))
		return err_at(elf->err, -EBADMSG, offset,
			      "%s of %llu bytes lies outside of the ELF file: it was truncated or "
			      "damaged",
			      what, (unsigned long long)size);
	/* what does not overlap has no more bytes than the file: this limits the work */
	if (size > elf->range->size - elf->sum)
		return err_at(elf->err, -EBADMSG, offset, "%s overlaps another one", what);
	elf->sum += size;
	*ret = (struct program_range){elf->range->offset + offset, size};
	return 0;
}

/* --- sections --- */

static struct section section_of(const struct elf *elf, const uint8_t *bytes)
{
	return (struct section){
		.type = (uint32_t)FIELD(elf, bytes, Shdr, sh_type),
		.link = (uint32_t)FIELD(elf, bytes, Shdr, sh_link),
		.flags = FIELD(elf, bytes, Shdr, sh_flags),
		.offset = FIELD(elf, bytes, Shdr, sh_offset),
		.size = FIELD(elf, bytes, Shdr, sh_size),
	};
}

static int read_section(const struct elf *elf, const struct table *table, uint64_t index,
			struct section *ret)
{
	uint8_t bytes[sizeof(Elf64_Shdr)];
	int rc = read_at(elf, table->offset + index * table->size, bytes, table->size,
			 "section headers");

	if (!rc)
		*ret = section_of(elf, bytes);
	return rc;
}

/* Check that the NR headers of TABLE, which are WHAT, are inside the file and of SIZE. */
static int check_table(const struct elf *elf, const struct table *table, uint64_t size,
		       const char *what)
{
	if (size != table->size)
		return err_set(elf->err, -EBADMSG, "%s of the ELF file have %llu bytes, not %zu",
			       what, (unsigned long long)size, table->size);
	if (table->offset > elf->range->size ||
	    table->nr > (elf->range->size - table->offset) / table->size)
		return err_at(elf->err, -EBADMSG, table->offset,
			      "%s of the ELF file lie outside of it: it was truncated or damaged",
			      what);
	return 0;
}

/* The section headers, and the one of their names; *ret_names is 0 if there are none. */
static int find_table(const struct elf *elf, struct table *ret, uint64_t *ret_names)
{
	struct section first;
	int rc;

	*ret_names = HEAD(elf, e_shstrndx);
	*ret = (struct table){HEAD(elf, e_shoff), HEAD(elf, e_shnum), SIZE_OF(elf, Shdr)};
	if (!ret->offset)
		*ret_names = 0;
	if (!*ret_names)
		return 0;
	/* what does not fit is in the first section header */
	if (!ret->nr || *ret_names == SHN_XINDEX) {
		rc = read_section(elf, ret, 0, &first);
		if (rc)
			return rc;
		ret->nr = ret->nr ?: first.size;
		if (*ret_names == SHN_XINDEX)
			*ret_names = first.link;
	}
	rc = check_table(elf, ret, HEAD(elf, e_shentsize), "section headers");
	if (!rc && *ret_names >= ret->nr)
		return err_set(
			elf->err, -EBADMSG,
			"the names of sections are in section %llu of %llu: the ELF file was "
			"damaged",
			(unsigned long long)*ret_names, (unsigned long long)ret->nr);
	return rc;
}

/* The names of sections; CACHE has them all, or is empty. */
struct names {
	struct section section;
	struct buf cache;
};

static int begin_names(const struct elf *elf, struct names *names)
{
	const struct section *section = &names->section;
	int rc;

	if (section->type == SHT_NOBITS ||
	    !program_inside(elf->range, section->offset, section->size))
		return err_at(elf->err, -EBADMSG, section->offset,
			      "names of sections of the ELF file lie outside of it: it was "
			      "truncated or damaged");
	if (section->size > NAMES_AT_ONCE)
		return 0;
	buf_space(&names->cache, (size_t)section->size);
	rc = buf_done(&names->cache, elf->err);
	return rc
		       ?: read_at(elf, section->offset, names->cache.data, names->cache.size,
				  "names of sections");
}

/* Whether PROGRAM_SECTION is AT this offset of the names. A name outside of the names is another
 * one. */
static int is_ours(const struct elf *elf, const struct names *names, uint64_t at, bool *ret)
{
	static const char name[] = PROGRAM_SECTION;
	uint8_t bytes[sizeof(name)];
	int rc;

	*ret = false;
	if (at > names->section.size || names->section.size - at < sizeof(name))
		return 0;
	if (names->cache.size) {
		*ret = !memcmp(names->cache.data + at, name, sizeof(name));
		return 0;
	}
	rc = read_at(elf, names->section.offset + at, bytes, sizeof(bytes), "names of sections");
	*ret = !rc && !memcmp(bytes, name, sizeof(name));
	return rc;
}

static int take_section(struct elf *elf, const struct section *section)
{
	struct program_range range;
	int rc;

	if (section->type == SHT_NOBITS)
		return err_set(elf->err, -EBADMSG,
			       "the section .bpf_signed has no contents in this file: verify the "
			       "program that it was made from");
	if (section->flags & SHF_COMPRESSED)
		return err_at(elf->err, -EBADMSG, section->offset,
			      "the section .bpf_signed is compressed: decompress it with objcopy "
			      "--decompress-debug-sections");
	if (section->type != SHT_PROGBITS)
		return err_at(elf->err, -EBADMSG, section->offset,
			      "the section .bpf_signed is of type %u, expected PROGBITS (1)",
			      section->type);
	rc = take_range(elf, section->offset, section->size, "the section .bpf_signed", &range);
	return rc ?: program_add_all(elf->search, &range, section->flags & SHF_WRITE, elf->err);
}

/* The NR headers at BYTES. */
static int take_sections(struct elf *elf, const struct names *names, const uint8_t *bytes,
			 size_t nr, size_t size)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < nr; i++) {
		const uint8_t *header = bytes + i * size;
		struct section section;
		bool ours = false;

		rc = is_ours(elf, names, FIELD(elf, header, Shdr, sh_name), &ours);
		if (rc || !ours)
			continue;
		section = section_of(elf, header);
		rc = take_section(elf, &section);
	}
	return rc;
}

static int search_sections(struct elf *elf, const struct table *table, uint64_t names_index)
{
	uint8_t bytes[HEADERS_AT_ONCE * sizeof(Elf64_Shdr)];
	struct names names = {.section.size = 0};
	size_t nr;
	int rc = read_ahead(elf, table->offset);

	if (!rc)
		rc = read_section(elf, table, names_index, &names.section);
	if (!rc)
		rc = begin_names(elf, &names);
	for (uint64_t i = 0; !rc && i < table->nr; i += nr) {
		nr = table->nr - i < HEADERS_AT_ONCE ? (size_t)(table->nr - i) : HEADERS_AT_ONCE;
		rc = read_at(elf, table->offset + i * table->size, bytes, nr * table->size,
			     "section headers");
		if (!rc)
			rc = take_sections(elf, &names, bytes, nr, table->size);
	}
	buf_free(&names.cache);
	return rc;
}

/* --- segments --- */

static int take_segment(struct elf *elf, const uint8_t *bytes)
{
	const uint64_t offset = FIELD(elf, bytes, Phdr, p_offset);
	const uint64_t size = FIELD(elf, bytes, Phdr, p_filesz);
	struct program_range range;
	uint64_t skipped;
	int rc;

	if (FIELD(elf, bytes, Phdr, p_type) != PT_LOAD)
		return 0;
	rc = take_range(elf, offset, size, "a loaded segment", &range);
	if (rc)
		return rc;
	/* to a multiple of 8 of the ELF file, as of the memory */
	skipped = -offset % 8;
	skipped = skipped < size ? skipped : size;
	range = (struct program_range){range.offset + skipped, size - skipped};
	return program_add_some(elf->search, &range, FIELD(elf, bytes, Phdr, p_flags) & PF_W,
				elf->err);
}

static int search_segments(struct elf *elf)
{
	const struct table table = {HEAD(elf, e_phoff), HEAD(elf, e_phnum), SIZE_OF(elf, Phdr)};
	uint8_t bytes[sizeof(Elf64_Phdr)];
	int rc = 0;

	if (table.nr)
		rc = check_table(elf, &table, HEAD(elf, e_phentsize), "program headers");
	for (uint64_t i = 0; !rc && i < table.nr; i++) {
		rc = read_at(elf, table.offset + i * table.size, bytes, table.size,
			     "program headers");
		if (!rc)
			rc = take_segment(elf, bytes);
	}
	return rc;
}

int program_find_elf(struct program_search *search, const struct program_range *range,
		     struct view head, struct err *err)
{
	struct elf elf;
	struct table table;
	uint64_t names;
	int rc;

	/* not what is read in advance, which is large */
	elf.search = search;
	elf.range = range;
	elf.err = err;
	elf.sum = 0;
	elf.ahead.range = (struct program_range){0, 0};
	head = view_head(head, sizeof(elf.head));
	memcpy(elf.head, head.data, head.size);
	elf.is_wide = elf.head[EI_CLASS] == ELFCLASS64;
	elf.is_big = elf.head[EI_DATA] == ELFDATA2MSB;
	rc = find_table(&elf, &table, &names);
	if (rc)
		return rc;
	return names ? search_sections(&elf, &table, names) : search_segments(&elf);
}
