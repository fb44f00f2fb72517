// SPDX-License-Identifier: BSD-2-Clause
/* Digests and the hash chain, against digests computed by hand from their definition. */
#include "hash.h"

#include <errno.h>
#include <stdlib.h>

#include "unit.h"

static const char *hex32(const uint8_t *digest)
{
	static char text[2 * HASH_SHA256_SIZE + 1];

	return hex_string(text, digest, HASH_SHA256_SIZE);
}

TEST(sha256_of_abc_is_the_fips_180_example)
{
	uint8_t got[HASH_SHA256_SIZE];

	CHECK_INT(hash_sha256(view_lit("abc"), got), 0);
	CHECK_STR(hex32(got), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(parts_are_digested_as_one)
{
	const struct view parts[] = {view_lit("a"), {NULL, 0}, view_lit("bc")};
	uint8_t whole[HASH_SIZE_MAX], pieces[HASH_SIZE_MAX];
	const struct view abc = view_lit("abc");

	for (enum hash_alg alg = 0; alg < HASH_NR; alg++) {
		CHECK_INT(hash_parts(alg, &abc, 1, whole), 0);
		CHECK_INT(hash_parts(alg, parts, ARRAY_SIZE(parts), pieces), 0);
		CHECK(!memcmp(whole, pieces, hash_size(alg)));
	}
}

TEST(an_array_map_is_padded_per_element)
{
	static const uint8_t value[] = {1, 2, 3, 4, 5, 6};
	static const uint8_t two_of_three[] = {1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0};
	static const uint8_t one_of_six[] = {1, 2, 3, 4, 5, 6, 0, 0};
	uint8_t got[HASH_SHA256_SIZE], want[HASH_SHA256_SIZE];

	CHECK_INT(hash_array_map(view_of(value, 6), 3, 2, got), 0);
	CHECK_INT(hash_sha256(view_of(two_of_three, 16), want), 0);
	CHECK(!memcmp(got, want, sizeof(got)));
	CHECK_INT(hash_array_map(view_of(value, 6), 6, 1, got), 0);
	CHECK_INT(hash_sha256(view_of(one_of_six, 8), want), 0);
	CHECK(!memcmp(got, want, sizeof(got)));
	CHECK_INT((long long)hash_array_map_size(3, 2), 16);
	CHECK_INT((long long)hash_array_map_size(8, 2), 16);
	CHECK_INT((long long)hash_array_map_size(0xffffffff, 0xffffffff), 0xffffffff00000000);
}

TEST(an_array_map_with_wrong_sizes_is_refused)
{
	static const uint8_t value[8];
	uint8_t got[HASH_SHA256_SIZE];

	CHECK_INT(hash_array_map(view_of(value, 8), 0, 1, got), -EINVAL);
	CHECK_INT(hash_array_map(view_of(value, 8), 8, 0, got), -EINVAL);
	CHECK_INT(hash_array_map(view_of(value, 0), 0, 1, got), -EINVAL);
	CHECK_INT(hash_array_map(view_of(value, 0), 8, 0, got), -EINVAL);
	CHECK_INT(hash_array_map(view_of(value, 7), 8, 1, got), -EINVAL);
	CHECK_INT(hash_array_map(view_of(value, 8), 0x80000004, 2, got), -EINVAL);
}

/* sha256(a || b) the plain way */
static void pair(const uint8_t *a, const uint8_t *b, uint8_t *ret)
{
	uint8_t both[2 * HASH_SHA256_SIZE];

	memcpy(both, a, HASH_SHA256_SIZE);
	memcpy(both + HASH_SHA256_SIZE, b, HASH_SHA256_SIZE);
	CHECK_INT(hash_sha256(view_of(both, sizeof(both)), ret), 0);
}

TEST(the_chain_walks_from_the_last_map_to_the_first)
{
	struct hash_link links[3];
	uint8_t program[32], got[32], h1[32], h0[32], want[32];

	memset(program, 7, sizeof(program));
	for (int i = 0; i < 3; i++)
		memset(links[i].map, i, 32);
	CHECK_INT(hash_chain(program, links, 3, got), 0);
	CHECK(!memcmp(links[2].h, links[2].map, 32));
	pair(links[2].map, links[1].map, h1);
	CHECK(!memcmp(links[1].h, h1, 32));
	pair(h1, links[0].map, h0);
	CHECK(!memcmp(links[0].h, h0, 32));
	pair(program, h0, want);
	CHECK(!memcmp(got, want, 32));
}

TEST(one_map_is_its_own_chain_and_none_is_refused)
{
	uint8_t program[32] = {1}, got[32], want[32];
	struct hash_link link = {.map = {2}};

	CHECK_INT(hash_chain(program, &link, 1, got), 0);
	CHECK(!memcmp(link.h, link.map, 32));
	pair(program, link.map, want);
	CHECK(!memcmp(got, want, 32));
	CHECK_INT(hash_chain(program, &link, 0, got), -EINVAL);
}

UNIT_MAIN
