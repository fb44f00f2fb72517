// SPDX-License-Identifier: BSD-2-Clause
/* Linux 6.18 to 7.3, crypto/asymmetric_keys/asymmetric_type.c and security/keys/. */
#include "kverify/keyring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void keyring_free(struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->nr; i++) {
		x509_free(keyring->keys[i].cert);
		buf_free(&keyring->keys[i].der);
	}
	free(keyring->keys);
	*keyring = (struct keyring){0};
}

/* A description ends at the first NUL of the name. */
static struct view description_name(const struct x509 *cert)
{
	return view_of(cert->name, strnlen((const char *)cert->name, cert->name_size));
}

/* crypto/asymmetric_keys/x509_public_key.c: x509_key_preparse(): "name: hex of key id or serial" */
static bool same_description(const struct x509 *a, const struct x509 *b)
{
	return view_equal(description_name(a), description_name(b)) &&
	       view_equal(a->skid.set ? a->subject_key_id : a->serial,
			  b->skid.set ? b->subject_key_id : b->serial);
}

/*
 * security/keys/key.c: key_create_or_update(): asymmetric keys cannot be updated, so a new key
 * replaces an old one with the same description. (This is add_key() without a description.)
 */
int keyring_add(struct keyring *keyring, struct x509 *cert, struct buf *der)
{
	struct keyring_key *keys, key = {cert, buf_take(der)};

	for (size_t i = 0; i < keyring->nr; i++) {
		if (!same_description(keyring->keys[i].cert, cert))
			continue;
		x509_free(keyring->keys[i].cert);
		buf_free(&keyring->keys[i].der);
		keyring->keys[i] = key;
		return 0;
	}
	keys = reallocarray(keyring->keys, keyring->nr + 1, sizeof(*keys));
	if (!keys) {
		x509_free(cert);
		buf_free(&key.der);
		return KV_NO_MEMORY;
	}
	keyring->keys = keys;
	keys[keyring->nr++] = key;
	return 0;
}

/* asymmetric_match_key_ids(): the id may equal either of a key's first two ids */
static bool answers_to(const struct x509 *cert, const struct kv_id *id)
{
	return kv_id_same(&cert->id, id) || kv_id_same(&cert->skid, id);
}

/*
 * lib/assoc_array.c: a keyring of up to 16 keys is one node. The first key gets slot 0; each other
 * key gets the last free slot (assoc_array_insert_into_terminal_node()); a search begins at slot 0.
 * So the order is: first key, last, last but one, ..., second. With more keys, nodes are split by a
 * hash that depends on a secret of each boot.
 */
#define ORDERED_MAX 16

static const struct x509 *nth_met(const struct keyring *keyring, size_t n)
{
	return keyring->keys[n ? keyring->nr - n : 0].cert;
}

/* The result of find_asymmetric_key() for CERT, which has the id that is searched for. */
static int judge(const struct x509 *cert, const struct kv_id *id_0, const struct kv_id *id_1)
{
	return id_0->set && id_1->set && !kv_id_same(id_1, &cert->skid) ? -EKEYREJECTED : 0;
}

static bool same_key(const struct x509 *a, const struct x509 *b)
{
	return a->key.alg == b->key.alg && view_equal(a->key.bits, b->key.bits);
}

int keyring_find(const struct keyring *keyring, const struct kv_id *id_0, const struct kv_id *id_1,
		 const struct x509 **ret)
{
	const struct kv_id *wanted = id_0->set ? id_0 : id_1;
	bool ordered = !keyring->unordered && keyring->nr <= ORDERED_MAX;
	const struct x509 *found = NULL;
	int verdict = -ENOKEY;

	/* asymmetric_key_hex_to_key_id() */
	if (!kv_id_size(wanted))
		return -EINVAL;
	for (size_t i = 0; i < keyring->nr && !(found && ordered); i++) {
		const struct x509 *cert = nth_met(keyring, i);
		int judged;

		if (!answers_to(cert, wanted))
			continue;
		judged = judge(cert, id_0, id_1);
		if (found && (judged != verdict || (!judged && !same_key(found, cert))))
			return KV_CANNOT_TELL;
		found = cert;
		verdict = judged;
	}
	if (!verdict)
		*ret = found;
	return verdict;
}
