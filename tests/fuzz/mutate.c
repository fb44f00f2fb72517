// SPDX-License-Identifier: BSD-2-Clause
/* Mutations that keep a structure. */
#include <string.h>

#include "../kernel/der.h"
#include "fuzz.h"

size_t fuzz_mutate_in_place(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	struct rng rng = {seed};
	size_t length, at;

	if (size < 8 || !rng_below(&rng, 8))
		return LLVMFuzzerMutate(data, size, max);
	for (uint32_t changes = 1 + rng_below(&rng, 3); changes; changes--) {
		length = (size_t)1 << rng_below(&rng, 4);
		at = rng_below(&rng, (uint32_t)(size / length)) * length;
		/* What is cut off stays as it was. */
		LLVMFuzzerMutate(data + at, length, length);
	}
	return size;
}

size_t fuzz_mutate_der(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static struct der der;
	_buf_ struct buf mutated = {0};
	struct rng rng = {seed};

	if (!rng_below(&rng, 4) || !der_parse(&der, view_of(data, size)))
		return LLVMFuzzerMutate(data, size, max);
	for (uint32_t changes = 1 + rng_below(&rng, 2); changes; changes--)
		der_mutate(&der, &rng);
	der_encode(&der, &mutated);
	if (mutated.failed || !mutated.size || mutated.size > max)
		return LLVMFuzzerMutate(data, size, max);
	memcpy(data, mutated.data, mutated.size);
	return mutated.size;
}
