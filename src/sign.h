/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sign.h - make signatures of an image, each verified by the rules of the verdict room at once.
 *
 * Does: make signatures and exclusive hashes; verify signatures that were made here or elsewhere.
 * Does not: load keys, change the loader (prepare.h), write files, or print.
 */
#ifndef SIGN_H
#define SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cms.h"
#include "hash.h"
#include "image/image.h"
#include "kernel.h"
#include "key/key.h"
#include "kverify/kverify.h"
#include "scheme.h"
#include "subject.h"

/* The keyring of a kernel that trusts only one signer. */
struct sign_keyring {
	struct kv_keyring *keyring;
	struct kv_answer answer; /* its answer to the certificate */
};

/* The signers and rules for any number of images. Several threads may use it at once. */
struct sign {
	const struct key_signer *signers[KEY_SIGNERS_MAX]; /* borrowed */
	size_t nr_signers;
	enum hash_alg hash;
	bool allow_ambiguous; /* allow a map that makes a hash chain ambiguous */
	kernel_set kernels; /* each must load the signed image; 0: those that each scheme is for */
	bool raw;	    /* raw input: see struct judge_question */
	bool allow_unknown; /* see struct judge_question */
	bool allow_uncovered;
	struct sign_keyring keyrings[KEY_SIGNERS_MAX][KV_LINE_NR]; /* sign_begin()'s */
};

/*
 * Make the keyrings of SIGN, whose other members must be set. With several signers, each must be
 * accepted by a kernel that trusts only that signer; for an ML-DSA signer, a kernel with ML-DSA
 * built in. -ENOTSUP: the kernel's answer to a certificate is unknown; -ENOMEM. Call sign_end()
 * even after a failure.
 */
int sign_begin(struct sign *sign, struct err *err);
void sign_end(struct sign *sign);

/* A new or attached signature. */
struct sign_signature {
	enum scheme scheme;
	kernel_set kernels;		  /* the kernels that accept it */
	size_t size;			  /* bytes of DER */
	uint8_t digest[HASH_SHA256_SIZE]; /* sha256 of the content; chain: the content itself */
	char *file;			  /* the file of a detached signature, or NULL; owned */
};

/*
 * Prepare the image of SUBJECT for signatures of SCHEMES: remove its signatures and compute its
 * exclusive hashes. ERR_REFUSED: an ambiguous map; else as scheme_excl_hash().
 */
int sign_start(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct err *err);

/*
 * Put the signature GIVEN, which was made elsewhere and is taken over, into the image of SUBJECT,
 * after sign_start(). Fills *ret. An errno of a kernel: it would refuse the certificate or the
 * signature; for -EKEYREJECTED the message says what the signature belongs to, if that is known;
 * else as scheme_content() and kv_verify().
 */
int sign_take(const struct sign *sign, struct subject *subject, enum scheme scheme,
	      struct buf *given, struct sign_signature *ret, struct err *err);

/*
 * Sign the image of SUBJECT with SCHEMES, replacing all signatures that it has. Fills
 * signatures[SCHEME_NR] and *ret_nr. An errno of a kernel: it would refuse the certificate or the
 * new signature; else as sign_start(), cms_sign(), scheme_content() and kv_verify(). After a
 * failure the image may have only some of the signatures.
 */
int sign_image(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct sign_signature *signatures, size_t *ret_nr, struct err *err);

/*
 * Sign a text that is not a program with all signers, and check that the newest kernel would accept
 * it from each; the signature is dropped. Errors as sign_image().
 */
int sign_check_signers(const struct sign *sign, struct err *err);

/*
 * After sign_image() or sign_take(): check that each of SIGN->kernels would load SUBJECT, trusting
 * only one signer at a time. A kernel's errno: one would not; else as judge_image().
 */
int sign_check_kernels(const struct sign *sign, struct subject *subject, struct err *err);

/*
 * Check that the present signatures of SUBJECT's image match its content, as far as SIGN's
 * certificates and the hashes in the image allow. *ret_known: all of them do, and were made by
 * these signers. -EKEYREJECTED: one does not, so something was changed; else as verdict_ask().
 */
int sign_check_present(const struct sign *sign, struct subject *subject, bool *ret_known,
		       struct err *err);

#endif /* SIGN_H */
