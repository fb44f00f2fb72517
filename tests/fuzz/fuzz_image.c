// SPDX-License-Identifier: BSD-2-Clause
/*
 * A signed image: refused, or there is no other way to write what it says, and its names are
 * identifiers.
 */
#include <string.h>

#include "fuzz.h"
#include "image/image.h"
#include "members.h"

static void check_names(const struct skel *skel)
{
	FUZZ_MUST(strlen(skel->name) < 64 && skel->nr_progs <= 1024);
	for (size_t i = 0; i < skel->nr_maps; i++)
		FUZZ_MUST(members_is_identifier(view_str(skel->maps[i].ident)));
	for (size_t i = 0; i < skel->nr_progs; i++)
		FUZZ_MUST(members_is_identifier(view_str(skel->progs[i].ident)) &&
			  (skel->progs[i].attach == SKEL_ATTACH_UNKNOWN
				   ? skel_is_section(view_str(skel->progs[i].target))
				   : skel_is_target(skel->progs[i].attach, skel->progs[i].target)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view bytes = view_of(data, size);
	struct err err = {0};
	_image_file_ struct image_file file = {.size = 0};
	_buf_ struct buf again = {0};

	FUZZ_MUST(!image_file_parse(bytes, &file, &err) == !err.code);
	if (err.code) {
		FUZZ_MUST(*err.text);
		return 0;
	}
	FUZZ_MUST(image_file_is(bytes) && file.size <= size && !(file.size % 8));
	check_names(&file.skel);
	FUZZ_MUST(!image_file_write(&file.image, &file.skel, file.big, &again, NULL, &err));
	FUZZ_MUST(file.has_unknown ? again.size < file.size
				   : view_equal(buf_view(&again), view_head(bytes, file.size)));
	return 0;
}
