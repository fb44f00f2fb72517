/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * size.h - which sizes of a map no kernel accepts (BPF_MAP_CREATE answers EINVAL or E2BIG).
 *
 * Does: sizes that depend on the type of the map alone, those that must fit pages, and what else a
 * type needs: flags, and types of keys and values.
 * Does not: flags that a type must not have, and limits of memory or of a kernel's configuration.
 */
#ifndef LOADER_SIZE_H
#define LOADER_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "loader/loader.h"

/* The smallest pages that there are, and the largest that kernels for BPF are built with. */
#define SIZE_PAGE_MIN 4096
#define SIZE_PAGE_MAX 65536

/* Whether MAP is a ring buffer, of the kernel or of the user. */
bool size_is_ring(const struct loader_map *map);

/* Whether a kernel with pages of PAGE bytes creates MAP; true for all but ring buffers, arenas. */
bool size_fits_page(const struct loader_map *map, uint32_t page);

/* Whether max_entries of MAP is 0 and must not be; false for ring buffers and arenas. */
bool size_has_no_entries(const struct loader_map *map);

/*
 * Whether the sizes of keys and values of MAP are those of its type, max_entries 0 where its type
 * demands it, and the flags and BTF there that its type needs.
 */
bool size_fits_type(const struct loader_map *map);

#endif /* LOADER_SIZE_H */
