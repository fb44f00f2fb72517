// SPDX-License-Identifier: BSD-2-Clause
/* PKCS#7 messages: BER, parser, verification, trust; by the keys of keys/test. */
#include <errno.h>
#include <string.h>

#include "fuzz.h"

static struct kv_keyring *keyrings[2];

static int ask(const struct kv_keyring *keyring, struct view content, struct view message)
{
	struct hash_input input = hash_input_of(content);
	struct kv_answer answer;
	struct err err = {0};
	int rc = kv_verify(keyring, &input, message, &answer, &err);

	FUZZ_MUST(!rc || (rc == -ENOTSUP && *err.text));
	FUZZ_MUST(rc || (answer.code <= 0 && *answer.reason));
	FUZZ_MUST(fuzz_is_printable(view_str(answer.reason), false));
	FUZZ_MUST(fuzz_is_printable(view_str(answer.signer), false));
	return rc ? rc : answer.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct view message = view_of(data, size);

	if (!keyrings[0]) {
		keyrings[0] = fuzz_keyring(KV_LINUX_7_3, &fuzz_all_algorithms);
		keyrings[1] = fuzz_keyring(KV_LINUX_6_18, NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(keyrings); i++) {
		int first = ask(keyrings[i], FUZZ_CONTENT, message);

		/* Nobody signed the other content. */
		FUZZ_MUST(first || ask(keyrings[i], view_lit("s1gned content"), message));
	}
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_der(data, size, max, seed);
}
