/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sign.h - signatures over an image, each put to the verdict room before anybody gets to see it.
 *
 * Does: content, signature, exclusive hashes, the check of what was made here or elsewhere.
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
#include "image.h"
#include "kernel.h"
#include "key/key.h"
#include "kverify/kverify.h"
#include "scheme.h"
#include "subject.h"

/* A kernel that trusts one signer alone. */
struct sign_keyring {
	struct kv_keyring *keyring;
	struct kv_answer answer; /* what it says to the certificate */
};

/* What signs, for any number of images; several threads may use it at once. */
struct sign {
	const struct key_signer *signers[KEY_SIGNERS_MAX]; /* borrowed */
	size_t nr_signers;
	enum hash_alg hash;
	bool allow_ambiguous; /* sign a map that makes a hash chain ambiguous */
	kernel_set kernels;   /* each has to load what is signed; 0: those that a scheme is for */
	bool raw;	      /* parts, which need not be a loader: as in struct judge_question */
	bool allow_unknown;   /* see struct judge_question */
	bool allow_uncovered;
	struct sign_keyring keyrings[KEY_SIGNERS_MAX][KV_LINE_NR]; /* sign_begin()'s */
};

/*
 * Make the keyrings of SIGN, of which the members before them are given: with several signers each
 * has to be accepted where it alone is trusted. For an ML-DSA signer it is a kernel that has
 * ML-DSA built in. -ENOTSUP: the certificate cannot be judged; -ENOMEM. sign_end() after both.
 */
int sign_begin(struct sign *sign, struct err *err);
void sign_end(struct sign *sign);

/* One signature that was made: what it is over. */
struct sign_signature {
	enum scheme scheme;
	kernel_set kernels;		  /* those that accept it */
	size_t size;			  /* bytes of DER */
	uint8_t digest[HASH_SHA256_SIZE]; /* sha256 of the content; chain: the content itself */
	char *file;			  /* where a detached signature went, or NULL; owned */
};

/*
 * Make the image of SUBJECT ready for signatures of SCHEMES: those that it has are gone, the
 * exclusive hashes are its own. ERR_REFUSED: an ambiguous map; else as scheme_excl_hash().
 */
int sign_start(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct err *err);

/*
 * Put the signature GIVEN, which was made elsewhere and is taken, into the image of SUBJECT,
 * where sign_start()
 * has been. Fills *ret. An errno of a kernel: it would refuse the certificate or the signature, for
 * -EKEYREJECTED the message says what the signature is of, if that can be told; else as
 * scheme_content() and kv_verify().
 */
int sign_take(const struct sign *sign, struct subject *subject, enum scheme scheme,
	      struct buf *given, struct sign_signature *ret, struct err *err);

/*
 * Put signatures of SCHEMES into the image of SUBJECT, and only these, with the exclusive hashes.
 * Fills signatures[SCHEME_NR] and *ret_nr. An errno of a kernel: it would refuse the certificate or
 * the new signature; else as sign_start(), cms_sign(), scheme_content() and kv_verify(). On failure
 * the image's signatures are not whole.
 */
int sign_image(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct sign_signature *signatures, size_t *ret_nr, struct err *err);

/*
 * After sign_image() or sign_take(): whether each of SIGN->kernels would load SUBJECT, where each
 * signer alone is trusted. A kernel's errno: one would not; errors as judge_image().
 */
int sign_check_kernels(const struct sign *sign, struct subject *subject, struct err *err);

/*
 * Whether the signatures that SUBJECT's image has are over what it holds, as far as SIGN's
 * certificates and the hashes in it can tell. *ret_known: they are, all of them, by these
 * certificates. -EKEYREJECTED: one is not, so something was changed; errors as verdict_ask().
 */
int sign_check_present(const struct sign *sign, struct subject *subject, bool *ret_known,
		       struct err *err);

#endif /* SIGN_H */
