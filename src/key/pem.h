/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pem.h - find the certificates in the bytes of a file: one or several in DER, or PEM blocks (RFC
 * 7468).
 *
 * Nothing is skipped: what is neither a certificate nor clearly a comment is an error. If a damaged
 * block in a list of revoked certificates were skipped, its certificate would be accepted.
 *
 * - A file that begins as DER does (0x30, then a length of 128 bytes or more) is read as DER: one
 *   certificate after the other, and nothing after the last.
 * - Anything else is read as text. A block's markers are on separate lines and exact; the lines
 *   between them are base64; it holds exactly one certificate.
 * - Text outside of blocks is a comment. A line that resembles a marker, base64 or a control
 *   character is an error. Lines end with LF or CR LF.
 *
 * Does: find the certificates. Does not: parse one (kverify/ does), read files (key_cert.c does),
 * or use OpenSSL.
 */
#ifndef PEM_H
#define PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum pem_kind {
	PEM_CERTIFICATE, /* CERTIFICATE, X509 CERTIFICATE, or DER */
	PEM_TRUSTED, /* TRUSTED CERTIFICATE: OpenSSL's format, which adds data after the certificate
		      */
	PEM_OTHER,   /* a private key, a revocation list, or anything else */
};

struct pem_item {
	enum pem_kind kind;
	struct view label; /* of a block, from its marker; else empty */
	struct view der;   /* empty for PEM_OTHER, whose lines are not decoded */
	unsigned int line; /* of the block's first marker, counted from 1; 0: DER */
	size_t offset;	   /* of a DER certificate in the file */
	bool alone;	   /* the file holds nothing else */
};

/*
 * Call CALL for each certificate and block in CONTENT, in order; the first failure ends the walk
 * and is returned. A single DER element that is cut off, or whose length is malformed, is passed on
 * as it is, so that the kernel's rules decide about it. -EBADMSG, with the line or the offset:
 * something is neither a certificate nor a comment; ERR_NO_CERT: the file is empty, or a text
 * without a block; -ENOMEM.
 */
int pem_each(struct view content,
	     int (*call)(void *arg, const struct pem_item *item, struct err *err), void *arg,
	     struct err *err);

#endif /* PEM_H */
