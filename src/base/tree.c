// SPDX-License-Identifier: BSD-2-Clause
#include "base/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/jobs.h"
#include "base/os.h"
#include "base/util.h"

/* Files that are looked at before the first of them is told of, and those that a thread takes. */
#define FILES_MAX 4096
#define PART	  64

struct walker {
	const struct tree_visitor *visitor;
	struct err *err;
	struct tree_file *files; /* FILES_MAX, of which NR are used; these are to be told of */
	size_t nr;
	char path[PATH_MAX]; /* the current path; folders cannot be deeper */
};

/* The names in a folder that is being visited. */
struct names {
	struct dirent **list;
	int nr;
};

static void names_free(struct names *names)
{
	for (int i = 0; i < names->nr; i++)
		free(names->list[i]);
	free(names->list);
}

static int not_dots(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* --- the files --- */

/* Only the folder said so far that it is a regular file. */
#define MODE_UNSURE S_IFREG

/* It was removed. */
#define MODE_GONE ((mode_t)UINT_MAX)

/* What lstat() says of FILE. */
static void take_state(struct tree_file *file, const struct stat *st)
{
	file->mode = st->st_mode;
	file->device = st->st_dev;
	file->inode = st->st_ino;
}

static void find_state(struct tree_file *file)
{
	struct stat st;

	if (!lstat(file->path, &st))
		take_state(file, &st);
	else
		file->mode = errno == ENOENT ? MODE_GONE : 0;
}

/* The folder whose files a thread looks at; paths are shorter from there. */
struct place {
	const char *path; /* borrowed from a file in it */
	size_t size;	  /* of the folder's part of PATH, with the slash */
	int fd;
};

static void place_close(struct place *place)
{
	os_close(&place->fd);
}

/* Open the folder of FILE, unless it is open. Returns the name of FILE in it. */
static const char *go_to(struct place *place, struct tree_file *file)
{
	char *name = strrchr(file->path, '/') + 1;
	const size_t size = (size_t)(name - file->path);
	const char first = *name;

	if (place->fd >= 0 && size == place->size && !memcmp(place->path, file->path, size))
		return name;
	place_close(place);
	*name = '\0';
	*place = (struct place){
		.path = file->path,
		.size = size,
		.fd = open(file->path, O_PATH | O_DIRECTORY | O_CLOEXEC),
	};
	*name = first;
	return name;
}

/* Look at FILE, of which the folder said that it is a regular file. */
static void look_at(const struct tree_visitor *visitor, struct place *place, struct tree_file *file)
{
	const char *name = go_to(place, file);
	_cleanup_(os_close) int fd = -1;
	struct stat st;

	/* so that a pipe or device, which it may have become meanwhile, does not block */
	if (place->fd >= 0)
		fd = openat(place->fd, name,
			    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st)) {
		file->seen = -errno;
		find_state(file);
		return;
	}
	take_state(file, &st);
	if (S_ISREG(st.st_mode))
		file->seen = visitor->look(visitor->arg, file->path, fd, &st);
}

static void look_at_part(void *arg, size_t n)
{
	const struct walker *walker = arg;
	_cleanup_(place_close) struct place place = {.fd = -1};
	size_t end = (n + 1) * PART < walker->nr ? (n + 1) * PART : walker->nr;

	for (size_t i = n * PART; i < end; i++) {
		struct tree_file *file = &walker->files[i];

		if (S_ISREG(file->mode))
			look_at(walker->visitor, &place, file);
	}
}

static bool nothing(_unused_ void *arg, _unused_ size_t n)
{
	return true;
}

static void forget(struct walker *walker)
{
	for (size_t i = 0; i < walker->nr; i++)
		free(walker->files[i].path);
	walker->nr = 0;
}

/* Look at the files, and tell of them. */
static int tell_all(struct walker *walker)
{
	const struct tree_visitor *visitor = walker->visitor;
	const struct jobs jobs = {
		.nr = (walker->nr + PART - 1) / PART,
		.workers = visitor->workers,
		.work = look_at_part,
		.finish = nothing,
		.arg = walker,
	};
	int rc = 0;

	jobs_run(&jobs);
	for (size_t i = 0; !rc && i < walker->nr; i++) {
		if (walker->files[i].mode != MODE_GONE)
			rc = visitor->found(visitor->arg, &walker->files[i], walker->err);
	}
	forget(walker);
	return rc;
}

/* --- the folders --- */

/* Tell of the current path later. It was not looked at by lstat() if it is MODE_UNSURE. */
static int add(struct walker *walker, mode_t mode)
{
	struct tree_file *file;
	int rc = walker->nr == FILES_MAX ? tell_all(walker) : 0;

	if (rc)
		return rc;
	file = &walker->files[walker->nr];
	*file = (struct tree_file){.path = strdup(walker->path), .mode = mode};
	if (!file->path)
		return err_nomem(walker->err);
	walker->nr++;
	return 0;
}

static int walk_folder(struct walker *walker);

/* Visit the current path; it may have been removed meanwhile. TYPE is of its name in the folder. */
static int visit(struct walker *walker, unsigned char type)
{
	struct tree_file *file;
	int rc = add(walker, MODE_UNSURE);

	if (rc || type == DT_REG)
		return rc;
	file = &walker->files[walker->nr - 1];
	find_state(file);
	return S_ISDIR(file->mode) ? walk_folder(walker) : 0;
}

/* Append NAME to the current path, whose first SIZE bytes end in a slash. */
static int enter(struct walker *walker, size_t size, const char *name)
{
	const size_t length = strlen(name);

	if (length >= PATH_MAX - size)
		return err_set(walker->err, -ENAMETOOLONG, "a name below this folder is too long");
	memcpy(walker->path + size, name, length + 1);
	return 0;
}

static int walk_folder(struct walker *walker)
{
	_cleanup_(names_free) struct names names = {0};
	const size_t size = strlen(walker->path);
	const size_t slash = walker->path[size - 1] == '/' ? 0 : 1;
	int rc = 0;

	names.nr = scandir(walker->path, &names.list, not_dots, by_name);
	if (names.nr < 0) {
		names.nr = 0;
		return errno == ENOMEM ? err_nomem(walker->err) : add(walker, 0);
	}
	for (int i = 0; !rc && i < names.nr; i++) {
		walker->path[size] = '/';
		rc = enter(walker, size + slash, names.list[i]->d_name);
		if (!rc)
			rc = visit(walker, names.list[i]->d_type);
		walker->path[size] = '\0';
	}
	return rc;
}

/* The folder of the command line, which may be a link. */
static int walk(struct walker *walker)
{
	struct stat st;
	int rc = add(walker, 0);

	if (rc || stat(walker->path, &st) < 0)
		return rc;
	if (!S_ISDIR(st.st_mode))
		return 0;
	take_state(&walker->files[0], &st);
	return walk_folder(walker);
}

int tree_walk(const char *folder, const struct tree_visitor *visitor, struct err *err)
{
	struct walker walker = {.visitor = visitor, .err = err};
	int rc;

	if (!*folder || strlen(folder) >= sizeof(walker.path))
		return err_set(err, -ENAMETOOLONG, "not a valid name of a folder");
	strcpy(walker.path, folder);
	walker.files = calloc(FILES_MAX, sizeof(*walker.files));
	if (!walker.files)
		return err_nomem(err);
	rc = walk(&walker);
	if (!rc)
		rc = tell_all(&walker);
	forget(&walker);
	free(walker.files);
	return rc;
}
