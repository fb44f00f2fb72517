/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * id.h - the ids that the kernel finds keys by.
 */
#ifndef KVERIFY_ID_H
#define KVERIFY_ID_H

#include "base/buf.h"

/* What a key is found by: one or two pieces that count as if they lay one behind the other. */
struct kv_id {
	bool set; /* an id may be set and empty */
	struct view part[2];
};

/* Both are set and the same (crypto/asymmetric_keys/asymmetric_type.c: asymmetric_key_id_same) */
bool kv_id_same(const struct kv_id *a, const struct kv_id *b);
size_t kv_id_size(const struct kv_id *id);

#endif /* KVERIFY_ID_H */
