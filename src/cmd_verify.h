/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_verify.h - between the options of verify (cmd_verify.c) and the verdicts they ask for
 * (cmd_verify_judge.c).
 */
#ifndef CMD_VERIFY_H
#define CMD_VERIFY_H

#include "cmd_batch.h"
#include "image.h"
#include "scheme.h"
#include "trust.h"

/* Who is asked, about what. */
struct verify_question {
	struct trust *trust; /* certificates, in the keyring of each kernel */
	unsigned int lines;  /* bits (1u << enum kv_line); 0: the line that each scheme is for */
	scheme_set schemes;  /* 0: those that are present */
};

/* The verdicts on one input; zero-initialised is none. */
struct verify_verdicts {
	struct report_verdict list[(SCHEME_NR + 1) * KV_LINE_NR];
	size_t nr;
};

/*
 * Every signature of IMAGE that is to be judged, by every kernel that is to judge it. Certificates
 * that a kernel does not take are reported, once, to JOB. Errors as trust_keyring(),
 * verdict_ask() and verdict_signers(); what *RET then has is to be freed as well.
 */
int verify_judge(const struct verify_question *ask, struct batch_job *job,
		 const struct image *image, struct verify_verdicts *ret, struct err *err);

void verify_verdicts_free(struct verify_verdicts *verdicts);

#endif /* CMD_VERIFY_H */
