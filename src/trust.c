// SPDX-License-Identifier: BSD-2-Clause
#include "trust.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "key.h"
#include "util.h"

struct cert {
	const char *file;
	bool revoked;
	struct buf der;
};

struct trust {
	struct cert *certs; /* what is revoked first: a keyring does not take what is on the list */
	size_t nr_certs;
	const struct kv_config *config;
	pthread_mutex_t lock; /* of the keyrings while they are made; then they stay as they are */
	struct trust_keyring keyrings[KV_LINE_NR];
};

static void clear_keyring(struct trust_keyring *keyring)
{
	kv_keyring_free(keyring->keyring);
	free(keyring->refusals);
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		clear_keyring(&trust->keyrings[line]);
	for (size_t i = 0; i < trust->nr_certs; i++)
		buf_free(&trust->certs[i].der);
	free(trust->certs);
	pthread_mutex_destroy(&trust->lock);
	free(trust);
}

/* Where a certificate comes from, on its way into TRUST. */
struct source {
	struct trust *trust;
	const char *file;
	bool revoked;
};

static int keep_cert(void *arg, struct view der, struct err *err)
{
	const struct source *source = arg;
	struct trust *trust = source->trust;
	struct cert *certs = reallocarray(trust->certs, trust->nr_certs + 1, sizeof(*certs));
	struct cert *cert;

	if (!certs)
		return err_nomem(err);
	trust->certs = certs;
	cert = &certs[trust->nr_certs++];
	*cert = (struct cert){.file = source->file, .revoked = source->revoked};
	buf_add_view(&cert->der, der);
	return buf_done(&cert->der, err);
}

static int keep_all(struct trust *trust, const struct trust_names *names, bool revoked,
		    struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < names->nr; i++) {
		struct source source = {trust, names->list[i], revoked};

		rc = key_each_cert(names->list[i], keep_cert, &source, err);
	}
	return rc;
}

int trust_new(const struct trust_names *certs, const struct trust_names *revoked,
	      const struct kv_config *config, struct trust **ret, struct err *err)
{
	_cleanup_(trust_free_p) struct trust *trust = calloc(1, sizeof(*trust));
	int rc;

	if (!trust)
		return err_nomem(err);
	pthread_mutex_init(&trust->lock, NULL);
	trust->config = config;
	rc = keep_all(trust, revoked, true, err);
	if (!rc)
		rc = keep_all(trust, certs, false, err);
	if (rc)
		return rc;
	*ret = take_ptr(trust);
	return 0;
}

static int note_refusal(struct trust_keyring *keyring, const char *file,
			const struct kv_answer *answer, struct err *err)
{
	struct trust_refusal *refusals = reallocarray(keyring->refusals, keyring->nr_refusals + 1,
						      sizeof(*refusals));

	if (!refusals)
		return err_nomem(err);
	keyring->refusals = refusals;
	refusals[keyring->nr_refusals++] = (struct trust_refusal){file, *answer};
	return 0;
}

static int add_cert(struct trust_keyring *keyring, const struct cert *cert, struct err *err)
{
	struct kv_answer answer;
	int rc;

	if (cert->revoked)
		return kv_keyring_revoke(keyring->keyring, buf_view(&cert->der), err);
	rc = kv_keyring_add(keyring->keyring, buf_view(&cert->der), &answer, err);
	return !rc && answer.code ? note_refusal(keyring, cert->file, &answer, err) : rc;
}

static int make_keyring(const struct trust *trust, enum kv_line line, struct trust_keyring *ret,
			struct err *err)
{
	_cleanup_(clear_keyring) struct trust_keyring keyring = {0};
	int rc = kv_keyring_new(line, &keyring.keyring);

	if (rc)
		return err_nomem(err);
	if (trust->config)
		kv_keyring_configure(keyring.keyring, trust->config);
	for (size_t i = 0; i < trust->nr_certs; i++) {
		rc = add_cert(&keyring, &trust->certs[i], err);
		if (rc)
			return err_prefix(err, "%s", trust->certs[i].file);
	}
	*ret = keyring;
	keyring = (struct trust_keyring){0};
	return 0;
}

int trust_keyring(struct trust *trust, enum kv_line line, const struct trust_keyring **ret,
		  struct err *err)
{
	struct trust_keyring *keyring = &trust->keyrings[line];
	int rc = 0;

	pthread_mutex_lock(&trust->lock);
	if (!keyring->keyring)
		rc = make_keyring(trust, line, keyring, err);
	pthread_mutex_unlock(&trust->lock);
	if (!rc)
		*ret = keyring;
	return rc;
}

int trust_each(const struct trust *trust,
	       int (*call)(void *arg, const char *file, bool revoked, struct view der,
			   struct err *err),
	       void *arg, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < trust->nr_certs; i++) {
		const struct cert *cert = &trust->certs[i];

		rc = call(arg, cert->file, cert->revoked, buf_view(&cert->der), err);
	}
	return rc;
}
