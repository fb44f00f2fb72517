// SPDX-License-Identifier: BSD-2-Clause
#include "names.h"

#include <stddef.h>

#include "base/util.h"
#include "names_table.h"

/* The versions of clang-format disagree about this. */
/* clang-format off */
#define TABLE(names) { (names), ARRAY_SIZE(names) }
/* clang-format on */

static const struct {
	const char *const *names;
	size_t nr;
} tables[] = {
	[NAMES_MAP_TYPE] = TABLE(map_type_names),	[NAMES_PROG_TYPE] = TABLE(prog_type_names),
	[NAMES_ATTACH_TYPE] = TABLE(attach_type_names), [NAMES_HELPER] = TABLE(helper_names),
	[NAMES_MAP_FLAG] = TABLE(map_flag_names),	[NAMES_PROG_FLAG] = TABLE(prog_flag_names),
};

const char *names_of(enum names_table table, uint32_t number)
{
	return number < tables[table].nr ? tables[table].names[number] : NULL;
}
