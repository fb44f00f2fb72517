// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_file.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "base/file.h"
#include "key/key_foreign.h"
#include "key/key_given.h"
#include "key/key_pkcs12.h"
#include "key/key_secret.h"
#include "key/pem.h"
#include "ossl.h"

#define DER_SEQUENCE 0x30

DEFINE_CLEANUP(X509_SIG *, X509_SIG_free)
DEFINE_CLEANUP(PKCS8_PRIV_KEY_INFO *, PKCS8_PRIV_KEY_INFO_free)

int key_file_read(const char *file, struct buf *ret, struct err *err)
{
	const char *what;
	int rc;

	if (key_given_is(file))
		return key_given_read(file, KEY_FILE_MAX, ret, err);
	rc = file_read(file, KEY_FILE_MAX, ret, err);
	what = rc == -ENOENT ? key_foreign_name(file) : NULL;
	if (what)
		return err_set(err, -ENOTSUP, "%s: is %s", file, what);
	return rc ? err_prefix(err, "%s", file) : 0;
}

void key_file_prefix(const char *file, struct err *err)
{
	if (err->line)
		err_prefix(err, "%s:%u", file, err->line);
	else
		err_prefix(err, "%s", file);
	err->line = 0;
}

/* --- PEM and DER --- */

struct question {
	const char *file;
	bool encrypted; /* the key is, so the passphrase was requested */
	int rc;		/* if no passphrase could be had: the error, described in *err */
	struct err *err;
};

/* OpenSSL calls this for the passphrase of an encrypted key. */
static int give_passphrase(char *buf, int room, _unused_ int writing, void *arg)
{
	struct question *question = arg;
	const char *passphrase = NULL;
	size_t size;

	question->encrypted = true;
	/* OpenSSL asks several times. */
	if (question->rc)
		return -1;
	question->rc = key_secret(KEY_PASSPHRASE, question->file, NULL, &passphrase, question->err);
	if (question->rc)
		return -1;
	size = strlen(passphrase);
	if (size > (size_t)room)
		return -1;
	memcpy(buf, passphrase, size);
	return (int)size;
}

/* A key that was loaded. */
struct loaded {
	EVP_PKEY *pkey; /* NULL: none yet */
	bool encrypted; /* its file is */
};

static void free_loaded(struct loaded *loaded)
{
	EVP_PKEY_free(loaded->pkey);
}

/* An encrypted key did not open with its passphrase: OpenSSL's queue says why. */
static int refuse_encrypted(const char *file, struct err *err)
{
	char name[64];

	if (key_lacks_algorithm(name, sizeof(name)))
		return key_lacks(file, name, err);
	return err_set(err, -ENOKEY, "%s: the passphrase is wrong", file);
}

static int refuse_content(const char *file, struct view content, struct err *err)
{
	const char *what = key_foreign_content(content);

	if (what)
		return err_set(err, -ENOKEY, "%s: %s%s", file,
			       strncmp(what, "contains", strlen("contains")) ? "is " : "", what);
	return err_set(err, -ENOKEY,
		       "%s: contains no private key: expected PEM (-----BEGIN PRIVATE KEY-----), "
		       "DER or PKCS#12",
		       file);
}

static int pem_key(BIO *bio, const char *file, struct view content, struct loaded *ret,
		   struct err *err)
{
	struct question question = {.file = file, .err = err};
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &question);
	int rc = question.rc;

	if (!pkey && !rc)
		rc = question.encrypted ? refuse_encrypted(file, err)
					: refuse_content(file, content, err);
	ERR_clear_error();
	*ret = (struct loaded){pkey, question.encrypted};
	return pkey ? 0 : rc;
}

/* An encrypted key in DER (RFC 5958 3). *ret stays empty if CONTENT is something else. */
static int encrypted_der_key(struct view content, const char *file, struct loaded *ret,
			     struct err *err)
{
	_cleanup_(PKCS8_PRIV_KEY_INFO_free_p) PKCS8_PRIV_KEY_INFO *info = NULL;
	_cleanup_(X509_SIG_free_p) X509_SIG *sealed = NULL;
	const uint8_t *at = content.data;
	const char *passphrase;
	int rc;

	sealed = d2i_X509_SIG(NULL, &at, (long)content.size);
	ERR_clear_error();
	if (!sealed || at != content.data + content.size)
		return 0;
	rc = key_secret(KEY_PASSPHRASE, file, NULL, &passphrase, err);
	if (rc)
		return rc;
	info = PKCS8_decrypt(sealed, passphrase, (int)strlen(passphrase));
	*ret = (struct loaded){info ? EVP_PKCS82PKEY(info) : NULL, true};
	return ret->pkey ? 0 : refuse_encrypted(file, err);
}

/* A key in DER: PKCS#8, or one of the older formats. *ret stays empty if CONTENT is none. */
static int der_key(struct view content, const char *file, struct loaded *ret, struct err *err)
{
	const uint8_t *at = content.data;
	EVP_PKEY *pkey;

	if (!content.size || *content.data != DER_SEQUENCE)
		return 0;
	pkey = d2i_AutoPrivateKey(NULL, &at, (long)content.size);
	ERR_clear_error();
	if (!pkey)
		return encrypted_der_key(content, file, ret, err);
	if (at != content.data + content.size) {
		EVP_PKEY_free(pkey);
		return err_set(err, -EBADMSG, "%s: %zu bytes follow the private key", file,
			       (size_t)(content.data + content.size - at));
	}
	ret->pkey = pkey;
	return 0;
}

/*
 * The first block of a PEM text, if it is an unencrypted key of KIND, else NULL. Knowing the kind
 * keeps OpenSSL from trying all its decoders, which takes a tenth of the time to sign one object.
 */
static EVP_PKEY *plain_key(BIO *bio, int kind)
{
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	EVP_PKEY *pkey = NULL;
	const uint8_t *at;
	long size = 0;

	if (PEM_read_bio(bio, &name, &header, &der, &size) && !strcmp(name, PEM_STRING_PKCS8INF) &&
	    !*header) {
		at = der;
		pkey = d2i_PrivateKey(kind, NULL, &at, size);
	}
	ERR_clear_error();
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)size);
	return pkey;
}

static int text_key(const char *file, struct view content, int kind, struct loaded *ret,
		    struct err *err)
{
	_cleanup_(BIO_free_all_p) BIO *bio = BIO_new_mem_buf(content.data, (int)content.size);

	if (!bio)
		return err_nomem(err);
	ret->pkey = kind > 0 ? plain_key(bio, kind) : NULL;
	if (ret->pkey)
		return 0;
	BIO_reset(bio);
	return pem_key(bio, file, content, ret, err);
}

int key_file_key(const char *file, int kind, EVP_PKEY **ret, bool *ret_encrypted, struct err *err)
{
	_cleanup_(key_pkcs12_free) struct key_pkcs12 p12 = {0};
	_cleanup_(free_loaded) struct loaded loaded = {0};
	_cleanup_(buf_wipe) struct buf content = {0};
	bool is_p12 = false;
	int rc;

	rc = key_file_read(file, &content, err);
	if (!rc)
		rc = key_pkcs12_open(buf_view(&content), file, &is_p12, &p12, err);
	if (!rc && is_p12 && !p12.pkey)
		rc = err_set(err, -ENOKEY, "%s: contains no private key", file);
	if (!rc && is_p12) {
		loaded.pkey = take_ptr(p12.pkey);
		loaded.encrypted = p12.encrypted;
	}
	if (!rc && !loaded.pkey)
		rc = der_key(buf_view(&content), file, &loaded, err);
	if (!rc && !loaded.pkey)
		rc = text_key(file, buf_view(&content), kind, &loaded, err);
	if (rc)
		return rc;
	*ret = take_ptr(loaded.pkey);
	*ret_encrypted = loaded.encrypted;
	return 0;
}

/*
 * The signer's certificate: the one that belongs to a key, or else the first in its file. The file
 * may also hold other blocks.
 */
struct found {
	EVP_PKEY *pkey; /* borrowed; NULL: unknown */
	X509 *x509;
	unsigned int nr;
	bool fits;
	bool is_der;
};

static void free_found(struct found *found)
{
	X509_free(found->x509);
}

/* Keep X509, which is taken over, if it is better than what was found before. */
static void keep(struct found *found, X509 *x509)
{
	bool fits = !found->fits && found->pkey && X509_check_private_key(x509, found->pkey) == 1;

	ERR_clear_error();
	if (found->x509 && !fits) {
		X509_free(x509);
		return;
	}
	X509_free(found->x509);
	found->x509 = x509;
	found->fits = fits;
}

static int keep_item(void *arg, const struct pem_item *item, struct err *err)
{
	struct found *found = arg;
	const uint8_t *at = item->der.data;
	const uint8_t *end = at + item->der.size;
	X509 *x509;

	if (item->kind == PEM_OTHER)
		return 0;
	found->is_der |= !item->line;
	/* without a key, only the first matters */
	if (found->nr++ && !found->pkey)
		return 0;
	x509 = item->kind == PEM_TRUSTED ? d2i_X509_AUX(NULL, &at, (long)item->der.size)
					 : d2i_X509(NULL, &at, (long)item->der.size);
	ERR_clear_error();
	if (x509 && at == end) {
		keep(found, x509);
		return 0;
	}
	X509_free(x509);
	return err_line(err, item->line ? -EBADMSG : ERR_NO_CERT, item->line,
			item->line ? "the PEM block is not a certificate"
				   : "contains no certificate: expected PEM (-----BEGIN "
				     "CERTIFICATE-----), DER or PKCS#12");
}

static int find_in_text(const char *file, struct view content, struct found *found, struct err *err)
{
	int rc = pem_each(content, keep_item, found, err);

	if (!rc && !found->x509)
		rc = err_set(err, ERR_NO_CERT,
			     "contains no certificate: expected PEM (-----BEGIN "
			     "CERTIFICATE-----), DER or PKCS#12");
	if (rc)
		key_file_prefix(file, err);
	return rc;
}

/* Of a PKCS#12 file, without a key from elsewhere, its own key decides. */
static int find_in_p12(const char *file, struct key_pkcs12 *p12, struct found *found,
		       struct err *err)
{
	found->pkey = found->pkey ?: p12->pkey;
	while (sk_X509_num(p12->certs) > 0) {
		keep(found, sk_X509_shift(p12->certs));
		found->nr++;
	}
	return found->x509 ? 0 : err_set(err, ERR_NO_CERT, "%s: contains no certificate", file);
}

int key_file_cert(const char *file, EVP_PKEY *pkey, X509 **ret, struct key_file_form *ret_form,
		  struct err *err)
{
	_cleanup_(free_found) struct found found = {.pkey = pkey};
	_cleanup_(key_pkcs12_free) struct key_pkcs12 p12 = {0};
	_cleanup_(buf_wipe) struct buf content = {0};
	bool is_p12 = false;
	int rc;

	rc = key_file_read(file, &content, err);
	if (!rc)
		rc = key_pkcs12_open(buf_view(&content), file, &is_p12, &p12, err);
	if (!rc)
		rc = is_p12 ? find_in_p12(file, &p12, &found, err)
			    : find_in_text(file, buf_view(&content), &found, err);
	if (rc)
		return rc;
	*ret = take_ptr(found.x509);
	*ret_form = (struct key_file_form){found.nr - 1, found.is_der};
	return 0;
}
