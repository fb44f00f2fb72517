// SPDX-License-Identifier: BSD-2-Clause
/* Files of certificates. */
#include <errno.h>

#include "fuzz.h"
#include "key/pem.h"

struct walk {
	struct view file;
	size_t nr, der_end;
	unsigned int line;
};

/* Blocks come in the order of their lines; DER lies in the file, one after the other. */
static int check_item(void *arg, const struct pem_item *item, struct err *err)
{
	struct walk *walk = arg;

	(void)err;
	walk->nr++;
	if (item->line) {
		FUZZ_MUST(!walk->der_end && item->line > walk->line);
		FUZZ_MUST(item->kind == PEM_OTHER || item->der.size > 1);
		walk->line = item->line;
		return 0;
	}
	FUZZ_MUST(!walk->line && item->kind == PEM_CERTIFICATE && item->der.size);
	FUZZ_MUST(item->offset == walk->der_end &&
		  item->der.data == walk->file.data + item->offset);
	walk->der_end += item->der.size;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct walk walk = {.file = view_of(data, size)};
	struct err err = {0};
	int rc = pem_each(walk.file, check_item, &walk, &err);

	FUZZ_MUST(!rc || rc == -EBADMSG || rc == ERR_NO_CERT);
	FUZZ_MUST(!rc || (*err.text && fuzz_is_printable(view_str(err.text), false)));
	FUZZ_MUST(rc || (walk.nr && (!walk.der_end || walk.der_end == size)));
	return 0;
}
