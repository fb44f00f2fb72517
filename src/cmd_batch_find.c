// SPDX-License-Identifier: BSD-2-Clause
/* The inputs in folders. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd_batch.h"
#include "input.h"
#include "output.h"
#include "util.h"
#include "walk.h"

/* More than anybody has; names of that many take some 100 MB. */
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

/* Take NAME, which is owned; NULL: no memory. */
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

struct search {
	bool objects;
	struct names files;   /* all inputs so far */
	struct names outputs; /* what the objects that were found are made into */
};

static int add_file(struct search *search, const char *path, struct err *err)
{
	if (search->files.nr == FOUND_MAX)
		return err_set(err, -E2BIG, "more than %d inputs: take a part of them", FOUND_MAX);
	return add_name(&search->files, strdup(path), err);
}

/* What cannot be looked into is kept: it must not go unnoticed. */
static int found(void *arg, const char *path, struct err *err)
{
	const struct input object = {.kind = INPUT_OBJECT};
	struct search *search = arg;
	enum input_kind kind;
	int rc = input_probe(path, &kind);

	if (rc == -ENOENT || (!rc && kind == INPUT_OBJECT && !search->objects))
		return 0;
	if (!rc && kind == INPUT_OBJECT)
		rc = add_name(&search->outputs, output_name(&object, path), err);
	return rc == -ENOMEM ? rc : add_file(search, path, err);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Of the files from FIRST on, leave out headers that are made of objects among them. */
static void leave_out_made(struct search *search, size_t first)
{
	struct names *files = &search->files, *outputs = &search->outputs;
	size_t kept = first;

	qsort(outputs->list, outputs->nr, sizeof(*outputs->list), by_bytes);
	for (size_t i = first; i < files->nr; i++) {
		if (bsearch(&files->list[i], outputs->list, outputs->nr, sizeof(*outputs->list),
			    by_bytes))
			free(files->list[i]);
		else
			files->list[kept++] = files->list[i];
	}
	files->nr = kept;
}

static int search_folder(struct search *search, const char *folder, struct err *err)
{
	size_t first = search->files.nr;
	int rc = walk(folder, found, search, err);

	if (rc)
		return err_prefix(err, "%s", folder);
	if (search->outputs.nr)
		leave_out_made(search, first);
	names_free(&search->outputs);
	return search->files.nr > first ? 0 : add_file(search, folder, err);
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

int batch_find(struct batch_options *batch, struct common *common, bool objects, struct err *err)
{
	struct search search = {.objects = objects};
	int rc = 0;

	batch->objects = objects;
	if (!batch->recursive)
		return 0;
	for (int i = 0; !rc && i < common->nr_files; i++) {
		if (is_folder(common->files[i]))
			rc = search_folder(&search, common->files[i], err);
		else
			rc = add_file(&search, common->files[i], err);
	}
	names_free(&search.outputs);
	if (rc) {
		names_free(&search.files);
		return rc;
	}
	batch->found.list = common->files = search.files.list;
	batch->found.nr = search.files.nr;
	common->nr_files = (int)search.files.nr;
	return 0;
}

void batch_end(struct batch_options *batch)
{
	for (size_t i = 0; i < batch->found.nr; i++)
		free(batch->found.list[i]);
	free(batch->found.list);
}
