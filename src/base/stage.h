/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stage.h - output files of many inputs: written to temporary files in any order, then renamed to
 * their places in order, and no place used twice.
 *
 * Does: keep the files of one input together, reserve places, wait for the disk where it costs
 * least: stage_sync() of many inputs at the same time, folders once at the end.
 * Does not: interpret the files.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

struct place;

/* A file that is not yet in its place. */
struct staged {
	char *path; /* the place's name as the user gave it */
	struct file_new file;
	struct place *place; /* the reserved place; NULL: not yet */
};

/* The files of one input; zero-initialized, it is empty. */
struct stage {
	struct staged *list;
	size_t nr;
};

/* Free STAGE, and remove its files that are not yet in their places. */
void stage_end(struct stage *stage);

/*
 * Write DATA to a temporary file for PATH. Errors as file_new(), with PATH. Threads: not two with
 * the same STAGE.
 */
int stage_add(struct stage *stage, const char *path, struct view data, struct err *err);

/* Wait until all files of STAGE are on the disk. */
int stage_sync(struct stage *stage, struct err *err);

/* The reserved places. Zero-initialized, it is empty. */
struct places {
	void *files;   /* trees (search.h) of struct place, by target */
	void *folders; /* the same, by the target's folder */
};

/* Free PLACES. */
void places_end(struct places *places);

/*
 * Move the files of STAGE, which are made from the input OWNER, to their places: all or none.
 * -EEXIST: a place is taken; else as file_new_place_all(). After a failure STAGE has no places.
 * Messages name the file.
 */
int places_take(struct places *places, struct stage *stage, const char *owner, struct err *err);

/*
 * Protect the file PATH, which is WHAT ("a private key"; the text must outlive PLACES), from being
 * replaced by an output. Does nothing if PATH is not a file, as with a pkcs11: URI. -ENOMEM.
 */
int places_keep(struct places *places, const char *path, const char *what, struct err *err);

/* As places_keep(), for the target of a struct file_new. -EEXIST: it is protected already. */
int places_reserve(struct places *places, const char *target, const char *what, struct err *err);

/* Wait until the renames of all files that were moved to their places are on the disk. */
void places_sync(const struct places *places);

#endif /* STAGE_H */
