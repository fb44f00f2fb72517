/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prepare.h - from the loader that came in to the one that is signed.
 *
 * Does: recognise and seal the loader, make its second form for the scheme insns, set values and
 * map sizes, judge what is dangerous, choose the schemes.
 * Does not: sign, write, or print.
 */
#ifndef PREPARE_H
#define PREPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "image.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "scheme.h"
#include "skel.h"
#include "subject.h"

/* NAME=VALUE as it was given, borrowed. */
struct prepare_pairs {
	const char **list;
	size_t nr;
};

struct prepare_options {
	scheme_set schemes;   /* 0: all that the input allows */
	bool no_seal;	      /* keep the bytes */
	bool raw;	      /* they are parts, which need not be a loader: keep them */
	bool hash_only;	      /* the second form checks the hash alone (CVE-2026-80675) */
	bool also_hash;	      /* beside the second form there is a third, which does: insns-hash */
	unsigned int allowed; /* dangerous findings to sign with: bit 1 << enum loader_finding_id */
	struct prepare_pairs values; /* VAR=VALUE */
	struct prepare_pairs sizes;  /* MAP=N */
	/* Whole names of the loader's maps, in its order, borrowed; NULL: it knows 15 characters.
	 */
	const struct skel *names;
};

/* What is to be known of the image that is signed. */
struct prepare_result {
	scheme_set schemes;
	bool sealed;
	bool closed; /* sealing took from the caller what it could set before: values, sizes */
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr_findings;
};

/*
 * Prepare the image of SUBJECT. SKEL is the description of an object's skeleton, whose initial
 * values follow the loader's; NULL for a header, whose values cannot be changed (-ENOTSUP). PROGS:
 * how many programs its skeleton knows, or LOADER_PROGS_UNKNOWN. On failure the image may be
 * changed, and is not to be signed. -EBADMSG: an unknown loader; ERR_REFUSED: a dangerous finding
 * that is not allowed; -ENOENT, -EINVAL, -ERANGE, -ENOTSUP: a value or size; -ENOMEM.
 */
int prepare_image(struct subject *subject, struct skel *skel, size_t progs,
		  const struct prepare_options *options, struct prepare_result *ret,
		  struct err *err);

/*
 * How many programs the skeleton of LSKEL has descriptors for, where they are not those of LOADER,
 * which was read of its image, in its order; else, and for an unknown loader, LOADER_PROGS_UNKNOWN.
 */
size_t prepare_header_progs(const struct lskel *lskel, const struct loader *loader);

/*
 * What is dangerous or surprising in SUBJECT when it is loaded by signatures of SCHEMES, in any of
 * its forms. -EBADMSG: an unknown loader, or form of it; -ENOMEM.
 */
int prepare_judge(struct subject *subject, scheme_set schemes, size_t progs,
		  struct loader_finding ret[LOADER_FINDING_NR], size_t *ret_nr, struct err *err);

#endif /* PREPARE_H */
