/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_var.h - a global variable of a BPF program, by name, and a value for it, by its BTF type.
 *
 * Does: find the variable in BTF, turn text into the bytes it stands for.
 * Does not: know loaders or maps; change anything.
 *
 * The BTF may be hostile: libbpf checks it when it is read.
 */
#ifndef OBJECT_VAR_H
#define OBJECT_VAR_H

#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "err.h"

struct object_var {
	uint32_t section; /* BTF id of the data section it lies in */
	size_t offset;	  /* there, in bytes */
	struct buf value; /* the bytes, in the byte order of the BTF; owned */
};

/*
 * The variable NAME of BTF (raw .BTF data), set to TEXT: a number (decimal, 0x, 0), true or false,
 * the name of an enumerator, or for an array of char its text. -ENOENT: no such variable, or
 * several; -EINVAL: not a value of its type; -ERANGE: too large; -ENOTSUP: a type that has no
 * value in one line (a struct, a pointer, an array of anything else).
 */
int object_var_parse(struct view btf, const char *name, const char *text, struct object_var *ret,
		     struct err *err);

#endif /* OBJECT_VAR_H */
