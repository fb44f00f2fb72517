// SPDX-License-Identifier: BSD-2-Clause
/* The layouts are those of elf(5) and of Documentation/bpf/btf.rst of Linux. */
#include "object/object_section.h"

#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/util.h"

#define BTF_MAGIC 0xeb9f

#define NATIVE_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

struct btf_head {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t head_size, types_at, types_size, strings_at, strings_size;
};

/* The segments are func_info, line_info and, in newer files, CO-RE relocations. */
#define SEGMENTS 3

struct btf_ext_head {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t head_size;
	struct {
		uint32_t at, size;
	} segments[SEGMENTS];
};

/* The file that is changed; the names, and where their new ones begin in each string table. */
struct file {
	struct buf *elf;
	Elf64_Ehdr head;
	const struct object_rename *list;
	size_t nr;
};

static int malformed(struct err *err, const char *what)
{
	return err_set(err, -EBADMSG, "cannot rename a section: %s does not lie within the file",
		       what);
}

/* Copy SIZE bytes at OFFSET out of BYTES. */
static bool get(struct view bytes, uint64_t offset, void *ret, size_t size)
{
	struct view from = view_sub(bytes, offset, size);

	if (from.data)
		memcpy(ret, from.data, size);
	return from.data != NULL;
}

static size_t header_at(const struct file *file, size_t section)
{
	return file->head.e_shoff + section * sizeof(Elf64_Shdr);
}

static bool get_header(const struct file *file, size_t section, Elf64_Shdr *ret)
{
	return get(buf_view(file->elf), header_at(file, section), ret, sizeof(*ret));
}

/* SECTION was read from the same place, so it lies within the file. */
static void put_header(const struct file *file, size_t section, const Elf64_Shdr *header)
{
	memcpy(file->elf->data + header_at(file, section), header, sizeof(*header));
}

/* The string at OFFSET of TABLE; NULL: none, or without an end. */
static const char *string_at(struct view table, uint64_t offset)
{
	if (offset >= table.size || !memchr(table.data + offset, '\0', table.size - offset))
		return NULL;
	return (const char *)table.data + offset;
}

static struct view contents(const struct file *file, const Elf64_Shdr *header)
{
	return view_sub(buf_view(file->elf), header->sh_offset, header->sh_size);
}

/*
 * The offset of the new name for NAME, a section's, in a table of strings that ends with
 * add_names() at END; NAME's own, OFFSET, if it has none.
 */
static uint32_t new_name(const struct file *file, const char *name, uint32_t offset, uint64_t end)
{
	const bool optional = name && *name == '?';

	for (size_t i = 0; name && i < file->nr; i++) {
		if (!strcmp(file->list[i].from, name + optional))
			return (uint32_t)end + !optional;
		end += strlen(file->list[i].to) + 2;
	}
	return offset;
}

/* Each with a '?' in front, behind which the name without it begins. */
static void add_names(const struct file *file, struct buf *strings)
{
	for (size_t i = 0; i < file->nr; i++) {
		buf_add_str(strings, "?");
		buf_add(strings, file->list[i].to, strlen(file->list[i].to) + 1);
	}
}

/* Put CONTENT at the end of the file, as that of SECTION. */
static int move_section(struct file *file, size_t section, Elf64_Shdr *header,
			const struct buf *content, struct err *err)
{
	buf_space(file->elf, -file->elf->size % 8);
	header->sh_offset = file->elf->size;
	header->sh_size = content->size;
	buf_add_view(file->elf, buf_view(content));
	if (content->failed || file->elf->failed)
		return err_nomem(err);
	put_header(file, section, header);
	return 0;
}

/* --- section headers --- */

static int rename_headers(struct file *file, struct err *err)
{
	_buf_ struct buf strings = {0};
	Elf64_Shdr table, header;
	size_t end;

	if (!get_header(file, file->head.e_shstrndx, &table) || !contents(file, &table).data)
		return malformed(err, "the table of section names");
	end = table.sh_size;
	buf_add_view(&strings, contents(file, &table));
	add_names(file, &strings);
	for (size_t i = 0; !strings.failed && i < file->head.e_shnum; i++) {
		const char *name;

		if (!get_header(file, i, &header))
			return malformed(err, "a section header");
		name = string_at(buf_view(&strings), header.sh_name);
		if (header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR) {
			header.sh_name = new_name(file, name, header.sh_name, end);
			put_header(file, i, &header);
		}
	}
	if (!get_header(file, file->head.e_shstrndx, &table))
		return malformed(err, "a section header");
	return move_section(file, file->head.e_shstrndx, &table, &strings, err);
}

/* --- BTF --- */

/* Find the section NAME, 0 if there is none. */
static size_t find_section(const struct file *file, const char *name, Elf64_Shdr *ret)
{
	Elf64_Shdr table = {0}, header;

	get_header(file, file->head.e_shstrndx, &table);
	for (size_t i = 1; i < file->head.e_shnum && get_header(file, i, &header); i++) {
		const char *own = string_at(contents(file, &table), header.sh_name);

		if (!own || strcmp(own, name))
			continue;
		*ret = header;
		return i;
	}
	return 0;
}

/* The strings have to be the last part of BTF, so that names can be added to them. */
static int get_btf(struct view btf, struct btf_head *ret, struct err *err)
{
	if (!get(btf, 0, ret, sizeof(*ret)) || ret->magic != BTF_MAGIC)
		return malformed(err, "the header of .BTF");
	if ((uint64_t)ret->head_size + ret->strings_at + ret->strings_size != btf.size)
		return err_set(err, -ENOTSUP,
			       "cannot rename a section: the strings are not the last part of "
			       ".BTF; rename it in the source");
	return 0;
}

/* Rename the sections of one segment of .BTF.ext, which has SIZE bytes at AT. */
static int rename_in_segment(const struct file *file, size_t at, size_t size, struct view strings,
			     struct err *err)
{
	struct {
		uint32_t name, nr;
	} info;
	uint32_t record;
	const size_t end = at + size;

	if (!size)
		return 0;
	if (!get(view_head(buf_view(file->elf), end), at, &record, sizeof(record)))
		return malformed(err, "a part of .BTF.ext");
	for (at += sizeof(record); at < end; at += sizeof(info) + (uint64_t)info.nr * record) {
		if (!get(view_head(buf_view(file->elf), end), at, &info, sizeof(info)) ||
		    (record && info.nr > size / record))
			return malformed(err, "a part of .BTF.ext");
		info.name = new_name(file, string_at(strings, info.name), info.name, strings.size);
		memcpy(file->elf->data + at, &info.name, sizeof(info.name));
	}
	return 0;
}

/* STRINGS: those of .BTF, without the new names. */
static int rename_in_ext(const struct file *file, struct view strings, struct err *err)
{
	struct btf_ext_head head = {.magic = 0};
	Elf64_Shdr header;
	struct view ext;
	int rc = 0;

	if (!find_section(file, ".BTF.ext", &header))
		return 0;
	ext = contents(file, &header);
	if (!get(ext, 0, &head, offsetof(struct btf_ext_head, segments[SEGMENTS - 1])) ||
	    head.magic != BTF_MAGIC)
		return malformed(err, "the header of .BTF.ext");
	if (head.head_size >= sizeof(head) && !get(ext, 0, &head, sizeof(head)))
		return malformed(err, "the header of .BTF.ext");
	for (size_t i = 0; !rc && i < SEGMENTS; i++) {
		const uint64_t at = (uint64_t)head.head_size + head.segments[i].at;

		if (!view_sub(ext, at, head.segments[i].size).data)
			return malformed(err, "a part of .BTF.ext");
		rc = rename_in_segment(file, header.sh_offset + at, head.segments[i].size, strings,
				       err);
	}
	return rc;
}

static int rename_btf(struct file *file, struct err *err)
{
	_buf_ struct buf own = {0}, btf = {0};
	struct btf_head head;
	Elf64_Shdr header;
	struct view strings;
	size_t section = find_section(file, ".BTF", &header);
	int rc;

	if (!section)
		return 0;
	if (get_btf(contents(file, &header), &head, err))
		return err->code;
	/* moving the section invalidates views into the file */
	buf_add_view(&own, contents(file, &header));
	buf_add_view(&btf, buf_view(&own));
	if (own.failed || btf.failed)
		return err_nomem(err);
	strings = view_sub(buf_view(&own), own.size - head.strings_size, head.strings_size);
	add_names(file, &btf);
	head.strings_size = (uint32_t)(btf.size - (own.size - head.strings_size));
	if (btf.failed)
		return err_nomem(err);
	memcpy(btf.data, &head, sizeof(head));
	rc = rename_in_ext(file, strings, err);
	return rc ?: move_section(file, section, &header, &btf, err);
}

int object_rename(struct buf *elf, const struct object_rename *list, size_t nr, struct err *err)
{
	struct file file = {.elf = elf, .list = list, .nr = nr};

	if (!get(buf_view(elf), 0, &file.head, sizeof(file.head)))
		return malformed(err, "the ELF header");
	if (file.head.e_ident[EI_CLASS] != ELFCLASS64 || file.head.e_ident[EI_DATA] != NATIVE_ORDER)
		return err_set(err, -ENOTSUP,
			       "--type and --attach-target need an object for 64 bits in the byte "
			       "order of this machine");
	if (file.head.e_shentsize != sizeof(Elf64_Shdr) || file.head.e_shstrndx >= SHN_LORESERVE ||
	    !view_sub(buf_view(elf), file.head.e_shoff, sizeof(Elf64_Shdr)).data)
		return malformed(err, "the table of sections");
	return rename_headers(&file, err) ?: rename_btf(&file, err);
}
