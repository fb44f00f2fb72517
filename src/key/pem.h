/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pem.h - the certificates in the bytes of a file: DER, one or several, or PEM blocks (RFC 7468).
 *
 * Every byte is read, or it is an error. A list of revoked certificates that is read in part is
 * worse than none: what stands in the part that was skipped is accepted.
 *
 * - A file that begins as DER does (0x30, then a length of 128 bytes or more) is DER, whatever else
 *   is in it: one certificate after the other, and nothing behind the last.
 * - Anything else is text. A block's markers stand on lines of their own and are exact; its lines
 *   are base64 with nothing between; it holds one certificate and no byte more.
 * - Text outside of blocks is a comment, unless it may be a damaged block: a line that resembles a
 *   marker, a line of base64, or a character that no text has. Lines end with LF or CR LF.
 *
 * Does: find the certificates. Does not: look into one (kverify/), know files (key_cert.c), or use
 * OpenSSL.
 */
#ifndef PEM_H
#define PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum pem_kind {
	PEM_CERTIFICATE, /* CERTIFICATE, X509 CERTIFICATE, or DER */
	PEM_TRUSTED, /* TRUSTED CERTIFICATE: OpenSSL's, with what it adds after the certificate */
	PEM_OTHER,   /* a private key, a revocation list, or anything else */
};

struct pem_item {
	enum pem_kind kind;
	struct view label; /* of a block, as it stands in its marker; else empty */
	struct view der;   /* not of PEM_OTHER: its lines are not decoded */
	unsigned int line; /* of the block's first marker, from 1; 0: DER */
	size_t offset;	   /* of DER in the file */
	bool alone;	   /* it is the whole file */
};

/*
 * Make CALL for each certificate and block in CONTENT, in order; a failure of CALL ends the walk
 * and is returned. DER that ends before its length says, or whose length cannot be read, is handed
 * on as it is where the file has nothing else: what a kernel makes of it is the kernel's to say.
 * -EBADMSG with the line or the offset: something that is not read; -ENODATA: the file is empty, or
 * a text without any block; -ENOMEM.
 */
int pem_each(struct view content,
	     int (*call)(void *arg, const struct pem_item *item, struct err *err), void *arg,
	     struct err *err);

#endif /* PEM_H */
