// SPDX-License-Identifier: BSD-2-Clause
/* The reader of light skeletons. */
#include <errno.h>

#include "fuzz.h"
#include "lskel/lskel.h"
#include "prepare.h"

/* The parts are in order, none overlaps another, and each lies in TEXT or in what is owned. */
static void check_parts(const struct lskel *lskel, struct view text)
{
	const struct view parts[] = {lskel->front, lskel->head, lskel->gap,  lskel->added,
				     lskel->mid,   lskel->rest, lskel->decl, lskel->tail};
	const uint8_t *at = text.data;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		FUZZ_MUST(parts[i].size <= text.size);
		if (!parts[i].size)
			continue;
		FUZZ_MUST(parts[i].data >= at);
		at = parts[i].data + parts[i].size;
		FUZZ_MUST(at <= text.data + text.size);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view text = view_of(data, size);
	_lskel_ struct lskel lskel = {0};
	struct err err = {0};
	_loader_ struct loader loader = {0};
	size_t at = 0, last = 0;
	int rc = lskel_parse(text, &lskel, &err);

	if (rc) {
		FUZZ_MUST(rc == err.code && *err.text);
		FUZZ_MUST(fuzz_is_printable(view_str(err.text), false));
		FUZZ_MUST(!lskel.name && !lskel.image.nr_maps);
		return 0;
	}
	FUZZ_MUST(lskel.name && lskel.image.nr_maps == 1 && lskel.image.insns.size % 8 == 0);
	FUZZ_MUST(lskel_is(text));
	check_parts(&lskel, text);
	while (lskel_next_prog(&lskel, &at).data) {
		FUZZ_MUST(at > last && at <= lskel.head.size);
		last = at;
	}
	FUZZ_MUST(!loader_read(&lskel.image, &loader, &err));
	prepare_header_progs(&lskel, &loader);
	return 0;
}
