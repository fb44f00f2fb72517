// SPDX-License-Identifier: BSD-2-Clause
/* Certificates, as they come into a keyring or onto a revocation list. */
#include <errno.h>

#include "fuzz.h"

/* What a kernel of LINE answers to CERT, twice in one keyring. */
static int add_twice(enum kv_line line, const struct kv_config *config, struct view cert)
{
	struct kv_answer answer = {0}, again = {0};
	struct kv_keyring *keyring = NULL;
	struct err err = {0};
	int rc;

	FUZZ_MUST(!kv_keyring_new(line, &keyring));
	if (config)
		kv_keyring_configure(keyring, config);
	rc = kv_keyring_add(keyring, cert, &answer, &err);
	FUZZ_MUST(!rc || (rc == -ENOTSUP && *err.text));
	FUZZ_MUST(rc || (answer.code <= 0 && (*answer.reason || !answer.code)));
	FUZZ_MUST(fuzz_is_printable(view_str(answer.reason), false));
	FUZZ_MUST(fuzz_is_printable(view_str(answer.signer), false));
	FUZZ_MUST(kv_keyring_add(keyring, cert, &again, &err) == rc && again.code == answer.code);
	if (!rc && !answer.code) {
		FUZZ_MUST(!kv_keyring_revoke(keyring, cert, &err));
		FUZZ_MUST(!kv_keyring_add(keyring, cert, &again, &err) &&
			  again.code == -EKEYREJECTED);
	}
	kv_keyring_free(keyring);
	return rc ? rc : answer.code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	add_twice(KV_LINUX_7_3, &fuzz_all_algorithms, view_of(data, size));
	add_twice(KV_LINUX_6_18, NULL, view_of(data, size));
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_der(data, size, max, seed);
}
