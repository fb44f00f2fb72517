/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lskel_text.h - the pieces of C text that are written into headers; for lskel_*.c alone.
 */
#ifndef LSKEL_TEXT_H
#define LSKEL_TEXT_H

#include "base/buf.h"

/* Members of a signed skeleton, and what the run-time part's names end in: NAME__loader. */
#define LSKEL_MEMBER	       "__s32 keyring_id;"
#define LSKEL_ALLOW	       "__u32 allow_unsigned;"
#define LSKEL_RUNTIME_STRUCT   "__loader"
#define LSKEL_RUNTIME_CALL     "__loader_run"
#define LSKEL_RUNTIME_REVISION "__loader_revision"

/* TEXT with NAME for every @ and IDENT for every $; C has neither. */
void lskel_put(struct buf *out, const char *text, const char *name, const char *ident);

/* BYTES as escapes, as bpftool breaks them into lines: at most 78 characters each. */
void lskel_put_bytes(struct buf *out, struct view bytes);

#endif /* LSKEL_TEXT_H */
