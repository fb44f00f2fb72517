/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object_section.h - give code sections of a BPF object other names, as if its source had said them
 * in SEC("..."). libbpf derives the type of a program, and what it attaches to, from the name of
 * its section only.
 *
 * Does: rename in the section headers and in .BTF.ext, which refers to sections by their names.
 * Does not: judge names, or move programs between sections.
 */
#ifndef OBJECT_SECTION_H
#define OBJECT_SECTION_H

#include "base/buf.h"
#include "base/err.h"

/* Names of SEC("..."), without the '?' of optional programs, which a section keeps; borrowed. */
struct object_rename {
	const char *from, *to;
};

/*
 * Rename sections of ELF, a relocatable file, by the NR pairs of LIST. Its string tables are copied
 * to its end, with the new names. Each offset and size is checked. After a failure ELF may be
 * changed. -ENOTSUP: not ELF64 in the byte order of this machine, or BTF that is laid out in
 * another way; -EBADMSG: something does not lie within the file; -ENOMEM.
 */
int object_rename(struct buf *elf, const struct object_rename *list, size_t nr, struct err *err);

#endif /* OBJECT_SECTION_H */
