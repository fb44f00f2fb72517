// SPDX-License-Identifier: BSD-2-Clause
#include "input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/os.h"
#include "base/util.h"
#include "foreign.h"
#include "header.h"
#include "members.h"
#include "object/object.h"
#include "scheme.h"
#include "skim.h"

/* bpftool's limit on object names, with the NUL. */
#define NAME_MAX_SIZE 64

void input_free(struct input *input)
{
	loader_free(&input->loader);
	lskel_free(&input->lskel);
	skel_free(&input->skel);
	image_free(&input->image);
	buf_free(&input->content);
}

struct image *input_image(struct input *input)
{
	return input->kind == INPUT_LSKEL ? &input->lskel.image : &input->image;
}

const struct skel *input_skel(const struct input *input)
{
	if (input->kind == INPUT_LSKEL)
		return &input->lskel.skel;
	return input->kind == INPUT_RAW ? NULL : &input->skel;
}

const char *input_object_name(const struct input *input)
{
	return (input->kind == INPUT_LSKEL ? input->lskel.name : input->skel.name) ?: "";
}

bool input_is_signed(const struct input *input)
{
	if (input->kind == INPUT_LSKEL)
		return input->lskel.is_signed;
	return input->kind == INPUT_IMAGE && scheme_signed(&input->image);
}

const struct err *input_differs(const struct input *input)
{
	if (input->kind == INPUT_LSKEL)
		return input->lskel.text == LSKEL_TEXT_DIFFERS ? &input->lskel.text_why : NULL;
	return input->names_why.code ? &input->names_why : NULL;
}

/* The name of object FILE by PATTERN, see input_file(). The caller frees it; NULL: no memory. */
static char *name_of(const char *file, const char *pattern)
{
	const char *place = pattern ? strstr(pattern, INPUT_NAME_PLACE) : NULL;
	_cleanup_(freep) char *own = NULL;
	char *name;

	if (pattern && !place)
		return strdup(pattern);
	own = object_name(file);
	if (!own || !pattern)
		return take_ptr(own);
	return asprintf(&name, "%.*s%s%s", (int)(place - pattern), pattern, own,
			place + strlen(INPUT_NAME_PLACE)) < 0
		       ? NULL
		       : name;
}

static int check_name(const char *name, struct err *err)
{
	if (!members_is_name(view_str(name)))
		return err_set(err, -EINVAL,
			       "'%s' is not a valid name in C: choose another one with "
			       "--name=NAME, or one for each file with --name='x_{}'",
			       name);
	if (strlen(name) >= NAME_MAX_SIZE)
		return err_set(err, -EINVAL,
			       "the name '%s' is longer than %d characters: choose another one "
			       "with --name",
			       name, NAME_MAX_SIZE - 1);
	return 0;
}

static int read_object(const char *file, const char *name, const struct object_choice *choice,
		       struct input *input, struct err *err)
{
	_cleanup_(freep) char *own = name_of(file, name);
	int rc;

	if (!own)
		return err_nomem(err);
	input->kind = INPUT_OBJECT;
	rc = check_name(own, err);
	if (rc)
		return rc;
	rc = object_build(&input->content, own, choice, &input->image, &input->skel, err);
	if (!rc)
		rc = loader_read(&input->image, &input->loader, err);
	return rc ?: header_fill_object(&input->skel, &input->loader, err);
}

static int read_header(struct input *input, struct err *err)
{
	int rc = lskel_parse(buf_view(&input->content), &input->lskel, err);

	input->kind = INPUT_LSKEL;
	if (!rc)
		rc = loader_read(&input->lskel.image, &input->loader, err);
	if (!rc)
		header_check(&input->lskel, &input->loader);
	return rc;
}

/* What is not under a signature, the names, must be the loader's. */
static int read_image(struct input *input, struct err *err)
{
	_image_file_ struct image_file file = {.size = 0};
	struct scheme_contents contents;
	int rc = image_file_parse(buf_view(&input->content), &file, err);

	input->kind = INPUT_IMAGE;
	if (!rc && file.size < input->content.size)
		return err_at(err, -EBADMSG, file.size, "%zu bytes follow the image",
			      input->content.size - file.size);
	if (rc)
		return rc;
	input->big = file.big;
	input->has_unknown = file.has_unknown;
	input->image = file.image;
	input->skel = file.skel;
	file = (struct image_file){.size = 0};
	/* whoever loads an image computes them */
	scheme_begin(&contents, &input->image);
	rc = scheme_set_excl_hashes(&contents, &input->image, err);
	if (!rc)
		rc = loader_read(&input->image, &input->loader, err);
	if (!rc)
		rc = header_check_image(&input->skel, &input->loader, input->big, &input->names_why,
					err);
	return rc;
}

static int recognise(const char *file, const char *name, const struct object_choice *choice,
		     struct input *input, struct err *err)
{
	struct view content = buf_view(&input->content);

	if (object_is(content))
		return read_object(file, name, choice, input, err);
	if (lskel_is(content))
		return read_header(input, err);
	if (image_file_is(content))
		return read_image(input, err);
	return foreign_refuse(content, err);
}

static int take_digest(const struct buf *content, struct input_digest *ret, struct err *err)
{
	if (hash_sha256(buf_view(content), ret->sha256))
		return err_set(err, -ENOTSUP, "OpenSSL does not support sha256");
	ret->known = true;
	return 0;
}

static int read_file(const char *file, size_t limit, struct input_digest *digest, struct buf *ret,
		     struct err *err)
{
	int rc = file_read(file, limit, ret, err);

	return !rc && digest ? take_digest(ret, digest, err) : rc;
}

int input_digest_file(const char *file, struct input_digest *ret, struct err *err)
{
	_buf_ struct buf content = {0};

	return read_file(file, FILE_SIZE_MAX, ret, &content, err);
}

int input_file(const char *file, const char *name, const struct object_choice *choice,
	       struct input_digest *digest, struct input *ret, struct err *err)
{
	_input_ struct input input = {0};
	int rc;

	rc = read_file(file, FILE_SIZE_MAX, digest, &input.content, err);
	if (!rc)
		rc = recognise(file, name, choice, &input, err);
	if (rc)
		return rc;
	*ret = input;
	input = (struct input){0};
	return 0;
}

int input_program(const char *file, const struct program_image *image, struct input_digest *digest,
		  struct input *ret, struct err *err)
{
	_input_ struct input input = {
		.is_writable = image->is_writable,
		.has_namesake = image->has_namesake,
	};
	int rc = program_read(file, image, &input.content, err);

	if (!rc && digest)
		rc = take_digest(&input.content, digest, err);
	if (!rc)
		rc = read_image(&input, err);
	if (rc)
		return rc;
	*ret = input;
	input = (struct input){0};
	return 0;
}

size_t input_find(const struct input *input, struct loader_finding ret[INPUT_FINDING_NR])
{
	size_t nr = 0;

	if (input->is_writable)
		ret[nr++] = loader_finding(LOADER_WRITABLE_IMAGE);
	if (input->has_namesake)
		ret[nr++] = loader_finding(LOADER_SAME_NAME);
	return nr;
}

/* The state of a search through a file in pieces. */
struct probe {
	bool begun, is_object, is_image, is_binary;
	struct skim skim;
};

/* Objects, programs and libraries are not C text. */
static bool see_piece(void *arg, struct view bytes)
{
	static const struct view archive = view_lit("!<arch>\n");
	struct probe *probe = arg;

	if (!probe->begun) {
		probe->begun = true;
		probe->is_object = object_begins(bytes);
		probe->is_image = image_file_is(bytes);
		probe->is_binary = object_is(bytes) || probe->is_image ||
				   view_equal(view_head(bytes, archive.size), archive);
	}
	if (!probe->is_binary)
		skim_piece(&probe->skim, bytes);
	return !probe->is_binary && !probe->skim.found;
}

int input_probe_open(const char *file, int fd, off_t size, enum input_kind *ret)
{
	struct probe probe = {.begun = false};
	_buf_ struct buf content = {0};
	struct err ignored;
	int rc = file_scan(fd, size, see_piece, &probe);

	if (rc)
		return rc;
	if (probe.is_image) {
		*ret = INPUT_IMAGE;
		return 0;
	}
	if (!probe.is_object && !probe.skim.found)
		return ERR_NO_INPUT;
	if (probe.skim.found && file_read(file, FILE_SIZE_MAX, &content, &ignored))
		return ignored.code;
	if (probe.skim.found && !skim_text(buf_view(&content), skim_is_c(file)))
		return ERR_NO_INPUT;
	*ret = probe.is_object ? INPUT_OBJECT : INPUT_LSKEL;
	return 0;
}

int input_probe(const char *file, enum input_kind *ret)
{
	struct stat st;
	_cleanup_(os_close) int fd = file_open(file, &st);

	return fd < 0 ? fd : input_probe_open(file, fd, st.st_size, ret);
}

static int add_raw_map(const char *file, struct image *image, struct err *err)
{
	_buf_ struct buf value = {0};
	const char *slash = strrchr(file, '/');
	int rc;

	rc = file_read(file, IMAGE_SIZE_MAX, &value, err);
	if (!rc)
		rc = image_add_map(image, slash ? slash + 1 : file, &value, (uint32_t)value.size, 1,
				   err);
	return rc ? err_prefix(err, "map %s", file) : 0;
}

int input_raw(const char *insns, const char *const *maps, size_t nr, struct input_digest *digest,
	      struct input *ret, struct err *err)
{
	_input_ struct input input = {.kind = INPUT_RAW};
	int rc;

	rc = read_file(insns, IMAGE_SIZE_MAX, digest, &input.content, err);
	if (!rc)
		rc = image_set_insns(&input.image, &input.content, err);
	if (rc)
		return rc;
	for (size_t i = 0; i < nr; i++) {
		rc = add_raw_map(maps[i], &input.image, err);
		if (rc)
			return rc;
	}
	rc = loader_read(&input.image, &input.loader, err);
	if (rc)
		return rc;
	*ret = input;
	input = (struct input){0};
	return 0;
}
