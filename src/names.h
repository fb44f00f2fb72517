/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * names.h - names for numbers of the bpf() system call, up to Linux 7.3.
 *
 * Does: look up names. Does not: depend on the installed kernel headers, which may be older.
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdint.h>

enum names_table {
	NAMES_MAP_TYPE,
	NAMES_PROG_TYPE,
	NAMES_ATTACH_TYPE,
	NAMES_HELPER,
	NAMES_MAP_FLAG,	 /* by the number of the bit */
	NAMES_PROG_FLAG, /* the same */
};

/*
 * The name of NUMBER: "hash", "xdp", "trace_fentry", "map_lookup_elem", "mmapable". Static; NULL:
 * unknown.
 */
const char *names_of(enum names_table table, uint32_t number);

#endif /* NAMES_H */
