// SPDX-License-Identifier: BSD-2-Clause
/* Find the inputs in folders. */
#include <ctype.h>
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/jobs.h"
#include "base/os.h"
#include "base/tree.h"
#include "base/util.h"
#include "cmd_batch.h"
#include "input.h"
#include "output.h"
#include "program/program.h"

/* A limit beyond any real use; that many names take some 100 MB. */
#define FOUND_MAX 1000000

struct names {
	char **list;
	size_t nr, room;
};

static void names_free(struct names *names)
{
	for (size_t i = 0; i < names->nr; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){0};
}

/* Add NAME, which is taken over; NULL: out of memory. */
static int add_name(struct names *names, char *name, struct err *err)
{
	if (name && names->nr == names->room) {
		size_t room = 2 * names->room + 16;
		char **list = reallocarray(names->list, room, sizeof(*list));

		if (!list) {
			free(name);
			return err_nomem(err);
		}
		names->list = list;
		names->room = room;
	}
	if (!name)
		return err_nomem(err);
	names->list[names->nr++] = name;
	return 0;
}

/* The identity of a file, which may have several names. */
struct identity {
	dev_t device;
	ino_t inode;
};

struct search {
	struct batch_options *options;
	bool verbose, programs;
	struct names files;   /* all inputs so far */
	struct names outputs; /* the outputs of the objects that were found */
	struct names links;   /* symbolic links, which are handled after everything else */
	void *known;	      /* tree (search.h) of struct identity: inputs, and folders */
	size_t passed_room;
};

/* --- known files --- */

static int by_identity(const void *a, const void *b)
{
	const struct identity *left = a, *right = b;

	if (left->device != right->device)
		return left->device < right->device ? -1 : 1;
	return (left->inode > right->inode) - (left->inode < right->inode);
}

static bool is_known(const struct search *search, const struct identity *identity)
{
	return tfind(identity, &search->known, by_identity);
}

/* Remember IDENTITY; NULL: it is unknown. */
static int know(struct search *search, const struct identity *identity, struct err *err)
{
	struct identity *new, **found;

	if (!identity || is_known(search, identity))
		return 0;
	new = malloc(sizeof(*new));
	if (!new)
		return err_nomem(err);
	*new = *identity;
	found = tsearch(new, &search->known, by_identity);
	if (!found)
		free(new);
	return found ? 0 : err_nomem(err);
}

/* --- inputs, and files that are ignored --- */

static int add_file(struct search *search, const char *path, const struct identity *identity,
		    struct err *err)
{
	int rc;

	if (search->files.nr == FOUND_MAX)
		return err_set(err, -E2BIG, "more than %d inputs: process them in parts",
			       FOUND_MAX);
	rc = add_name(&search->files, strdup(path), err);
	return rc ? rc : know(search, identity, err);
}

/* Report PATH, which is WHAT, if it MATTERS, or with --verbose. */
static int name_passed(struct search *search, const char *path, const char *what, bool matters,
		       struct err *err)
{
	struct batch_options *options = search->options;
	struct batch_passed *list = options->passed.list;

	if (!matters && !search->verbose)
		return 0;
	if (options->passed.nr == search->passed_room) {
		size_t room = 2 * search->passed_room + 16;

		list = reallocarray(list, room, sizeof(*list));
		if (!list)
			return err_nomem(err);
		options->passed.list = list;
		search->passed_room = room;
	}
	list[options->passed.nr] = (struct batch_passed){strdup(path), what, matters};
	return list[options->passed.nr].file ? (options->passed.nr++, 0) : err_nomem(err);
}

/* Count PATH, which is WHAT. */
static int pass(struct search *search, const char *path, const char *what, bool matters,
		struct err *err)
{
	search->options->passed.count++;
	return name_passed(search, path, what, matters, err);
}

/* Whether the name of PATH ends in SUFFIX, perhaps followed by characters that are not letters. */
static bool is_called(const char *path, const char *suffix)
{
	size_t size = strlen(path), length = strlen(suffix);

	while (size && !isalnum((unsigned char)path[size - 1]))
		size--;
	return size >= length && !strncasecmp(path + size - length, suffix, length);
}

/* A file with the name of an input is treated as one; if it is not, that is an error. */
static bool is_called_input(const struct search *search, const char *path)
{
	return is_called(path, ".lskel.h") ||
	       (search->options->objects && is_called(path, ".bpf.o"));
}

static int take_object(struct search *search, const char *path, const struct identity *identity,
		       struct err *err)
{
	const struct input object = {.kind = INPUT_OBJECT};
	int rc = add_name(&search->outputs, output_name(&object, path, search->options->format),
			  err);

	return rc ? rc : add_file(search, path, identity, err);
}

/* A program without a signed image, unless its name says that it is something else. */
static int pass_program(struct search *search, const char *path, const struct identity *identity,
			struct err *err)
{
	if (is_called_input(search, path))
		return add_file(search, path, identity, err);
	search->options->passed.programs++;
	return name_passed(search, path, "a program without a signed image", false, err)
		       ?: know(search, identity, err);
}

/* What a regular file is, by its content. */
enum seen {
	SEEN_INPUT, /* also one that cannot be read, so that it is reported as an error */
	SEEN_OBJECT,
	SEEN_PROGRAM, /* without a signed image */
	SEEN_OTHER,
};

/* Programs that are malformed are kept: they may have images. ERR_NO_INPUT: not a program. */
static int look_for_program(int fd, const struct stat *st)
{
	_program_ struct program program = {.nr = 0};
	struct err why;
	int rc = program_find_open(fd, st, &program, &why);

	if (rc == -ENOMEM || rc == ERR_NO_INPUT)
		return rc;
	return rc || program.nr ? SEEN_INPUT : SEEN_PROGRAM;
}

/* Returns an enum seen, or -ENOMEM. */
static int look(void *arg, const char *path, int fd, const struct stat *st)
{
	const struct search *search = arg;
	enum input_kind kind;
	int rc = search->programs ? look_for_program(fd, st) : ERR_NO_INPUT;

	if (rc != ERR_NO_INPUT)
		return rc;
	rc = input_probe_open(path, fd, st->st_size, &kind);
	if (rc == ERR_NO_INPUT)
		return SEEN_OTHER;
	if (rc)
		return rc == -ENOMEM ? rc : SEEN_INPUT;
	return kind == INPUT_OBJECT ? SEEN_OBJECT : SEEN_INPUT;
}

/* A regular file, or a link to one, of which SEEN is the enum seen, or a negative errno. */
static int see_file(struct search *search, const char *path, const struct identity *identity,
		    int seen, struct err *err)
{
	if (seen == -ENOMEM)
		return err_nomem(err);
	if (seen == SEEN_PROGRAM)
		return pass_program(search, path, identity, err);
	if (seen == SEEN_OBJECT && search->options->objects)
		return take_object(search, path, identity, err);
	if (seen < 0 || seen == SEEN_INPUT || is_called_input(search, path))
		return add_file(search, path, identity, err);
	return pass(search, path,
		    seen == SEEN_OTHER ? "not a light skeleton or signed image"
				       : "an object, which has no signature",
		    false, err);
}

/*
 * Something other than a file or a folder. MATTERS: a compiler could read from it, so verify must
 * report it as an error; commands that write pass it over.
 */
static int see_other(struct search *search, const char *path, const char *what, bool matters,
		     struct err *err)
{
	bool is_input = is_called_input(search, path) || (matters && !search->options->writes);

	return is_input ? add_file(search, path, NULL, err)
			: pass(search, path, what, matters, err);
}

static int found(void *arg, const struct tree_file *file, struct err *err)
{
	const struct identity identity = {file->device, file->inode};
	struct search *search = arg;

	if (!file->mode)
		return add_file(search, file->path, NULL, err);
	if (S_ISDIR(file->mode))
		return know(search, &identity, err);
	if (S_ISLNK(file->mode))
		return add_name(&search->links, strdup(file->path), err);
	if (S_ISREG(file->mode))
		return see_file(search, file->path, &identity, file->seen, err);
	return see_other(search, file->path, S_ISSOCK(file->mode) ? "a socket" : "a pipe or device",
			 !S_ISSOCK(file->mode), err);
}

/* --- links --- */

/* What the target of the link PATH, a regular file, is: as look(). */
static int look_at_target(struct search *search, const char *path)
{
	struct stat st;
	_cleanup_(os_close) int fd = file_open(path, &st);

	return fd < 0 ? fd : look(search, path, fd, &st);
}

/* A link to the file or folder ST. Searched folders are among the known files. */
static int see_target(struct search *search, const char *path, const struct stat *st,
		      struct err *err)
{
	const struct identity identity = {st->st_dev, st->st_ino};
	enum input_kind kind;

	if (is_known(search, &identity))
		return pass(search, path, "a link to a file that has another name here", false,
			    err);
	if (!search->options->writes)
		return S_ISDIR(st->st_mode) ? add_file(search, path, &identity, err)
					    : see_file(search, path, &identity,
						       look_at_target(search, path), err);
	if (S_ISDIR(st->st_mode))
		return pass(search, path, "a link to a folder, which is not followed", true, err);
	if (input_probe(path, &kind) == ERR_NO_INPUT)
		return pass(search, path, "a link to a file that is not an input", false, err);
	return pass(search, path,
		    "a link, which is not followed: to sign its target, name the link", true, err);
}

static int see_link(struct search *search, const char *path, struct err *err)
{
	struct stat st;

	/* elsewhere, or later, the link may lead to a header */
	if (stat(path, &st) < 0)
		return search->options->writes && (errno == ENOENT || errno == ELOOP)
			       ? see_other(search, path, "a dangling link", true, err)
			       : add_file(search, path, NULL, err);
	if (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode))
		return see_target(search, path, &st, err);
	if (S_ISSOCK(st.st_mode))
		return see_other(search, path, "a link to a socket", false, err);
	return see_other(search, path, "a link to a pipe or device", true, err);
}

static int see_links(struct search *search, size_t from, size_t to, struct err *err)
{
	int rc = 0;

	for (size_t i = from; !rc && i < to; i++)
		rc = see_link(search, search->links.list[i], err);
	return rc;
}

/* --- objects and their headers --- */

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Among the files from FIRST on, leave out headers that are the outputs of objects. */
static int leave_out_made(struct search *search, size_t first, struct err *err)
{
	struct names *files = &search->files, *outputs = &search->outputs;
	size_t kept = first;
	int rc = 0;

	qsort(outputs->list, outputs->nr, sizeof(*outputs->list), by_bytes);
	for (size_t i = first; i < files->nr; i++) {
		if (bsearch(&files->list[i], outputs->list, outputs->nr, sizeof(*outputs->list),
			    by_bytes)) {
			int passed = pass(search, files->list[i],
					  "the output of the object next to it", false, err);

			if (passed)
				rc = passed;
			free(files->list[i]);
		} else {
			files->list[kept++] = files->list[i];
		}
	}
	files->nr = kept;
	return rc;
}

static int search_folder(struct search *search, const char *folder, struct err *err)
{
	const struct tree_visitor visitor = {
		.look = look,
		.found = found,
		.arg = search,
		/* a process for objects is to be forked from a small one, and has no threads */
		.workers = search->options->objects   ? 1
			   : search->options->workers ? search->options->workers
						      : jobs_processors(),
	};
	size_t first = search->files.nr;
	int rc = tree_walk(folder, &visitor, err);

	if (!rc && search->outputs.nr)
		rc = leave_out_made(search, first, err);
	names_free(&search->outputs);
	return rc ? err_prefix(err, "%s", folder) : 0;
}

/* The files and folders on the command line. */
struct argument {
	const char *path;
	size_t files, links; /* how many were found in it; a file counts as one */
};

static int search_argument(struct search *search, struct argument *argument, struct err *err)
{
	size_t files = search->files.nr, links = search->links.nr;
	struct stat st;
	int rc;

	if (stat(argument->path, &st))
		rc = add_file(search, argument->path, NULL, err);
	else if (!S_ISDIR(st.st_mode))
		rc = add_file(search, argument->path, &(struct identity){st.st_dev, st.st_ino},
			      err);
	else
		rc = search_folder(search, argument->path, err);
	argument->files = search->files.nr - files;
	argument->links = search->links.nr - links;
	return rc;
}

/* Links are handled when everything else is known; folders without inputs come last, as errors. */
static int search_all(struct search *search, struct argument *arguments, size_t nr, struct err *err)
{
	struct batch_options *options = search->options;
	size_t link = 0;
	int rc = 0;

	for (size_t i = 0; !rc && i < nr; i++)
		rc = search_argument(search, &arguments[i], err);
	options->found.links = search->files.nr;
	for (size_t i = 0; !rc && i < nr; i++) {
		size_t before = search->files.nr;

		rc = see_links(search, link, link + arguments[i].links, err);
		link += arguments[i].links;
		arguments[i].files += search->files.nr - before;
	}
	options->found.links_end = search->files.nr;
	for (size_t i = 0; !rc && i < nr; i++) {
		if (!arguments[i].files)
			rc = add_file(search, arguments[i].path, NULL, err);
	}
	return rc;
}

static int search_arguments(struct search *search, const struct shared_options *shared,
			    struct err *err)
{
	const size_t nr = (size_t)shared->nr_files;
	_cleanup_(freep) struct argument *arguments = calloc(nr, sizeof(*arguments));

	if (!arguments)
		return err_nomem(err);
	for (size_t i = 0; i < nr; i++)
		arguments[i].path = shared->files[i];
	return search_all(search, arguments, nr, err);
}

int batch_find(struct batch_options *batch, struct shared_options *shared, struct err *err)
{
	struct search search = {
		.options = batch,
		.verbose = shared->verbose,
		.programs = shared->programs,
	};
	int rc;

	if (!batch->recursive)
		return 0;
	rc = search_arguments(&search, shared, err);
	names_free(&search.outputs);
	names_free(&search.links);
	tdestroy(search.known, free);
	if (rc) {
		names_free(&search.files);
		return rc;
	}
	batch->found.list = shared->files = search.files.list;
	batch->found.nr = search.files.nr;
	shared->nr_files = (int)search.files.nr;
	return 0;
}

void batch_end(struct batch_options *batch)
{
	for (size_t i = 0; i < batch->found.nr; i++)
		free(batch->found.list[i]);
	free(batch->found.list);
	for (size_t i = 0; i < batch->passed.nr; i++)
		free(batch->passed.list[i].file);
	free(batch->passed.list);
}
