/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel.h - light-skeleton headers (NAME.lskel.h): text in, image out; image in, text out.
 *
 * Reads the headers of every bpftool since 5.14 (shapes S1: string literals assigned in the load
 * function; S2: static arrays; S3: S2 with bpftool's own signature) and this tool's own, also
 * reformatted or with CRLF. See docs/formats.md.
 *
 * Does: C tokens, string literals, the load function, the struct.
 * Does not: compile or evaluate C, read or write files, verify anything.
 */
#ifndef LSKEL_H
#define LSKEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "image.h"
#include "skel.h"

/* The part of the header that loads the image. */
enum lskel_runtime {
	LSKEL_RUNTIME_EMBEDDED, /* self-contained, in the header: all schemes, any libbpf >= 0.8 */
	LSKEL_RUNTIME_LIBBPF,	/* bpftool's S3 form: one scheme, libbpf's bpf_load_and_run() */
};

/*
 * Whether a header's text is what is rendered from its names, declarations of members, sizes,
 * values and arrays, token by token: what is not could make a program do anything.
 */
enum lskel_text {
	LSKEL_TEXT_DIFFERS,   /* it is not */
	LSKEL_TEXT_UNCHECKED, /* it is not, but unsigned in the shape S1, whose text varies */
	LSKEL_TEXT_RENDERED,  /* it is */
};

/*
 * A header cut into the text that signing leaves alone; what stands in brackets is written anew:
 *
 *   head    up to where "__s32 keyring_id;" stands or belongs
 *   member  that line as it was found, or as it fits in; left out of an unsigned header
 *   gap     up to where "__u32 allow_unsigned;" stands, if it does
 *   allow   that line as it was found; only LSKEL_RUNTIME_EMBEDDED has it, and gets it
 *   mid     up to where this tool's run-time part stands or belongs
 *           [run-time part of LSKEL_RUNTIME_EMBEDDED]
 *   decl    up to and including the load function's opening brace
 *           [arrays, sizes, and the call that loads]
 *   tail    from behind that call, in the load function, to the end
 *
 * The views are into the text that was parsed, or into OWN.
 */
struct lskel {
	char *name;	    /* the NAME of NAME__load() */
	struct view source; /* what was parsed */
	struct view head, member, gap, allow, mid, decl, tail;
	struct buf own, own_member;
	enum lskel_runtime runtime; /* as it was found */
	bool has_member;	    /* keyring_id was there */
	bool is_signed;		    /* has signatures, of whatever scheme */
	bool crlf;		    /* lines end in CRLF */
	enum lskel_text text;
	struct err text_why; /* the first difference, with its line; unless LSKEL_TEXT_RENDERED */
	struct skel skel;    /* what the text is of; empty unless LSKEL_TEXT_RENDERED */
	unsigned int style, revision; /* how it is worded: in form_styles, that of the run-time */
	bool in_literals;	      /* shape S1 */
	struct image image;
};

#define _lskel_ _cleanup_(lskel_free)

void lskel_free(struct lskel *lskel);

/* Whether TEXT looks like a light skeleton at all, whole or broken: tells kinds of input apart. */
bool lskel_is(struct view text);

/*
 * Parse TEXT, which must outlive *ret. -EBADMSG: malformed, truncated, or sizes that disagree,
 * with the line; -ENOTSUP: a form that cannot be signed (loaders of libbpf <= 0.7, more than one
 * skeleton in one file); -E2BIG; -ENOMEM.
 *
 * The image gets one map, "__loader.map". The signature of an S3 header goes to
 * image.sig_unnamed, since the header does not say its scheme; the exclusive hash to
 * image.excl_hash.
 */
int lskel_parse(struct view text, struct lskel *ret, struct err *err);

/* The line, from 1, of byte AT of what was parsed. */
unsigned int lskel_line(const struct lskel *lskel, size_t at);

/*
 * The name of the next program in the skeleton's struct, in the order of its descriptors; {NULL, 0}
 * behind the last. *AT is where to go on, 0 at first.
 */
struct view lskel_next_prog(const struct lskel *lskel, size_t *at);

/*
 * The text around the load function for a new skeleton described by SKEL; takes *image on success.
 * -EBADMSG: a name that is no C identifier; -ENOTSUP: no programs; -ENOMEM.
 */
int lskel_new(const struct skel *skel, struct image *image, struct lskel *ret, struct err *err);

/*
 * The whole header with the signatures of lskel->image (image.sig[]; none: an unsigned header in
 * shape S2, whatever RUNTIME). LSKEL_RUNTIME_LIBBPF takes one signature, folded or without that
 * sig_unnamed; LSKEL_RUNTIME_EMBEDDED takes any, and leaves sig_unnamed out beside them. -EINVAL
 * for other sets. image.insns_checked is written beside an insns signature. Exclusive hashes are
 * computed, those of the image are not used. Writing what was parsed, with the same signatures and
 * runtime, gives the same bytes.
 */
int lskel_write(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
		struct err *err);

/*
 * The text that is rendered from what was read, as who generated it writes it: token by token what
 * was parsed. -EINVAL: LSKEL is not LSKEL_TEXT_RENDERED; -ENOMEM.
 */
int lskel_render(const struct lskel *lskel, struct buf *ret, struct err *err);

/*
 * Whether TEXT, which lskel_write() made of LSKEL and RUNTIME, reads as what it was made of: name,
 * data, instructions and signatures, and is a rendering. -EBADMSG: it does not, or is not; -ENOMEM.
 */
int lskel_check(struct view text, const struct lskel *lskel, enum lskel_runtime runtime,
		struct err *err);

#endif /* LSKEL_H */
