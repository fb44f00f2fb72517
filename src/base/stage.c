// SPDX-License-Identifier: BSD-2-Clause
#include "base/stage.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

void stage_end(struct stage *stage)
{
	for (size_t i = 0; i < stage->nr; i++) {
		file_new_drop(&stage->list[i].file);
		free(stage->list[i].path);
	}
	free(stage->list);
	*stage = (struct stage){0};
}

int stage_add(struct stage *stage, const char *path, struct view data, struct err *err)
{
	struct staged *list = reallocarray(stage->list, stage->nr + 1, sizeof(*list));
	struct staged *staged;
	int rc;

	if (!list)
		return err_nomem(err);
	stage->list = list;
	staged = &list[stage->nr];
	*staged = (struct staged){.path = strdup(path), .file = FILE_NEW_NONE};
	if (!staged->path)
		return err_nomem(err);
	stage->nr++;
	rc = file_new(path, data, &staged->file, err);
	return rc ? err_prefix(err, "%s", path) : 0;
}

int stage_sync(struct stage *stage, struct err *err)
{
	for (size_t i = 0; i < stage->nr; i++) {
		if (file_new_sync(&stage->list[i].file, err))
			return err_prefix(err, "%s", stage->list[i].path);
	}
	return 0;
}

/* --- places --- */

struct place {
	char *owner;	  /* the input that the file is made from */
	const char *kept; /* or what the file is, which must not be replaced */
	char target[];	  /* the file; for a folder, the name of one file in it */
};

static int by_target(const void *a, const void *b)
{
	const struct place *left = a, *right = b;

	return strcmp(left->target, right->target);
}

static size_t folder_size(const char *target)
{
	return (size_t)(strrchr(target, '/') - target) + 1;
}

static int by_folder(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	size_t size = folder_size(left->target);
	size_t other = folder_size(right->target);
	int order = memcmp(left->target, right->target, size < other ? size : other);

	return order ? order : (size > other) - (size < other);
}

static void place_free(void *place)
{
	free(((struct place *)place)->owner);
	free(place);
}

static void nothing(_unused_ void *place)
{
}

void places_end(struct places *places)
{
	tdestroy(places->folders, nothing);
	tdestroy(places->files, place_free);
	*places = (struct places){0};
}

static struct place *place_new(const char *target, const char *owner)
{
	size_t size = strlen(target) + 1;
	struct place *place = malloc(sizeof(*place) + size);

	if (!place)
		return NULL;
	place->kept = NULL;
	memcpy(place->target, target, size);
	place->owner = strdup(owner);
	if (place->owner)
		return place;
	free(place);
	return NULL;
}

static int refuse_kept(const char *path, const char *kept, struct err *err)
{
	return err_set(err, -EEXIST, "%s is %s and will not be overwritten: choose another output",
		       path, kept);
}

int places_reserve(struct places *places, const char *target, const char *what, struct err *err)
{
	struct place *place = place_new(target, what);
	struct place **found = place ? tsearch(place, &places->files, by_target) : NULL;

	if (found && *found == place) {
		place->kept = what;
		return 0;
	}
	if (place)
		place_free(place);
	return found ? refuse_kept(target, (*found)->kept, err) : err_nomem(err);
}

int places_keep(struct places *places, const char *path, const char *what, struct err *err)
{
	_cleanup_(freep) char *target = realpath(path, NULL);
	int rc;

	if (!target)
		return errno == ENOMEM ? err_nomem(err) : 0;
	rc = places_reserve(places, target, what, err);
	return rc == -EEXIST ? 0 : rc;
}

/* Reserve the place of STAGED. -EEXIST: it is taken. */
static int take(struct places *places, struct staged *staged, const char *owner, struct err *err)
{
	struct place *place = place_new(staged->file.target, owner);
	struct place **found = place ? tsearch(place, &places->files, by_target) : NULL;

	if (found && *found == place) {
		if (tsearch(place, &places->folders, by_folder)) {
			staged->place = place;
			return 0;
		}
		tdelete(place, &places->files, by_target);
		found = NULL;
	}
	if (place)
		place_free(place);
	if (!found)
		return err_nomem(err);
	if ((*found)->kept)
		return refuse_kept(staged->path, (*found)->kept, err);
	return err_set(err, -EEXIST,
		       "%s is already the output of %s: two inputs cannot have the same output",
		       staged->path, (*found)->owner);
}

/* Release the places that STAGE has reserved. */
static void give_up(struct places *places, struct stage *stage)
{
	for (size_t i = 0; i < stage->nr; i++) {
		struct place *place = take_ptr(stage->list[i].place);
		struct place **folder = place ? tfind(place, &places->folders, by_folder) : NULL;

		if (folder && *folder == place)
			tdelete(place, &places->folders, by_folder);
		if (place)
			tdelete(place, &places->files, by_target);
		if (place)
			place_free(place);
	}
}

/* Allocated first, so that without memory no file is moved. */
static int move(struct stage *stage, struct err *err)
{
	_cleanup_(freep) struct file_new **files = calloc(stage->nr, sizeof(struct file_new *));
	size_t bad;
	int rc;

	if (!files && stage->nr)
		return err_nomem(err);
	for (size_t i = 0; i < stage->nr; i++)
		files[i] = &stage->list[i].file;
	rc = file_new_place_all(files, stage->nr, &bad, err);
	return rc ? err_prefix(err, "%s", stage->list[bad].path) : 0;
}

int places_take(struct places *places, struct stage *stage, const char *owner, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < stage->nr; i++)
		rc = take(places, &stage->list[i], owner, err);
	if (!rc)
		rc = move(stage, err);
	if (rc)
		give_up(places, stage);
	return rc;
}

static void sync_folder(const void *node, VISIT visit, _unused_ int depth)
{
	const struct place *const *place = node;

	if (visit == postorder || visit == leaf)
		file_sync_folder((*place)->target);
}

void places_sync(const struct places *places)
{
	twalk(places->folders, sync_folder);
}
