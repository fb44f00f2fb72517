/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prepare.h - turn the input's loader into the one that is signed.
 *
 * Does: seal the loader, make its checked and hash-only forms for the scheme insns, set values and
 * map sizes, refuse dangerous findings, choose the schemes.
 * Does not: sign, write, or print.
 */
#ifndef PREPARE_H
#define PREPARE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "image/image.h"
#include "loader/loader.h"
#include "lskel/lskel.h"
#include "scheme.h"
#include "settings.h"
#include "skel.h"
#include "subject.h"

struct prepare_options {
	scheme_set schemes;   /* 0: all that the input allows */
	bool no_seal;	      /* do not change the loader */
	bool raw;	      /* raw input, which need not be a loader: do not change it */
	bool hash_only;	      /* the checked form checks only the hash (CVE-2026-80675) */
	bool also_hash;	      /* make a hash-only form as well, for insns-hash */
	unsigned int allowed; /* the allowed dangerous findings: bit 1 << enum loader_finding_id */
	bool approved; /* the values of .kconfig are not judged: the header was signed before */
	struct settings set;
};

/* What was done, and found. */
struct prepare_result {
	scheme_set schemes;
	bool sealed;
	bool closed; /* sealing fixed values or sizes that the loading program could set before */
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr_findings;
};

/*
 * Prepare the image of SUBJECT. SKEL describes an object's skeleton, whose initial values are set
 * with the loader's; NULL for a header, whose values cannot be set (-ENOTSUP). If host-config is
 * allowed, options that have no value get that of the running kernel. PROGS: how many
 * programs its skeleton has, or LOADER_PROGS_UNKNOWN. After a failure the image may be changed, and
 * must not be signed. -EBADMSG: an unknown loader; ERR_REFUSED: a dangerous finding that is not
 * allowed; -ENOENT, -EINVAL, -ERANGE, -ENOTSUP: a wrong value or size; -ENOMEM.
 */
int prepare_image(struct subject *subject, struct skel *skel, size_t progs,
		  const struct prepare_options *options, struct prepare_result *ret,
		  struct err *err);

/*
 * How many programs the skeleton of LSKEL has if they differ from those of LOADER, which was read
 * from its image, or from their order; if they do not, or for an unknown loader,
 * LOADER_PROGS_UNKNOWN.
 */
size_t prepare_header_progs(const struct lskel *lskel, const struct loader *loader);

/*
 * List the findings about SUBJECT, in any of the forms that SCHEMES sign. Without a signature, the
 * values of .kconfig count as the build host's. -EBADMSG: an unknown
 * loader, or form of it; -ENOMEM.
 */
int prepare_judge(struct subject *subject, scheme_set schemes, size_t progs,
		  struct loader_finding ret[LOADER_FINDING_NR], size_t *ret_nr, struct err *err);

#endif /* PREPARE_H */
