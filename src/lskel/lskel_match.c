// SPDX-License-Identifier: BSD-2-Clause
/* Whether a parsed header is a rendering, and of which style. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lskel/lskel_form.h"
#include "lskel/lskel_parse.h"
#include "lskel/lskel_text.h"

/* Describe the parsed load function. */
static struct form_load describe_load(const struct lskel *lskel)
{
	const struct image *image = &lskel->image;
	struct form_load load = {
		.is_own = lskel->runtime == LSKEL_RUNTIME_EMBEDDED,
		.revision = lskel->revision,
		.is_signed = lskel->is_signed,
		.in_literals = lskel->in_literals,
		.blobs =
			{
				[BLOB_DATA] = buf_view(&image->maps[0].value),
				[BLOB_INSNS] = buf_view(&image->insns),
				[BLOB_INSNS_CHECKED] = buf_view(&image->insns_checked),
				[BLOB_INSNS_HASH] = buf_view(&image->insns_hash),
				[BLOB_SIGNATURE] = buf_view(&image->sig_unnamed),
				[BLOB_CHAIN] = buf_view(&image->sig[SCHEME_CHAIN]),
				[BLOB_FOLDED] = buf_view(&image->sig[SCHEME_FOLDED]),
				[BLOB_SIG_INSNS] = buf_view(&image->sig[SCHEME_INSNS]),
				[BLOB_SIG_INSNS_HASH] = buf_view(&image->sig[SCHEME_INSNS_HASH]),
				[BLOB_EXCL_HASH] = buf_view(&image->excl_hash),
				[BLOB_EXCL_HASH_CHECKED] = buf_view(&image->excl_hash_checked),
				[BLOB_EXCL_HASH_HASH] = buf_view(&image->excl_hash_hash),
			},
	};

	if (lskel->in_image)
		form_set_image(&load, (struct view){NULL, 0}, lskel->image_at);
	/* A signed header must have one, so a missing one counts as empty, and differs. */
	if (load.is_signed && !load.blobs[BLOB_EXCL_HASH].data)
		load.blobs[BLOB_EXCL_HASH] = view_lit("");
	return load;
}

static struct view token_text(const struct parser *p, const struct form_token *token)
{
	return view_sub(p->lexer.text, token->start, token->end - token->start);
}

/* The value of NAME__loader_revision; 0: absent; UINT_MAX: not one that was released. */
static unsigned int find_revision(const struct parser *p)
{
	const struct form_token *at = (const void *)p->tokens.data;

	if (p->runtime_conds)
		return FORM_REVISION;
	for (; at->kind != TOKEN_END; at++) {
		struct token token = {at->kind, at->start, at->end};

		/* A declaration does not end with a name, so there are two more tokens. */
		if (token.kind == TOKEN_IDENT && parse_is_name(p, token, LSKEL_OLD_REVISION))
			return view_equal(token_text(p, at + 2), view_lit("1")) ? FORM_REVISION_0_2
										: UINT_MAX;
	}
	return 0;
}

/* Compare the text with STYLE. Returns how many tokens match: all of them if err->code is 0. */
static size_t try_style(struct parser *p, const struct form_load *load, unsigned int style,
			struct skel *skel, struct err *err)
{
	struct form form = {
		.skel = skel,
		.style = form_styles[style],
		.load = load,
		.text = p->lexer.text,
		.tokens = (const void *)p->tokens.data,
	};

	skel->name = view_strdup(view_str(p->lskel.name));
	if (skel->name)
		form_skeleton(&form);
	else
		err_nomem(&form.err);
	form_free(&form);
	*err = form.err;
	return form.at;
}

/* Find the style of the text; if none matches, keep the error of the one that matches longest. */
static int match(struct parser *p, const struct form_load *load)
{
	struct lskel *lskel = &p->lskel;
	size_t furthest = 0;

	for (unsigned int style = 0; style < FORM_STYLE_NR; style++) {
		_skel_ struct skel skel = {0};
		struct err err = {0};
		size_t at = try_style(p, load, style, &skel, &err);

		if (err.code == -ENOMEM) {
			*p->lexer.err = err;
			return err.code;
		}
		if (!err.code) {
			lskel->text = LSKEL_TEXT_RENDERED;
			lskel->style = style;
			lskel->skel = skel;
			lskel->sealed = skel.sealed;
			lskel->tells_sealed = form_is_current(load) && skel.nr_maps;
			skel = (struct skel){0};
			return 0;
		}
		if (at >= furthest) {
			lskel->text_why = err;
			furthest = at;
		}
	}
	/* S1 is written neither by a bpftool that signs nor by any version of this tool. */
	lskel->text = lskel->in_literals && !lskel->is_signed && !load->is_own
			      ? LSKEL_TEXT_UNCHECKED
			      : LSKEL_TEXT_DIFFERS;
	return 0;
}

/* What text says of both alike: that a raw tracepoint is writable, only the image says. */
static bool same_attach(const struct skel_prog *text, const struct skel_prog *image)
{
	const char *target = image->target, *slash;

	if (image->attach == SKEL_ATTACH_RAW_WRITABLE &&
	    text->attach == SKEL_ATTACH_RAW_TRACEPOINT) {
		slash = strchr(target, '/');
		return slash && !strcmp(slash + 1, text->target);
	}
	return image->attach == text->attach && !target == !text->target &&
	       (!target || !strcmp(target, text->target));
}

static bool same_map(const struct skel_map *text, const struct skel_map *image)
{
	return !strcmp(text->ident, image->ident) && text->mapped == image->mapped &&
	       text->pinned == image->pinned && text->percpu == image->percpu &&
	       (text->percpu || text->read_only == image->read_only) &&
	       text->value.size == image->value.size;
}

static bool same_prog(const struct skel_prog *text, const struct skel_prog *image)
{
	return !strcmp(text->ident, image->ident) && same_attach(text, image);
}

/* Note that the text, from byte AT on, says something else than the image. */
static void differs_from_image(struct parser *p, size_t at, const char *what)
{
	err_line(&p->lskel.text_why, -EBADMSG, lexer_line(&p->lexer, at),
		 "this text was not generated for its signed image: %s", what);
	p->lskel.text = LSKEL_TEXT_DIFFERS;
}

/* Compare what the text describes with the names in the image, where there are as many. */
static bool same_names(struct parser *p)
{
	const struct skel *text = &p->lskel.skel, *image = &p->names;

	for (size_t i = 0; i < image->nr_maps; i++) {
		if (!same_map(&text->maps[i], &image->maps[i])) {
			differs_from_image(p, text->maps[i].at, "another map is there");
			return false;
		}
	}
	for (size_t i = 0; i < image->nr_progs; i++) {
		if (!same_prog(&text->progs[i], &image->progs[i])) {
			differs_from_image(p, text->progs[i].at,
					   "another program, or another way to attach it, is "
					   "there");
			return false;
		}
	}
	return true;
}

/* The names, and how programs are attached, are those of the image; the text follows them. */
static void take_names(struct parser *p)
{
	struct skel *text = &p->lskel.skel, *image = &p->names;

	if (!p->lskel.in_image || p->lskel.text != LSKEL_TEXT_RENDERED)
		return;
	if (strcmp(text->name, image->name) || text->nr_maps != image->nr_maps ||
	    text->nr_progs < image->nr_progs)
		differs_from_image(p, p->member[0], "the name, or how many maps and programs");
	else if (same_names(p)) {
		for (size_t i = 0; i < text->nr_progs; i++) {
			if (i >= image->nr_progs) {
				text->progs[i].skipped = true;
				continue;
			}
			free(text->progs[i].target);
			text->progs[i].target = take_ptr(image->progs[i].target);
			text->progs[i].attach = image->progs[i].attach;
		}
	}
}

int parse_text(struct parser *p)
{
	int rc;
	unsigned int revision;
	struct form_load load;

	if (p->tokens.failed)
		return err_nomem(p->lexer.err);
	revision = find_revision(p);
	if (revision > FORM_REVISION)
		return parse_too_new(p);
	if (p->lskel.text_why.code)
		return 0;
	p->lskel.revision = revision;
	load = describe_load(&p->lskel);
	rc = match(p, &load);
	if (!rc)
		take_names(p);
	return rc;
}

int lskel_render(const struct lskel *lskel, struct buf *ret, struct err *err)
{
	struct form_load load = describe_load(lskel);
	struct skel skel = lskel->skel;
	_buf_ struct buf out = {0}, bytes = {0};
	struct form form = {
		.skel = &skel, .style = form_styles[lskel->style], .load = &load, .out = &out};
	int rc;

	if (lskel->text != LSKEL_TEXT_RENDERED)
		return err_set(err, -EINVAL, "the text is not a rendering");
	if (lskel->in_image) {
		rc = image_file_write(&lskel->image, &skel, lskel->big, &bytes, NULL, err);
		if (rc)
			return rc;
		load.image = buf_view(&bytes);
	}
	form_skeleton(&form);
	rc = form.err.code ? err_nomem(err) : buf_done(&out, err);
	if (!rc)
		*ret = buf_take(&out);
	return rc;
}
