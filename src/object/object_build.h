/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_build.h - run libelf and libbpf. For object_apart.c, which does so in a child, and
 * fuzzers.
 *
 * Does: build a loader in this process. Does not: protect it from crashes of libbpf.
 */
#ifndef OBJECT_BUILD_H
#define OBJECT_BUILD_H

#include "base/buf.h"
#include "base/err.h"
#include "image.h"
#include "skel.h"

/*
 * As object_build(), in this process and thread. Changes its environment, and libbpf's print
 * function. CHOICE is text: of each pattern '+' (load) or '-' (skip), the pattern, and a NUL; its
 * last byte is one.
 */
int object_build_here(struct view elf, const char *name, struct view choice,
		      struct image *ret_image, struct skel *ret_skel, struct err *err);

#endif /* OBJECT_BUILD_H */
