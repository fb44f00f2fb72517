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

/* The name of a map or program as the kernel gets it; a program's whole name where that is known.
 */
struct view report_kernel_name(const char name[LOADER_NAME_SIZE]);
struct view report_prog_name(const struct loader_prog *prog);

/* Room for a number that has no name. */
#define REPORT_NUMBER_ROOM 16

/* What NUMBER is called, or the number itself, in ROOM. */
const char *report_number(enum names_table table, uint32_t number, char room[REPORT_NUMBER_ROOM]);

/* Whether nothing that LOADER installs comes from its caller. */
bool report_is_sealed(const struct loader *loader);

/* CO-RE relocations of all programs. */
uint64_t report_count_relos(const struct loader *loader);

/* In report_inspect_json.c. */
void report_listing_json(struct json *json, const char *file, const struct report_listing *listing);

#endif /* REPORT_INSPECT_H */
