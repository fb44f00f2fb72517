/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - the trusted and the revoked certificates, and the keyring of each kernel.
 *
 * Does: read the certificates once, make the keyring of a kernel when it is first needed.
 * Does not: judge a certificate (kverify/ does), or print what was refused.
 *
 * Threads: trust_keyring() may be called from several threads with the same TRUST.
 */
#ifndef TRUST_H
#define TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kverify/kverify.h"

/* Names of files and folders, for key_each_cert(). */
struct trust_names {
	const char **list;
	size_t nr;
};

/* A certificate that a kernel would not add to its keyring. */
struct trust_refusal {
	const char *file; /* where it was found: "FILE", "FILE:LINE" or "FILE: offset N" */
	struct kv_answer answer;
};

/* A note for the user about the certificates. */
struct trust_note {
	const char *folder;
	const char *text; /* one clause, lower case, printable UTF-8 */
};

/* The keyring of one kernel, and what it refused. */
struct trust_keyring {
	struct kv_keyring *keyring;
	struct trust_refusal *refusals; /* in the order of the certificates */
	size_t nr_refusals;
};

struct trust;

/*
 * Read CERTS and REVOKED, which are borrowed. CONFIG holds for all kernels; NULL: the default of
 * each. Errors as key_each_cert().
 *
 * In a folder of REVOKED every file is read, and one that is not a certificate is an error, because
 * a revocation must not be lost over a file's name. In a folder of CERTS, files with other names
 * than those of certificates are skipped, and trust_notes() reports them.
 */
int trust_new(const struct trust_names *certs, const struct trust_names *revoked,
	      const struct kv_config *config, struct trust **ret, struct err *err);
void trust_free(struct trust *trust);
DEFINE_CLEANUP(struct trust *, trust_free)

/* The skipped files, one note for each folder; borrowed. Returns how many notes. */
size_t trust_notes(const struct trust *trust, const struct trust_note **ret);

/*
 * Call CALL for each certificate (DER) with its file: first the revoked ones, then the trusted
 * ones, each in the order they were given. The first failure ends the walk and is returned.
 */
int trust_each(const struct trust *trust,
	       int (*call)(void *arg, const char *file, bool revoked, struct view der,
			   struct err *err),
	       void *arg, struct err *err);

/*
 * The keyring of the kernels of LINE, borrowed. Errors as kv_keyring_add() and kv_keyring_revoke().
 * A certificate that cannot be put on the revocation list is an error, and the message says where
 * it was found.
 */
int trust_keyring(struct trust *trust, enum kv_line line, const struct trust_keyring **ret,
		  struct err *err);

#endif /* TRUST_H */
