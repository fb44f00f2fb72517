/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lint.h - what kernels let pass, or some of them do not take, and people should know of a signer.
 *
 * Does: compare a certificate with good practice, with the clock, with what enrolment in the
 * kernel's .bpf keyring asks for (systemd), and with the kernel lines that a signature is for.
 * Does not: refuse anything (sign.h does, where the kernel would), or print.
 */
#ifndef LINT_H
#define LINT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "key/key.h"
#include "scheme.h"

/* One thing, in a sentence, and what to do about it, in another; lower case, printable ASCII. */
struct lint_advice {
	const char *id; /* "expired": stable, for machines */
	char what[240];
	const char *remedy;
};

/* The most of them that one certificate gets. */
#define LINT_ADVICE_MAX 10

/*
 * What time it is, in seconds since 1970: SOURCE_DATE_EPOCH if it is in the environment
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the clock. -EINVAL: it is no
 * number.
 */
int lint_now(time_t *ret, struct err *err);

/*
 * Advice on SIGNER's certificate as it is at NOW, for signatures of SCHEMES, which others sign as
 * well if HAS_OTHERS, into RET; returns how many. A kernel line is asked as verify asks it by
 * default.
 */
size_t lint_signer(const struct key_signer *signer, bool has_others, scheme_set schemes, time_t now,
		   struct lint_advice ret[LINT_ADVICE_MAX]);

/* Advice on a signature of SIZE bytes, into RET; returns 0 or 1. */
size_t lint_signature(size_t size, struct lint_advice *ret);

#endif /* LINT_H */
