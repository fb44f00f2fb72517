/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer.h - how the functions of this room answer.
 *
 * They return what the kernel's functions do: 0 or a negative errno, with answer->reason filled.
 * A positive value means that there is no answer of a kernel: we ran out of memory, or OpenSSL
 * cannot check what the kernel can. Such a value always ends the verification.
 */
#ifndef KVERIFY_ANSWER_H
#define KVERIFY_ANSWER_H

#include "kverify/kverify.h"

enum kv_no_answer {
	KV_NO_MEMORY = 1,
	KV_CANNOT_TELL = 2,
};

/* Note the formatted reason (printable ASCII, one clause) and return CODE. */
int kv_refuse(struct kv_answer *answer, int code, const char *fmt, ...) _printf_(3, 4);

/* Put the formatted text in front of the reason: "TEXT: reason". */
void kv_prefix(struct kv_answer *answer, const char *fmt, ...) _printf_(2, 3);

/* The same for "cannot tell": the reason says why. */
#define kv_cannot_tell(answer, ...) kv_refuse((answer), KV_CANNOT_TELL, __VA_ARGS__)

/*
 * Turn what a function of this room returned into what kverify.h promises: 0 with answer->code
 * set, or -ENOTSUP or -ENOMEM with *err filled.
 */
int kv_conclude(int ret, struct kv_answer *answer, struct err *err);

#endif /* KVERIFY_ANSWER_H */
