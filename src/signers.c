// SPDX-License-Identifier: BSD-2-Clause
#include "signers.h"

#include "base/util.h"

void signers_free(struct signers *signers)
{
	for (size_t i = 0; i < signers->nr; i++)
		kv_signers_free(&signers->list[i].signers);
	signers->nr = 0;
}

static int read_one(struct view message, const char *scheme, struct signers *signers,
		    struct err *err)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *nobody = NULL;
	struct signers_entry *entry = &signers->list[signers->nr];
	struct hash_input nothing = {.nr = 0};
	int rc;

	if (kv_keyring_new(KV_LINUX_7_3, &nobody))
		return err_nomem(err);
	rc = kv_signers(nobody, &nothing, message, NULL, &entry->signers, err);
	if (rc)
		return rc;
	entry->scheme = scheme;
	entry->message = message;
	signers->nr++;
	return 0;
}

int signers_read(const struct image *image, scheme_set schemes, struct signers *ret,
		 struct err *err)
{
	int rc = 0;

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (image->sig[scheme].data && schemes & SCHEME_BIT(scheme))
			rc = read_one(buf_view(&image->sig[scheme]), scheme_name(scheme), ret, err);
	}
	if (!rc && image->sig_unnamed.data)
		rc = read_one(buf_view(&image->sig_unnamed), "unnamed", ret, err);
	return rc;
}
