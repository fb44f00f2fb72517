// SPDX-License-Identifier: BSD-2-Clause
/* Images, and which bytes each scheme signs. */
#include "scheme.h"

#include <errno.h>

#include "unit.h"

/* An image of two instructions and a map for each VALUE (NULL ends). */
static void make_image(struct image *image, const char *const *values)
{
	_buf_ struct buf insns = {0};
	struct err err;

	buf_add_str(&insns, "insn 0..insn 1..");
	CHECK_INT(image_set_insns(image, &insns, &err), 0);
	for (; *values; values++) {
		_buf_ struct buf value = {0};

		buf_add_str(&value, *values);
		CHECK_INT(image_add_map(image, "m", &value, (uint32_t)value.size, 1, &err), 0);
	}
}

static bool content_is(enum scheme scheme, const struct image *image, struct view want)
{
	_buf_ struct buf got = {0};
	struct err err;

	return !scheme_content_copy(scheme, image, &got, &err) && view_equal(buf_view(&got), want);
}

TEST(folded_is_instructions_then_maps_without_padding)
{
	_image_ struct image image = {0};

	make_image(&image, (const char *const[]){"abc", "defgh", NULL});
	CHECK(content_is(SCHEME_FOLDED, &image, view_lit("insn 0..insn 1..abcdefgh")));
	CHECK(content_is(SCHEME_INSNS, &image, view_lit("insn 0..insn 1..")));
}

/* Whether the map of a program of these instructions is exclusive to it as if they were WANT. */
static bool is_exclusive_to(struct view insns, struct view want)
{
	_image_ struct image image = {0};
	struct scheme_contents contents;
	uint8_t wanted[HASH_SHA256_SIZE];
	const uint8_t *own = NULL;
	struct err err;

	buf_add_view(&image.insns, insns);
	scheme_begin(&contents, &image);
	CHECK_INT(scheme_excl_hash(&contents, SCHEME_FOLDED, &own, &err), 0);
	CHECK_INT(hash_sha256(want, wanted), 0);
	return !memcmp(own, wanted, sizeof(wanted));
}

#define LITTLE "\xbf\x16\0\0\0\0\0\0"
#define BIG    "\xbf\x61\0\0\0\0\0\0"
#define SECOND "\0\0\0\0\x88\x0a\0\0"
#define ZERO   "\0\0\0\0\0\0\0\0"

TEST(descriptors_of_maps_are_no_part_of_what_a_map_is_exclusive_to)
{
	CHECK(is_exclusive_to(view_lit(LITTLE "\x18\x11\0\0\7\0\0\0" SECOND),
			      view_lit(LITTLE "\x18\x11\0\0\0\0\0\0" ZERO)));
	CHECK(is_exclusive_to(view_lit(LITTLE "\x18\x21\0\0\7\0\0\0" SECOND),
			      view_lit(LITTLE "\x18\x21\0\0\0\0\0\0" ZERO)));
	CHECK(is_exclusive_to(view_lit(BIG "\x18\x62\0\0\7\0\0\0" SECOND),
			      view_lit(BIG "\x18\x62\0\0\0\0\0\0" ZERO)));
}

TEST(all_else_is_part_of_it)
{
	static const struct view whole[] = {
		view_lit(LITTLE "\x18\x51\0\0\7\0\0\0" SECOND), /* by index */
		view_lit(LITTLE "\x18\x61\0\0\7\0\0\0" SECOND),
		view_lit(LITTLE "\xb7\x11\0\0\7\0\0\0" SECOND),
		view_lit(BIG "\x18\x26\0\0\7\0\0\0" SECOND),
	};
	const struct view twice = view_lit(
		"\x18\x11\0\0\0\0\0\0"
		"\x18\x11\0\0\7\0\0\0" SECOND);

	for (size_t i = 0; i < ARRAY_SIZE(whole); i++)
		CHECK(is_exclusive_to(whole[i], whole[i]));
	CHECK(is_exclusive_to(twice, twice)); /* where the second slot should be, there is none */
}

TEST(folded_takes_maps_of_one_element)
{
	_image_ struct image image = {0};
	_buf_ struct buf value = {0}, got = {0};
	struct err err;

	make_image(&image, (const char *const[]){NULL});
	buf_add_str(&value, "abcd");
	CHECK_INT(image_add_map(&image, "two", &value, 2, 2, &err), 0);
	CHECK_INT(scheme_content_copy(SCHEME_FOLDED, &image, &got, &err), -EINVAL);
	CHECK(!got.data);
}

/* The chain of IMAGE; errors as scheme_chain(). */
static int chain_of(const struct image *image, struct scheme_chain *ret, struct err *err)
{
	const struct scheme_chain *chain = NULL;
	struct scheme_contents contents;
	int rc;

	scheme_begin(&contents, image);
	rc = scheme_chain(&contents, &chain, err);
	if (!rc)
		*ret = *chain;
	return rc;
}

/*
 * sha256("insn 0..insn 1.."), then of "abc" and of "defgh" padded to 8 each; computed with
 * sha256sum, and so is the chain of them.
 */
TEST(chain_is_the_digest_made_by_hand)
{
	static const uint8_t abc[8] = "abc", defgh[8] = "defgh";
	_image_ struct image image = {0};
	uint8_t both[64], want[32];
	struct scheme_chain chain;
	struct err err;

	make_image(&image, (const char *const[]){"abc", "defgh", NULL});
	CHECK_INT(chain_of(&image, &chain, &err), 0);
	hash_sha256(view_of(defgh, 8), both);
	hash_sha256(view_of(abc, 8), both + 32);
	hash_sha256(view_of(both, 64), both + 32);
	hash_sha256(view_lit("insn 0..insn 1.."), both);
	hash_sha256(view_of(both, 64), want);
	CHECK(!memcmp(chain.final, want, 32));
	CHECK(content_is(SCHEME_CHAIN, &image, view_of(want, 32)));
}

TEST(a_chain_without_maps_is_refused)
{
	_image_ struct image image = {0};
	struct scheme_chain chain;
	struct err err;

	make_image(&image, (const char *const[]){NULL});
	CHECK_INT(chain_of(&image, &chain, &err), -EINVAL);
}

TEST(the_order_of_maps_matters)
{
	_image_ struct image ab = {0}, ba = {0};
	struct scheme_chain one, two;
	struct err err;

	make_image(&ab, (const char *const[]){"a", "b", NULL});
	make_image(&ba, (const char *const[]){"b", "a", NULL});
	CHECK_INT(chain_of(&ab, &one, &err), 0);
	CHECK_INT(chain_of(&ba, &two, &err), 0);
	CHECK(memcmp(one.final, two.final, 32));
}

/* The collapse itself: a chain over two maps is one over a single map of 64 bytes. */
TEST(a_64_byte_map_is_ambiguous)
{
	_image_ struct image pair = {0}, forged = {0}, other = {0};
	struct scheme_chain of_pair, of_forged;
	_buf_ struct buf value = {0};
	struct err err;

	make_image(&pair, (const char *const[]){"abc", "defgh", NULL});
	CHECK(!scheme_ambiguous_map(&pair));
	CHECK_INT(chain_of(&pair, &of_pair, &err), 0);
	make_image(&forged, (const char *const[]){NULL});
	buf_add(&value, of_pair.links[1].h, 32);
	buf_add(&value, of_pair.links[0].map, 32);
	CHECK_INT(image_add_map(&forged, "forged", &value, 64, 1, &err), 0);
	CHECK_INT(chain_of(&forged, &of_forged, &err), 0);
	CHECK(!memcmp(of_pair.final, of_forged.final, 32));
	CHECK(scheme_ambiguous_map(&forged) == &forged.maps[0]);
	/* 57 bytes are hashed as 64, too */
	make_image(&other, (const char *const[]){NULL});
	buf_space(&value, 57);
	CHECK_INT(image_add_map(&other, "odd", &value, 57, 1, &err), 0);
	CHECK(scheme_ambiguous_map(&other));
}

TEST(scheme_lists_are_parsed)
{
	scheme_set set = 0;
	struct err err;

	CHECK_INT(scheme_parse("all", &set, &err), 0);
	CHECK_INT(set, SCHEME_ALL);
	CHECK_INT(scheme_parse("chain,folded", &set, &err), 0);
	CHECK_INT(set, SCHEME_BIT(SCHEME_CHAIN) | SCHEME_BIT(SCHEME_FOLDED));
	CHECK_INT(scheme_parse("insns", &set, &err), 0);
	CHECK_INT(set, SCHEME_BIT(SCHEME_INSNS));
	set = 99;
	CHECK_INT(scheme_parse("", &set, &err), -EINVAL);
	CHECK_INT(scheme_parse("chain,", &set, &err), -EINVAL);
	CHECK_INT(scheme_parse("chains", &set, &err), -EINVAL);
	CHECK_INT(scheme_parse("all,chain", &set, &err), -EINVAL);
	CHECK_INT(set, 99);
}

TEST(an_image_keeps_its_limits)
{
	_image_ struct image image = {0};
	_buf_ struct buf bytes = {0};
	struct err err;

	CHECK_INT(image_set_insns(&image, &bytes, &err), -EINVAL);
	buf_space(&bytes, 12);
	CHECK_INT(image_set_insns(&image, &bytes, &err), -EINVAL);
	CHECK_INT(image_add_map(&image, "m", &bytes, 5, 2, &err), -EINVAL);
	CHECK_INT(image_add_map(&image, "m", &bytes, 0, 0, &err), -EINVAL);
	buf_space(&bytes, IMAGE_SIZE_MAX - 11);
	CHECK_INT(image_add_map(&image, "m", &bytes, (uint32_t)bytes.size, 1, &err), -E2BIG);
	CHECK_INT((long long)bytes.size, IMAGE_SIZE_MAX + 1);
	for (int i = 0; i < IMAGE_MAPS_MAX; i++) {
		buf_free(&bytes);
		buf_space(&bytes, 1);
		CHECK_INT(image_add_map(&image, "m", &bytes, 1, 1, &err), 0);
	}
	buf_space(&bytes, 1);
	CHECK_INT(image_add_map(&image, "m", &bytes, 1, 1, &err), -E2BIG);
	CHECK_INT((long long)image.nr_maps, IMAGE_MAPS_MAX);
}

UNIT_MAIN
