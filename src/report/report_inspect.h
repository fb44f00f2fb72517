/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_inspect.h - what the two forms of a listing have in common; for report_inspect*.c.
 *
 * Does: make what comes from the file fit to be shown. Does not: know a layout.
 */
#ifndef REPORT_INSPECT_H
#define REPORT_INSPECT_H

#include <stdint.h>

#include "names.h"
#include "report/report.h"

/* Each text is valid until the same thread's next call of the same function. */

/* SIZE bytes at TEXT, or a map's or program's name as the kernel gets it, escaped. */
const char *report_listed(const void *text, size_t size);
const char *report_listed_name(const char name[LOADER_NAME_SIZE]);

/* The whole name where it is known, or the one the kernel gets. */
const char *report_prog_name(const struct loader_prog *prog);

/* What NUMBER is called, or the number itself. */
const char *report_number(enum names_table table, uint32_t number);

/*
 * The sha256 of BYTES in hex, for OUT; valid until this thread's next call. Where it cannot be
 * computed OUT fails: what is printed is whole, or is not printed.
 */
const char *report_digest(struct buf *out, struct view bytes);

/* Whether nothing that LOADER installs comes from its caller. */
bool report_is_sealed(const struct loader *loader);

/* CO-RE relocations of all programs. */
uint64_t report_count_relos(const struct loader *loader);

/* In report_inspect_json.c. */
void report_listing_json(struct json *json, const char *file, const struct report_listing *listing);

#endif /* REPORT_INSPECT_H */
