/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pkcs7.h - PKCS#7 and CMS SignedData as the kernel reads it.
 *
 * Does: parse a message with its signers and certificates (pkcs7.c), check its digests and the
 * signatures by certificates in it (pkcs7_verify.c), and find a trusted key (pkcs7_trust.c).
 * Does not: choose keyrings or handle revocation (kverify.c does).
 */
#ifndef KVERIFY_PKCS7_H
#define KVERIFY_PKCS7_H

#include "kverify/keyring.h"
#include "kverify/oid.h"
#include "kverify/x509.h"

/* The signed attributes of one signer that were read; each may occur once. */
enum pkcs7_attribute {
	PKCS7_HAS_CONTENT_TYPE = 1 << 0,
	PKCS7_HAS_SIGNING_TIME = 1 << 1,
	PKCS7_HAS_MESSAGE_DIGEST = 1 << 2,
	PKCS7_HAS_SMIME_CAPABILITIES = 1 << 3,
	PKCS7_HAS_MS_SP_OPUS_INFO = 1 << 4,
	PKCS7_HAS_MS_STATEMENT_TYPE = 1 << 5,
};

/* A SignerInfo; views point into the message. */
struct pkcs7_signer {
	struct pkcs7_signer *next;
	struct kv_id id;    /* subjectKeyIdentifier, or serial number and issuer */
	bool by_key_id;	    /* which of the two it is */
	struct view issuer; /* the name with its DER header; then id.part[0] is the serial number */
	struct kv_sig sig;

	unsigned int attributes;       /* enum pkcs7_attribute */
	struct view signed_attributes; /* with the DER header; size 0: none */
	struct view message_digest;
	time_t signing_time;

	/* For verification */
	uint8_t digest[HASH_SIZE_MAX];
	struct buf to_be_signed; /* the attributes in the form that is digested or signed */
	struct x509 *cert;	 /* found among the message's, or NULL */
	bool unsupported_crypto, blacklisted;
};

struct pkcs7 {
	uint8_t version;
	enum oid data_type;
	bool has_content; /* not detached */
	struct x509 *certs;
	struct pkcs7_signer *signers;
	struct buf joined; /* the content in one place, where a signer needs that */
};

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_parser.c: pkcs7_parse_message(). DER must live
 * as long as the message. 0, the kernel's errno, or enum kv_no_answer.
 */
int pkcs7_parse(const struct kv_rules *rules, struct view der, struct pkcs7 **ret,
		struct kv_answer *answer);
void pkcs7_free(struct pkcs7 *pkcs7);

DEFINE_CLEANUP(struct pkcs7 *, pkcs7_free)

/*
 * Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_verify.c: pkcs7_verify() over the detached
 * CONTENT, for a usage that takes plain data with or without signed attributes.
 */
int pkcs7_verify(const struct kv_rules *rules, struct pkcs7 *pkcs7, struct hash_input *content,
		 struct kv_answer *answer);

/* Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_trust.c: pkcs7_validate_trust() */
int pkcs7_validate_trust(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			 const struct keyring *keyring, struct kv_answer *answer);

/*
 * Find a certificate that matters for PKCS7 (one in the message, or one of TRUSTED that it names)
 * and is not revoked, but resembles one of REVOKED, which goes into *ret_revoked. Certificates
 * resemble each other if they have in common what two certificates do not have by chance: 16
 * consecutive bytes of the key or of the signature, the subjectKeyIdentifier, or serial number and
 * issuer. NULL: no such certificate. (In pkcs7_alike.c; kernels do not check this.)
 */
const struct x509 *pkcs7_find_alike(const struct pkcs7 *pkcs7, const struct keyring *trusted,
				    const struct keyring *revoked, const struct x509 **ret_revoked);

#endif /* KVERIFY_PKCS7_H */
