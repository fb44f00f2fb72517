// SPDX-License-Identifier: BSD-2-Clause
/* Instructions and numbers in both byte orders, and behind the end. */
#include "loader/insn.h"

#include "unit.h"

static const uint8_t little[] = {0x7b, 0x21, 0xfe, 0xff, 0x04, 0x03, 0x02, 0x01};
static const uint8_t big[] = {0x7b, 0x12, 0xff, 0xfe, 0x01, 0x02, 0x03, 0x04};
static const struct insn insn = {.code = 0x7b, .dst = 1, .src = 2, .off = -2, .imm = 0x01020304};

TEST(instructions_are_read_in_both_byte_orders)
{
	CHECK(insn_equal(insn_get(view_of(little, 8), 0, false), insn));
	CHECK(insn_equal(insn_get(view_of(big, 8), 0, true), insn));
}

TEST(instructions_are_written_as_they_were_read)
{
	uint8_t bytes[8];

	insn_put(bytes, insn, false);
	CHECK(!memcmp(bytes, little, 8));
	insn_put(bytes, insn, true);
	CHECK(!memcmp(bytes, big, 8));
}

TEST(behind_the_end_everything_is_zero)
{
	struct view view = view_of(little, 8);

	CHECK(insn_equal(insn_get(view, 1, false), (struct insn){0}));
	CHECK(insn_equal(insn_get(view, SIZE_MAX, false), (struct insn){0}));
	CHECK(insn_equal(insn_get(view_of(little, 7), 0, false), (struct insn){0}));
	CHECK_INT(get_u32(view, 5, false), 0);
	CHECK_INT(get_u64(view, SIZE_MAX - 3, false), 0);
	CHECK_INT(get_u16((struct view){NULL, 0}, 0, true), 0);
}

TEST(numbers_have_a_byte_order)
{
	uint8_t bytes[8];

	CHECK_INT(get_u16(view_of(little, 8), 2, false), 0xfffe);
	CHECK_INT(get_u32(view_of(little, 8), 4, false), 0x01020304);
	CHECK_INT(get_u32(view_of(big, 8), 4, true), 0x01020304);
	CHECK_INT((long long)get_u64(view_of(big, 8), 0, true), 0x7b12fffe01020304);
	put_u64(bytes, 0x7b12fffe01020304, true);
	CHECK(!memcmp(bytes, big, 8));
	put_u32(bytes, 0x01020304, false);
	CHECK(!memcmp(bytes, little + 4, 4));
}

TEST(every_field_makes_a_difference)
{
	struct insn other = insn;

	other.off++;
	CHECK(!insn_equal(insn, other));
	other = insn;
	other.src++;
	CHECK(!insn_equal(insn, other));
	other = insn;
	other.dst++;
	CHECK(!insn_equal(insn, other));
	other = insn;
	other.imm++;
	CHECK(!insn_equal(insn, other));
	other = insn;
	other.code++;
	CHECK(!insn_equal(insn, other));
}

UNIT_MAIN
