/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * failing.h - let one allocation fail. The linker puts the functions here between the rooms and the
 * C library (Makefile: WRAP_ALLOCATIONS).
 */
#ifndef FAILING_H
#define FAILING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static size_t until_failure = SIZE_MAX; /* so many allocations succeed, the next one does not */

static inline bool fails(void)
{
	return until_failure != SIZE_MAX && until_failure-- == 0;
}

/* Whether an allocation has failed since until_failure was set; the following ones succeed. */
static inline bool has_failed(void)
{
	const bool has = until_failure == SIZE_MAX;

	until_failure = SIZE_MAX;
	return has;
}

#define WRAP(type, function, parameters, ...)                           \
	type __real_##function parameters;                              \
	type __wrap_##function parameters;                              \
	type __wrap_##function parameters                               \
	{                                                               \
		return fails() ? NULL : __real_##function(__VA_ARGS__); \
	}

WRAP(void *, malloc, (size_t size), size)
WRAP(void *, calloc, (size_t nr, size_t size), nr, size)
WRAP(void *, realloc, (void *old, size_t size), old, size)
WRAP(void *, reallocarray, (void *old, size_t nr, size_t size), old, nr, size)

#endif /* FAILING_H */
