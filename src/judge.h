/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * judge.h - the verdict on an image: check its signatures by the rules of the kernels that matter.
 *
 * Does: judge each signature on the kernels it is meant for; or, on a requested kernel, try the
 * signatures in the order of the run-time part (docs/run-time.md); merge equal answers into rows.
 * Does not: determine a kernel's answer (verdict.h does), check the text around the image, or
 * print.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "image/image.h"
#include "kernel.h"
#include "kverify/kverify.h"
#include "scheme.h"
#include "subject.h"
#include "verdict.h"

enum judge_outcome {
	JUDGE_VALID, /* the kernel loads it */
	JUDGE_REJECTED,
	JUDGE_UNSIGNED, /* a demanded signature is missing */
	JUDGE_UNDECIDED,
};

/* One signature, and the kernels that give the same answer. */
struct judge_row {
	enum scheme scheme;
	kernel_set kernels;
	enum judge_outcome outcome;
	struct kv_answer
		answer; /* with the reason of the outcome, even if the kernel's own answer is 0 */
	struct kv_signers signers;
	const char *assumption; /* what JUDGE_VALID assumes about the loading program; one clause */
};

/* Zero-initialized, it is empty. */
struct judge_rows {
	struct judge_row list[SCHEME_NR * KERNEL_NR];
	size_t nr;
};

void judge_rows_free(struct judge_rows *rows);

#define _judge_rows_ _cleanup_(judge_rows_free)

struct judge_question {
	/*
	 * The requested kernels; 0: for each signature those that it is meant for and that support
	 * its algorithms.
	 */
	kernel_set kernels;
	/*
	 * The demanded schemes, each of which gets a row. 0: those of the present signatures; on a
	 * requested kernel, the one that the run-time part would use.
	 */
	scheme_set schemes;
	bool raw;	    /* raw input, which need not be a loader: only the signature decides */
	bool allow_unknown; /* assume that an unknown loader works */
	bool allow_uncovered; /* accept a loader whose data nothing covers */
	/* Get the keyring of LINE, borrowed. Returns 0, or a negative errno with *err. */
	int (*keyring)(void *arg, enum kv_line line, const struct kv_keyring **ret,
		       struct err *err);
	void *arg;
};

/*
 * Judge SUBJECT; an image without signatures, none of which is demanded, gets no rows. Errors of
 * the keyring, and as verdict_ask() and verdict_read_form(); *ret must be freed even then.
 */
int judge_image(const struct judge_question *ask, struct subject *subject, struct judge_rows *ret,
		struct err *err);

/*
 * The kernels that a signature of SCHEME is meant for: those that check such signatures and can run
 * the form of the loader that LOADER describes.
 */
kernel_set judge_meant(const struct verdict_loader *loader, enum scheme scheme);

/* The worst outcome of ROWS; JUDGE_UNSIGNED if there are none. */
enum judge_outcome judge_outcome(const struct judge_rows *rows);

#endif /* JUDGE_H */
