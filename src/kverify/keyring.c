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
 * security/keys/key.c: key_create_or_update(): asymmetric keys cannot be updated, so a key of the
 * same description takes the place of the old one. (add_key() without a description.)
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

/* asymmetric_match_key_ids(): the id may be either of the first two of a key */
static bool answers_to(const struct x509 *cert, const struct kv_id *id)
{
	return kv_id_same(&cert->id, id) || kv_id_same(&cert->skid, id);
}

bool keyring_is_ambiguous(const struct keyring *keyring)
{
	for (size_t i = 0; i < keyring->nr; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct x509 *a = keyring->keys[i].cert, *b = keyring->keys[j].cert;

			if (answers_to(a, &b->id) || answers_to(a, &b->skid))
				return true;
		}
	}
	return false;
}

int keyring_find(const struct keyring *keyring, const struct kv_id *id_0, const struct kv_id *id_1,
		 const struct x509 **ret)
{
	const struct kv_id *wanted = id_0->set ? id_0 : id_1;

	/* asymmetric_key_hex_to_key_id() */
	if (!kv_id_size(wanted))
		return -EINVAL;
	for (size_t i = 0; i < keyring->nr; i++) {
		const struct x509 *cert = keyring->keys[(keyring->first + i) % keyring->nr].cert;

		if (!answers_to(cert, wanted))
			continue;
		if (id_0->set && id_1->set && !kv_id_same(id_1, &cert->skid))
			return -EKEYREJECTED;
		*ret = cert;
		return 0;
	}
	return -ENOKEY;
}
