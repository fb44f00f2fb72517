/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_btf.h - what reading the types and the values of a loader's BTF shares; private to
 * object/.
 *
 * Does: keep the BTF, and count what work is left. Does not: know sections or loaders.
 */
#ifndef OBJECT_BTF_H
#define OBJECT_BTF_H

#include <bpf/btf.h>

#include "object/object.h"

/* Newer than the libbpf and UAPI headers of some distributions that we build on. */
#define OBJECT_KIND_ENUM64 19

struct object_types {
	struct btf *btf;
	bool big;
	size_t steps; /* bytes and enumerators that may still be looked at */
	size_t room;  /* characters that may still be written */
};

/* The name at OFFSET, if it has only characters of C identifiers and section names; else NULL. */
const char *object_plain_name(const struct object_types *types, uint32_t offset);

/* Type ID without typedefs and qualifiers; NULL: too many of them, or no such type. */
const struct btf_type *object_plain_type(const struct object_types *types, uint32_t id);

/* A value that is written as text. */
struct object_text {
	struct object_types *types;
	struct buf *out;
	size_t limit; /* how many characters OUT may have before the text is cut */
	bool cut;     /* something was left out, for lack of steps or characters */
	bool hides;   /* bytes that are not zero are in no member or element */
};

/* Append BYTES as a value of type ID, which may be any; nothing if it cannot be shown. */
void object_text_value(struct object_text *text, uint32_t id, struct view bytes);

#endif /* OBJECT_BTF_H */
