// SPDX-License-Identifier: BSD-2-Clause
/* The configuration of a kernel (sign --kconfig): .config or config.gz. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "kconfig.h"

/* Whether PART lies in TEXT. */
static bool is_within(struct view part, struct view text)
{
	return !part.size ||
	       (part.data >= text.data && part.size <= text.size - (size_t)(part.data - text.data));
}

static void check(const struct kconfig *config, const struct kconfig_option *option)
{
	char *name = view_strdup(option->name);
	struct view found;

	FUZZ_MUST(name && !strncmp(name, "CONFIG_", 7) && name[7] &&
		  fuzz_is_printable(option->name, false));
	FUZZ_MUST(is_within(option->name, buf_view(&config->text)) &&
		  is_within(option->value, buf_view(&config->text)));
	found = kconfig_find(config, name);
	FUZZ_MUST(found.data && view_equal(found, option->value));
	free(name);
}

/* Each option is found; one may be there twice, with the same value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_kconfig_ struct kconfig config = {0};
	struct err err = {0};

	if (kconfig_parse(view_of(data, size), &config, &err)) {
		FUZZ_MUST(*err.text && fuzz_is_printable(view_str(err.text), false) && !config.nr);
		return 0;
	}
	FUZZ_MUST(config.nr && config.text.size <= KCONFIG_SIZE_MAX);
	for (size_t i = 0; i < config.nr; i++)
		check(&config, &config.list[i]);
	return 0;
}
