/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * key_foreign.h - name keys that this program cannot use, and the way to use them. Private to the
 * key room.
 *
 * Does: recognize formats of keys by their first bytes, and names of keys in a KMS by their
 * beginning. Does not: read files, or convert anything.
 */
#ifndef KEY_FOREIGN_H
#define KEY_FOREIGN_H

#include "base/buf.h"

/* What CONTENT is and what to do, for a message "FILE: ..."; NULL: nothing that is known. Static.
 */
const char *key_foreign_content(struct view content);

/* The same for NAME, which is not the name of a file. */
const char *key_foreign_name(const char *name);

#endif /* KEY_FOREIGN_H */
