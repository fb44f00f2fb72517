// SPDX-License-Identifier: BSD-2-Clause
/* The text of a header: what was kept of it, and a load function written anew. */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "lskel.h"
#include "lskel_text.h"
#include "scheme.h"

/* A signature, the array it stands in, and the member of opts it is handed over in. */
struct signature {
	const struct buf *bytes;
	const char *array;
	const char *member;
};

/* What one lskel_write() writes. */
struct writing {
	const struct lskel *lskel;
	bool is_embedded;
	struct signature sigs[SCHEME_NR];
	size_t nr_sigs;
	const struct buf *insns, *insns_checked; /* the second form: NULL, left out */
	uint8_t excl_hash[HASH_SHA256_SIZE], excl_hash_checked[HASH_SHA256_SIZE];
};

static void add_signature(struct writing *w, const struct buf *bytes, const char *array,
			  const char *member)
{
	if (bytes->data)
		w->sigs[w->nr_sigs++] = (struct signature){bytes, array, member};
}

/* bpftool's form: libbpf's bpf_load_and_run() takes one signature and no signature_maps. */
static int choose_libbpf(struct writing *w, struct err *err)
{
	const struct image *image = &w->lskel->image;

	if (image->sig[SCHEME_CHAIN].data)
		return err_set(
			err, -EINVAL,
			"libbpf cannot load by a chain signature: sign with --scheme folded, "
			"or leave the embedded run-time part in");
	add_signature(w, &image->sig[SCHEME_FOLDED], "opts_sig", "signature");
	add_signature(w, &image->sig[SCHEME_INSNS], "opts_sig", "signature");
	if (w->nr_sigs > 1)
		return err_set(err, -EINVAL, "libbpf takes one signature: folded or insns");
	if (image->sig[SCHEME_INSNS].data)
		w->insns = image_insns(image, SCHEME_INSNS);
	if (!w->nr_sigs)
		add_signature(w, &image->sig_unnamed, "opts_sig", "signature");
	return 0;
}

static int choose_embedded(struct writing *w, struct err *err)
{
	const struct image *image = &w->lskel->image;

	add_signature(w, &image->sig[SCHEME_CHAIN], "opts_sig_chain", "sig_chain");
	add_signature(w, &image->sig[SCHEME_FOLDED], "opts_sig_folded", "sig_folded");
	add_signature(w, &image->sig[SCHEME_INSNS], "opts_sig_insns", "sig_insns");
	if (image->sig[SCHEME_INSNS].data && image->insns_checked.data)
		w->insns_checked = &image->insns_checked;
	if (!w->nr_sigs && image->sig_unnamed.data)
		return err_set(err, -EINVAL, "the signature does not say its scheme");
	return 0;
}

/* opts.MEMBER and its size out of ARRAY */
static void put_members(struct buf *out, const char *member, const char *array)
{
	lskel_put(out,
		  "\topts.@ = (void *)$;\n"
		  "\topts.@_sz = sizeof($) - 1;\n",
		  member, array);
}

static void put_signatures(struct buf *out, const struct writing *w)
{
	for (size_t i = 0; i < w->nr_sigs; i++)
		lskel_put_array(out, "\t", w->sigs[i].array, buf_view(w->sigs[i].bytes));
	lskel_put_array(out, "\t", "opts_excl_hash", view_of(w->excl_hash, sizeof(w->excl_hash)));
	if (w->insns_checked)
		lskel_put_array(out, "\t", "opts_excl_hash_checked",
				view_of(w->excl_hash_checked, sizeof(w->excl_hash_checked)));
	for (size_t i = 0; i < w->nr_sigs; i++)
		put_members(out, w->sigs[i].member, w->sigs[i].array);
	put_members(out, "excl_prog_hash", "opts_excl_hash");
	if (w->insns_checked) {
		put_members(out, "insns_checked", "opts_insn_checked");
		put_members(out, "excl_prog_hash_checked", "opts_excl_hash_checked");
	}
	buf_add_str(out, "\topts.keyring_id = skel->keyring_id;\n");
	if (w->is_embedded)
		buf_add_str(out, "\topts.allow_unsigned = skel->allow_unsigned;\n");
}

/* From behind the opening brace of the load function to the call that loads. */
static void put_body(struct buf *out, const struct writing *w)
{
	const struct image *image = &w->lskel->image;
	const char *name = w->is_embedded ? w->lskel->name : "";

	lskel_put(out, "\n\tstruct @$ opts = {};\n\tint err;\n", name,
		  w->is_embedded ? LSKEL_RUNTIME_STRUCT : "bpf_load_and_run_opts");
	lskel_put_array(out, "\t", "opts_data", buf_view(&image->maps[0].value));
	lskel_put_array(out, "\t", "opts_insn", buf_view(w->insns));
	if (w->insns_checked)
		lskel_put_array(out, "\t", "opts_insn_checked", buf_view(w->insns_checked));
	if (w->nr_sigs)
		put_signatures(out, w);
	lskel_put(out,
		  "\topts.ctx = (struct bpf_loader_ctx *)skel;\n"
		  "\topts.data_sz = sizeof(opts_data) - 1;\n"
		  "\topts.data = (void *)opts_data;\n"
		  "\topts.insns_sz = sizeof(opts_insn) - 1;\n"
		  "\topts.insns = (void *)opts_insn;\n\n"
		  "\terr = @$(&opts);",
		  name, w->is_embedded ? LSKEL_RUNTIME_CALL : "bpf_load_and_run");
}

/* What PUT writes, with the line ends of the header. */
static void put_lines(struct buf *out, const struct writing *w,
		      void (*put)(struct buf *out, const struct writing *w))
{
	_buf_ struct buf text = {0};
	const uint8_t *line, *end, *newline;

	if (!w->lskel->crlf) {
		put(out, w);
		return;
	}
	put(&text, w);
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

static void put_runtime(struct buf *out, const struct writing *w)
{
	lskel_put_runtime(out, w->lskel->name);
}

/* allow_unsigned as it was found, or in the style of keyring_id before it. */
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
	/* An unsigned header has it only if it was there without a signature. */
	if (w->nr_sigs || (lskel->has_member && !lskel->is_signed))
		buf_add_view(out, lskel->member);
	buf_add_view(out, lskel->gap);
	if (w->is_embedded)
		put_allow(out, lskel);
	buf_add_view(out, lskel->mid);
	if (w->is_embedded)
		put_lines(out, w, put_runtime);
	buf_add_view(out, lskel->decl);
	put_lines(out, w, put_body);
	buf_add_view(out, lskel->tail);
}

/* The exclusive hashes that go with what was chosen. */
static int hash_forms(struct writing *w, struct err *err)
{
	const struct image *image = &w->lskel->image;
	bool is_second = w->insns != &image->insns;
	int rc;

	rc = scheme_excl_hash(image, is_second ? SCHEME_INSNS : SCHEME_FOLDED, w->excl_hash, err);
	if (!rc && w->insns_checked)
		rc = scheme_excl_hash(image, SCHEME_INSNS, w->excl_hash_checked, err);
	return rc;
}

int lskel_write(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret,
		struct err *err)
{
	struct writing w = {.lskel = lskel, .insns = &lskel->image.insns};
	_buf_ struct buf out = {0};
	int rc;

	if (lskel->image.nr_maps != 1 || lskel->image.maps[0].max_entries != 1)
		return err_set(err, -EINVAL, "a light skeleton has exactly one map of one element");
	rc = runtime == LSKEL_RUNTIME_EMBEDDED ? choose_embedded(&w, err) : choose_libbpf(&w, err);
	if (rc)
		return rc;
	w.is_embedded = runtime == LSKEL_RUNTIME_EMBEDDED && w.nr_sigs;
	rc = hash_forms(&w, err);
	if (rc)
		return rc;
	put_header(&out, &w);
	rc = buf_done(&out, err);
	if (!rc)
		*ret = buf_take(&out);
	return rc;
}
