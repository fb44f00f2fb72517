/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h - which kernels are asked about which signatures of an image, and what comes of it.
 *
 * Does: choose the kernels that each signature is meant for, or try the signatures in the order of
 * the run-time part on a kernel that is named (docs/run-time.md); put equal answers together.
 * Does not: answer for a kernel (verdict.h), look at anything around the image, or print.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "image.h"
#include "kernel.h"
#include "kverify/kverify.h"
#include "scheme.h"
#include "subject.h"
#include "verdict.h"

enum judge_outcome {
	JUDGE_VALID, /* it loads there */
	JUDGE_REJECTED,
	JUDGE_UNSIGNED, /* a signature that was demanded is not there */
	JUDGE_UNDECIDED,
};

/* One signature, and the kernels that give the same answer to it. */
struct judge_row {
	enum scheme scheme;
	kernel_set kernels;
	enum judge_outcome outcome;
	struct kv_answer answer; /* its reason is why, also where the kernel itself says 0 */
	struct kv_signers signers;
	const char *assumption; /* what JUDGE_VALID takes for granted; one clause */
};

/* Zero-initialised is empty. */
struct judge_rows {
	struct judge_row list[SCHEME_NR * KERNEL_NR];
	size_t nr;
};

void judge_rows_free(struct judge_rows *rows);

#define _judge_rows_ _cleanup_(judge_rows_free)

struct judge_question {
	/*
	 * The kernels that are asked; 0: those that each signature is meant for, as far as they
	 * know its algorithms.
	 */
	kernel_set kernels;
	/*
	 * The schemes that are demanded: each has a row of its own. 0: those that are there; on a
	 * kernel that is named the run-time part chooses between them.
	 */
	scheme_set schemes;
	bool raw;	      /* parts without a loader to know: the signature alone decides */
	bool allow_unknown;   /* a loader that is not known is taken to work */
	bool allow_uncovered; /* so is one whose data nothing covers */
	/* The keyring of LINE, borrowed. Returns 0 or -errno with *err. */
	int (*keyring)(void *arg, enum kv_line line, const struct kv_keyring **ret,
		       struct err *err);
	void *arg;
};

/*
 * Every row of SUBJECT; none for an image without signatures of which none is demanded. Errors of
 * the keyring; as verdict_ask() and verdict_read_form(). What *ret then has is to be freed as well.
 */
int judge_image(const struct judge_question *ask, struct subject *subject, struct judge_rows *ret,
		struct err *err);

/*
 * The kernels that a signature of SCHEME is meant for, over the form of a loader of which LOADER is
 * known: those that check such signatures and can run the form.
 */
kernel_set judge_meant(const struct verdict_loader *loader, enum scheme scheme);

/* The outcome of all of it: the worst, and JUDGE_UNSIGNED for no row. */
enum judge_outcome judge_outcome(const struct judge_rows *rows);

#endif /* JUDGE_H */
