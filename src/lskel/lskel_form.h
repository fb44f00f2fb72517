/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_form.h - the text of a skeleton, described once for both writing and reading.
 *
 * A header is a rendering: its text follows from names, declarations of members, sizes, values and
 * arrays. The functions that describe the text work in two modes. When writing, form_put() appends
 * its text. When reading, it compares its text with the next tokens of a header; names, sizes and
 * values are taken from the header where they occur first.
 *
 * Does: describe the text of the load function and around it, as this tool and bpftool write it.
 * Does not: compare names and values with the loader (header.h does).
 *
 * Private to lskel_*.c.
 */
#ifndef LSKEL_FORM_H
#define LSKEL_FORM_H

#include <stdbool.h>

#include "base/buf.h"
#include "image/image.h"
#include "lskel/lskel_token.h"
#include "skel.h"

/*
 * What differs between generators in the text around the load function: pieces of text for
 * form_put(), in which $ stands for the guard's macro, a program or a map.
 */
struct form_style {
	const char *top;    /* up to the struct, or to the run-time part before it */
	const char *sorted; /* the same with the includes in the order of formatters; or NULL */
	bool is_own;	    /* the whole text is this tool's */
	bool is_alone;	    /* the run-time part comes first, and nothing from libbpf is needed */
	const char *prefix; /* of the functions that the text calls: % in its pieces */
	const char *ctx, *map_desc, *prog_desc; /* names of types */
	bool has_asserts; /* there is an assert function even for objects without BTF */
	const char *attach, *no_attach;
	const char *destroy, *destroy_section, *destroy_end; /* the second up to a section's size */
	const char *open_head, *open;
	/* The context's size; where there are maps alone, or NULL: as bpftool, which does not
	 * compile then. */
	const char *size, *size_of_maps;
	bool has_blank;	   /* a blank line follows the arrays of the load function */
	bool has_literals; /* values are arguments instead of arrays */
	const char *value; /* the code for a section's value, up to its size */
	const char *value_end, *initial_value;
	/* The code for a loaded section, up to its size; NULL: the run-time part does it. */
	const char *finalize;
	const char *map_fd;
	/* For a per-CPU section, which is protected by a call of percpu_call instead; or NULL. */
	const char *percpu, *percpu_call, *percpu_end;
	const char *open_and_load;
};

/*
 * This tool's style with its own run-time part; its style with libbpf's, in which releases 0.1.0
 * and 0.2.0 also put their own; then those of bpftool, the latest first.
 */
#define FORM_STYLE_NR 5
extern const struct form_style *const form_styles[FORM_STYLE_NR];
#define FORM_STYLE_ALONE  0
#define FORM_STYLE_LIBBPF 1

/*
 * The revision of the run-time part. 2 is the first with names of its own (runtime.h:
 * bpf_chainsign_rt1_...). In earlier ones names begin with the skeleton's: the revision is the
 * value of NAME__loader_revision; 0 in headers of release 0.1.0, which do not have it.
 */
#define FORM_REVISION	  2
#define FORM_REVISION_0_2 1

/*
 * What only some headers need of the run-time part, each in a file of its own (runtime_NAME.h) with
 * a guard of its own (BPF_CHAINSIGN_RT1_NAME_H). They follow the run-time part, in this order.
 */
enum form_part {
	FORM_PART_ALL, /* runtime.h: what every header needs */
	FORM_PART_PIN,
	FORM_PART_PERF, /* from here on in the order of enum skel_piece */
	FORM_PART_ELF,
	FORM_PART_MULTI,
	FORM_PART_NR,
};

/*
 * A piece of a run-time part, and the revisions that have it: made by scripts/runtime-text. A
 * header of the latest revision also has those whose part it needs.
 */
struct form_piece {
	unsigned int since, until;
	enum form_part part;
	const char *text;
};
extern const struct form_piece form_pieces[];
extern const size_t form_pieces_nr;

/* The byte arrays that a load function passes, each with its size. */
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
	const char *member; /* its member in opts */
	const char *array;
	bool is_libbpf, is_own; /* whether libbpf's and this tool's opts have it */
};
extern const struct form_blob_info form_blobs[BLOB_NR];

/* The load function. An absent blob is {NULL, 0}. When reading, the bytes are not compared. */
struct form_load {
	bool is_own; /* it uses this tool's run-time part, of the following revision */
	unsigned int revision;
	bool is_signed;	  /* it passes signatures and exclusive hashes */
	bool in_literals; /* it assigns data and instructions as literals (shape S1) */
	struct view blobs[BLOB_NR];
	/*
	 * Where the blobs are in one array, the signed image, that has all but the exclusive
	 * hashes; 0: in an array of its own. IMAGE has its bytes when writing.
	 */
	size_t at[BLOB_NR];
	struct view image;
};

/* That the blobs are in IMAGE, whose parts are AT. */
void form_set_image(struct form_load *load, struct view image, const size_t at[IMAGE_PART_NR]);

/* The part of a signed image that is BLOB; IMAGE_PART_NR: none is. */
enum image_part form_image_part(enum form_blob blob);

/* A token of a header, of at most 4 GiB. */
struct form_token {
	enum token_kind kind;
	uint32_t start, end;
};

struct form {
	struct skel
		*skel; /* what the text describes; when reading, all but the name is filled in */
	const struct form_style *style; /* NULL, when writing parts that all styles have */
	const struct form_load *load;	/* NULL, when writing: the load function is left out */
	/* writing: */
	struct buf *out; /* owned by the caller; NULL when reading */
	/* the positions of the run-time part that comes first, keyring_id, the statement of the
	   open function, the run-time part that does not come first, and the body */
	size_t front_end, head_end, open_end, mid_end, decl_end;
	/* reading: */
	struct view text;
	const struct form_token *tokens; /* the last is TOKEN_END */
	size_t at;			 /* the index of the next token */
	struct buf wanted, literal;	 /* temporaries; owned */
	unsigned int parts;		 /* bit 1u << enum form_part: the text has it */
	struct err err;			 /* code 0: no difference so far; -EBADMSG; -ENOMEM */
};

void form_free(struct form *form);

/*
 * Write or read TEXT, in which @ stands for the skeleton's name, $ for IDENT and % for the style's
 * prefix.
 */
void form_put(struct form *form, const char *text, const char *ident);

/* The same for TEXT in which nothing is replaced. */
void form_put_verbatim(struct form *form, const char *text);

/* The same once for each program, whose name is IDENT. */
void form_put_progs(struct form *form, const char *text);

/*
 * Write or read a number. form_put_number(): the text must have NUMBER; form_take_number(): *number
 * is set to what the text has.
 */
void form_put_number(struct form *form, uint64_t number);
uint64_t form_take_number(struct form *form);

/* Write a string literal, or read any literal, whose bytes go to BYTES if it is not NULL. */
void form_put_bytes(struct form *form, struct view bytes);
void form_take_bytes(struct form *form, struct buf *bytes);

/* When reading: note that the text is not a rendering, because EXPECTED should be at this token. */
void form_differs(struct form *form, const char *expected);

/*
 * form_reads(): reading, without a difference or error so far. form_sees(): also, the N-th token
 * from here is WORD. form_sees_call(): it is FUNCTION with the style's prefix.
 */
bool form_reads(const struct form *form);
bool form_sees(const struct form *form, size_t n, const char *word);
bool form_sees_call(const struct form *form, size_t n, const char *function);

/* When reading: whether the next token is the directive with which TEXT begins. */
bool form_sees_directive(const struct form *form, const char *text);

/* When reading: the text of the N-th token from here. */
struct view form_token(const struct form *form, size_t n);

/*
 * The whole text of a skeleton; and its parts: the functions that attach, the run-time part, the
 * body of the load function, and the functions that pin maps, which only a skeleton with such maps
 * has.
 */
void form_skeleton(struct form *form);
void form_attach(struct form *form);
void form_runtime(struct form *form);
void form_body(struct form *form);
void form_pins(struct form *form);

/*
 * The parts of the run-time part that this skeleton needs. form_parts_check(): when reading, after
 * all else, that the text has exactly these.
 */
void form_parts(struct form *form);
void form_parts_check(struct form *form);

/* Whether LOAD, or NULL, uses the run-time part of runtime.h: its members, and its sections. */
bool form_is_current(const struct form_load *load);

/* Whether LOAD, or NULL, passes a keyring: it is signed, or it could be. */
bool form_has_keyring(const struct form_load *load);

/* When reading: how a section is mapped after the load, from the next tokens. */
void form_take_protection(struct form *form, struct skel_map *map);

#endif /* LSKEL_FORM_H */
