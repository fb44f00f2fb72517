// SPDX-License-Identifier: BSD-2-Clause
/* The ELF files in an archive, as ar(1) writes it. */
#include <ar.h>
#include <errno.h>
#include <string.h>

#include "program/program_find.h"

/* Digits of a number; the longest has as many. */
#define DIGITS_MAX 16

bool program_is_archive(struct view head)
{
	return view_equal(view_head(head, SARMAG), view_lit(ARMAG));
}

/* The decimal number in SIZE characters at TEXT, which spaces follow. */
static bool take_number(const char *text, size_t size, uint64_t *ret)
{
	uint64_t number = 0;
	size_t i = 0;

	for (; i < size && i < DIGITS_MAX && text[i] >= '0' && text[i] <= '9'; i++)
		number = 10 * number + (uint64_t)(text[i] - '0');
	*ret = number;
	if (!i)
		return false;
	while (i < size && text[i] == ' ')
		i++;
	return i == size;
}

/* The contents of the member whose header is at OFFSET. */
static int read_member(const struct program_source *source, uint64_t offset,
		       struct program_range *ret, uint64_t *ret_next, struct err *err)
{
	const struct program_range all = {0, source->size};
	struct ar_hdr head;
	uint64_t size, name = 0;
	int rc = program_bytes(source, offset, &head, sizeof(head), err);

	if (rc)
		return err_prefix(err, "the member at offset %llu", (unsigned long long)offset);
	if (memcmp(head.ar_fmag, ARFMAG, sizeof(head.ar_fmag)) ||
	    !take_number(head.ar_size, sizeof(head.ar_size), &size))
		return err_at(err, -EBADMSG, (size_t)offset,
			      "expected the header of a member of the archive");
	offset += sizeof(head);
	if (!program_inside(&all, offset, size))
		return err_at(err, -EBADMSG, (size_t)offset,
			      "a member of the archive has %llu bytes, more than the rest of the "
			      "file: it was truncated",
			      (unsigned long long)size);
	*ret_next = offset + size + size % 2;
	/* BSD's ar puts the name before the contents */
	if (!memcmp(head.ar_name, "#1/", 3) &&
	    (!take_number(head.ar_name + 3, sizeof(head.ar_name) - 3, &name) || name > size))
		return err_at(err, -EBADMSG, (size_t)offset,
			      "the name of a member of the archive is longer than the member");
	*ret = (struct program_range){offset + name, size - name};
	return 0;
}

static int take_member(struct program_search *search, const struct program_range *range,
		       struct err *err)
{
	uint8_t bytes[PROGRAM_HEAD_SIZE];
	size_t size = range->size < sizeof(bytes) ? (size_t)range->size : sizeof(bytes);
	int rc = program_bytes(&search->source, range->offset, bytes, size, err);

	if (rc || !program_is_elf(view_of(bytes, size)))
		return rc;
	rc = program_find_elf(search, range, view_of(bytes, size), err);
	return rc ? err_prefix(err, "the member at offset %llu", (unsigned long long)range->offset)
		  : 0;
}

int program_find_archive(struct program_search *search, struct err *err)
{
	uint64_t next = SARMAG;
	int rc = 0;

	while (!rc && next < search->source.size) {
		struct program_range range;

		rc = read_member(&search->source, next, &range, &next, err);
		if (!rc)
			rc = take_member(search, &range, err);
	}
	return rc;
}
