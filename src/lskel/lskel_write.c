// SPDX-License-Identifier: BSD-2-Clause
/* Write a header: the parts that are kept, with a new run-time part and load function. */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "lskel/lskel.h"
#include "lskel/lskel_form.h"
#include "lskel/lskel_text.h"
#include "scheme.h"

/* The state of one lskel_write(). */
struct writing {
	const struct lskel *lskel;
	struct form_load load;
	struct scheme_contents contents;
};

static void add_signature(struct writing *w, enum scheme scheme, enum form_blob blob)
{
	const struct buf *bytes = &w->lskel->image.sig[scheme];

	if (!bytes->data)
		return;
	w->load.blobs[blob] = buf_view(bytes);
	w->load.is_signed = true;
}

/* The exclusive hash of the instructions that SCHEME signs. */
static int add_hash(struct writing *w, enum scheme scheme, enum form_blob blob, struct err *err)
{
	const uint8_t *hash;
	int rc = scheme_excl_hash(&w->contents, scheme, &hash, err);

	if (!rc)
		w->load.blobs[blob] = view_of(hash, HASH_SHA256_SIZE);
	return rc;
}

/*
 * bpftool's shape S3: libbpf's bpf_load_and_run() has room for one signature and no signature_maps.
 */
static int choose_libbpf(struct writing *w, struct err *err)
{
	const struct image *image = &w->lskel->image;
	const struct buf *folded = &image->sig[SCHEME_FOLDED];
	struct view *blobs = w->load.blobs;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (scheme != SCHEME_FOLDED && image->sig[scheme].data)
			return err_set(err, -EINVAL,
				       "libbpf's run-time part supports only one signature, of "
				       "the folded scheme: sign with --scheme folded, or without "
				       "--runtime libbpf");
	}
	blobs[BLOB_SIGNATURE] = buf_view(folded->data ? folded : &image->sig_unnamed);
	w->load.is_signed = blobs[BLOB_SIGNATURE].data;
	return w->load.is_signed ? add_hash(w, SCHEME_FOLDED, BLOB_EXCL_HASH, err) : 0;
}

/* The checked or hash-only form, which is written together with the signature of SCHEME. */
static int add_form(struct writing *w, enum scheme scheme, const struct buf *insns,
		    enum form_blob blob, enum form_blob hash, struct err *err)
{
	if (!w->lskel->image.sig[scheme].data || !insns->data)
		return 0;
	w->load.blobs[blob] = buf_view(insns);
	return add_hash(w, scheme, hash, err);
}

static int choose_embedded(struct writing *w, struct err *err)
{
	const struct image *image = &w->lskel->image;
	int rc;

	add_signature(w, SCHEME_CHAIN, BLOB_CHAIN);
	add_signature(w, SCHEME_FOLDED, BLOB_FOLDED);
	add_signature(w, SCHEME_INSNS, BLOB_SIG_INSNS);
	add_signature(w, SCHEME_INSNS_HASH, BLOB_SIG_INSNS_HASH);
	if (!w->load.is_signed && image->sig_unnamed.data)
		return err_set(err, -EINVAL, "the scheme of the header's signature is not known");
	if (image->sig[SCHEME_INSNS_HASH].data && !image->insns_hash.data)
		return err_set(err, -EINVAL, "an insns-hash signature without the hash-only form");
	w->load.is_own = w->load.is_signed;
	if (!w->load.is_signed)
		return 0;
	rc = add_hash(w, SCHEME_FOLDED, BLOB_EXCL_HASH, err);
	if (!rc)
		rc = add_form(w, SCHEME_INSNS, &image->insns_checked, BLOB_INSNS_CHECKED,
			      BLOB_EXCL_HASH_CHECKED, err);
	if (!rc)
		rc = add_form(w, SCHEME_INSNS_HASH, &image->insns_hash, BLOB_INSNS_HASH,
			      BLOB_EXCL_HASH_HASH, err);
	return rc;
}

/* Append what PUT writes, with the line ends of the header. */
static void put_lines(struct buf *out, const struct writing *w, void (*put)(struct form *form))
{
	_buf_ struct buf text = {0};
	struct skel skel = {.name = w->lskel->name};
	struct form form = {.skel = &skel, .load = &w->load, .out = w->lskel->crlf ? &text : out};
	const uint8_t *line, *end, *newline;

	put(&form);
	if (!w->lskel->crlf)
		return;
	out->failed |= text.failed;
	line = text.data;
	end = line + text.size;
	while (line < end && (newline = memchr(line, '\n', (size_t)(end - line)))) {
		buf_add(out, line, (size_t)(newline - line));
		buf_add_str(out, "\r\n");
		line = newline + 1;
	}
	buf_add(out, line, (size_t)(end - line));
}

/*
 * Append allow_unsigned as in the parsed header, or with the indentation of keyring_id before it.
 */
static void put_allow(struct buf *out, const struct lskel *lskel)
{
	struct view member = lskel->member;
	size_t indent = 0;

	if (lskel->allow.size) {
		buf_add_view(out, lskel->allow);
		return;
	}
	if (!member.size || member.data[member.size - 1] != '\n') {
		buf_add_str(out, " " LSKEL_ALLOW);
		return;
	}
	while (member.data[indent] == ' ' || member.data[indent] == '\t')
		indent++;
	buf_add_view(out, view_sub(member, 0, indent));
	buf_add_str(out, lskel->crlf ? LSKEL_ALLOW "\r\n" : LSKEL_ALLOW "\n");
}

static void put_header(struct buf *out, const struct writing *w)
{
	const struct lskel *lskel = w->lskel;

	buf_add_view(out, lskel->head);
	/* An unsigned header keeps keyring_id only if it was unsigned before and had it. */
	if (w->load.is_signed || (lskel->has_member && !lskel->is_signed))
		buf_add_view(out, lskel->member);
	buf_add_view(out, lskel->gap);
	if (w->load.is_own)
		put_allow(out, lskel);
	buf_add_view(out, lskel->mid);
	if (w->load.is_own)
		put_lines(out, w, form_runtime);
	buf_add_view(out, lskel->decl);
	put_lines(out, w, form_body);
	buf_add_view(out, lskel->tail);
}

int lskel_write(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
		struct err *err)
{
	const struct image *image = &lskel->image;
	struct writing w = {.lskel = lskel, .load = {.revision = FORM_REVISION}};
	_buf_ struct buf out = {0};
	int rc;

	if (image->nr_maps != 1 || image->maps[0].max_entries != 1)
		return err_set(err, -EINVAL,
			       "a light skeleton needs exactly one map with one element");
	scheme_begin(&w.contents, image);
	w.load.blobs[BLOB_DATA] = buf_view(&image->maps[0].value);
	w.load.blobs[BLOB_INSNS] = buf_view(&image->insns);
	rc = runtime == LSKEL_RUNTIME_EMBEDDED ? choose_embedded(&w, err) : choose_libbpf(&w, err);
	if (rc)
		return rc;
	put_header(&out, &w);
	rc = buf_done(&out, err);
	if (!rc)
		*ret = buf_take(&out);
	return rc;
}
