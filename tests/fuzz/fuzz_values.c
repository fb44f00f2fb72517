// SPDX-License-Identifier: BSD-2-Clause
/* Files of values (sign --values). */
#include <string.h>

#include "fuzz.h"
#include "values.h"

/* What was read is within the limits, and no name of a value is without characters. */
static void check(const struct values *values)
{
	FUZZ_MUST(values->nr <= VALUES_NR_MAX);
	for (size_t i = 0; i < values->nr; i++) {
		const struct values_item *item = &values->list[i];

		FUZZ_MUST(*item->name && fuzz_is_printable(view_str(item->name), false));
		FUZZ_MUST(item->kind == VALUES_ARRAY ? item->nr && !item->text
						     : item->text != NULL);
		FUZZ_MUST(item->line > 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_values_ struct values values = {0};
	struct err err = {0};

	if (!values_parse(view_of(data, size), &values, &err))
		check(&values);
	else
		FUZZ_MUST(*err.text && fuzz_is_printable(view_str(err.text), false));
	return 0;
}
