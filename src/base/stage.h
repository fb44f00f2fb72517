/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stage.h - the files that are made of many inputs: written as they come, put into their places in
 * order, each place once.
 *
 * Does: keep the files of one input together, know the places that are taken, wait for the disk
 * where it costs least: stage_sync() of many inputs at the same time, folders once at the end.
 * Does not: know what is in the files.
 */
#ifndef STAGE_H
#define STAGE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"

struct place;

/* A file that is not in its place yet. */
struct staged {
	char *path; /* as it was given */
	struct file_new file;
	struct place *place; /* that it has taken; NULL: none yet */
};

/* Those of one input; zero-initialised is empty. */
struct stage {
	struct staged *list;
	size_t nr;
};

/* Forget STAGE, and its files but those in their places. */
void stage_end(struct stage *stage);

/* Write DATA, for PATH. Errors as file_new(), with PATH. Threads: each a stage of its own. */
int stage_add(struct stage *stage, const char *path, struct view data, struct err *err);

/* Wait until the disk has all files of STAGE. */
int stage_sync(struct stage *stage, struct err *err);

/* The places that are taken. Zero-initialised is none. */
struct places {
	void *files;   /* trees (search.h) of struct place, by target */
	void *folders; /* and of struct place, by the target's folder */
};

/* Forget PLACES. */
void places_end(struct places *places);

/*
 * Put the files of STAGE, which are of the input OWNER, into their places: all or none. -EEXIST:
 * one is taken already; else as file_new_place_all(). Where it fails, STAGE takes no place.
 * Messages name the file.
 */
int places_take(struct places *places, struct stage *stage, const char *owner, struct err *err);

/*
 * Keep what PATH names, which is WHAT (a text that stays: "a private key"): it is no place for any
 * file. Nothing where PATH names nothing, as a pkcs11: URI. -ENOMEM.
 */
int places_keep(struct places *places, const char *path, const char *what, struct err *err);

/* As places_keep(), of a struct file_new's TARGET. -EEXIST: it is kept already. */
int places_reserve(struct places *places, const char *target, const char *what, struct err *err);

/* Wait until the disk has the names of all files that were put into their places. */
void places_sync(const struct places *places);

#endif /* STAGE_H */
