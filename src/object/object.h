/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * object.h - BPF ELF object in, loader image and skeleton description out.
 *
 * The loader is made by libbpf's gen_loader: without root, without a bpf() system call, without
 * the BTF of the running kernel, the same bytes on every host as far as libbpf allows.
 *
 * Does: run libbpf, refuse what it does wrong, describe maps, programs and typed sections; read and
 * write the values of variables by their types.
 * Does not: write text, hash or sign.
 *
 * The door to libbpf and libelf.
 */
#ifndef OBJECT_H
#define OBJECT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "image.h"
#include "skel.h"

/* Whether DATA is an ELF file at all. */
bool object_is(struct view data);

/* Whether HEAD is the beginning of a relocatable ELF file for BPF, of either byte order. */
bool object_begins(struct view head);

/*
 * Fork the server that builds (object_apart.c), once; later calls do nothing. To be called before a
 * key, passphrase or PIN is read and before there are threads; object_build() makes up for it where
 * there are none. The server has ended before this process has. A negative errno with *err where it
 * cannot be forked. object_start_once(): for a single object, which the server then builds itself.
 */
int object_start(struct err *err);
int object_start_once(struct err *err);

/*
 * Build the loader of the BPF object ELF, in a process of its own; from any thread. NAME is a C
 * identifier: the object's name in the skeleton and, cut, in the names of its data sections' maps.
 * What that process answers is judged as if an attacker had written it (object_wire.h); whether the
 * loader does what the skeleton says is for the caller to find out (prepare.h). -EBADMSG: not a BPF
 * object, or one that libbpf did not survive: it crashed, or used more than OBJECT_SECONDS of a
 * processor, OBJECT_WALL_SECONDS by the clock or OBJECT_MEMORY; -ENOTSUP: something gen_loader
 * cannot do or does wrong, with the way out; else libbpf's errno with libbpf's last message.
 */
int object_build(struct view elf, const char *name, struct image *ret_image, struct skel *ret_skel,
		 struct err *err);

/* The largest object that can be signed takes half a second and 150 MB. */
#define OBJECT_SECONDS	    5
#define OBJECT_WALL_SECONDS 30
#define OBJECT_MEMORY	    ((size_t)448 << 20)

/* The object name for FILE, as bpftool makes it: "dir/xdp-foo.bpf.o" gives "xdp_foo_bpf". Owned. */
char *object_name(const char *file);

/* A global variable with a value for it, by its type in BTF. */
struct object_var {
	uint32_t section; /* BTF id of the data section it lies in */
	size_t offset;	  /* there, in bytes */
	struct buf value; /* the bytes, in the byte order of the BTF; owned */
};

/*
 * The variable NAME of BTF (raw .BTF data, which may be hostile), set to TEXT: a number (decimal,
 * 0x, 0), true or false, the name of an enumerator, or for an array of char its text. -ENOENT: no
 * such variable, or several; -EINVAL: not a value of its type; -ERANGE: too large; -ENOTSUP: a type
 * that has no value in one line (a struct, a pointer, an array of anything else).
 */
int object_var_parse(struct view btf, const char *name, const char *text, struct object_var *ret,
		     struct err *err);

/* A variable of a data section as it is. */
struct object_value {
	char *name;
	struct view bytes; /* into the section's contents */
	char *text; /* of an integer, bool, enum, pointer, array of char; NULL: bytes alone */
};

/* All of it is owned; zero-initialised is empty. */
struct object_values {
	struct object_value *list;
	size_t nr;
};

#define _object_values_ _cleanup_(object_values_free)

void object_values_free(struct object_values *values);

/*
 * The variables of the section that is type SECTION of BTF and holds CONTENTS, in the byte order of
 * BIG. BTF may be hostile: libbpf's btf__new() checks that types and strings lie inside it, and
 * the rest is checked here: each id, each kind, each size, plain characters in names, and that
 * variables lie one behind the other within CONTENTS. -EBADMSG: not so, or SECTION is no data
 * section; -ENOMEM.
 */
int object_values_read(struct view btf, bool big, uint32_t section, struct view contents,
		       struct object_values *ret, struct err *err);

/* The version of the libbpf that this program runs with: "1.5". */
const char *object_libbpf_version(void);

#endif /* OBJECT_H */
