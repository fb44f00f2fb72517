// SPDX-License-Identifier: BSD-2-Clause
/* lskel_check.c - check that a header that was just written parses to what it was written from. */
#include <errno.h>

#include "lskel/lskel.h"

static bool same(const struct buf *a, const struct buf *b)
{
	return view_equal(buf_view(a), buf_view(b));
}

/* Embedded: a signature for each scheme, and the checked and hash-only forms with theirs. */
static bool same_embedded(const struct image *a, const struct image *b)
{
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!same(&a->sig[scheme], &b->sig[scheme]))
			return false;
	}
	return same(&a->insns, &b->insns) &&
	       (!a->sig[SCHEME_INSNS].data || same(&a->insns_checked, &b->insns_checked)) &&
	       (!a->sig[SCHEME_INSNS_HASH].data || same(&a->insns_hash, &b->insns_hash));
}

/* libbpf: one signature, whose scheme is not named. */
static bool same_libbpf(const struct image *written, const struct image *read)
{
	const struct buf *folded = &written->sig[SCHEME_FOLDED];

	return same(folded->data ? folded : &written->sig_unnamed, &read->sig_unnamed) &&
	       same(&written->insns, &read->insns);
}

int lskel_check(struct view text, const struct lskel *lskel, enum lskel_runtime runtime,
		struct err *err)
{
	_lskel_ struct lskel back = {0};
	bool fine;
	int rc;

	rc = lskel_parse(text, &back, err);
	if (rc == -ENOMEM)
		return rc;
	fine = !rc && view_equal(view_str(back.name), view_str(lskel->name)) &&
	       same(&back.image.maps[0].value, &lskel->image.maps[0].value);
	if (fine && runtime == LSKEL_RUNTIME_EMBEDDED)
		fine = same_embedded(&lskel->image, &back.image);
	else if (fine)
		fine = same_libbpf(&lskel->image, &back.image);
	if (rc || !fine)
		return err_set(
			err, -EBADMSG,
			"not written: the result would not parse to what was signed; generate the header again");
	if (back.text == LSKEL_TEXT_RENDERED)
		return 0;
	*err = back.text_why;
	return err->code;
}
