// SPDX-License-Identifier: BSD-2-Clause
#include "key.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "ossl.h"

/* Larger than any key or bundle of certificates that makes sense. */
#define KEY_FILE_MAX ((size_t)1 << 20)

#define PASSPHRASE_MAX 1024

struct key_signer {
	EVP_PKEY *pkey;
	X509 *x509;
	struct buf der;
	char title[256];
	char skid[2 * 64 + 1];
};

void key_signer_free(struct key_signer *signer)
{
	if (!signer)
		return;
	EVP_PKEY_free(signer->pkey);
	X509_free(signer->x509);
	buf_free(&signer->der);
	free(signer);
}

struct view key_signer_cert(const struct key_signer *signer)
{
	return buf_view(&signer->der);
}

const char *key_signer_title(const struct key_signer *signer)
{
	return signer->title;
}

const char *key_signer_skid(const struct key_signer *signer)
{
	return signer->skid;
}

struct evp_pkey_st *key_signer_pkey(const struct key_signer *signer)
{
	return signer->pkey;
}

struct x509_st *key_signer_x509(const struct key_signer *signer)
{
	return signer->x509;
}

static int read_named(const char *file, struct buf *ret, struct err *err)
{
	int rc = file_read(file, KEY_FILE_MAX, ret, err);

	return rc ? err_prefix(err, "%s", file) : 0;
}

/* --- private keys --- */

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

static int load_key(const char *file, EVP_PKEY **ret, struct err *err)
{
	_cleanup_(buf_wipe) struct buf pem = {0};
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	struct passphrase passphrase = {0};
	EVP_PKEY *pkey;
	int rc;

	rc = read_named(file, &pem, err);
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

/* Kinds of key that some kernel of 6.18 to 7.3 verifies (crypto/asymmetric_keys/public_key.c). */
static int check_kind(const char *file, const EVP_PKEY *pkey, struct err *err)
{
	static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
	char curve[64] = "";

	if (EVP_PKEY_is_a(pkey, "RSA"))
		return 0;
	if (EVP_PKEY_is_a(pkey, "EC")) {
		EVP_PKEY_get_group_name(pkey, curve, sizeof(curve), NULL);
		for (size_t i = 0; i < ARRAY_SIZE(curves); i++) {
			if (!strcmp(curve, curves[i]))
				return 0;
		}
		return err_set(
			err, -ENOTSUP,
			"%s: no kernel verifies ECDSA over curve %s: use P-256, P-384 or RSA", file,
			curve);
	}
	return err_set(err, -ENOTSUP,
		       "%s: no kernel verifies signatures of a %s key: use RSA, P-256 or P-384",
		       file, EVP_PKEY_get0_type_name(pkey) ?: "unknown");
}

/* --- certificates --- */

/* The first certificate in FILE, PEM or DER. */
static int load_cert(const char *file, X509 **ret, struct err *err)
{
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	_buf_ struct buf content = {0};
	const uint8_t *der;
	X509 *x509;
	int rc;

	rc = read_named(file, &content, err);
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

static void name_signer(struct key_signer *signer)
{
	const X509_NAME *subject = X509_get_subject_name(signer->x509);
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(signer->x509);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	char line[200];

	if (at >= 0) {
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(
			X509_NAME_get_entry(subject, at));

		err_escape(signer->title, sizeof(signer->title), ASN1_STRING_get0_data(value),
			   (size_t)ASN1_STRING_length(value));
	} else if (X509_NAME_oneline(subject, line, sizeof(line))) {
		err_escape(signer->title, sizeof(signer->title), line, strlen(line));
	}
	if (!*signer->title)
		strcpy(signer->title, "a certificate without a subject");
	if (skid && ASN1_STRING_length(skid) <= 64)
		hex_string(signer->skid, ASN1_STRING_get0_data(skid),
			   (size_t)ASN1_STRING_length(skid));
}

static int encode_cert(struct key_signer *signer, struct err *err)
{
	int size = i2d_X509(signer->x509, NULL);
	uint8_t *der;

	if (size <= 0)
		return ossl_error(err, -EINVAL, "cannot encode the certificate");
	der = buf_space(&signer->der, (size_t)size);
	if (!der)
		return err_nomem(err);
	i2d_X509(signer->x509, &der);
	return 0;
}

int key_signer_load(const char *key, const char *cert, struct key_signer **ret, struct err *err)
{
	_cleanup_(key_signer_free_p) struct key_signer *signer = calloc(1, sizeof(*signer));
	int rc;

	if (!signer)
		return err_nomem(err);
	rc = load_cert(cert, &signer->x509, err);
	if (!rc)
		rc = load_key(key, &signer->pkey, err);
	if (!rc)
		rc = check_kind(key, signer->pkey, err);
	if (rc)
		return rc;
	if (X509_check_private_key(signer->x509, signer->pkey) != 1) {
		ERR_clear_error();
		return err_set(err, -EKEYREJECTED, "%s: the certificate is not for the key in %s",
			       cert, key);
	}
	rc = encode_cert(signer, err);
	if (rc)
		return rc;
	name_signer(signer);
	*ret = take_ptr(signer);
	return 0;
}

void key_signer_advice(const struct key_signer *signer, void (*call)(void *arg, const char *advice),
		       void *arg)
{
	uint32_t flags = X509_get_extension_flags(signer->x509);

	if (X509_cmp_current_time(X509_get0_notAfter(signer->x509)) < 0)
		call(arg,
		     "the certificate has expired; kernels do not look at the clock, people do");
	if (X509_cmp_current_time(X509_get0_notBefore(signer->x509)) > 0)
		call(arg, "the certificate is not valid yet; kernels do not look at the clock");
	if (flags & EXFLAG_KUSAGE && !(X509_get_key_usage(signer->x509) & KU_DIGITAL_SIGNATURE))
		call(arg,
		     "the certificate's keyUsage lacks digitalSignature; enrolment for the "
		     "kernel's .bpf keyring refuses it");
	if (flags & EXFLAG_XKUSAGE && !(X509_get_extended_key_usage(signer->x509) & XKU_CODE_SIGN))
		call(arg,
		     "the certificate's extendedKeyUsage lacks codeSigning; enrolment for the "
		     "kernel's .bpf keyring refuses it");
	if (!*signer->skid)
		call(arg,
		     "the certificate has no subjectKeyIdentifier; the signer is named by "
		     "issuer and serial number");
	ERR_clear_error();
}

/* The certificates in one file. */
static int each_in_file(const char *file, int (*call)(void *arg, struct view der, struct err *err),
			void *arg, struct err *err)
{
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;
	_buf_ struct buf content = {0};
	unsigned char *der;
	long size;
	int nr = 0;
	int rc;

	rc = read_named(file, &content, err);
	if (rc)
		return rc;
	if (content.size && content.data[0] != '-' &&
	    !memmem(content.data, content.size, "-----", 5))
		return call(arg, buf_view(&content), err);
	bio = BIO_new_mem_buf(content.data, (int)content.size);
	if (!bio)
		return err_nomem(err);
	for (; !rc && PEM_bytes_read_bio(&der, &size, NULL, PEM_STRING_X509, bio, NULL, NULL);
	     nr++) {
		rc = call(arg, view_of(der, (size_t)size), err);
		OPENSSL_free(der);
	}
	ERR_clear_error();
	if (!rc && !nr)
		return err_set(err, -ENOKEY, "%s: no certificate in it: expected PEM or DER", file);
	return rc;
}

/* What a file with certificates is called; a folder may hold other files, too. */
static int is_cert_file(const struct dirent *entry)
{
	static const char *const suffixes[] = {".pem", ".crt", ".cer", ".der"};
	const char *dot = strrchr(entry->d_name, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++) {
		if (!strcmp(dot, suffixes[i]))
			return 1;
	}
	return 0;
}

/* In the order of their names' bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int each_in_folder(const char *folder,
			  int (*call)(void *arg, struct view der, struct err *err), void *arg,
			  struct err *err)
{
	struct dirent **entries = NULL;
	int nr = scandir(folder, &entries, is_cert_file, by_name);
	int rc = 0;

	if (nr < 0)
		return err_set(err, -errno, "%s: cannot read the folder", folder);
	if (!nr)
		rc = err_set(err, -ENOKEY, "%s: no certificate in it: no .pem, .crt, .cer or .der",
			     folder);
	for (int i = 0; i < nr; i++) {
		_cleanup_(freep) char *file = NULL;

		if (!rc && asprintf(&file, "%s/%s", folder, entries[i]->d_name) < 0)
			rc = err_nomem(err);
		if (!rc)
			rc = each_in_file(file, call, arg, err);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

int key_each_cert(const char *path, int (*call)(void *arg, struct view der, struct err *err),
		  void *arg, struct err *err)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return each_in_folder(path, call, arg, err);
	return each_in_file(path, call, arg, err);
}
