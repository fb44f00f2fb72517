/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cms.h - bytes and a signer give a detached signature, as the kernel takes it.
 *
 * Detached CMS SignedData (RFC 5652), no certificates, no attributes, the signer named by
 * subjectKeyIdentifier, or by issuer and serial number when its certificate has none: what the
 * kernel's own tools make.
 *
 * Does: sign. Does not: load keys (key.h) or verify (kverify/).
 *
 * A door to OpenSSL (CMS).
 */
#ifndef CMS_H
#define CMS_H

#include "buf.h"
#include "err.h"
#include "hash.h"
#include "key.h"

/* Sign CONTENT; *ret is DER. -EKEYREJECTED: the key or token refused; -ENOTSUP; -ENOMEM. */
int cms_sign(const struct key_signer *signer, enum hash_alg hash, struct view content,
	     struct buf *ret, struct err *err);

#endif /* CMS_H */
