/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * program.h - find signed images in programs: ELF files of any machine, and archives of them.
 *
 * A program carries its images in sections .bpf_signed, one after the other, each at a multiple of
 * 8 bytes of its section, with zeros between them (docs/image.md). Where no section headers are
 * left, they are looked for at multiples of 8 bytes of what is loaded.
 *
 * Does: read the headers of ELF files (32 and 64 bits, either byte order) and of archives as ar(1)
 * writes them; name the images; tell copies from different images of one name. Reads only headers
 * and the sections with images, so it is fast for a program without any.
 * Does not: read an image but for its head (image.h does), judge, or use libelf, which is kept in
 * another process because it was not written for hostile files.
 *
 * Everything in the file is hostile: all is inside the file or refused, and the cost is
 * proportional to the size of the file.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

#define PROGRAM_SECTION ".bpf_signed"

/* The most images in a file, with copies, and the most different ones of one name. */
#define PROGRAM_IMAGES_MAX    1024
#define PROGRAM_NAMESAKES_MAX 16

/* The first bytes of a file by which it is known. */
#define PROGRAM_HEAD_SIZE 64

/* Which contents of a file were read. */
struct program_state {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec changed;
};

/* An image in a file. */
struct program_image {
	char *name;	 /* the image's; of a second one with other bytes, "NAME#2"; owned */
	uint64_t offset; /* in the file, in bytes */
	size_t size;
	size_t copies;	   /* how often the file has these bytes, at least 1 */
	bool is_writable;  /* its section, or segment, is: of one copy at least */
	bool has_namesake; /* another image of the file has its name, and other bytes */
	struct program_state state;
};

/* The images of a file, in its order. Zero-initialized, there are none. Owns its list. */
struct program {
	struct program_image *list;
	size_t nr;
};

#define _program_ _cleanup_(program_free)

void program_free(struct program *program);

/*
 * Whether HEAD, the first PROGRAM_HEAD_SIZE bytes of a file, is the beginning of a program: an
 * executable or relocatable ELF file or a shared library that is not for BPF, or an archive.
 */
bool program_begins(struct view head);

/*
 * Find the images in the file PATH, or in BYTES, into RET, which must be empty. ERR_NO_INPUT: it is
 * not a program, or not a regular file; -EBADMSG, with the place: it is malformed, or has something
 * else where images should be; RET then has the images before that. -E2BIG: more than the limits
 * above; -ENOMEM; other errors: it cannot be read. The message does not name PATH.
 */
int program_find(const char *path, struct program *ret, struct err *err);
int program_find_in(struct view bytes, struct program *ret, struct err *err);

/* The same in the regular file that is open as FD, of which ST is. */
int program_find_open(int fd, const struct stat *st, struct program *ret, struct err *err);

/*
 * Read IMAGE, which was found in the file PATH. -EAGAIN: the file changed since then; other errors:
 * it cannot be read.
 */
int program_read(const char *path, const struct program_image *image, struct buf *ret,
		 struct err *err);

#endif /* PROGRAM_H */
