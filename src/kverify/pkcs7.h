/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pkcs7.h - PKCS#7 and CMS SignedData as the kernel reads it.
 *
 * Does: parse a message with its signers and certificates (pkcs7.c), check that it holds in itself
 * (pkcs7_verify.c), and go from it to a trusted key (pkcs7_trust.c).
 * Does not: choose keyrings or know about revocation (kverify.c).
 */
#ifndef KVERIFY_PKCS7_H
#define KVERIFY_PKCS7_H

#include "kverify/keyring.h"
#include "kverify/oid.h"
#include "kverify/x509.h"

/* What was seen among the signed attributes of one signer; each may be there once. */
enum pkcs7_attribute {
	PKCS7_HAS_CONTENT_TYPE = 1 << 0,
	PKCS7_HAS_SIGNING_TIME = 1 << 1,
	PKCS7_HAS_MESSAGE_DIGEST = 1 << 2,
	PKCS7_HAS_SMIME_CAPABILITIES = 1 << 3,
	PKCS7_HAS_MS_SP_OPUS_INFO = 1 << 4,
	PKCS7_HAS_MS_STATEMENT_TYPE = 1 << 5,
};

/* A SignerInfo; views go into the message. */
struct pkcs7_signer {
	struct pkcs7_signer *next;
	struct kv_id id;    /* subjectKeyIdentifier, or serial number and issuer */
	bool by_key_id;	    /* which of the two */
	struct view issuer; /* the name with its header; id.part[0] is the serial number */
	struct kv_sig sig;

	unsigned int attributes;       /* enum pkcs7_attribute */
	struct view signed_attributes; /* with header; size 0: none */
	struct view message_digest;
	time_t signing_time;

	/* For verification */
	uint8_t digest[HASH_SIZE_MAX];
	struct buf to_be_signed; /* the attributes as they are digested or signed */
	struct x509 *cert;	 /* among the message's, once found */
	bool unsupported_crypto, blacklisted;
};

/* The digest of the content, once it is computed; VALUE goes into BYTES. */
struct pkcs7_digest {
	struct view value;
	uint8_t bytes[HASH_SIZE_MAX];
};

struct pkcs7 {
	uint8_t version;
	enum oid data_type;
	bool has_content; /* not detached */
	struct x509 *certs;
	struct pkcs7_signer *signers;
	struct pkcs7_digest digests[KV_HASH_NR]; /* of one content, that of pkcs7_verify() */
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
int pkcs7_verify(const struct kv_rules *rules, struct pkcs7 *pkcs7, struct view content,
		 struct kv_answer *answer);

/* Linux 6.18 to 7.3, crypto/asymmetric_keys/pkcs7_trust.c: pkcs7_validate_trust() */
int pkcs7_validate_trust(const struct kv_rules *rules, struct pkcs7 *pkcs7,
			 const struct keyring *keyring, struct kv_answer *answer);

/*
 * Two certificates that are not the same: one of REVOKED, into *ret_revoked, and one that counts
 * for PKCS7 - its own, or one of TRUSTED that it names - which have in common what two certificates
 * do not have by chance: 16 bytes in a row of the key or of the signature, the
 * subjectKeyIdentifier, or serial number and issuer. NULL: there are none. (In pkcs7_alike.c; no
 * kernel asks this.)
 */
const struct x509 *pkcs7_find_alike(const struct pkcs7 *pkcs7, const struct keyring *trusted,
				    const struct keyring *revoked, const struct x509 **ret_revoked);

#endif /* KVERIFY_PKCS7_H */
