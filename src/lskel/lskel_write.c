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
	const struct lskel *lskel, *text; /* what is written, and the text that it goes into */
	bool is_new;			  /* the text is not that of the file */
	struct form_load load;
	struct scheme_contents contents;
	struct buf image; /* its bytes, where the header carries a signed image; owned */
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
	const uint8_t *hash = NULL;
	int rc = scheme_excl_hash(&w->contents, scheme, &hash, err);

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
	w->load.is_own = true;
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

/* Append TEXT with the line ends of the header. */
static void put_lines(struct buf *out, const struct writing *w, struct view text)
{
	const uint8_t *line = text.data, *end, *newline;

	if (!text.size)
		return;
	end = text.data + text.size;
	while (w->lskel->crlf && (newline = memchr(line, '\n', (size_t)(end - line)))) {
		buf_add(out, line, (size_t)(newline - line));
		buf_add_str(out, "\r\n");
		line = newline + 1;
	}
	buf_add(out, line, (size_t)(end - line));
}

/* What the header describes; its sections are known if the text is a rendering. */
static const struct skel *described(const struct lskel *lskel)
{
	return lskel->source_skel ?: &lskel->skel;
}

/* Append what PUT writes, with the line ends of the header. */
static void put_form(struct buf *out, const struct writing *w, void (*put)(struct form *form))
{
	_buf_ struct buf text = {0};
	struct skel skel = *described(w->lskel);
	struct form form = {.skel = &skel, .load = &w->load, .out = w->lskel->crlf ? &text : out};

	skel.name = w->lskel->name;
	skel.sealed = w->lskel->sealed;
	put(&form);
	if (!w->lskel->crlf)
		return;
	out->failed |= text.failed;
	put_lines(out, w, buf_view(&text));
}

/* Append what is kept of the header. Text that was written anew gets the line ends of the header.
 */
static void put_kept(struct buf *out, const struct writing *w, struct view text)
{
	if (w->is_new)
		put_lines(out, w, text);
	else
		buf_add_view(out, text);
}

/* Append the members of our form, as in the parsed header or with the indentation of keyring_id. */
static void put_added(struct buf *out, const struct writing *w)
{
	struct view member = w->text->member, added = w->text->added;
	const bool is_line = member.size && member.data[member.size - 1] == '\n';
	size_t indent = 0;

	/* Not the member of releases 0.1.0 and 0.2.0. */
	if (added.size && memmem(added.data, added.size, "enforce", strlen("enforce"))) {
		buf_add_view(out, added);
		return;
	}
	while (is_line && (member.data[indent] == ' ' || member.data[indent] == '\t'))
		indent++;
	for (size_t i = 0; i < lskel_added_nr; i++) {
		buf_add_view(out, is_line ? view_sub(member, 0, indent) : view_lit(" "));
		buf_add_str(out, lskel_added[i]);
		if (is_line)
			buf_add_str(out, w->lskel->crlf ? "\r\n" : "\n");
	}
}

/* The signed image, if there is to be one. An unsigned header, and one for libbpf, have none. */
static int make_image(struct writing *w, struct err *err)
{
	const struct lskel *lskel = w->lskel;
	struct skel skel = *described(lskel);
	size_t at[IMAGE_PART_NR];
	int rc;

	if (!lskel->in_image || !w->load.is_own || !w->load.is_signed || !skel.name)
		return 0;
	skel.name = lskel->name;
	rc = image_file_write(&lskel->image, &skel, lskel->big, &w->image, at, err);
	if (!rc)
		form_set_image(&w->load, buf_view(&w->image), at);
	return rc;
}

static void put_header(struct buf *out, const struct writing *w)
{
	const struct lskel *text = w->text;

	put_kept(out, w, text->front);
	if (w->load.is_own && text->is_alone)
		put_form(out, w, form_runtime);
	put_kept(out, w, text->head);
	/* A header for libbpf without a signature keeps keyring_id only if it was one and had it.
	 */
	if (form_has_keyring(&w->load) ||
	    (text->has_member && !text->is_signed && text->runtime == LSKEL_RUNTIME_LIBBPF))
		put_kept(out, w, text->member);
	put_kept(out, w, text->gap);
	if (w->load.is_own)
		put_added(out, w);
	put_kept(out, w, text->mid);
	if (w->load.is_own)
		put_kept(out, w, text->enforce);
	put_kept(out, w, text->rest);
	if (w->load.is_own && !text->is_alone)
		put_form(out, w, form_runtime);
	put_kept(out, w, text->decl);
	put_form(out, w, form_body);
	put_kept(out, w, text->tail);
}

/* Whether sections are const in the text where they are to be. */
static bool is_as_sealed(const struct lskel *lskel)
{
	const struct skel *skel = described(lskel);

	return !skel->nr_maps || skel->sealed == lskel->sealed;
}

/*
 * Choose the text around the load function: the parsed one, or, if that is entirely this tool's and
 * for another run-time part, or for a loader that is not sealed alike, a new one for the same
 * skeleton, which goes to OTHER.
 */
static int choose_text(struct writing *w, struct lskel *other, struct err *err)
{
	const struct lskel *lskel = w->lskel;
	const bool is_alone = w->load.is_own;
	struct skel skel = *described(lskel);
	int rc;

	w->text = lskel;
	if ((lskel->is_alone == is_alone && (!is_alone || is_as_sealed(lskel))) ||
	    (is_alone &&
	     (lskel->text != LSKEL_TEXT_RENDERED || !form_styles[lskel->style]->is_own)))
		return 0;
	if (!skel.name) {
		*err = lskel->text_why;
		return err->code ?: err_set(err, -EINVAL, "the text is for another run-time part");
	}
	skel.sealed = lskel->sealed;
	rc = lskel_text(&skel, is_alone, other, err);
	w->text = other;
	w->is_new = true;
	return rc;
}

int lskel_write(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
		struct err *err)
{
	const struct image *image = &lskel->image;
	struct writing w = {.lskel = lskel, .load = {.revision = FORM_REVISION}};
	_lskel_ struct lskel other = {0};
	_buf_ struct buf out = {0};
	int rc;

	if (image->nr_maps != 1 || image->maps[0].max_entries != 1)
		return err_set(err, -EINVAL,
			       "a light skeleton needs exactly one map with one element");
	scheme_begin(&w.contents, image);
	w.load.blobs[BLOB_DATA] = buf_view(&image->maps[0].value);
	w.load.blobs[BLOB_INSNS] = buf_view(&image->insns);
	rc = runtime == LSKEL_RUNTIME_EMBEDDED ? choose_embedded(&w, err) : choose_libbpf(&w, err);
	if (!rc)
		rc = choose_text(&w, &other, err);
	if (!rc)
		rc = make_image(&w, err);
	if (!rc) {
		put_header(&out, &w);
		rc = buf_done(&out, err);
	}
	buf_free(&w.image);
	if (!rc)
		*ret = buf_take(&out);
	return rc;
}
