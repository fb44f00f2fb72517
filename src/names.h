/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.h - what the numbers of the bpf() system call are called, up to Linux 7.3.
 *
 * Does: look up. Does not: depend on the headers it is built with, which may be older.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdint.h>

enum names_table {
	NAMES_MAP_TYPE,
	NAMES_PROG_TYPE,
	NAMES_ATTACH_TYPE,
	NAMES_HELPER,
	NAMES_MAP_FLAG,	 /* by number of the bit */
	NAMES_PROG_FLAG, /* the same */
};

/* "hash", "xdp", "trace_fentry", "map_lookup_elem", "mmapable"; NULL: not known. */
const char *names_of(enum names_table table, uint32_t number);

#endif /* NAMES_H */
