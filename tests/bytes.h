/* SPDX-License-Identifier: BSD-2-Clause */
/* bytes.h - for tests of several kinds: bytes that lie in one place, for what digests them. */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include "hash.h"

/* A struct hash_input of VIEW, until the end of the block. */
#define INPUT_OF(view) (&(struct hash_input){.parts = {view}, .nr = 1})

#endif /* TESTS_BYTES_H */
