// SPDX-License-Identifier: BSD-2-Clause
#include "key_file.h"

#include <errno.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "ossl.h"

/* Larger than any key or bundle of certificates that makes sense. */
#define KEY_FILE_MAX ((size_t)1 << 20)

#define PASSPHRASE_MAX 1024

int key_file_read(const char *file, struct buf *ret, struct err *err)
{
	int rc = file_read(file, KEY_FILE_MAX, ret, err);

	return rc ? err_prefix(err, "%s", file) : 0;
}

struct passphrase {
	bool asked; /* the key is encrypted */
	bool given;
};

/* The first line of FILE into BUF; its size, or -1. */
static int passphrase_from_file(const char *file, char *buf, int room)
{
	_cleanup_(buf_wipe) struct buf content = {0};
	struct err ignored;
	size_t size = 0;

	if (file_read(file, PASSPHRASE_MAX, &content, &ignored))
		return -1;
	while (size < content.size && content.data[size] != '\n' && content.data[size] != '\r')
		size++;
	if (size > (size_t)room)
		return -1;
	memcpy(buf, content.data, size);
	return (int)size;
}

/* OpenSSL's question for the passphrase of an encrypted key. */
static int give_passphrase(char *buf, int room, _unused_ int writing, void *arg)
{
	const char *direct = getenv("BPF_CHAINSIGN_PASSPHRASE");
	const char *file = getenv("BPF_CHAINSIGN_PASSPHRASE_FILE");
	struct passphrase *passphrase = arg;
	int size = -1;

	passphrase->asked = true;
	if (direct && strlen(direct) <= (size_t)room) {
		size = (int)strlen(direct);
		memcpy(buf, direct, (size_t)size);
	} else if (!direct && file) {
		size = passphrase_from_file(file, buf, room);
	}
	passphrase->given = size >= 0;
	return size;
}

static int no_key(const char *file, const struct passphrase *passphrase, struct err *err)
{
	ERR_clear_error();
	if (passphrase->asked && !passphrase->given)
		return err_set(err, -ENOKEY,
			       "%s: the key is encrypted: give its passphrase in "
			       "BPF_CHAINSIGN_PASSPHRASE or BPF_CHAINSIGN_PASSPHRASE_FILE",
			       file);
	if (passphrase->asked)
		return err_set(err, -ENOKEY, "%s: the passphrase does not open the key", file);
	return err_set(err, -ENOKEY,
		       "%s: no private key in it: expected PEM (-----BEGIN PRIVATE KEY-----)",
		       file);
}

int key_file_key(const char *file, EVP_PKEY **ret, struct err *err)
{
	_cleanup_(buf_wipe) struct buf pem = {0};
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	struct passphrase passphrase = {0};
	EVP_PKEY *pkey;
	int rc;

	rc = key_file_read(file, &pem, err);
	if (rc)
		return rc;
	bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	if (!bio)
		return err_nomem(err);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase);
	if (!pkey)
		return no_key(file, &passphrase, err);
	*ret = pkey;
	return 0;
}

int key_file_cert(const char *file, X509 **ret, struct err *err)
{
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	_buf_ struct buf content = {0};
	const uint8_t *der;
	X509 *x509;
	int rc;

	rc = key_file_read(file, &content, err);
	if (rc)
		return rc;
	bio = BIO_new_mem_buf(content.data, (int)content.size);
	if (!bio)
		return err_nomem(err);
	x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	der = content.data;
	if (!x509)
		x509 = d2i_X509(NULL, &der, (long)content.size);
	ERR_clear_error();
	if (!x509)
		return err_set(
			err, -ENOKEY,
			"%s: no certificate in it: expected PEM (-----BEGIN CERTIFICATE-----) "
			"or DER",
			file);
	*ret = x509;
	return 0;
}
