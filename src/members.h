/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.h - the one piece of a header's C text that comes out of an object: the members of a
 * typed section's struct, as libbpf's BTF dumper spells them.
 *
 * The text will be compiled, and its types and names are whatever the object says, or a process
 * that an object has taken over. So it is read by a grammar that holds declarations of members and
 * nothing else:
 *
 *   members     { member }
 *   member      specifiers [declarator] [":" NUMBER] ";"
 *   specifiers  { qualifier } (base { base } | NAME | struct | enum) { qualifier }
 *   struct      ("struct" | "union") (NAME | "{" members "}" [packed])
 *   enum        "enum" (NAME | "{" enumerator { "," enumerator } [","] "}" [mode])
 *   enumerator  NAME ["=" ["-"] NUMBER]
 *   declarator  { "*" | qualifier } (NAME { array } | "(" "*" declarator ")" (params | { array }))
 *   array       "[" [NUMBER] "]"
 *   params      "(" [param { "," param } ["," "..."]] ")"
 *   param       specifiers declarator, whose NAME may be missing
 *   qualifier   const, volatile, restrict, __attribute__((btf_type_tag("WORD")))
 *   packed      __attribute__((packed))
 *   mode        __attribute__((mode(byte))) or (word)
 *
 * A member without a name is bits of padding, or a struct or union with members of its own; several
 * bases are a type that C has. NAME is a C identifier that is not a keyword, of up to
 * MEMBERS_NAME_MAX characters. There is no way to write a function, an initial value, an
 * expression, a directive or a comment.
 *
 * Does: judge, and name the members. Does not: know whether the types it names exist.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* No kernel takes longer names (KSYM_NAME_LEN with its NUL, include/linux/kallsyms.h). */
#define MEMBERS_NAME_MAX 511

/* Of the text; each member stands in the BTF of a loader of up to 16 MiB. */
#define MEMBERS_SIZE_MAX (4 << 20)

/* Whether NAME is an identifier that C takes for a name: not a keyword, and not too long. */
bool members_is_name(struct view name);

/* -EBADMSG, with the offset in TEXT: it is anything but declarations of a struct's members. */
int members_check(struct view text, struct err *err);

/*
 * The same, and EACH is called with ARG for every member of the outer struct that has a name, in
 * order; names are views into TEXT. What EACH returns, if it is not 0, ends the work.
 */
int members_each(struct view text, int (*each)(struct view name, void *arg, struct err *err),
		 void *arg, struct err *err);

/* Whether NAME is that of the padding that bpftool and this tool put in: "__pad0". */
bool members_is_padding(struct view name);

#endif /* MEMBERS_H */
