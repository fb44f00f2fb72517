/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * program_find.h - what the files of program/ share; private to program/.
 *
 * Does: read parts of a file, or of bytes in memory, that are inside it; collect images.
 * Does not: know ELF or archives.
 */
#ifndef PROGRAM_FIND_H
#define PROGRAM_FIND_H

#include "program/program.h"

/* A file or, if they are not NULL, bytes in memory. */
struct program_source {
	int fd;
	struct view bytes;
	uint64_t size;
	struct program_state state;
};

/* A search through a file, and what it found. */
struct program_search {
	struct program_source source;
	struct program found;
	size_t nr_images; /* with copies, of which FOUND has one */
};

/* A part of the file. */
struct program_range {
	uint64_t offset, size;
};

/* Whether SIZE bytes at OFFSET are inside RANGE. */
bool program_inside(const struct program_range *range, uint64_t offset, uint64_t size);

/* Read SIZE bytes at OFFSET of the file. -EBADMSG: they are not all in it; -EAGAIN, -EIO. */
int program_bytes(const struct program_source *source, uint64_t offset, void *ret, size_t size,
		  struct err *err);

/*
 * Add the images in RANGE, which is a whole section and IS_WRITABLE. What they are at is a multiple
 * of 8 bytes of the range. Errors as program_find().
 */
int program_add_all(struct program_search *search, const struct program_range *range,
		    bool is_writable, struct err *err);

/* Add the images that are at multiples of 8 bytes of RANGE, whatever is between them. */
int program_add_some(struct program_search *search, const struct program_range *range,
		     bool is_writable, struct err *err);

/* Find the images of the ELF file in RANGE, whose first bytes are HEAD: program_is_elf(). */
int program_find_elf(struct program_search *search, const struct program_range *range,
		     struct view head, struct err *err);

/* Whether HEAD is the beginning of an ELF file, or of an archive, that may have images. */
bool program_is_elf(struct view head);
bool program_is_archive(struct view head);

/* Find the images in all ELF files of the archive, which is the whole file. */
int program_find_archive(struct program_search *search, struct err *err);

#endif /* PROGRAM_FIND_H */
