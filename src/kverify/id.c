// SPDX-License-Identifier: BSD-2-Clause
#include "kverify/id.h"

size_t kv_id_size(const struct kv_id *id)
{
	return id->part[0].size + id->part[1].size;
}

static uint8_t id_byte(const struct kv_id *id, size_t at)
{
	return at < id->part[0].size ? id->part[0].data[at]
				     : id->part[1].data[at - id->part[0].size];
}

bool kv_id_same(const struct kv_id *a, const struct kv_id *b)
{
	if (!a->set || !b->set || kv_id_size(a) != kv_id_size(b))
		return false;
	for (size_t i = 0; i < kv_id_size(a); i++) {
		if (id_byte(a, i) != id_byte(b, i))
			return false;
	}
	return true;
}
