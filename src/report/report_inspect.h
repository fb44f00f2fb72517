/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report_inspect.h - functions that the text and the JSON of a listing share; private to report/.
 *
 * Does: choose and name what is listed. Does not: lay it out.
 */
#ifndef REPORT_INSPECT_H
#define REPORT_INSPECT_H

#include <stdint.h>

#include "names.h"
#include "report/report.h"

/* Room for a 32-bit number. */
#define REPORT_NUMBER_ROOM 16

/* The name of NUMBER in TABLE, or the number itself, written to ROOM. */
const char *report_number(enum names_table table, uint32_t number, char room[REPORT_NUMBER_ROOM]);

/* The number of CO-RE relocations in all programs. */
uint64_t report_count_relos(const struct loader *loader);

/* Write the listing as JSON (report_inspect_json.c). */
void report_listing_json(struct json *json, const char *file, const struct listing *listing);

#endif /* REPORT_INSPECT_H */
