/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cms.h - raw signatures become the detached signature that the kernel takes.
 *
 * Detached CMS SignedData (RFC 5652), no certificates, each signer named by subjectKeyIdentifier,
 * or by issuer and serial number when its certificate has none: what the kernel's own tools make.
 * RSA and ECDSA sign without attributes. ML-DSA signs attributes (contentType, messageDigest with
 * SHA-512; neither time nor capabilities): OpenSSL before 4.0 cannot do without (RFC 9882 3.3).
 * Kernels take attributes of all signers or of none: beside ML-DSA, RSA and ECDSA sign them, too.
 *
 * One path for keys at hand and signatures that are made elsewhere:
 *
 *	cms_to_be_signed() -> raw signature (key_sign_raw(), or a service) -> cms_assemble()
 *
 * Signers stand in the order of their DER, as SET OF has it (X.690 11.6), not in that of the
 * caller: the order in which they are given changes no byte.
 *
 * Does: encode, and take PEM off. Does not: hold keys (key.h), or check signatures (kverify/).
 *
 * A door to OpenSSL (CMS).
 */
#ifndef CMS_H
#define CMS_H

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "key/key.h"

/* What one signer contributes. */
struct cms_part {
	struct view cert;      /* DER */
	struct view signature; /* RSA: as long as the modulus; ML-DSA: as FIPS 204 has it; ECDSA:
				* DER Ecdsa-Sig-Value, or r and s, each as long as the curve's order
				*/
};

/*
 * The bytes that the key of CERT (DER) signs alone: CONTENT itself; for ML-DSA the DER of the
 * attributes. HASH is the message digest; ML-DSA always has SHA-512 and takes no notice of it.
 * -ENOTSUP: a key or digest that OpenSSL does not know; -EBADMSG: no certificate; -ENOMEM.
 */
int cms_to_be_signed(struct view cert, enum hash_alg hash, struct hash_input *content,
		     struct buf *ret, struct err *err);

/*
 * The signature of the NR signers of PARTS over CONTENT, or over the attributes if one of them is
 * ML-DSA's; *ret is DER. -EBADMSG: no certificate, or
 * a signature that cannot be one of its key; -EINVAL: none, too many, or the same certificate
 * twice; -ENOTSUP; -ENOMEM. Whether a signature fits is not checked.
 */
int cms_assemble(const struct cms_part *parts, size_t nr, enum hash_alg hash,
		 struct hash_input *content, struct buf *ret, struct err *err);

/* Sign CONTENT with all of SIGNERS; *ret is DER. Errors as key_sign_raw() and cms_assemble(). */
int cms_sign(const struct key_signer *const *signers, size_t nr, enum hash_alg hash,
	     struct hash_input *content, struct buf *ret, struct err *err);

/*
 * A message that somebody else made, as a kernel takes it, into *ret: the DER of a PEM text (PKCS7
 * or CMS), anything else as it is. -EBADMSG: a PEM text that cannot be read, or of something else.
 */
int cms_decode(struct view message, struct buf *ret, struct err *err);

#endif /* CMS_H */
