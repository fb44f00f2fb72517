/* SPDX-License-Identifier: BSD-2-Clause */
/* lskel_text.h - pieces of C text for headers. Private to lskel_*.c. */
#ifndef LSKEL_TEXT_H
#define LSKEL_TEXT_H

#include "base/buf.h"

/* Members of a signed skeleton, and the endings of the run-time part's names: NAME__loader. */
#define LSKEL_MEMBER	       "__s32 keyring_id;"
#define LSKEL_ALLOW	       "__u32 allow_unsigned;"
#define LSKEL_RUNTIME_STRUCT   "__loader"
#define LSKEL_RUNTIME_CALL     "__loader_run"
#define LSKEL_RUNTIME_REVISION "__loader_revision"

/* Append TEXT with NAME for every @ and IDENT for every $; C uses neither character. */
void lskel_put(struct buf *out, const char *text, const char *name, const char *ident);

/* Append BYTES as escapes in lines of at most 78 characters, as bpftool does. */
void lskel_put_bytes(struct buf *out, struct view bytes);

#endif /* LSKEL_TEXT_H */
