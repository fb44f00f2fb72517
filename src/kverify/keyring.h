/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyring.h - keys, and how the kernel finds one.
 *
 * Does: hold certificates with their bytes, replace one of the same description, find by id.
 * Does not: know messages (verify.h).
 */
#ifndef KVERIFY_KEYRING_H
#define KVERIFY_KEYRING_H

#include "kverify/x509.h"

struct keyring_key {
	struct x509 *cert;
	struct buf der; /* what the certificate's views go into */
};

struct keyring {
	struct keyring_key *keys; /* in the order in which they were added */
	size_t nr;
	bool unordered; /* the kernel's has other keys, too: which key it meets first is open */
};

void keyring_free(struct keyring *keyring);

/* Add CERT, which goes into DER; both are taken over. 0 or KV_NO_MEMORY. */
int keyring_add(struct keyring *keyring, struct x509 *cert, struct buf *der);

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/asymmetric_type.c: find_asymmetric_key(ID_0, ID_1): the
 * first key that answers. -ENOKEY: there is none; -EKEYREJECTED: ID_0 fits, ID_1 does not; -EINVAL:
 * an empty id. KV_CANNOT_TELL: several answer, they are not alike, and which is the first is open.
 */
int keyring_find(const struct keyring *keyring, const struct kv_id *id_0, const struct kv_id *id_1,
		 const struct x509 **ret);

#endif /* KVERIFY_KEYRING_H */
