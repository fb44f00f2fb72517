/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer.h - what the functions of this room return.
 *
 * They return what the kernel's functions return: 0 or a negative errno, with answer->reason
 * filled. A positive value (enum kv_no_answer) means that the kernel's answer is unknown: memory
 * ran out, or OpenSSL cannot check what the kernel can. Such a value always ends the verification.
 */
#ifndef KVERIFY_ANSWER_H
#define KVERIFY_ANSWER_H

#include "kverify/kverify.h"

enum kv_no_answer {
	KV_NO_MEMORY = 1,
	KV_CANNOT_TELL = 2,
};

/* Set the reason to the formatted text (printable UTF-8, one clause), and return CODE. */
int kv_refuse(struct kv_answer *answer, int code, const char *fmt, ...) _printf_(3, 4);

/* Prepend the formatted text to the reason: "TEXT: reason". */
void kv_prefix(struct kv_answer *answer, const char *fmt, ...) _printf_(2, 3);

/* As kv_refuse(), for an answer that is unknown. Returns KV_CANNOT_TELL. */
#define kv_cannot_tell(answer, ...) kv_refuse((answer), KV_CANNOT_TELL, __VA_ARGS__)

/*
 * Convert what a function of this room returned to what kverify.h documents: 0 with answer->code
 * set, or -ENOTSUP or -ENOMEM with *err filled.
 */
int kv_conclude(int ret, struct kv_answer *answer, struct err *err);

#endif /* KVERIFY_ANSWER_H */
