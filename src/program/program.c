// SPDX-License-Identifier: BSD-2-Clause
/* The images of a file: where they are, and what they are called. */
#include "program/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "image/image.h"
#include "program/program_find.h"

#define ALIGNMENT 8

/* Bytes that are read at once; a multiple of ALIGNMENT, and more than the head of an image. */
#define PIECE_SIZE 4096

void program_free(struct program *program)
{
	for (size_t i = 0; i < program->nr; i++)
		free(program->list[i].name);
	free(program->list);
	*program = (struct program){.nr = 0};
}

bool program_begins(struct view head)
{
	return program_is_elf(head) || program_is_archive(head);
}

/* --- the bytes --- */

bool program_inside(const struct program_range *range, uint64_t offset, uint64_t size)
{
	return offset <= range->size && size <= range->size - offset;
}

static int read_file(const struct program_source *source, uint64_t offset, uint8_t *ret,
		     size_t size, struct err *err)
{
	for (size_t done = 0; done < size;) {
		ssize_t got = pread(source->fd, ret + done, size - done, (off_t)(offset + done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return os_error(err, "cannot read");
		if (!got)
			return err_set(err, -EAGAIN,
				       "its size changed while it was read: try again");
		done += (size_t)got;
	}
	return 0;
}

int program_bytes(const struct program_source *source, uint64_t offset, void *ret, size_t size,
		  struct err *err)
{
	const struct program_range all = {0, source->size};

	if (!program_inside(&all, offset, size))
		return err_set(err, -EBADMSG, "the file ends too early: it was truncated");
	if (!source->bytes.data)
		return read_file(source, offset, ret, size, err);
	memcpy(ret, source->bytes.data + offset, size);
	return 0;
}

/* Read up to SIZE bytes at OFFSET of RANGE, as many as there are. */
static int read_some(const struct program_source *source, const struct program_range *range,
		     uint64_t offset, uint8_t *ret, size_t size, struct view *ret_read,
		     struct err *err)
{
	uint64_t rest = range->size - offset;
	int rc;

	size = rest < size ? (size_t)rest : size;
	rc = program_bytes(source, range->offset + offset, ret, size, err);
	*ret_read = view_of(ret, size);
	return rc;
}

/* --- the images --- */

/* Whether the file has the same SIZE bytes at A and at B. */
static int compare(const struct program_source *source, uint64_t a, uint64_t b, uint64_t size,
		   bool *ret_same, struct err *err)
{
	uint8_t left[PIECE_SIZE], right[PIECE_SIZE];
	size_t piece;
	int rc = 0;

	*ret_same = true;
	for (uint64_t done = 0; !rc && *ret_same && done < size; done += piece) {
		piece = size - done < PIECE_SIZE ? (size_t)(size - done) : PIECE_SIZE;
		rc = program_bytes(source, a + done, left, piece, err);
		if (!rc)
			rc = program_bytes(source, b + done, right, piece, err);
		*ret_same = !rc && !memcmp(left, right, piece);
	}
	return rc;
}

static bool is_called(const struct program_image *image, struct view name)
{
	return strcspn(image->name, "#") == name.size && !memcmp(image->name, name.data, name.size);
}

/*
 * Whether NEW is a copy of an image that was found; then that one counts it. *ret_nr: how many
 * other images have NAME.
 */
static int find_copy(struct program_search *search, const struct program_image *new,
		     struct view name, bool *ret_copy, size_t *ret_nr, struct err *err)
{
	struct program *found = &search->found;
	int rc = 0;

	*ret_copy = false;
	*ret_nr = 0;
	for (size_t i = 0; !rc && !*ret_copy && i < found->nr; i++) {
		struct program_image *old = &found->list[i];

		if (!is_called(old, name))
			continue;
		++*ret_nr;
		if (old->size != new->size)
			continue;
		rc = compare(&search->source, old->offset, new->offset, new->size, ret_copy, err);
		if (rc || !*ret_copy)
			continue;
		old->copies++;
		old->is_writable |= new->is_writable;
	}
	return rc;
}

static int append(struct program *found, const struct program_image *new, struct view name,
		  size_t namesakes, struct err *err)
{
	struct program_image *list, *image;

	list = reallocarray(found->list, found->nr + 1, sizeof(*list));
	if (!list)
		return err_nomem(err);
	found->list = list;
	image = &list[found->nr];
	*image = *new;
	if (asprintf(&image->name, namesakes ? "%.*s#%zu" : "%.*s", (int)name.size,
		     (const char *)name.data, namesakes + 1) < 0)
		return err_nomem(err);
	found->nr++;
	for (size_t i = 0; namesakes && i < found->nr; i++)
		list[i].has_namesake |= is_called(&list[i], name);
	return 0;
}

/* Add the image with HEAD at OFFSET of the file. */
static int add(struct program_search *search, uint64_t offset, const struct image_file_head *head,
	       bool is_writable, struct err *err)
{
	const struct program_image image = {
		.offset = offset,
		.size = head->size,
		.copies = 1,
		.is_writable = is_writable,
		.state = search->source.state,
	};
	size_t namesakes;
	bool copy;
	int rc = find_copy(search, &image, head->name, &copy, &namesakes, err);

	if (rc)
		return rc;
	if (search->nr_images++ == PROGRAM_IMAGES_MAX)
		return err_set(err, -E2BIG, "has more than %d signed images", PROGRAM_IMAGES_MAX);
	if (copy)
		return 0;
	if (namesakes == PROGRAM_NAMESAKES_MAX)
		return err_set(
			err, -E2BIG, "has more than %d different signed images of one name, '%.*s'",
			PROGRAM_NAMESAKES_MAX, (int)head->name.size, (const char *)head->name.data);
	return append(&search->found, &image, head->name, namesakes, err);
}

static size_t count_zeros(struct view bytes)
{
	size_t nr = 0;

	while (nr < bytes.size && !bytes.data[nr])
		nr++;
	return nr;
}

int program_add_all(struct program_search *search, const struct program_range *range,
		    bool is_writable, struct err *err)
{
	uint8_t piece[PIECE_SIZE];
	struct view bytes;
	int rc = 0;

	for (uint64_t at = 0; !rc && at < range->size;) {
		struct image_file_head head = {.size = 0};
		size_t zeros;

		rc = read_some(&search->source, range, at, piece, sizeof(piece), &bytes, err);
		if (rc)
			return rc;
		zeros = count_zeros(bytes);
		if (zeros == bytes.size || zeros >= ALIGNMENT) {
			at += zeros == bytes.size ? zeros : zeros - zeros % ALIGNMENT;
			continue;
		}
		rc = image_file_head(bytes, range->size - at, &head, err);
		if (rc)
			return err_prefix(
				err,
				"offset %llu: the section .bpf_signed has something that is not a "
				"signed image",
				(unsigned long long)(range->offset + at));
		rc = add(search, range->offset + at, &head, is_writable, err);
		at += head.size;
	}
	return rc;
}

int program_add_some(struct program_search *search, const struct program_range *range,
		     bool is_writable, struct err *err)
{
	uint8_t piece[16 * PIECE_SIZE];
	struct image_file_head head;
	struct view bytes = {NULL, 0};
	uint64_t begin = 0;
	struct err ignored;
	int rc = 0;

	for (uint64_t at = 0; !rc && at < range->size;) {
		uint64_t rest = range->size - at;
		uint64_t want = rest < IMAGE_FILE_HEAD_SIZE ? rest : IMAGE_FILE_HEAD_SIZE;
		struct view here;

		if (at < begin || at - begin > bytes.size || bytes.size - (at - begin) < want) {
			begin = at;
			rc = read_some(&search->source, range, at, piece, sizeof(piece), &bytes,
				       err);
			if (rc)
				return rc;
		}
		here = view_sub(bytes, (size_t)(at - begin), bytes.size - (size_t)(at - begin));
		/* the same eight bytes may be anything */
		if (!image_file_is(here) || image_file_head(here, rest, &head, &ignored)) {
			at += ALIGNMENT;
			continue;
		}
		rc = add(search, range->offset + at, &head, is_writable, err);
		at += head.size;
	}
	return rc;
}

/* --- the file --- */

static void take_state(const struct stat *st, struct program_state *ret)
{
	*ret = (struct program_state){st->st_dev, st->st_ino, st->st_size, st->st_mtim};
}

static bool is_same(const struct program_state *a, const struct program_state *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	       a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec;
}

/* Open PATH. ERR_NO_INPUT: it is not a regular file. The caller closes ret->fd. */
static int open_file(const char *path, struct program_source *ret, struct err *err)
{
	struct stat st;

	/* a pipe or device must not be opened */
	if (stat(path, &st) < 0)
		return os_error(err, "cannot open");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_NO_INPUT, "is not a regular file");
	ret->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (ret->fd < 0)
		return os_error(err, "cannot open");
	if (fstat(ret->fd, &st) < 0)
		return os_error(err, "cannot stat");
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_NO_INPUT, "is not a regular file");
	ret->size = (uint64_t)st.st_size;
	take_state(&st, &ret->state);
	return 0;
}

static int find(struct program_search *search, struct err *err)
{
	const struct program_range all = {0, search->source.size};
	uint8_t bytes[PROGRAM_HEAD_SIZE];
	struct view head;
	int rc = read_some(&search->source, &all, 0, bytes, sizeof(bytes), &head, err);

	if (rc)
		return rc;
	if (program_is_elf(head))
		return program_find_elf(search, &all, head, err);
	if (program_is_archive(head))
		return program_find_archive(search, err);
	return err_set(err, ERR_NO_INPUT, "is not a program");
}

int program_find_open(int fd, const struct stat *st, struct program *ret, struct err *err)
{
	struct program_search search = {.source = {.fd = fd, .size = (uint64_t)st->st_size}};
	int rc;

	take_state(st, &search.source.state);
	rc = find(&search, err);
	*ret = search.found;
	return rc;
}

int program_find(const char *path, struct program *ret, struct err *err)
{
	struct program_search search = {.source.fd = -1};
	int rc = open_file(path, &search.source, err);

	if (!rc)
		rc = find(&search, err);
	os_close(&search.source.fd);
	*ret = search.found;
	return rc;
}

int program_find_in(struct view bytes, struct program *ret, struct err *err)
{
	struct program_search search = {
		.source = {.fd = -1, .bytes = bytes, .size = bytes.size},
	};
	int rc = find(&search, err);

	*ret = search.found;
	return rc;
}

static int read_image(const struct program_source *source, const struct program_image *image,
		      struct buf *ret, struct err *err)
{
	_buf_ struct buf bytes = {0};
	int rc;

	if (!is_same(&source->state, &image->state))
		return err_set(err, -EAGAIN,
			       "the file changed after signed images were found in it: try again");
	buf_reserve(&bytes, image->size);
	rc = buf_done(&bytes, err);
	if (!rc)
		rc = program_bytes(source, image->offset, bytes.data, image->size, err);
	if (rc)
		return rc;
	bytes.size = image->size;
	*ret = buf_take(&bytes);
	return 0;
}

int program_read(const char *path, const struct program_image *image, struct buf *ret,
		 struct err *err)
{
	struct program_source source = {.fd = -1};
	int rc = open_file(path, &source, err);

	if (!rc)
		rc = read_image(&source, image, ret, err);
	os_close(&source.fd);
	return rc;
}
