/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kverify.h - what a kernel's verify_pkcs7_signature() would answer, by its own rules.
 *
 * This is the door of the room; the other headers here are for the room itself.
 *
 * Does: BER, X.509 and PKCS#7 as crypto/asymmetric_keys/ reads them, the trusted keyring, and
 * the errno a kernel of a given line answers.
 * Does not: know what the content is, include an OpenSSL header (raw signatures are checked by
 * pubkey.h, digests by hash.h), or print.
 */
#ifndef KVERIFY_H
#define KVERIFY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Where kernel lines differ: one row each, in kverify/rules.c and docs/KERNEL-RULES.md. */
enum kv_line {
	KV_LINUX_6_18, /* 6.18, 6.19 */
	KV_LINUX_7_0,
	KV_LINUX_7_1,
	KV_LINUX_7_2,
	KV_LINUX_7_3,	/* and later, as far as known */
	KV_LINUX_CHAIN, /* 7.2 with the "BPF signature hash chains" patch set */
	KV_LINE_NR,
};

/* "6.18", "7.0", "7.1", "7.2", "7.3", "chain"; and for people, "Linux 7.2". */
const char *kv_line_name(enum kv_line line);
const char *kv_line_title(enum kv_line line);

/* The line that --kernel=TEXT means: a name above or any version within it, "6.19.5" is 6.18's. */
int kv_line_parse(const char *text, enum kv_line *ret, struct err *err);

/* The kernel's symbol for CODE (0 or a negative errno): "EKEYREJECTED", "0"; never NULL. */
const char *kv_errno_name(int code);

#define KV_TEXT_MAX 320

/* What the kernel answers, and why, for people. */
struct kv_answer {
	int code;		  /* 0 or the kernel's negative errno; starts as -EKEYREJECTED */
	char reason[KV_TEXT_MAX]; /* one clause, lower case, printable ASCII */
	/* The first signer's name: its certificate's subject if that is in the keyring or in the
	 * message, else its issuer if the message says so, else "". Of a certificate: its subject.
	 */
	char signer[KV_TEXT_MAX];
	/* What it goes by, hex, cut at 64 bytes: subjectKeyIdentifier or serial number; or "". */
	char key_id[2 * 64 + 1];
};

/* The keys one kernel trusts. Certificates are judged by the rules of LINE. */
struct kv_keyring;

int kv_keyring_new(enum kv_line line, struct kv_keyring **ret);
void kv_keyring_free(struct kv_keyring *keyring);
DEFINE_CLEANUP(struct kv_keyring *, kv_keyring_free)

/*
 * Which algorithms a kernel has, as its .config says. Without one, a keyring is that of Debian's
 * cloud kernel of its line.
 */
struct kv_config {
	bool verification; /* SYSTEM_DATA_VERIFICATION: without it nothing is ever accepted */
	bool rsa, ecdsa, mldsa;
	bool sha1, sha256, sha512, sha3, sm3, streebog;
};

/*
 * Read TEXT, a kernel's .config. What is built in (=y) counts; a module does not, because it may
 * not be there when a signature is checked. -EBADMSG: not a .config.
 */
int kv_config_parse(struct view text, struct kv_config *ret, struct err *err);

/* Make KEYRING, still empty, that of a kernel with CONFIG. */
void kv_keyring_configure(struct kv_keyring *keyring, const struct kv_config *config);

/*
 * add_key("asymmetric", ...) with the DER certificate CERT (bytes behind it are the kernel's to
 * judge, too). Returns 0 when there is an answer: answer->code is 0, or the errno with which the
 * kernel refuses, and then the certificate is not in the keyring. -ENOTSUP with *err: cannot tell
 * (OpenSSL cannot check what the kernel can; with all others it is more work than half a second:
 * some 4,000 with RSA keys, 200 with ECDSA keys of 521 bits); -ENOMEM.
 *
 * The key goes by the description that the kernel makes up: the subject's name, and the
 * subjectKeyIdentifier or serial number. A certificate of the same description is replaced, in its
 * place: the order in which keys are added counts where several go by one id.
 */
int kv_keyring_add(struct kv_keyring *keyring, struct view cert, struct kv_answer *answer,
		   struct err *err);

/*
 * Put CERT on the kernel's revocation list (certs/blacklist.c: as a key, and as the hash of what it
 * has signed). Revoke before adding: what is in the keyring stays there, but is of no use. 0; the
 * kernel's errno for a certificate that it cannot take, with *err; -ENOTSUP; -ENOMEM.
 */
int kv_keyring_revoke(struct kv_keyring *keyring, struct view cert, struct err *err);

/*
 * verify_pkcs7_signature(CONTENT, SIGNATURE, KEYRING, VERIFYING_BPF_SIGNATURE) (Linux 6.18 to
 * 7.3, certs/system_keyring.c). Returns 0 when there is an answer, in *answer; -ENOTSUP: cannot
 * tell, because OpenSSL cannot, or because keys that differ go by one id and the kernel's choice
 * between them is chance: in a keyring of more than 16 keys, and on the revocation list. In one of
 * up to 16 it finds them in this order: the one that was added first, the last one, the last but
 * one, ..., the second. -ENOMEM. Never "accepted" unless a signer is trusted and its
 * signature fits.
 */
int kv_verify(const struct kv_keyring *keyring, struct view content, struct view signature,
	      struct kv_answer *answer, struct err *err);

/* As many signers of one message are listed; one that BPF takes has room for more, if tiny. */
#define KV_SIGNERS_MAX 16

/* One of the signers of a message: what kv_verify() would say to the message with it alone. */
struct kv_signer {
	bool told; /* else kv_verify() could not tell: answer.reason says why, answer.code nothing
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
 * The signers of SIGNATURE in its order, at most KV_SIGNERS_MAX; none if the kernel cannot read the
 * message. The verdict on the message follows from them (Linux 6.18 to 7.3,
 * crypto/asymmetric_keys/pkcs7_verify.c: pkcs7_verify(), pkcs7_trust.c: pkcs7_validate_trust()):
 * one that is accepted is enough, others may be ENOKEY or ENOPKG, anything else rejects it. Who
 * signs may hence be told by a keyring of nobody and no content. -ENOMEM.
 *
 * WHOLE is what kv_verify() has said to the same, which is then not asked again of a message with
 * one signer; or NULL.
 */
int kv_signers(const struct kv_keyring *keyring, struct view content, struct view signature,
	       const struct kv_answer *whole, struct kv_signers *ret, struct err *err);

#endif /* KVERIFY_H */
