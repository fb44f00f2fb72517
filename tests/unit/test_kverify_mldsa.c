// SPDX-License-Identifier: BSD-2-Clause
/* ML-DSA signatures that can be decoded, and those that cannot: built number by number (FIPS 204).
 */
#include "kverify/mldsa.h"

#include <string.h>

#include "unit.h"

#define NUMBERS 256

/* FIPS 204 tables 1 and 2, written down once more. */
static const struct {
	size_t key, size, z_at, h_at;
	size_t nr_z, nr_h, bits;
	uint32_t gamma1, beta;
	uint8_t omega;
} facts[PUBKEY_MLDSA_NR] = {
	{1312, 2420, 32, 32 + 4 * 576, 4, 4, 18, 131072, 78, 80},
	{1952, 3309, 48, 48 + 5 * 640, 5, 6, 20, 524288, 196, 55},
	{2592, 4627, 64, 64 + 7 * 640, 7, 8, 20, 524288, 120, 75},
};

static uint8_t signature[4627 + 1];

static void put_number(enum pubkey_mldsa level, size_t i, uint32_t number)
{
	for (size_t bit = 0; bit < facts[level].bits; bit++) {
		size_t at = i * facts[level].bits + bit;
		uint8_t *byte = &signature[facts[level].z_at + at / 8];

		*byte = (uint8_t)((*byte & ~(1u << at % 8)) | (number >> bit & 1) << at % 8);
	}
}

/* A response of zeros, and no hints. */
static void start(enum pubkey_mldsa level)
{
	memset(signature, 0, sizeof(signature));
	for (size_t i = 0; i < facts[level].nr_z * NUMBERS; i++)
		put_number(level, i, facts[level].gamma1);
}

static bool is_fine(enum pubkey_mldsa level)
{
	return mldsa_is_well_formed(level, view_of(signature, facts[level].size));
}

static uint8_t *hint(enum pubkey_mldsa level)
{
	return signature + facts[level].h_at;
}

TEST(sizes_are_those_of_the_standard)
{
	for (enum pubkey_mldsa level = 0; level < PUBKEY_MLDSA_NR; level++) {
		CHECK_INT(mldsa_key_size(level), facts[level].key);
		CHECK_INT(mldsa_signature_size(level), facts[level].size);
		start(level);
		CHECK(is_fine(level));
		CHECK(!mldsa_is_well_formed(level, view_of(signature, facts[level].size - 1)));
		CHECK(!mldsa_is_well_formed(level, view_of(signature, facts[level].size + 1)));
		CHECK(!mldsa_is_well_formed(level, view_of(NULL, 0)));
	}
}

TEST(each_number_of_the_response_is_within_the_norm)
{
	for (enum pubkey_mldsa level = 0; level < PUBKEY_MLDSA_NR; level++) {
		uint32_t beta = facts[level].beta, limit = 2 * facts[level].gamma1 - beta;
		const struct {
			uint32_t number;
			bool fine;
		} cases[] = {
			{0, false},	   {beta, false},  {beta + 1, true},
			{limit - 1, true}, {limit, false}, {2 * facts[level].gamma1 - 1, false},
		};

		start(level);
		for (size_t i = 0; i < facts[level].nr_z * NUMBERS; i += 1 + i % 3) {
			for (size_t j = 0; j < ARRAY_SIZE(cases); j++) {
				put_number(level, i, cases[j].number);
				CHECK_INT(is_fine(level), cases[j].fine);
			}
			put_number(level, i, facts[level].gamma1);
		}
		put_number(level, facts[level].nr_z * NUMBERS - 1, beta);
		CHECK(!is_fine(level));
	}
}

/* Ones at NR places from FIRST on, one apart, in polynomial I, where AT hints are before it. */
static void put_hints(enum pubkey_mldsa level, size_t i, uint8_t at, uint8_t first, uint8_t nr)
{
	uint8_t *h = hint(level);

	for (uint8_t j = 0; j < nr; j++)
		h[at + j] = (uint8_t)(first + j);
	for (; i < facts[level].nr_h; i++)
		h[facts[level].omega + i] = (uint8_t)(at + nr);
}

TEST(hints_rise_within_a_polynomial)
{
	for (enum pubkey_mldsa level = 0; level < PUBKEY_MLDSA_NR; level++) {
		uint8_t *h = hint(level);

		start(level);
		put_hints(level, 0, 0, 0, 3); /* 0, 1, 2 */
		put_hints(level, 1, 3, 0, 2); /* 0, 1 */
		put_hints(level, facts[level].nr_h - 1, 5, 253, 3);
		CHECK(is_fine(level));
		h[1] = 0; /* twice the same */
		CHECK(!is_fine(level));
		h[1] = 3; /* not in order */
		CHECK(!is_fine(level));
		h[1] = 1;
		h[3] = h[4]; /* the same, of the second polynomial */
		CHECK(!is_fine(level));
		h[3] = 0;
		h[6] = 255; /* the middle one of the last */
		CHECK(!is_fine(level));
		h[6] = 254;
		CHECK(is_fine(level));
	}
}

TEST(counts_of_hints_neither_fall_nor_exceed_the_limit)
{
	for (enum pubkey_mldsa level = 0; level < PUBKEY_MLDSA_NR; level++) {
		uint8_t omega = facts[level].omega, *h = hint(level), *counts = h + omega;
		size_t last = facts[level].nr_h - 1;

		start(level);
		put_hints(level, 0, 0, 10, omega);
		CHECK(is_fine(level));
		counts[last]--;
		CHECK(!is_fine(level));
		counts[last] += 2;
		CHECK(!is_fine(level));
		start(level);
		put_hints(level, last, 0, 10, omega);
		CHECK(is_fine(level));
		counts[last]++;
		CHECK(!is_fine(level));
		counts[last] = 255;
		CHECK(!is_fine(level));
		start(level);
		put_hints(level, 0, 0, 10, 4);
		counts[1] = 3;
		CHECK(!is_fine(level));
	}
}

TEST(places_without_a_hint_are_zero)
{
	for (enum pubkey_mldsa level = 0; level < PUBKEY_MLDSA_NR; level++) {
		start(level);
		put_hints(level, 1, 0, 7, 2);
		CHECK(is_fine(level));
		for (uint8_t i = 2; i < facts[level].omega; i++) {
			hint(level)[i] = 200;
			CHECK(!is_fine(level));
			hint(level)[i] = 0;
		}
		CHECK(is_fine(level));
	}
}

UNIT_MAIN
