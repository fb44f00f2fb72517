/* SPDX-License-Identifier: BSD-2-Clause */
/* edge.h - text with memory behind it that cannot be read: who reads on is killed. */
#ifndef EDGE_H
#define EDGE_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"

#define EDGE_ROOM ((size_t)1 << 20) /* a multiple of every page size */

/* A copy of TEXT, at most EDGE_ROOM bytes, right before the edge; until the next call. */
static inline struct view at_edge(struct view text)
{
	static uint8_t *edge;
	uint8_t *memory;

	if (!edge) {
		memory = mmap(NULL, 2 * EDGE_ROOM, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED || mprotect(memory + EDGE_ROOM, EDGE_ROOM, PROT_NONE))
			abort();
		edge = memory + EDGE_ROOM;
	}
	if (text.size > EDGE_ROOM)
		abort();
	if (text.size)
		memcpy(edge - text.size, text.data, text.size);
	return view_of(edge - text.size, text.size);
}

#endif /* EDGE_H */
