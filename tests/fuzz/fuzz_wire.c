// SPDX-License-Identifier: BSD-2-Clause
/* What comes back from the process that reads an object, which may have been taken over. */
#include <errno.h>

#include "fuzz.h"
#include "lskel.h"
#include "object_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf again = {0}, text = {0};
	struct err err = {0};
	int rc = object_wire_decode(view_of(data, size), "fuzz", &image, &skel, &err);

	if (rc) {
		FUZZ_MUST(rc == err.code && *err.text);
		return 0;
	}
	object_wire_encode(&image, &skel, &again);
	FUZZ_MUST(view_equal(buf_view(&again), view_of(data, size)));
	if (!lskel_new(&skel, &image, &lskel, &err))
		lskel_write(&lskel, LSKEL_RUNTIME_EMBEDDED, &text, &err);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_in_place(data, size, max, seed);
}
