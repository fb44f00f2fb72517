// SPDX-License-Identifier: BSD-2-Clause
/* Find the signed images in the programs that a command line names. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/util.h"
#include "cmd_shared.h"
#include "program/program.h"

/* The files and sources so far. */
struct sources {
	char **files;
	struct shared_source *list;
	size_t nr, room;
};

static void source_free(struct shared_source *source)
{
	free(source->file);
	free(source->name);
	free(source->image.name);
	free(source->why);
}

static void sources_free(char **files, struct shared_source *list, size_t nr)
{
	for (size_t i = 0; i < nr; i++)
		source_free(&list[i]);
	free(list);
	free(files);
}

static int grow(struct sources *sources, struct err *err)
{
	const size_t room = 2 * sources->room + 16;
	struct shared_source *list;
	char **files;

	if (sources->nr < sources->room)
		return 0;
	if (sources->nr >= INT_MAX)
		return err_set(err, -E2BIG, "more than %d inputs: process them in parts", INT_MAX);
	files = reallocarray(sources->files, room, sizeof(*files));
	if (!files)
		return err_nomem(err);
	sources->files = files;
	list = reallocarray(sources->list, room, sizeof(*list));
	if (!list)
		return err_nomem(err);
	sources->list = list;
	sources->room = room;
	return 0;
}

/* Add SOURCE, which is taken over, in any case, as FILE (borrowed), or if it has a name, as that.
 */
static int add(struct sources *sources, char *file, struct shared_source *source, struct err *err)
{
	int rc = grow(sources, err);

	if (rc) {
		source_free(source);
		return rc;
	}
	sources->files[sources->nr] = source->name ?: file;
	sources->list[sources->nr++] = *source;
	return 0;
}

/* Add IMAGE of FILE, whose name is taken over; it may be its only one. */
static int add_image(struct sources *sources, int origin, const char *file,
		     struct program_image *image, struct err *err)
{
	struct shared_source source = {
		.origin = origin,
		.file = strdup(file),
		.image = *image,
	};

	image->name = NULL;
	if (!source.file || asprintf(&source.name, "%s#%s", file, source.image.name) < 0) {
		source.name = NULL;
		source_free(&source);
		return err_nomem(err);
	}
	return add(sources, NULL, &source, err);
}

/* Add ARGUMENT, which stands for FILE, where no image was found because of WHY. */
static int add_why(struct sources *sources, int origin, char *argument, const char *file,
		   const struct err *why, struct err *err)
{
	struct shared_source source = {
		.origin = origin,
		.file = strdup(file),
		.why = malloc(sizeof(*source.why)),
	};

	if (!source.file || !source.why) {
		source_free(&source);
		return err_nomem(err);
	}
	*source.why = *why;
	return add(sources, argument, &source, err);
}

static int add_plain(struct sources *sources, int origin, char *argument, struct err *err)
{
	struct shared_source source = {.origin = origin};

	return add(sources, argument, &source, err);
}

/* Add all images of the program ARGUMENT, or what it is otherwise. */
static int add_program(struct sources *sources, int origin, char *argument, struct err *err)
{
	_program_ struct program program = {.nr = 0};
	struct err why;
	int found = program_find(argument, &program, &why), rc = 0;

	if (found == -ENOMEM)
		return err_nomem(err);
	for (size_t i = 0; !rc && i < program.nr; i++)
		rc = add_image(sources, origin, argument, &program.list[i], err);
	if (rc || (!found && program.nr))
		return rc;
	if (!found)
		found = err_set(&why, ERR_NO_IMAGE,
				"contains no signed image: build it with a signed header, or pass "
				"the BPF object (clang -target bpf -c)");
	/* what cannot be read at all is reported by who reads it */
	return found == -EBADMSG || found == -E2BIG || found == ERR_NO_IMAGE
		       ? add_why(sources, origin, argument, argument, &why, err)
		       : add_plain(sources, origin, argument, err);
}

/* The last place in NAME where the name of an image may begin: after FILE#. NULL: none. */
static const char *find_name(const char *name)
{
	const char *end = name + strlen(name);
	const char *at = strrchr(name, '#');

	/* FILE#NAME#2 */
	if (at && at[1] && strspn(at + 1, "0123456789") == (size_t)(end - at - 1))
		at = memrchr(name, '#', (size_t)(at - name));
	return at && at != name && at[1] ? at + 1 : NULL;
}

/* Say that FILE has no image called NAME, but others. */
static int no_such_image(const struct program *program, const char *name, struct err *err)
{
	struct err first;

	if (!program->nr)
		return err_set(err, ERR_NO_IMAGE, "the program contains no signed image");
	err_escape(first.text, sizeof(first.text), program->list[0].name,
		   strlen(program->list[0].name));
	return err_set(
		err, ERR_NO_IMAGE,
		"the program contains no signed image of the name '%s': it has %zu, the first "
		"of which is '%s'",
		name, program->nr, first.text);
}

/* Add the image of FILE that is called NAME. */
static int add_named(struct sources *sources, int origin, char *argument, const char *file,
		     const char *name, struct err *err)
{
	_program_ struct program program = {.nr = 0};
	struct err why;
	int rc = program_find(file, &program, &why);

	if (rc == -ENOMEM)
		return err_nomem(err);
	if (rc == ERR_NO_INPUT)
		return add_plain(sources, origin, argument, err);
	for (size_t i = 0; i < program.nr; i++) {
		if (!strcmp(program.list[i].name, name))
			return add_image(sources, origin, file, &program.list[i], err);
	}
	if (!rc)
		no_such_image(&program, name, &why);
	return add_why(sources, origin, argument, file, &why, err);
}

/* Whether there is nothing at PATH. */
static bool is_missing(const char *path)
{
	struct stat st;

	return lstat(path, &st) && errno == ENOENT;
}

static int add_argument(struct sources *sources, int origin, char *argument, struct err *err)
{
	const char *name = is_missing(argument) ? find_name(argument) : NULL;
	_cleanup_(freep) char *file = NULL;

	if (!name)
		return add_program(sources, origin, argument, err);
	file = strndup(argument, (size_t)(name - argument - 1));
	if (!file)
		return err_nomem(err);
	return is_missing(file) ? add_plain(sources, origin, argument, err)
				: add_named(sources, origin, argument, file, name, err);
}

int shared_find_images(struct shared_options *shared, struct err *err)
{
	struct sources sources = {.nr = 0};
	int rc = 0;

	if (shared->insns)
		return 0;
	for (int i = 0; !rc && i < shared->nr_files; i++)
		rc = add_argument(&sources, i, shared->files[i], err);
	if (rc) {
		sources_free(sources.files, sources.list, sources.nr);
		return rc;
	}
	shared->files = sources.files;
	shared->sources = sources.list;
	shared->nr_files = (int)sources.nr;
	return 0;
}

void shared_end(struct shared_options *shared)
{
	if (!shared->sources)
		return;
	sources_free(shared->files, shared->sources, (size_t)shared->nr_files);
	shared->files = NULL;
	shared->sources = NULL;
	shared->nr_files = 0;
}
