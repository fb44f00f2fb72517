/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kverify.h - what a kernel's verify_pkcs7_signature() returns, by the kernel's own rules.
 *
 * This is the room's public header; the others in this folder are private to the room.
 *
 * Does: read BER, X.509 and PKCS#7 as crypto/asymmetric_keys/ does, search the trusted keyring, and
 * determine the errno that a kernel of a given line returns.
 * Does not: interpret the signed content, include an OpenSSL header (pubkey.h checks raw
 * signatures, hash.h computes digests), or print.
 */
#ifndef KVERIFY_H
#define KVERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"

/*
 * A kernel line: released versions with the same rules for signatures. What differs between lines
 * is in kverify/rules.c and docs/KERNEL-RULES.md.
 */
enum kv_line {
	KV_LINUX_6_18, /* 6.18, 6.19 */
	KV_LINUX_7_0,
	KV_LINUX_7_1,
	KV_LINUX_7_2,
	KV_LINUX_7_3,	/* and later, as far as known today */
	KV_LINUX_CHAIN, /* 7.2 with the "BPF signature hash chains" patch set */
	KV_LINE_NR,
};

/* The title of LINE in output: "Linux 7.2". */
const char *kv_line_title(enum kv_line line);

/* The kernel's name of CODE (0 or a negative errno): "EKEYREJECTED", "0". Static, never NULL. */
const char *kv_errno_name(int code);

#define KV_TEXT_MAX 320

/* What the kernel returns, and why, for messages. */
struct kv_answer {
	int code;		  /* 0 or the kernel's negative errno; starts as -EKEYREJECTED */
	char reason[KV_TEXT_MAX]; /* one clause, lower case, printable UTF-8 */
	/*
	 * The first signer: the subject of its certificate if that is in the keyring or the
	 * message; else its issuer if the message names it; else "". For a certificate: its
	 * subject.
	 */
	char signer[KV_TEXT_MAX];
	/*
	 * The first signer's subjectKeyIdentifier or serial number in hex, at most 64 bytes; or "".
	 */
	char key_id[2 * 64 + 1];
};

/* The keys that one kernel trusts. Certificates are checked by the rules of its line. */
struct kv_keyring;

int kv_keyring_new(enum kv_line line, struct kv_keyring **ret);
void kv_keyring_free(struct kv_keyring *keyring);
DEFINE_CLEANUP(struct kv_keyring *, kv_keyring_free)

/* The line that it was made for. */
enum kv_line kv_keyring_line(const struct kv_keyring *keyring);

/*
 * The algorithms that a kernel has, by its .config. Without a .config, a keyring has those of
 * Debian's cloud kernel of its line.
 */
struct kv_config {
	bool verification; /* SYSTEM_DATA_VERIFICATION: without it the kernel rejects every
			      signature */
	bool rsa, ecdsa, mldsa;
	bool sha1, sha256, sha512, sha3, sm3, streebog;
};

/*
 * Parse TEXT, a kernel's .config. Only built-in options (=y) count, because a module may be missing
 * when a signature is checked. -EBADMSG: not a .config.
 */
int kv_config_parse(struct view text, struct kv_config *ret, struct err *err);

/* Let KEYRING, which must be empty, have the algorithms of CONFIG. */
void kv_keyring_configure(struct kv_keyring *keyring, const struct kv_config *config);

/*
 * Do what add_key("asymmetric", ...) does with CERT, a DER certificate; trailing bytes are also
 * handled as the kernel does. Returns 0 if the kernel's answer is known: answer->code is 0, or the
 * errno with which the kernel refuses the certificate, which is then not added. -ENOTSUP with *err:
 * unknown, because OpenSSL cannot check what the kernel can, or because checking the self-signed
 * certificates of this keyring would take more than about half a second (some 4,000 with RSA keys,
 * 200 with ECDSA keys of 521 bits); -ENOMEM.
 *
 * The kernel describes a key by the subject's name and the subjectKeyIdentifier or serial number. A
 * certificate with the same description as an earlier one replaces it and keeps its position. The
 * order of adding matters if several keys have the same id.
 */
int kv_keyring_add(struct kv_keyring *keyring, struct view cert, struct kv_answer *answer,
		   struct err *err);

/*
 * Put CERT on the kernel's revocation list (certs/blacklist.c), as a key and as the hash of its
 * TBSCertificate. Revoke before adding: a revoked certificate that is already in the keyring stays
 * there, but its signatures are rejected. Returns 0; the kernel's errno, with *err, if the kernel
 * would refuse the certificate; -ENOTSUP; -ENOMEM.
 */
int kv_keyring_revoke(struct kv_keyring *keyring, struct view cert, struct err *err);

/*
 * verify_pkcs7_signature(CONTENT, SIGNATURE, KEYRING, VERIFYING_BPF_SIGNATURE) (Linux 6.18 to 7.3,
 * certs/system_keyring.c). Returns 0 if the kernel's answer is known, in *answer. -ENOTSUP:
 * unknown, because OpenSSL cannot check what the kernel can, or because different keys have the
 * same id and the kernel's choice between them is random: in a keyring of more than 16 keys, and on
 * the revocation list. (In a keyring of up to 16 keys it searches in this order: the key that was
 * added first, the last one, the last but one, ..., the second.) -ENOMEM. answer->code is 0 only if
 * a signer is trusted and its signature is valid.
 */
int kv_verify(const struct kv_keyring *keyring, struct hash_input *content, struct view signature,
	      struct kv_answer *answer, struct err *err);

/* The most signers that are listed for a message, which could have more only if they were tiny. */
#define KV_SIGNERS_MAX 16

/* One signer of a message, and what kv_verify() would answer if it were the only signer. */
struct kv_signer {
	bool known; /* the kernel's answer is known; else answer.reason says why not, and
		     * answer.code is unused
		     */
	struct kv_answer answer;
};

struct kv_signers {
	struct kv_signer *list;
	size_t nr;
};

void kv_signers_free(struct kv_signers *signers);

#define _kv_signers_ _cleanup_(kv_signers_free)

/*
 * List the signers of SIGNATURE in its order, at most KV_SIGNERS_MAX; none if the kernel cannot
 * parse the message. The verdict on the message follows from theirs (Linux 6.18 to 7.3,
 * crypto/asymmetric_keys/pkcs7_verify.c: pkcs7_verify(), pkcs7_trust.c: pkcs7_validate_trust()):
 * one accepted signer is enough, the others may be ENOKEY or ENOPKG, and anything else rejects the
 * message. To list only the signers' names, an empty keyring and no content are enough. -ENOMEM.
 *
 * WHOLE is the answer of kv_verify() to the same arguments, which is reused for a message with one
 * signer; or NULL.
 */
int kv_signers(const struct kv_keyring *keyring, struct hash_input *content, struct view signature,
	       const struct kv_answer *whole, struct kv_signers *ret, struct err *err);

#endif /* KVERIFY_H */
