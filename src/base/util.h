/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * util.h - macros that every room uses.
 *
 * Does: ownership (cleanup attributes, moving a pointer) and array sizes.
 * Does not: anything that needs a .c file.
 */
#ifndef UTIL_H
#define UTIL_H

#include <stddef.h>
#include <stdlib.h>

#define ARRAY_SIZE(a)	 (sizeof(a) / sizeof((a)[0]))
#define _cleanup_(func)	 __attribute__((cleanup(func)))
#define _printf_(f, arg) __attribute__((format(printf, f, arg)))
#define _unused_	 __attribute__((unused))

/* Move an owned pointer: returns its value and sets it to NULL. */
#define take_ptr(ptr)                           \
	({                                      \
		__typeof__(ptr) taken_ = (ptr); \
		(ptr) = NULL;                   \
		taken_;                         \
	})

/* Define func##_p(type *p), which makes FUNC a cleanup handler for locals of pointer type TYPE. */
#define DEFINE_CLEANUP(type, func)                                \
	_unused_ static inline void func##_p(__typeof__(type) *p) \
	{                                                         \
		if (*p)                                           \
			func(*p);                                 \
	}

/* free() as a cleanup handler. */
_unused_ static inline void freep(void *ptr)
{
	free(*(void **)ptr);
}

#endif /* UTIL_H */
