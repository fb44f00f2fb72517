/* SPDX-License-Identifier: BSD-2-Clause */
/* lskel_text.h - pieces of C text for headers. Private to lskel_*.c. */
#ifndef LSKEL_TEXT_H
#define LSKEL_TEXT_H

#include "base/buf.h"
#include "lskel/lskel.h"

/*
 * Members of a signed skeleton; those of our own form, one a line, and the one that they had in
 * releases 0.1.0 and 0.2.0; and the statement of NAME__open() that sets one of them.
 */
#define LSKEL_MEMBER "__s32 keyring_id;"
extern const char *const lskel_added[];
extern const size_t lskel_added_nr;
#define LSKEL_ALLOW   "__u32 allow_unsigned;"
#define LSKEL_ENFORCE "skel->enforce = 1;"

/* Names of the run-time part, and of every revision of it with names of its own. */
#define LSKEL_RUNTIME_GUARD   "BPF_CHAINSIGN_RT1_H"
#define LSKEL_RUNTIME_PREFIX  "bpf_chainsign_rt1_"
#define LSKEL_RUNTIME_STRUCT  LSKEL_RUNTIME_PREFIX "loader"
#define LSKEL_RUNTIME_CALL    LSKEL_RUNTIME_PREFIX "load"
#define LSKEL_RUNTIME_CTX     LSKEL_RUNTIME_PREFIX "ctx"
#define LSKEL_RUNTIME_SECTION LSKEL_RUNTIME_PREFIX "section"
#define LSKEL_RUNTIME_ANY     "bpf_chainsign_rt"
#define LSKEL_RUNTIME_GUARDS  "BPF_CHAINSIGN_RT"

/* The array that is the signed image. It is in the load function, and kept with it. */
#define LSKEL_IMAGE	       "opts_image"
#define LSKEL_IMAGE_ATTRIBUTES "__aligned__(8), __section__(\".bpf_signed\"), __used__"

/* The endings of the names in releases 0.1.0 and 0.2.0: NAME__loader. */
#define LSKEL_OLD_STRUCT   "__loader"
#define LSKEL_OLD_CALL	   "__loader_run"
#define LSKEL_OLD_REVISION "__loader_revision"

/* Append TEXT with NAME for every @, IDENT for every $ and PREFIX for every %. */
struct lskel_names {
	const char *name, *ident, *prefix;
};
void lskel_put(struct buf *out, const char *text, const struct lskel_names *names);

/*
 * Make a new header, without its load function and image, for SKEL: one that needs nothing from
 * libbpf, or one for libbpf. -ENOMEM.
 */
int lskel_text(const struct skel *skel, bool is_alone, struct lskel *ret, struct err *err);

/* Append BYTES as escapes in lines of at most 78 characters, as bpftool does. */
void lskel_put_bytes(struct buf *out, struct view bytes);

#endif /* LSKEL_TEXT_H */
