/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * util.h - the few macros every room uses.
 *
 * Does: ownership (cleanup attributes, handing a pointer on) and array sizes.
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

/* Hand an owned pointer on: its value, and NULL left behind. */
#define take_ptr(ptr)                           \
	({                                      \
		__typeof__(ptr) taken_ = (ptr); \
		(ptr) = NULL;                   \
		taken_;                         \
	})

/* void func##_p(type *p): FUNC as a cleanup handler for a local of pointer type TYPE. */
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
