/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x509.h - certificates as the kernel reads them.
 *
 * Does: parse a certificate, compute its ids and the digest of its TBSCertificate, and check
 * whether it is self-signed.
 * Does not: check validity times (the kernel does not) or what extensions restrict.
 */
#ifndef KVERIFY_X509_H
#define KVERIFY_X509_H

#include <time.h>

#include "hash.h"
#include "kverify/ber.h"
#include "kverify/id.h"
#include "kverify/rules.h"
#include "kverify/sigcheck.h"

/* The longest description of a name: organization, ": ", common name, each at most 255 bytes. */
#define X509_NAME_MAX (255 + 2 + 255)

/* A certificate; all views point into the bytes that it was parsed from. */
struct x509 {
	struct view serial, issuer, subject, subject_key_id, tbs;
	uint8_t name[X509_NAME_MAX]; /* the subject's, as the kernel describes it */
	size_t name_size;
	struct kv_key key;
	time_t valid_from, valid_to;

	struct kv_sig sig;
	uint8_t digest[HASH_SIZE_MAX]; /* of tbs; sig.over points to it */
	uint8_t tbs_sha256[HASH_SHA256_SIZE];

	struct kv_id id;	    /* serial number and issuer */
	struct kv_id skid;	    /* subjectKeyIdentifier */
	struct kv_id authority;	    /* authorityKeyIdentifier: serial number and issuer */
	struct kv_id authority_key; /* authorityKeyIdentifier: keyIdentifier */

	bool self_signed;
	bool unsupported_sig; /* the kernel cannot check its signature */

	/* For pkcs7.h: the other certificates of the message, and marks of the search. */
	struct x509 *next, *signer;
	bool blacklisted, seen, verified;
};

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/x509_cert_parser.c: x509_cert_parse(), up to its last
 * step, x509_check_self_signed(). DER must live as long as the certificate. 0, the kernel's errno,
 * or enum kv_no_answer.
 */
int x509_parse(const struct kv_rules *rules, struct view der, struct x509 **ret,
	       struct kv_answer *answer);
void x509_free(struct x509 *cert);
DEFINE_CLEANUP(struct x509 *, x509_free)

/*
 * The last step of x509_cert_parse() (x509_public_key.c: x509_check_for_self_signed()): check
 * whether the certificate is self-signed. This step takes most of the time. Returns as
 * x509_parse().
 */
int x509_check_self_signed(const struct kv_rules *rules, struct x509 *cert,
			   struct kv_answer *answer);

/*
 * For x509.c: compute the digest of the TBSCertificate (x509_public_key.c: x509_get_sig_params()).
 */
int x509_digest(const struct kv_rules *rules, struct x509 *cert, struct kv_answer *answer);

/*
 * Describe the X.500 name NAME (the SEQUENCE with its header) as the kernel does, escaped, in ROOM
 * bytes at DST; "" if it cannot be read.
 */
void x509_describe_name(struct view name, char *dst, size_t room);

/* x509_decode_time(): the time in the element that was read last. -EBADMSG: malformed. */
int x509_read_time(struct ber *ber, time_t *ret);

#endif /* KVERIFY_X509_H */
