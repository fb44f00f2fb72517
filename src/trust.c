// SPDX-License-Identifier: BSD-2-Clause
#include "trust.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"
#include "key/key.h"

struct cert {
	char *file;
	char *place;
	bool revoked;
	struct buf der;
};

struct trust {
	struct cert *certs; /* revoked certificates first, because a keyring refuses a certificate
			       that is revoked already */
	size_t nr_certs;
	struct trust_note *notes; /* owned, and their texts */
	size_t nr_notes;
	const struct kv_config *config;
	pthread_mutex_t lock; /* held while a keyring is made; keyrings do not change afterwards */
	struct trust_keyring keyrings[KV_LINE_NR];
};

static void clear_keyring(struct trust_keyring *keyring)
{
	kv_keyring_free(keyring->keyring);
	free(keyring->refusals);
}

static void clear_cert(struct cert *cert)
{
	free(cert->file);
	free(cert->place);
	buf_free(&cert->der);
}

void trust_free(struct trust *trust)
{
	if (!trust)
		return;
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		clear_keyring(&trust->keyrings[line]);
	for (size_t i = 0; i < trust->nr_certs; i++)
		clear_cert(&trust->certs[i]);
	free(trust->certs);
	for (size_t i = 0; i < trust->nr_notes; i++) {
		free((char *)trust->notes[i].folder);
		free((char *)trust->notes[i].text);
	}
	free(trust->notes);
	pthread_mutex_destroy(&trust->lock);
	free(trust);
}

/* The argument of keep_cert(): whose certificates these are, and whether they are revoked. */
struct source {
	struct trust *trust;
	bool revoked;
};

static int keep_cert(void *arg, const struct key_cert *found, struct err *err)
{
	const struct source *source = arg;
	struct trust *trust = source->trust;
	struct cert *certs = reallocarray(trust->certs, trust->nr_certs + 1, sizeof(*certs));
	struct cert *cert;

	if (!certs)
		return err_nomem(err);
	trust->certs = certs;
	cert = &certs[trust->nr_certs++];
	*cert = (struct cert){
		.file = strdup(found->file),
		.place = strdup(found->place),
		.revoked = source->revoked,
	};
	buf_add_view(&cert->der, found->der);
	return cert->file && cert->place ? buf_done(&cert->der, err) : err_nomem(err);
}

/* "2 entries ignored, not named ...: README, notes.txt" */
static char *ignored_text(const char *const *names, size_t nr)
{
	_buf_ struct buf text = {0};
	char shown[4 * NAME_MAX + 1];

	buf_printf(&text, "%zu entr%s ignored, not named .pem, .crt, .cer or .der: ", nr,
		   nr > 1 ? "ies" : "y");
	for (size_t i = 0; i < nr; i++)
		buf_printf(&text, "%s%s", i ? ", " : "",
			   err_escape(shown, sizeof(shown), names[i], strlen(names[i])));
	return text.failed ? NULL : view_strdup(buf_view(&text));
}

static int note_ignored(void *arg, const char *folder, const char *const *names, size_t nr,
			struct err *err)
{
	struct trust *trust = ((const struct source *)arg)->trust;
	struct trust_note *notes = reallocarray(trust->notes, trust->nr_notes + 1, sizeof(*notes));
	struct trust_note *note;

	if (!notes)
		return err_nomem(err);
	trust->notes = notes;
	note = &notes[trust->nr_notes++];
	*note = (struct trust_note){strdup(folder), ignored_text(names, nr)};
	return note->folder && note->text ? 0 : err_nomem(err);
}

static int keep_all(struct trust *trust, const struct trust_names *names, bool revoked,
		    struct err *err)
{
	struct source source = {trust, revoked};
	const struct key_certs certs = {
		.cert = keep_cert,
		.ignored = revoked ? NULL : note_ignored,
		.arg = &source,
	};
	int rc = 0;

	for (size_t i = 0; !rc && i < names->nr; i++)
		rc = key_each_cert(names->list[i], &certs, err);
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
	return !rc && answer.code ? note_refusal(keyring, cert->place, &answer, err) : rc;
}

/* Fail if a certificate cannot be revoked: without it the list would accept too much. */
static int blame(const struct cert *cert, struct err *err)
{
	return err_prefix(err, "%s%s", cert->place,
			  cert->revoked ? ": cannot be put on the revocation list" : "");
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
			return blame(&trust->certs[i], err);
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

size_t trust_notes(const struct trust *trust, const struct trust_note **ret)
{
	*ret = trust->notes;
	return trust->nr_notes;
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
