// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_file.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "base/file.h"
#include "key/key_secret.h"
#include "key/pem.h"
#include "ossl.h"

/* Larger than any sensible key or bundle of certificates. */
#define KEY_FILE_MAX ((size_t)1 << 20)

DEFINE_CLEANUP(PKCS12 *, PKCS12_free)

int key_file_read(const char *file, struct buf *ret, struct err *err)
{
	int rc = file_read(file, KEY_FILE_MAX, ret, err);

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

static int wrong_passphrase(const char *file, struct err *err)
{
	ERR_clear_error();
	return err_set(err, -ENOKEY, "%s: the passphrase is wrong", file);
}

/* --- PKCS#12 --- */

/* Get the passphrase of P12, which is NULL or "" if the file has none. */
static int pkcs12_passphrase(PKCS12 *p12, const char *file, const char **ret, struct err *err)
{
	const char *passphrase;
	int rc;

	if (PKCS12_mac_present(p12) &&
	    (PKCS12_verify_mac(p12, NULL, 0) || PKCS12_verify_mac(p12, "", 0))) {
		*ret = "";
		return 0;
	}
	ERR_clear_error();
	rc = key_secret(KEY_PASSPHRASE, file, NULL, &passphrase, err);
	if (rc)
		return rc;
	if (PKCS12_mac_present(p12) && !PKCS12_verify_mac(p12, passphrase, -1))
		return wrong_passphrase(file, err);
	*ret = passphrase;
	return 0;
}

/* Read the key of P12 and its certificate; each may be absent (NULL). */
static int open_pkcs12(PKCS12 *p12, const char *file, EVP_PKEY **ret_key, X509 **ret_cert,
		       struct err *err)
{
	const char *passphrase = NULL;
	int rc = pkcs12_passphrase(p12, file, &passphrase, err);

	if (rc)
		return rc;
	if (PKCS12_parse(p12, passphrase, ret_key, ret_cert, NULL) != 1) {
		rc = ossl_error(
			err, -ENOTSUP,
			"cannot decrypt it (if it uses an old algorithm such as RC2, convert it with \"openssl pkcs12 -legacy\")");
		return err_prefix(err, "%s", file);
	}
	ERR_clear_error();
	return 0;
}

static PKCS12 *parse_pkcs12(const struct buf *content)
{
	const uint8_t *at = content->data;
	PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)content->size);

	ERR_clear_error();
	return p12;
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
	question->rc = key_secret(KEY_PASSPHRASE, question->file, NULL, &passphrase, question->err);
	if (question->rc)
		return -1;
	size = strlen(passphrase);
	if (size > (size_t)room)
		return -1;
	memcpy(buf, passphrase, size);
	return (int)size;
}

static int pem_key(BIO *bio, const char *file, EVP_PKEY **ret, struct err *err)
{
	struct question question = {.file = file, .err = err};
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &question);

	ERR_clear_error();
	if (pkey) {
		*ret = pkey;
		return 0;
	}
	if (question.rc)
		return question.rc;
	if (question.encrypted)
		return wrong_passphrase(file, err);
	return err_set(err, -ENOKEY,
		       "%s: contains no private key: expected PEM (-----BEGIN PRIVATE KEY-----) "
		       "or PKCS#12",
		       file);
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

int key_file_key(const char *file, int kind, EVP_PKEY **ret, struct err *err)
{
	_cleanup_(PKCS12_free_p) PKCS12 *p12 = NULL;
	_cleanup_(buf_wipe) struct buf content = {0};
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	_cleanup_(X509_free_p) X509 *x509 = NULL;
	EVP_PKEY *pkey;
	int rc;

	rc = key_file_read(file, &content, err);
	if (rc)
		return rc;
	p12 = parse_pkcs12(&content);
	if (p12) {
		rc = open_pkcs12(p12, file, ret, &x509, err);
		if (!rc && !*ret)
			rc = err_set(err, -ENOKEY, "%s: contains no private key", file);
		return rc;
	}
	bio = BIO_new_mem_buf(content.data, (int)content.size);
	if (!bio)
		return err_nomem(err);
	pkey = kind > 0 ? plain_key(bio, kind) : NULL;
	if (!pkey) {
		BIO_reset(bio);
		return pem_key(bio, file, ret, err);
	}
	*ret = pkey;
	return 0;
}

/* The signer's certificate, which is the first in its file. The file may also hold other blocks. */
struct found {
	X509 *x509;
	unsigned int unused;
};

static void free_found(struct found *found)
{
	X509_free(found->x509);
}

static int keep_first(void *arg, const struct pem_item *item, struct err *err)
{
	struct found *found = arg;
	const uint8_t *at = item->der.data;
	const uint8_t *end = at + item->der.size;

	if (item->kind == PEM_OTHER)
		return 0;
	if (found->x509) {
		found->unused++;
		return 0;
	}
	if (item->kind == PEM_TRUSTED)
		found->x509 = d2i_X509_AUX(NULL, &at, (long)item->der.size);
	else
		found->x509 = d2i_X509(NULL, &at, (long)item->der.size);
	ERR_clear_error();
	if (found->x509 && at == end)
		return 0;
	return err_line(err, item->line ? -EBADMSG : ERR_NO_CERT, item->line,
			item->line ? "the PEM block is not a certificate"
				   : "contains no certificate: expected PEM (-----BEGIN "
				     "CERTIFICATE-----), DER or PKCS#12");
}

static int find_first(const char *file, struct view content, struct found *found, struct err *err)
{
	int rc = pem_each(content, keep_first, found, err);

	if (!rc && !found->x509)
		rc = err_set(err, ERR_NO_CERT,
			     "contains no certificate: expected PEM (-----BEGIN "
			     "CERTIFICATE-----), DER or PKCS#12");
	if (rc)
		key_file_prefix(file, err);
	return rc;
}

int key_file_cert(const char *file, X509 **ret, unsigned int *ret_unused, struct err *err)
{
	_cleanup_(free_found) struct found found = {NULL, 0};
	_cleanup_(PKCS12_free_p) PKCS12 *p12 = NULL;
	_cleanup_(EVP_PKEY_free_p) EVP_PKEY *pkey = NULL;
	_cleanup_(buf_wipe) struct buf content = {0};
	int rc;

	rc = key_file_read(file, &content, err);
	if (rc)
		return rc;
	p12 = parse_pkcs12(&content);
	if (p12)
		rc = open_pkcs12(p12, file, &pkey, &found.x509, err);
	else
		rc = find_first(file, buf_view(&content), &found, err);
	if (!rc && !found.x509)
		rc = err_set(err, ERR_NO_CERT, "%s: contains no certificate", file);
	if (rc)
		return rc;
	*ret = take_ptr(found.x509);
	*ret_unused = found.unused;
	return 0;
}
