/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * trust.h - the certificates that are trusted or revoked, as the keyring of each kernel.
 *
 * Does: read the certificates once, make the keyring of a kernel when it is first asked for.
 * Does not: judge a certificate (kverify/), or say what was refused.
 *
 * Threads: trust_keyring() from any, all with the same TRUST.
 */
#ifndef TRUST_H
#define TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kverify/kverify.h"

/* Names of files and folders as key_each_cert() takes them. */
struct trust_names {
	const char **list;
	size_t nr;
};

/* A certificate that a kernel does not take into its keyring. */
struct trust_refusal {
	const char *file; /* where it stands: "FILE", "FILE:LINE" or "FILE: offset N" */
	struct kv_answer answer;
};

/* What is to be said of the certificates that were given. */
struct trust_note {
	const char *folder;
	const char *text; /* one clause, lower case, printable ASCII */
};

/* What one kernel trusts. */
struct trust_keyring {
	struct kv_keyring *keyring;
	struct trust_refusal *refusals; /* in the order of the certificates */
	size_t nr_refusals;
};

struct trust;

/*
 * Read CERTS and REVOKED, which are borrowed. CONFIG is that of all kernels, or NULL for the
 * default of each. Errors as key_each_cert().
 *
 * Of a folder of REVOKED every file is read, and one that is no certificate is an error: a
 * revocation must not be lost for its file's name. Of a folder of CERTS, files are passed over for
 * their names, which trust_notes() tells.
 */
int trust_new(const struct trust_names *certs, const struct trust_names *revoked,
	      const struct kv_config *config, struct trust **ret, struct err *err);
void trust_free(struct trust *trust);
DEFINE_CLEANUP(struct trust *, trust_free)

/* The files that were passed over, a note for each folder; borrowed. Returns how many notes. */
size_t trust_notes(const struct trust *trust, const struct trust_note **ret);

/*
 * Make CALL for each certificate, DER with the file that it is from: those that are revoked first,
 * each kind as it was given. A failure of CALL ends the walk.
 */
int trust_each(const struct trust *trust,
	       int (*call)(void *arg, const char *file, bool revoked, struct view der,
			   struct err *err),
	       void *arg, struct err *err);

/*
 * What the kernels of LINE trust, borrowed. Errors as kv_keyring_add() and kv_keyring_revoke(): a
 * certificate that cannot be put on the revocation list is one, and the message says where it
 * stands.
 */
int trust_keyring(struct trust *trust, enum kv_line line, const struct trust_keyring **ret,
		  struct err *err);

#endif /* TRUST_H */
