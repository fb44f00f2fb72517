// SPDX-License-Identifier: BSD-2-Clause
/* A kernel's .config. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kv_config config;
	struct err err = {0};
	int rc = kv_config_parse(view_of(data, size), &config, &err);

	FUZZ_MUST(!rc || (rc == err.code && *err.text));
	return 0;
}
