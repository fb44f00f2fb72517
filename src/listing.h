/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listing.h - what an input installs, with all that is known about it: for inspect.
 *
 * Does: collect a loader's types, values, functions and places of attachment.
 * Does not: judge, compare, or print.
 */
#ifndef LISTING_H
#define LISTING_H

#include "base/buf.h"
#include "base/err.h"
#include "image/image.h"
#include "loader/loader.h"
#include "object/object.h"
#include "skel.h"

/* What a loader installs, and the findings in it. LOADER, SKEL, TEXT_WHY and WHY are borrowed. */
struct listing {
	const struct loader *loader;
	const struct skel *skel;    /* how the skeleton attaches and pins; NULL: not known */
	struct object_types *types; /* owned; NULL: no BTF, or a malformed one */
	struct object_values values[IMAGE_MAPS_MAX]; /* of each map; owned; empty: not known */
	enum loader_check second; /* what the checked form checks; NONE: there is none */
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr_findings;
	const struct err *text_why; /* the first difference in a header's text; NULL: none */
	const struct err *why;	    /* why the input is not accepted; NULL: it is */
};

#define _listing_ _cleanup_(listing_free)

void listing_free(struct listing *listing);

/*
 * Read the types and the values of LISTING's loader, each value as up to LIMIT characters of text.
 * What cannot be read stays empty. -ENOMEM.
 */
int listing_read(struct listing *listing, size_t limit, struct err *err);

/* The name that the kernel gets: up to 15 characters. */
struct view listing_kernel_name(const char name[LOADER_NAME_SIZE]);

/* The whole name, from BTF; the kernel's if that is not known. */
struct view listing_map_name(const struct loader_map *map);
struct view listing_prog_name(const struct loader_prog *prog);

/* Whether map number N asks to be pinned, as far as the skeleton says. */
bool listing_is_pinned(const struct listing *listing, size_t n);

/* What the program that runs the loader can do with a map. */
struct listing_host {
	bool sets_size;	 /* replace its max_entries before it is created */
	bool sets_value; /* replace its initial value */
	bool writes;	 /* write to it once it is loaded */
};
struct listing_host listing_host(const struct loader *loader, const struct loader_map *map);

/*
 * Append what program number N attaches to, as far as the loader and the skeleton say: "entry of
 * the kernel function do_nanosleep, by the skeleton".
 */
void listing_attach(const struct listing *listing, size_t n, struct buf *out);

/* Append the names of the types of MAP's keys or values; nothing if BTF does not say. */
void listing_key_type(const struct listing *listing, const struct loader_map *map, struct buf *out);
void listing_value_type(const struct listing *listing, const struct loader_map *map,
			struct buf *out);

#endif /* LISTING_H */
