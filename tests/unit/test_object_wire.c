// SPDX-License-Identifier: BSD-2-Clause
/* An image and its description, from one process to another. */
#include "object_wire.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static struct skel_var some_vars[] = {{.ident = (char *)"step", .size = 4},
				      {.ident = (char *)"text", .size = 12}};
static struct skel_map some_maps[] = {
	{.ident = (char *)"counts"},
	{
		.ident = (char *)"rodata",
		.mapped = true,
		.read_only = true,
		.mmap_size = 4096,
		.vars = some_vars,
		.nr_vars = ARRAY_SIZE(some_vars),
	},
};
static struct skel_prog some_progs[] = {
	{.ident = (char *)"on_exec",
	 .attach = SKEL_ATTACH_RAW_TRACEPOINT,
	 .target = (char *)"sched_process_exec"},
	{.ident = (char *)"on_packet"},
};
static struct skel some_skel = {
	.name = (char *)"sample",
	.maps = some_maps,
	.nr_maps = ARRAY_SIZE(some_maps),
	.progs = some_progs,
	.nr_progs = ARRAY_SIZE(some_progs),
};

static void make_bytes(struct buf *ret)
{
	_buf_ struct buf insns = {0}, value = {0};
	_image_ struct image image = {0};
	struct err err;

	buf_add_str(&insns, "insn 0..insn 1..");
	buf_add_str(&value, "contents");
	CHECK_INT(image_set_insns(&image, &insns, &err), 0);
	CHECK_INT(image_add_map(&image, "__loader.map", &value, 8, 1, &err), 0);
	object_wire_encode(&image, &some_skel, ret);
}

static int decode(struct view bytes)
{
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	struct err err;

	return object_wire_decode(bytes, &image, &skel, &err);
}

TEST(what_goes_in_comes_out)
{
	_buf_ struct buf bytes = {0}, again = {0};
	_image_ struct image image = {0};
	_skel_ struct skel skel = {0};
	struct err err;

	make_bytes(&bytes);
	CHECK_INT(object_wire_decode(buf_view(&bytes), &image, &skel, &err), 0);
	CHECK_STR(image.maps[0].name, "__loader.map");
	CHECK_STR(skel.maps[1].vars[1].ident, "text");
	CHECK_STR(skel.progs[0].target, "sched_process_exec");
	CHECK(!skel.progs[1].target);
	object_wire_encode(&image, &skel, &again);
	CHECK(view_equal(buf_view(&bytes), buf_view(&again)));
}

TEST(cut_anywhere_it_is_refused)
{
	_buf_ struct buf bytes = {0};

	make_bytes(&bytes);
	for (size_t size = 0; size < bytes.size; size++)
		CHECK_INT(decode(view_of(bytes.data, size)), -EBADMSG);
	buf_add(&bytes, "", 1);
	CHECK_INT(decode(buf_view(&bytes)), -EBADMSG);
}

TEST(a_raw_tracepoint_without_its_name_is_refused)
{
	_buf_ struct buf bytes = {0};
	char *target = some_progs[0].target;

	some_progs[0].target = NULL;
	make_bytes(&bytes);
	some_progs[0].target = target;
	CHECK_INT(decode(buf_view(&bytes)), -EBADMSG);
}

/* Whatever it says: no crash, no allocation that is larger than the bytes allow (sanitizers look).
 */
TEST(hostile_numbers_are_harmless)
{
	static const uint64_t numbers[] = {1, UINT32_MAX, INT64_MAX, UINT64_MAX};
	_buf_ struct buf bytes = {0};
	int refused = 0;

	make_bytes(&bytes);
	for (size_t at = 0; at + sizeof(uint64_t) <= bytes.size; at++) {
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			uint64_t before;

			memcpy(&before, bytes.data + at, sizeof(before));
			memcpy(bytes.data + at, &numbers[i], sizeof(before));
			refused += decode(buf_view(&bytes)) != 0;
			memcpy(bytes.data + at, &before, sizeof(before));
		}
	}
	CHECK(refused > 0);
}

UNIT_MAIN
