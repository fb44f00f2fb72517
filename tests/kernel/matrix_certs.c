// SPDX-License-Identifier: BSD-2-Clause
/*
 * matrix_certs.c - certificates: what add_key() says to them, and what is then verified with them.
 *
 * The leaf's certificate is not self-signed, so nobody asks whether its signature holds: it stands
 * for any certificate with what is changed here. Extensions of the leaf, children of "0/7/0":
 * basicConstraints, keyUsage, extendedKeyUsage, subjectKeyIdentifier, authorityKeyIdentifier.
 */
#include "base/util.h"
#include "matrix.h"

#define LEAF .sign.key = KEY_LEAF

const struct row cert_rows[] = {
	{"certificate with trailing bytes", "0", .edit_cert = add_zeros},
	{"certificate truncated", "ENOKEY", "EBADMSG", .edit_cert = cut_one},
	{"certificate empty", "ENOKEY", "EINVAL", .edit_cert = be_empty},
	{"certificate is text", "ENOKEY", "EBADMSG", .edit_cert = be_text},
	{"certificate of 65535 bytes, filled up behind the DER", "0", .edit_cert = grow_to_decoder},
	{"certificate of 65536 bytes, filled up behind the DER", "ENOKEY", "EMSGSIZE",
	 .edit_cert = grow_over_decoder},
	{"certificate of 1 MiB, filled up behind the DER", "ENOKEY", "EINVAL",
	 .edit_cert = grow_over_key},
	{"certificate of indefinite length", "0", LEAF, .cert_bends = {FORM("", DER_INDEFINITE)}},
	{"certificate with an inner indefinite length", "0", LEAF,
	 .cert_bends = {FORM("0/7/0", DER_INDEFINITE)}},
	{"certificate with a length that is not the shortest", "0", LEAF,
	 .cert_bends = {FORM("0/1", DER_PADDED)}},

	{"self-signed certificate, RSA, its own signature flipped", "ENOKEY", "EINVAL",
	 .edit_cert = flip_last},
	{"self-signed certificate, P-256, its own signature flipped", "ENOKEY", "EKEYREJECTED",
	 .sign.key = KEY_P256, .edit_cert = flip_last},
	{"self-signed certificate with another serial number", "ENOKEY", "EKEYREJECTED",
	 .cert_bends = {SET("0/1", "\x01")}},
	{"self-signed certificate given another subject: not self-signed any more", "0",
	 .cert_bends = {SET("0/5/0/0/1", "another")}},
	{"certificate issued by another, its signature flipped", "0", LEAF, .edit_cert = flip_last},

	{"version of the certificate is 8", "0", LEAF, .cert_bends = {SET("0/0/0", "\x07")}},
	{"unknown signature algorithm in the certificate", "ENOKEY", "ENOPKG", LEAF,
	 .cert_bends = {SET("0/2/0", "\x2a\x03\x04"), SET("1/0", "\x2a\x03\x04")}},
	{"another signature algorithm outside of the certificate's signed part", "ENOKEY", "EINVAL",
	 LEAF, .cert_bends = {SET("1/0", "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c")}},
	{"signature of the certificate with unused bits", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("2", "\x01\x80")}},
	{"unknown key algorithm in the certificate", "ENOKEY", "ENOPKG", LEAF,
	 .cert_bends = {SET("0/6/0/0", "\x2a\x03\x04")}},
	{"unknown curve in the certificate", "ENOKEY", "ENOPKG", .sign.key = KEY_DEEP,
	 .cert_bends = {SET("0/6/0/1", "\x2a\x03\x04")}},
	{"no curve in the certificate", "ENOKEY", "EBADMSG", .sign.key = KEY_DEEP,
	 .cert_bends = {DROP("0/6/0/1")}},
	{"key of a certificate that is no key", "EKEYREJECTED", LEAF,
	 .cert_bends = {SET("0/6/1", "\0\x30\0")}},
	{"issuer of the certificate empty", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/3", "")}},
	{"subject of the certificate empty", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/5", "")}},
	{"30 February in the certificate's validity", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/4/0", "250230000000Z")}},
	{"GeneralizedTime for a year that UTCTime has", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/4/0", "20250101000000Z"), TAG("0/4/0", "\x18")}},

	{"certificate without extensions", "ENOKEY", LEAF, .cert_bends = {DROP("0/7")}},
	{"critical extension that nobody knows", "0", LEAF,
	 .cert_bends = {ADD("0/7/0/0", "\x30\x06\x03\x2a\x03\x04\x01\x01\xff\x04\x02\x05\0")}},
	{"basicConstraints say CA", "0", LEAF,
	 .cert_bends = {SET("0/7/0/0/2", "\x30\x03\x01\x01\xff")}},
	{"basicConstraints say CA:FALSE", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/0/2", "\x30\x03\x01\x01\0")}},
	{"basicConstraints are no list", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/0/2", "\x04\0")}},
	{"basicConstraints empty", "ENOKEY", "EBADMSG", LEAF, .cert_bends = {SET("0/7/0/0/2", "")}},
	{"certificate without keyUsage", "0", LEAF, .cert_bends = {DROP("0/7/0/1")}},
	{"keyUsage is no bit string", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/1/2", "\x04\x02\x07\x80")}},
	{"keyUsage empty", "ENOKEY", "EBADMSG", LEAF, .cert_bends = {SET("0/7/0/1/2", "")}},
	{"keyUsage for certificates only", "0", LEAF,
	 .cert_bends = {SET("0/7/0/1/2", "\x03\x02\x02\x04")}},
	{"subjectKeyIdentifier is no octet string", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/3/1", "\x03\x02\x07\x80")}},
	{"subjectKeyIdentifier of no bytes", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/3/1", "\x04\0")}},
	{"subjectKeyIdentifier twice", "ENOKEY", "EBADMSG", LEAF, .cert_bends = {TWICE("0/7/0/3")}},
	{"subjectKeyIdentifier of another key", "ENOKEY", LEAF,
	 .cert_bends = {SET("0/7/0/3/1", "\x04\x04none")}},
	{"authorityKeyIdentifier is no list", "ENOKEY", "EBADMSG", LEAF,
	 .cert_bends = {SET("0/7/0/4/1", "\x04\0")}},
	{"authorityKeyIdentifier dropped", "0", LEAF, .cert_bends = {DROP("0/7/0/4")}},
};

const size_t nr_cert_rows = ARRAY_SIZE(cert_rows);
