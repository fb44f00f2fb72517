/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * signers.h - the signatures of an image, and the signers that they name.
 *
 * Does: read the messages. Does not: verify anything.
 */
#ifndef SIGNERS_H
#define SIGNERS_H

#include "base/err.h"
#include "image/image.h"
#include "kverify/kverify.h"
#include "scheme.h"

/* A signature, and the signers that it names. */
struct signers_entry {
	const char *scheme;	   /* "unnamed" if the header does not name it */
	struct view message;	   /* into the image */
	struct kv_signers signers; /* empty: the message cannot be read */
};

/* The signatures of one image. Owns all that it contains. Zero-initialized, it is empty. */
struct signers {
	struct signers_entry list[SCHEME_NR + 1];
	size_t nr;
};

#define _signers_ _cleanup_(signers_free)

void signers_free(struct signers *signers);

/*
 * Read the signatures of IMAGE for SCHEMES, and the one without a scheme, into RET, which must be
 * empty. -ENOMEM; then RET has those before.
 */
int signers_read(const struct image *image, scheme_set schemes, struct signers *ret,
		 struct err *err);

#endif /* SIGNERS_H */
