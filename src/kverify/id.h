/* SPDX-License-Identifier: BSD-2-Clause */
/* id.h - the ids by which the kernel finds keys. */
#ifndef KVERIFY_ID_H
#define KVERIFY_ID_H

#include "base/buf.h"

/* An id of a key: the concatenation of one or two pieces. */
struct kv_id {
	bool set; /* an id may be present and empty */
	struct view part[2];
};

/*
 * Whether both are set and equal (crypto/asymmetric_keys/asymmetric_type.c: asymmetric_key_id_same)
 */
bool kv_id_same(const struct kv_id *a, const struct kv_id *b);
size_t kv_id_size(const struct kv_id *id);

#endif /* KVERIFY_ID_H */
