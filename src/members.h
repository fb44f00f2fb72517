/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * members.h - check the members of a typed section's struct. They are the only part of a header's C
 * text that comes from an object, by way of libbpf's BTF dumper.
 *
 * The text will be compiled, and comes from an object, or from a process that a hostile object has
 * taken over. So it must match a grammar that allows declarations of members and nothing else:
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
 *   qualifier   const, volatile, restrict, __attribute__((btf_type_tag("WORD"))) or
 *               ((__aligned__(8)))
 *   packed      __attribute__((packed))
 *   mode        __attribute__((mode(byte))), (word) or (DI)
 *
 * A member without a name must be padding bits, or a struct or union with members; several bases
 * must make a type of C. NAME is a C identifier of up to MEMBERS_NAME_MAX characters that is not a
 * keyword. The grammar has no functions, initial values, expressions, directives or comments.
 *
 * Does: check the text, and list the members' names. Does not: check that the types exist.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Kernels refuse longer names (KSYM_NAME_LEN with its NUL, include/linux/kallsyms.h). */
#define MEMBERS_NAME_MAX 511

/* The most bytes of text; all members come from the BTF of a loader, which has at most 16 MiB. */
#define MEMBERS_SIZE_MAX (4 << 20)

/* Whether NAME is an identifier of C that is not too long; it may be a keyword. */
bool members_is_identifier(struct view name);

/* Whether NAME can be a name in C: an identifier, not a keyword, and not too long. */
bool members_is_name(struct view name);

/* Check TEXT. -EBADMSG, with the offset: it is not a list of declarations of a struct's members. */
int members_check(struct view text, struct err *err);

/*
 * The same, and call EACH with ARG for every named member of the outer struct, in order; names are
 * views into TEXT. If EACH does not return 0, the check ends and returns that.
 */
int members_each(struct view text, int (*each)(struct view name, void *arg, struct err *err),
		 void *arg, struct err *err);

/*
 * Append TEXT, declarations of members, to OUT in types that have BPF's size and alignment on 32
 * bits also: int64_t and uint64_t for long, mode(DI) for mode(word), and in inner structs an
 * alignment for what has 8 bytes. On 64 bits these are the same types. And bool for _Bool, which
 * C++ does not have. Pointers, and types that TEXT only names, stay as they are. Doing it twice
 * changes nothing.
 */
void members_put_fixed(struct view text, struct buf *out);

/* The first word in TEXT that is a keyword of C++ but not of C; {NULL, 0}: there is none. */
struct view members_find_cpp(struct view text);

/* Whether NAME is one that bpftool and this tool give to padding: "__pad0". */
bool members_is_padding(struct view name);

#endif /* MEMBERS_H */
