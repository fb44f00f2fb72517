// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/mldsa.h"

/* Coefficients of a polynomial. */
#define DEGREE 256

/* FIPS 204 tables 1 and 2 */
static const struct {
	size_t key, signature;	/* bytes */
	size_t commitment;	/* bytes before the response */
	unsigned int nr_z;	/* polynomials of the response */
	unsigned int nr_h;	/* polynomials of the hint */
	unsigned int hints_max; /* the most ones in the whole hint */
	unsigned int bits;	/* of a coefficient in the response */
	uint32_t gamma1,
		margin; /* the absolute value of a coefficient is less than gamma1 - margin */
} sets[PUBKEY_MLDSA_NR] = {
	[PUBKEY_MLDSA44] = {1312, 2420, 32, 4, 4, 80, 18, 1 << 17, 78},
	[PUBKEY_MLDSA65] = {1952, 3309, 48, 5, 6, 55, 20, 1 << 19, 196},
	[PUBKEY_MLDSA87] = {2592, 4627, 64, 7, 8, 75, 20, 1 << 19, 120},
};

size_t mldsa_key_size(enum pubkey_mldsa level)
{
	return sets[level].key;
}

size_t mldsa_signature_size(enum pubkey_mldsa level)
{
	return sets[level].signature;
}

/* The number at index I of an array of numbers with BITS bits each, lowest bit first. */
static uint32_t packed_number(struct view packed, size_t i, unsigned int bits)
{
	size_t first = i * bits;
	uint32_t number = 0;

	for (unsigned int bit = 0; bit < bits; bit++) {
		size_t at = first + bit;

		number |= (uint32_t)(packed.data[at / 8] >> at % 8 & 1) << bit;
	}
	return number;
}

/* A coefficient is encoded as gamma1 minus its value. */
static bool response_is_in_range(enum pubkey_mldsa level, struct view response)
{
	uint32_t low = sets[level].margin, high = 2 * sets[level].gamma1 - low;

	for (size_t i = 0; i < (size_t)sets[level].nr_z * DEGREE; i++) {
		uint32_t number = packed_number(response, i, sets[level].bits);

		if (number <= low || number >= high)
			return false;
	}
	return true;
}

/*
 * The hint is encoded as the positions of its ones, ascending within each polynomial, padded with
 * zeros to hints_max; then, for each polynomial, the number of ones up to its end.
 */
static bool hint_is_in_order(enum pubkey_mldsa level, struct view hint)
{
	const uint8_t *counts = hint.data + sets[level].hints_max;
	unsigned int at = 0;

	for (unsigned int i = 0; i < sets[level].nr_h; i++) {
		unsigned int first = at;

		if (counts[i] < at || counts[i] > sets[level].hints_max)
			return false;
		for (; at < counts[i]; at++) {
			if (at > first && hint.data[at] <= hint.data[at - 1])
				return false;
		}
	}
	for (; at < sets[level].hints_max; at++) {
		if (hint.data[at])
			return false;
	}
	return true;
}

bool mldsa_is_well_formed(enum pubkey_mldsa level, struct view signature)
{
	size_t z_size = (size_t)sets[level].nr_z * DEGREE * sets[level].bits / 8;
	size_t h_size = sets[level].hints_max + sets[level].nr_h;
	size_t z = sets[level].commitment;

	if (signature.size != z + z_size + h_size)
		return false;
	return response_is_in_range(level, view_sub(signature, z, z_size)) &&
	       hint_is_in_order(level, view_sub(signature, z + z_size, h_size));
}
