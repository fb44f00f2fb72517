/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object.h - BPF ELF object in, loader image and skeleton description out.
 *
 * libbpf's gen_loader makes the loader. It needs no root, no bpf() system call and no BTF of the
 * running kernel, and gives the same bytes on every host, as far as libbpf allows.
 *
 * Does: run libbpf; refuse objects for which libbpf would make a wrong loader; describe maps,
 * programs and typed sections; read and write the values of variables by their types.
 * Does not: write text, hash or sign.
 *
 * The door to libbpf and libelf.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/util.h"
#include "image/image.h"
#include "skel.h"

/* Whether DATA begins as an ELF file does. */
bool object_is(struct view data);

/*
 * Whether HEAD, the first bytes of a file, is the beginning of a relocatable ELF file for BPF, of
 * either byte order.
 */
bool object_begins(struct view head);

/*
 * Fork the server process that builds objects (object_apart.c); only the first call does. Call it
 * before a key, passphrase or PIN is read and before a thread is started; if nobody did,
 * object_build() does. The server ends before this process ends. Returns 0, or a negative errno
 * with *err if it cannot be forked. object_start_once(): for a single object, which the server
 * builds itself instead of forking again.
 */
int object_start(struct err *err);
int object_start_once(struct err *err);

/*
 * What a user chose about programs of an object, where its sections do not say it. PROG is a name
 * or a pattern of names as the shell has them (fnmatch(3)).
 */
enum object_choice_kind {
	OBJECT_LOAD,   /* PROG: it is loaded, even if it is optional (SEC("?...")) */
	OBJECT_SKIP,   /* PROG: it is not loaded */
	OBJECT_TYPE,   /* PROG=TYPE[:ATTACH]: its type, by libbpf's names (object_type.h) */
	OBJECT_TARGET, /* PROG=FUNC: the kernel's function or tracepoint that it attaches to */
	OBJECT_CHOICE_NR,
};

struct object_choice_one {
	enum object_choice_kind kind;
	const char *text; /* borrowed */
};

/* Zero-initialized: as the sections say. */
struct object_choice {
	struct object_choice_one *list;
	size_t nr;
};

/* The option of sign for KIND: "--load". Static. */
const char *object_choice_option(enum object_choice_kind kind);

/*
 * Build the loader of the BPF object ELF in a separate process; may be called from any thread.
 * ELF is freed as soon as it was sent, because it may be large. CHOICE may be NULL. NAME is a C
 * identifier: the object's name in the skeleton and, shortened, in the names of its data sections'
 * maps. The contents of sections are not in *RET_SKEL: the loader has them (header_fill_object()).
 * The reply of that process is checked as if an attacker had written it (object_wire.h); whether
 * the loader does what the skeleton says is for the caller to check (prepare.h). -EBADMSG: not a
 * BPF object, or one on which libbpf crashed or used more than OBJECT_SECONDS of processor time,
 * OBJECT_WALL_SECONDS of time or OBJECT_MEMORY bytes; -ENOENT: a pattern of CHOICE matches no
 * program; -EINVAL: CHOICE contradicts itself, has an unknown type, or is longer than 4 KiB;
 * -ENOTSUP: something gen_loader cannot do or gets wrong, with advice; else libbpf's errno with
 * libbpf's last message.
 */
int object_build(struct buf *elf, const char *name, const struct object_choice *choice,
		 struct image *ret_image, struct skel *ret_skel, struct err *err);

/* For comparison: the largest object that can be signed takes half a second and 150 MB. */
#define OBJECT_SECONDS	    5
#define OBJECT_WALL_SECONDS 30
#define OBJECT_MEMORY	    ((size_t)448 << 20)

/*
 * The object name that bpftool gives to FILE: "xdp_foo_bpf" for "dir/xdp-foo.bpf.o". The caller
 * frees it; NULL: no memory.
 */
char *object_name(const char *file);

/* A global variable and a new value for it. */
struct object_var {
	uint32_t section; /* BTF id of the data section that holds it */
	size_t offset;	  /* in that section, in bytes */
	struct buf value; /* the bytes, in the byte order of the BTF; owned */
};

/* The variables of an object, by its BTF. Zero-initialized, there are none. */
struct object_vars {
	struct btf *btf; /* owned; libbpf's */
};

#define _object_vars_ _cleanup_(object_vars_free)

/* Read BTF (raw .BTF data, which may be hostile). -EBADMSG: it is none. */
int object_vars_read(struct view btf, struct object_vars *ret, struct err *err);
void object_vars_free(struct object_vars *vars);

/*
 * Find what NAME names among VARS and turn TEXT into a value of its type. NAME is a global
 * variable, or a part of one: cfg.limit, table[3], table[3].name. A value is a number (decimal,
 * hexadecimal with 0x, octal with 0; with a point for a float), true or false, the name of an
 * enumerator, for an array of char a string, for another array as many values as it has elements,
 * with commas between them. -ENOENT: no such variable or member, or several; -EINVAL: not a value
 * of its type; -ERANGE: too large, or not an element; -ENOTSUP: a type whose values cannot be set
 * (a pointer, a bit field, a whole struct).
 */
int object_var_parse(const struct object_vars *vars, const char *name, const char *text,
		     struct object_var *ret, struct err *err);

/* How many elements the array has that NAME names; 0: it is not an array. Errors as above. */
int object_var_elements(const struct object_vars *vars, const char *name, uint32_t *ret,
			struct err *err);

/*
 * The types of a loader's BTF, for reading names and values. BTF may be hostile: libbpf's
 * btf__new() checks that types and strings lie inside it; the functions below check each id, kind
 * and size, and limit their work and their output, for all calls together, in proportion to the
 * size of a loader. Not for several threads at a time.
 */
struct object_types;

/* Read BTF, whose numbers are big-endian if BIG. -EBADMSG: malformed; -ENOMEM. */
int object_types_read(struct view btf, bool big, struct object_types **ret, struct err *err);

/* NULL is accepted. */
void object_types_free(struct object_types *types);
DEFINE_CLEANUP(struct object_types *, object_types_free)

/*
 * Append the name of type ID as in C: "struct event", "__u32", "char *", "long[4]", "struct {...}";
 * nothing for ID 0, "?" for what has no name. A name that is not one of C is quoted and escaped.
 */
void object_type_name(struct object_types *types, uint32_t id, struct buf *out);

/*
 * Append the name of the function that is type ID, "?" if it is not a function with a plain name.
 * Returns whether it is static.
 */
bool object_func_name(struct object_types *types, uint32_t id, struct buf *out);

/* Append the string at OFFSET of the BTF, escaped; nothing if there is none. */
void object_string(struct object_types *types, uint32_t offset, struct buf *out);

/* A variable of a data section with its present value. */
struct object_value {
	char *name;
	char *type;	   /* as from object_type_name() */
	struct view bytes; /* into the section's contents */
	/*
	 * The value as in C: a number, an enumerator's name with its number, a string, or for
	 * structs, unions and arrays "{.x = 1, .y = {}}", where {} is all zero. NULL: it has a type
	 * that cannot be shown.
	 */
	char *text;
	bool partial; /* there are bytes that are not zero, and that TEXT does not show */
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct object_values {
	struct object_value *list;
	size_t nr;
};

#define _object_values_ _cleanup_(object_values_free)

void object_values_free(struct object_values *values);

/* The most characters of a value's text: in a line for the eye, and in all other cases. */
#define OBJECT_TEXT_SHORT 400
#define OBJECT_TEXT_LONG  65536

/*
 * Read the variables of the data section that is type SECTION and has CONTENTS. Each text is cut
 * after LIMIT characters. -EBADMSG: SECTION is not a data section, a variable has no plain name, or
 * variables do not lie one after the other within CONTENTS; -E2BIG: names and texts are larger than
 * twice the largest loader; -ENOMEM.
 */
int object_values_read(struct object_types *types, uint32_t section, struct view contents,
		       size_t limit, struct object_values *ret, struct err *err);

/* The version of the libbpf that this program uses, as "1.5". Static. */
const char *object_libbpf_version(void);

#endif /* OBJECT_H */
