/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_choose.h - carry out what a user chose about the programs of an object: which are loaded,
 * their types, and what they attach to.
 *
 * Does: match patterns, know libbpf's names of types. Does not: load.
 */
#ifndef OBJECT_CHOOSE_H
#define OBJECT_CHOOSE_H

#include <bpf/libbpf.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "object/object.h"

/*
 * CHOICE as bytes for the process that reads objects: of each choice the digit of its kind, its
 * pattern and a NUL, its value ("" if it has none) and a NUL. -ENOMEM.
 */
int object_choose_encode(const struct object_choice *choice, struct buf *ret, struct err *err);

/*
 * Rename the sections of the file *ELF that OBJECT was opened from, where CHOICE asks for a type
 * that libbpf has a section name for, or for a target: *ret_renamed. Then open the file again. Also
 * checks all of CHOICE. -ENOENT: a pattern matches no program; -EINVAL: two choices contradict each
 * other, an unknown type, or programs of one section would need different names; -ENOTSUP: a target
 * for a program that has none; also as object_rename().
 */
int object_choose_names(const struct bpf_object *object, struct view choice, struct buf *elf,
			bool *ret_renamed, struct err *err);

/* Carry out the rest of CHOICE, which was checked, on OBJECT. -EINVAL: libbpf refuses. */
int object_choose(struct bpf_object *object, struct view choice, struct err *err);

/* Append the names of the programs of OBJECT to *RET, which keeps a failure: "a, b, c". */
void object_choose_list(const struct bpf_object *object, struct buf *ret);

#endif /* OBJECT_CHOOSE_H */
