/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_given.h - keys and certificates that are not in files: env:NAME, the value of an environment
 * variable, and fd:N, what can be read of an open descriptor. Private to the key room.
 *
 * Does: read each of them once, and keep what was read as key_secret.h keeps secrets, until
 * key_secrets_end(). Does not: interpret it.
 */
#ifndef KEY_GIVEN_H
#define KEY_GIVEN_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Whether NAME is env:... or fd:... rather than the name of a file. */
bool key_given_is(const char *name);

/*
 * Read NAME, if that is not done yet: a variable is removed from the environment, and a descriptor
 * is closed, except the standard ones. -ENOKEY: it is not set, or empty; -EINVAL: not a number;
 * -EFBIG: more than LIMIT bytes; errors of read(2). Messages begin with NAME.
 */
int key_given_take(const char *name, size_t limit, struct err *err);

/* Copy what was read of NAME, after key_given_take(), to *ret. */
int key_given_read(const char *name, size_t limit, struct buf *ret, struct err *err);

/* Overwrite all of it. */
void key_given_end(void);

#endif /* KEY_GIVEN_H */
