/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * matrix.h - a hand-written case, and the tables of them: matrix_messages.c (what is in a
 * signature), matrix_certs.c (what is in a certificate), matrix_loads.c (program, maps, keyrings).
 *
 * The tables are data: a title, what each kernel line answers, and how the case is made. matrix.c
 * makes them. docs/KERNEL-RULES.md refers to rows by their titles.
 */
#ifndef MATRIX_H
#define MATRIX_H

#include "der.h"
#include "lab.h"

/* What is signed, where it is not what the load presents. */
enum signs {
	SIGNS_LOAD,
	SIGNS_OTHER, /* other content: the load has been tampered with */
	SIGNS_INSNS,
	SIGNS_FOLDED,
	SIGNS_CHAIN,
	SIGNS_ODD_SIZE, /* chain: hash without padding; folded: contents with padding */
};

/* How a load presents itself, where that is not its line's way. */
enum loaded {
	LOADED_AS_LINE,
	LOADED_AS_CHAIN,
	LOADED_AS_INSNS,
	LOADED_AS_FOLDED,
};

#define RING_EMPTY (1u << KEY_NR)
#define ROW_BENDS  3

/*
 * LOAD and CERTS say what each line answers: "EBADMSG 7.3=EINVAL", "0". A row of which LINES says
 * nothing is for all of them; certs NULL: all are taken.
 */
struct row {
	const char *name;
	const char *load;
	const char *certs;
	const char *lines;
	struct lab_sign sign;
	enum signs signs;
	enum loaded loaded;
	struct lab_maps maps;
	unsigned int ring; /* KEY_BITs; 0: the signer's certificate */
	struct der_bend bends[ROW_BENDS];
	struct der_bend cert_bends[ROW_BENDS];
	void (*edit)(struct buf *signature);
	void (*edit_cert)(struct buf *cert);
	void (*present)(struct lab_load *load); /* other maps than were signed */
	bool unsigned_load;
	int keyring; /* passed on where it is not 0; -1 stands for 0 */
};

/* The versions of clang-format disagree about these. */
/* clang-format off */
#define BEND(where, what, bytes) { where, what, bytes, sizeof(bytes) - 1, DER_MINIMAL }
#define SET(where, bytes) BEND(where, DER_SET, bytes)
#define TAG(where, tag) BEND(where, DER_TAG, tag)
#define ADD(where, bytes) BEND(where, DER_ADD, bytes)
#define DROP(where) BEND(where, DER_DROP, "")
#define TWICE(where) BEND(where, DER_TWICE, "")
#define FORM(where, form) { where, DER_FORM, "", 0, form }
/* clang-format on */

extern const struct row message_rows[], cert_rows[], load_rows[];
extern const size_t nr_message_rows, nr_cert_rows, nr_load_rows;

/* --- what is done to the bytes of a signature or certificate (matrix_edit.c) --- */

void be_empty(struct buf *buf);
void be_text(struct buf *buf);
void cut_one(struct buf *buf);
void cut_half(struct buf *buf);
void add_zeros(struct buf *buf);
void grow_to_limit(struct buf *buf);   /* 8192 bytes */
void grow_over_limit(struct buf *buf); /* one more */
void grow_to_decoder(struct buf *buf); /* 65535 bytes */
void grow_over_decoder(struct buf *buf);
void grow_over_key(struct buf *buf); /* 1 MiB */
void flip_last(struct buf *buf);

#endif /* MATRIX_H */
