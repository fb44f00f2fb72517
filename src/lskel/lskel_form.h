/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_form.h - the text of a skeleton, described once: to write it, or to read it.
 *
 * A header is a rendering: names, declarations of members, sizes, values and arrays go in, text
 * comes out, nothing else is free. So the functions that describe the text are run in one of two
 * ways. Writing, form_put() appends text. Reading, it takes the next tokens of a header, which have
 * to be those of that text; names, sizes and values are taken from where they stand first.
 *
 * Does: the text around the load function and in it, of this tool and of bpftool.
 * Does not: judge what the text says (names and values against the loader: header.h).
 *
 * For lskel_*.c alone.
 */
#ifndef LSKEL_FORM_H
#define LSKEL_FORM_H

#include <stdbool.h>

#include "base/buf.h"
#include "image.h"
#include "lskel/lskel_token.h"
#include "skel.h"

/*
 * How the text around the load function is worded, where that differs: pieces of text for
 * form_put(), with $ for the guard's macro, a program or a map.
 */
struct form_style {
	const char *top;    /* up to the struct */
	const char *sorted; /* the same with its includes as formatters sort them; or NULL */
	bool has_progs;	    /* progs and links of the struct also where there are none */
	bool has_asserts;   /* also for objects without BTF */
	const char *attach, *no_attach;
	const char *destroy;
	const char *open_head, *open;
	bool has_blank;	   /* a blank line behind the arrays of the load function */
	bool has_literals; /* values are arguments, not arrays */
	const char *value; /* what is done with the value of a section, up to its size */
	const char *value_end, *initial_value;
	const char *finalize; /* what is done with a section that was loaded, up to its size */
	const char *map_fd;
	const char *percpu,
		*percpu_end; /* a section that is protected instead; NULL: there is none */
	const char *open_and_load;
};

/* This tool's for an object, then those of bpftool, the latest first. */
#define FORM_STYLE_NR 4
extern const struct form_style *const form_styles[FORM_STYLE_NR];

/*
 * The revision of the run-time part: what NAME__loader_revision says, and 0 in those of release
 * 0.1.0, which do not have it.
 */
#define FORM_REVISION 1

/* What a load function hands over, each with its size. */
enum form_blob {
	BLOB_DATA,
	BLOB_INSNS,
	BLOB_INSNS_CHECKED,
	BLOB_INSNS_HASH,
	BLOB_SIGNATURE,
	BLOB_CHAIN,
	BLOB_FOLDED,
	BLOB_SIG_INSNS,
	BLOB_SIG_INSNS_HASH,
	BLOB_EXCL_HASH,
	BLOB_EXCL_HASH_CHECKED,
	BLOB_EXCL_HASH_HASH,
	BLOB_NR,
};

struct form_blob_info {
	const char *member; /* of opts */
	const char *array;
	bool is_libbpf, is_own; /* whose opts have it */
};
extern const struct form_blob_info form_blobs[BLOB_NR];

/* The load function. A blob that is not there is {NULL, 0}; reading, the bytes are not compared. */
struct form_load {
	bool is_own; /* loads by this tool's run-time part, whose revision is: */
	unsigned int revision;
	bool is_signed;	  /* hands over signatures, exclusive hashes and a keyring */
	bool in_literals; /* data and instructions are literals that are assigned (shape S1) */
	struct view blobs[BLOB_NR];
};

/* A token of a header, of at most 4 GiB. */
struct form_token {
	enum token_kind kind;
	uint32_t start, end;
};

struct form {
	struct skel *skel; /* what the text is of; reading, all but the name is filled in */
	const struct form_style *style;
	const struct form_load *load; /* NULL, when writing: all of that is left out */
	/* writing: */
	struct buf *out; /* owned by the caller; NULL: reading */
	size_t head_end, mid_end,
		decl_end; /* where keyring_id, the run-time part, the body belong */
	/* reading: */
	struct view text;
	const struct form_token *tokens; /* TOKEN_END is the last */
	size_t at;			 /* the next of them */
	struct buf wanted, literal;	 /* scratch; owned */
	struct err err;			 /* code: 0 so far, -EBADMSG: differs, -ENOMEM */
};

void form_free(struct form *form);

/* TEXT with the skeleton's name for @ and IDENT for $. */
void form_put(struct form *form, const char *text, const char *ident);

/* A number. Reading, the text has to have it; form_take_number(): *number is what it has. */
void form_put_number(struct form *form, uint64_t number);
uint64_t form_take_number(struct form *form);

/* A string literal of these bytes; reading, of any bytes, which go to BYTES if it is not NULL. */
void form_put_bytes(struct form *form, struct view bytes);
void form_take_bytes(struct form *form, struct buf *bytes);

/* Reading: the text is not a rendering, since it is not what is EXPECTED at this token. */
void form_differs(struct form *form, const char *expected);

/* Whether it is read, and has gone wrong in no way; the N-th token from here is WORD. */
bool form_reads(const struct form *form);
bool form_sees(const struct form *form, size_t n, const char *word);

/* Reading: the text of the N-th token from here. */
struct view form_token(const struct form *form, size_t n);

/* All of a skeleton's text; its parts: before the run-time part, that, the body of the load
 * function. */
void form_skeleton(struct form *form);
void form_runtime(struct form *form);
void form_body(struct form *form);

#endif /* LSKEL_FORM_H */
