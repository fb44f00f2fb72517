/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * advice.h - advice about a signer: what kernels ignore, or only some of them support, but users
 * should know.
 *
 * Does: compare a certificate with good practice, with the clock, with what systemd requires for
 * the kernel's .bpf keyring, and with the kernel lines that a signature is for.
 * Does not: refuse anything (sign.h does, where the kernel would), or print.
 */
#ifndef ADVICE_H
#define ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/err.h"
#include "key/key.h"
#include "scheme.h"

/* One piece of advice: the fact, and what to do about it; lower case, printable UTF-8. */
struct advice {
	const char *id; /* "expired": stable, for machines */
	char what[240];
	const char *remedy;
};

/* The most that one certificate can get. */
#define ADVICE_MAX 12

/*
 * The time in seconds since 1970: SOURCE_DATE_EPOCH if it is in the environment
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the clock. -EINVAL:
 * SOURCE_DATE_EPOCH is not a number.
 */
int advice_now(time_t *ret, struct err *err);

/*
 * Advice about SIGNER's certificate at the time NOW, for signatures of SCHEMES, which have other
 * signers if HAS_OTHERS. Fills RET and returns how many. Kernels are taken to have the default
 * configuration of verify.
 */
size_t advice_for_signer(const struct key_signer *signer, bool has_others, scheme_set schemes,
			 time_t now, struct advice ret[ADVICE_MAX]);

/*
 * Advice about the certificate DER, which a user trusts, at the time NOW: whether it is valid then.
 * Fills *RET and returns 0 or 1.
 */
size_t advice_for_cert(struct view der, time_t now, struct advice *ret);

/* Advice about a signature of SIZE bytes. Fills *RET and returns 0 or 1. */
size_t advice_for_signature(size_t size, struct advice *ret);

#endif /* ADVICE_H */
