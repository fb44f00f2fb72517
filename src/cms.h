/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cms.h - build the detached signature that the kernel accepts from raw signatures.
 *
 * The result is detached CMS SignedData (RFC 5652) without certificates, like that of the kernel's
 * own tools. A signer is named by subjectKeyIdentifier, or by issuer and serial number if its
 * certificate has none. RSA and ECDSA sign without attributes. ML-DSA signs attributes
 * (contentType, and messageDigest with SHA-512; no time, no capabilities), because OpenSSL before
 * 4.0 requires them (RFC 9882 3.3). Kernels require attributes of all signers or of none, so
 * together with ML-DSA, RSA and ECDSA sign attributes as well.
 *
 * Keys at hand and signatures that are made elsewhere take the same path:
 *
 *	cms_to_be_signed() -> raw signature (key_sign_raw(), or a service) -> cms_assemble()
 *
 * Signers are sorted by their DER, as SET OF requires (X.690 11.6), so the order in which they are
 * passed does not change the result.
 *
 * Does: encode messages, and decode PEM. Does not: hold keys (key.h does), or verify signatures
 * (kverify/ does).
 *
 * One of the rooms that may use OpenSSL (here: CMS).
 */
#ifndef CMS_H
#define CMS_H

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "key/key.h"

/* One signer's contribution. */
struct cms_part {
	struct view cert;      /* DER */
	struct view signature; /* RSA: as long as the modulus; ML-DSA: as in FIPS 204; ECDSA: DER
				  Ecdsa-Sig-Value, or r and s, each as long as the curve's order */
};

/*
 * The bytes that the key of CERT (DER) signs if it is the only signer: CONTENT itself; for ML-DSA
 * the DER of the attributes. HASH is the message digest; ML-DSA ignores it and uses SHA-512.
 * -ENOTSUP: OpenSSL does not support the key or the digest; -EBADMSG: CERT is not a certificate;
 * -ENOMEM.
 */
int cms_to_be_signed(struct view cert, enum hash_alg hash, struct hash_input *content,
		     struct buf *ret, struct err *err);

/*
 * Build the message (DER) of the NR signers of PARTS, whose signatures cover CONTENT or, if one of
 * them has an ML-DSA key, the attributes. -EBADMSG: a malformed certificate, or a signature that
 * its key cannot have made; -EINVAL: no signer, too many, or the same certificate twice; -ENOTSUP;
 * -ENOMEM. The signatures are not verified.
 */
int cms_assemble(const struct cms_part *parts, size_t nr, enum hash_alg hash,
		 struct hash_input *content, struct buf *ret, struct err *err);

/*
 * Sign CONTENT with all of SIGNERS, into a message (DER). Errors as key_sign_raw() and
 * cms_assemble().
 */
int cms_sign(const struct key_signer *const *signers, size_t nr, enum hash_alg hash,
	     struct hash_input *content, struct buf *ret, struct err *err);

/*
 * Convert a message that another program made to DER: PEM (PKCS7 or CMS) is decoded, anything else
 * is copied. -EBADMSG: malformed PEM, PEM of something else, or S/MIME.
 */
int cms_decode(struct view message, struct buf *ret, struct err *err);

/*
 * What "openssl cms" reads of CONTENT, a file, and signs if it is not told that it is binary: lines
 * up to their first NUL, which end with CR LF, up to a line that begins with NUL. To recognize such
 * a signature. *ret->failed: no memory.
 */
void cms_as_text(struct view content, struct buf *ret);

#endif /* CMS_H */
