/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel.h - read and write light-skeleton headers (NAME.lskel.h).
 *
 * Reads the headers of every bpftool since 5.14 and this tool's own, even if they were reformatted
 * or have CRLF. bpftool's have one of three shapes: S1, string literals that are assigned in the
 * load function; S2, static arrays; S3, S2 with bpftool's own signature. See docs/formats.md.
 *
 * Does: parse C tokens, string literals, the load function and the struct; write the text of a
 * header for an image.
 * Does not: compile or evaluate C, read or write files, verify anything.
 */
#ifndef LSKEL_H
#define LSKEL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "image/image.h"
#include "skel.h"

/* The part of the header that loads the image. */
enum lskel_runtime {
	LSKEL_RUNTIME_EMBEDDED, /* this tool's run-time part (runtime.h), in the header: all schemes
				 */
	LSKEL_RUNTIME_LIBBPF,	/* bpftool's shape S3: one scheme, loaded by libbpf's
				   bpf_load_and_run() */
};

/*
 * Whether a header's text is a rendering: token by token what this tool or a bpftool writes for its
 * names, declarations of members, sizes, values and arrays. Other text could make a program do
 * anything.
 */
enum lskel_text {
	LSKEL_TEXT_DIFFERS,   /* it is not a rendering */
	LSKEL_TEXT_UNCHECKED, /* it is unsigned in shape S1, whose text varies, and not a known
				 rendering */
	LSKEL_TEXT_RENDERED,  /* it is a rendering */
};

/*
 * A header, split into parts. Signing keeps these and rewrites those in brackets:
 *
 *   front   where is_alone: up to where this tool's run-time part stands or belongs
 *           [run-time part of LSKEL_RUNTIME_EMBEDDED]
 *   head    up to where "__s32 keyring_id;" stands or belongs
 *   member  that line as it was found, or as it fits in; left out of an unsigned header
 *   gap     up to where the members of our own form stand, if they do
 *   added   those lines as they were found; only LSKEL_RUNTIME_EMBEDDED has them, and gets them
 *   mid     up to where "skel->enforce = 1;" stands or belongs in NAME__open()
 *   enforce that line as it was found, or as it fits in; only LSKEL_RUNTIME_EMBEDDED has it
 *   rest    where not is_alone: up to where this tool's run-time part stands or belongs
 *           [run-time part of LSKEL_RUNTIME_EMBEDDED]
 *   decl    up to and including the load function's opening brace
 *           [arrays, sizes, and the call that loads]
 *   tail    from behind that call, in the load function, to the end
 *
 * The views are into the text that was parsed, or into OWN.
 */
struct lskel {
	char *name;	    /* NAME in NAME__load() */
	struct view source; /* the parsed text */
	struct view front, head, member, gap, added, mid, enforce, rest, decl, tail;
	struct buf own, own_member, own_enforce;
	enum lskel_runtime runtime; /* of the parsed header */
	bool is_alone;	 /* it needs nothing from libbpf: its types are the run-time part's */
	bool has_member; /* the struct had keyring_id */
	bool is_signed;	 /* it has a signature of any scheme */
	bool crlf;	 /* its lines end with CRLF */
	enum lskel_text text;
	struct err text_why; /* unless LSKEL_TEXT_RENDERED: the first difference, with its line */
	struct skel skel;    /* if LSKEL_TEXT_RENDERED: what the text describes; else empty */
	const struct skel *source_skel; /* of a new header, instead of SKEL: the caller's */
	/*
	 * The loader takes no values and sizes from the skeleton. Parsed: as the text says, if it
	 * TELLS_SEALED; to be set by the caller of lskel_write().
	 */
	bool sealed, tells_sealed;
	unsigned int style, revision; /* of the text: index into form_styles, and revision of the
					 run-time part */
	bool in_literals;	      /* shape S1 */
	/*
	 * Signed, and in our own form: the bytes are one signed image, of byte order BIG, for the
	 * section .bpf_signed of programs. Parsed: where its parts are. To be set by the caller of
	 * lskel_write(): whether to write one, if the names are known, which is so for a rendering.
	 */
	bool in_image, big;
	size_t image_at[IMAGE_PART_NR];
	struct image image;
};

#define _lskel_ _cleanup_(lskel_free)

void lskel_free(struct lskel *lskel);

/*
 * Whether TEXT looks like a light skeleton, intact or damaged, rather than another kind of input.
 */
bool lskel_is(struct view text);

/*
 * Parse TEXT, which must outlive *ret. -EBADMSG, with the line: malformed, truncated, or with
 * contradictory sizes; -ENOTSUP: cannot be signed (a loader of libbpf 0.7 or older, several
 * skeletons in one file); -E2BIG; -ENOMEM.
 *
 * If the header has a signed image, the text is a rendering only if its names are those of the
 * image. Then lskel.skel has how programs are attached from the image, because the text may not
 * tell it; programs that are not in the image are skipped.
 *
 * The image has one map, "__loader.map". An S3 header does not say the scheme of its signature,
 * which goes to image.sig_unnamed; its exclusive hash goes to image.excl_hash.
 */
int lskel_parse(struct view text, struct lskel *ret, struct err *err);

/* The line number, counted from 1, of byte AT of the parsed text. */
unsigned int lskel_line(const struct lskel *lskel, size_t at);

/*
 * The name of the next program in the skeleton's struct, in order; {NULL, 0} after the last. *AT
 * keeps the position; it must be 0 at the first call.
 */
struct view lskel_next_prog(const struct lskel *lskel, size_t *at);

/*
 * Make a new header, without its load function, for SKEL, which is to be written with RUNTIME;
 * takes over *image on success; SKEL must outlive *ret. -EBADMSG: a name is not a C identifier, or
 * is a keyword; -ENOTSUP: neither maps nor programs; -ENOMEM.
 */
int lskel_new(const struct skel *skel, enum lskel_runtime runtime, struct image *image,
	      struct lskel *ret, struct err *err);

/*
 * Write the whole header, with the signatures in lskel->image (image.sig[]). LSKEL_RUNTIME_LIBBPF
 * allows one signature, which is folded or else sig_unnamed, and without it writes shape S2;
 * LSKEL_RUNTIME_EMBEDDED allows any set, drops sig_unnamed if there are others, and without a
 * signature writes the same header but for signatures, other forms and hashes, with arrays.
 * -EINVAL: another set. -EBADMSG: what is to be a signed image has no place in the format. The
 * checked form is written together with an insns signature. Exclusive hashes are computed; those of
 * the image are ignored. A parsed header that is written with the same signatures and runtime has
 * the same bytes.
 *
 * A header that is entirely this tool's text is written for its run-time part: with
 * LSKEL_RUNTIME_EMBEDDED it needs nothing from libbpf. -EBADMSG: the text would have to be written
 * anew for that, but is not LSKEL_TEXT_RENDERED.
 */
int lskel_write(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
		struct err *err);

/*
 * Render a parsed header again, as its generator would: the result has the same tokens as the
 * parsed text. -EINVAL: LSKEL is not LSKEL_TEXT_RENDERED; -ENOMEM.
 */
int lskel_render(const struct lskel *lskel, struct buf *ret, struct err *err);

/*
 * Check that TEXT, which lskel_write() wrote for LSKEL and RUNTIME, parses to the same name, data,
 * instructions and signatures, and is a rendering. -EBADMSG: no; -ENOMEM.
 */
int lskel_check(struct view text, const struct lskel *lskel, enum lskel_runtime runtime,
		struct err *err);

#endif /* LSKEL_H */
