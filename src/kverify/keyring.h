/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyring.h - a keyring, and how the kernel finds a key in it.
 *
 * Does: hold certificates and their bytes, replace one that has the same description, find by id.
 * Does not: know messages (verify.h).
 */
#ifndef KVERIFY_KEYRING_H
#define KVERIFY_KEYRING_H

#include "kverify/x509.h"

struct keyring_key {
	struct x509 *cert;
	struct buf der; /* the bytes that the certificate's views point to */
};

struct keyring {
	struct keyring_key *keys; /* in the order in which they were added */
	size_t nr;
	bool unordered; /* the kernel's keyring has other keys as well, so the order of a search is
			   unknown */
};

void keyring_free(struct keyring *keyring);

/* Add CERT, whose views point into DER; the keyring takes over both. Returns 0 or KV_NO_MEMORY. */
int keyring_add(struct keyring *keyring, struct x509 *cert, struct buf *der);

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/asymmetric_type.c: find_asymmetric_key(ID_0, ID_1): the
 * first key that has the id. -ENOKEY: no such key; -EKEYREJECTED: it has ID_0 but not ID_1;
 * -EINVAL: an empty id. KV_CANNOT_TELL: several different keys have the id, and the order of the
 * search is unknown.
 */
int keyring_find(const struct keyring *keyring, const struct kv_id *id_0, const struct kv_id *id_1,
		 const struct x509 **ret);

#endif /* KVERIFY_KEYRING_H */
