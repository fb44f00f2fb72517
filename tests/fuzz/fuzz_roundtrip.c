// SPDX-License-Identifier: BSD-2-Clause
/* A light skeleton that is read and written reads back the same, and is written as the same. */
#include <errno.h>

#include "fuzz.h"
#include "lskel/lskel.h"

/* The text of LSKEL with RUNTIME; false where that set of signatures cannot be written so. */
static bool write_text(const struct lskel *lskel, enum lskel_runtime runtime, struct buf *ret)
{
	struct err err = {0};
	int rc = lskel_write(lskel, runtime, ret, &err);

	/* -EBADMSG: text that is not rendered cannot be put into other words. */
	FUZZ_MUST(!rc || rc == -EINVAL ||
		  (rc == -EBADMSG && lskel->is_alone && lskel->text != LSKEL_TEXT_RENDERED));
	return !rc;
}

static void check_same(const struct buf *a, const struct buf *b)
{
	FUZZ_MUST(view_equal(buf_view(a), buf_view(b)));
}

static void check_round(const struct lskel *lskel, enum lskel_runtime runtime, bool is_signed)
{
	_lskel_ struct lskel back = {0};
	_buf_ struct buf first = {0}, second = {0};
	struct err err = {0};

	if (!write_text(lskel, runtime, &first))
		return;
	/* Text around the arrays may make them another thing: that is refused. */
	if (lskel_check(buf_view(&first), lskel, runtime, &err))
		return;
	if (lskel_parse(buf_view(&first), &back, &err))
		fuzz_failed(__FILE__, __LINE__, "what was written is read", err.text);
	FUZZ_MUST(view_equal(view_str(back.name), view_str(lskel->name)));
	FUZZ_MUST(back.is_signed == is_signed);
	check_same(&back.image.maps[0].value, &lskel->image.maps[0].value);
	if (runtime == LSKEL_RUNTIME_EMBEDDED) {
		check_same(&back.image.insns, &lskel->image.insns);
		for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
			check_same(&back.image.sig[scheme], &lskel->image.sig[scheme]);
	}
	FUZZ_MUST(write_text(&back, runtime, &second));
	check_same(&first, &second);
}

static void forget_signatures(struct image *image)
{
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		buf_free(&image->sig[scheme]);
	buf_free(&image->sig_unnamed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_lskel_ struct lskel lskel = {0};
	struct err err = {0};

	if (lskel_parse(view_of(data, size), &lskel, &err))
		return 0;
	check_round(&lskel, lskel.runtime, lskel.is_signed);
	forget_signatures(&lskel.image);
	check_round(&lskel, LSKEL_RUNTIME_LIBBPF, false);
	check_round(&lskel, LSKEL_RUNTIME_EMBEDDED, false);
	buf_add_str(&lskel.image.sig[SCHEME_FOLDED], "folded");
	check_round(&lskel, LSKEL_RUNTIME_LIBBPF, true);
	buf_add_str(&lskel.image.sig[SCHEME_INSNS], "insns");
	buf_add_str(&lskel.image.sig[SCHEME_CHAIN], "chain");
	check_round(&lskel, LSKEL_RUNTIME_EMBEDDED, true);
	return 0;
}
