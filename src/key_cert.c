// SPDX-License-Identifier: BSD-2-Clause
/*
 * key_cert.c - certificates of files and folders, and what a signer's says.
 */
#include <dirent.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "key.h"
#include "key_file.h"
#include "ossl.h"

/* TIME in seconds since 1970; OTHERWISE if it is none. */
static time_t seconds(const ASN1_TIME *time, time_t otherwise)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : otherwise;
}

/* The digest that the issuer used, if collisions of it can be made. */
static const char *weak_digest(X509 *x509)
{
	int digest = NID_undef;

	if (!X509_get_signature_info(x509, &digest, NULL, NULL, NULL))
		return NULL;
	return digest == NID_sha1 ? "SHA-1" : digest == NID_md5 ? "MD5" : NULL;
}

void key_signer_facts(const struct key_signer *signer, struct key_facts *ret)
{
	X509 *x509 = key_signer_x509(signer);
	const EVP_PKEY *pkey = X509_get0_pubkey(x509);
	uint32_t flags = X509_get_extension_flags(x509);

	*ret = (struct key_facts){
		.valid_from = seconds(X509_get0_notBefore(x509), INT64_MIN),
		.valid_to = seconds(X509_get0_notAfter(x509), INT64_MAX),
		.may_sign = !(flags & EXFLAG_KUSAGE) ||
			    X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE,
		.may_sign_code = !(flags & EXFLAG_XKUSAGE) ||
				 X509_get_extended_key_usage(x509) & XKU_CODE_SIGN,
		.has_key_id = *key_signer_skid(signer),
		.rsa_bits = EVP_PKEY_is_a(pkey, "RSA") ? (unsigned int)EVP_PKEY_get_bits(pkey) : 0,
		.weak_digest = weak_digest(x509),
	};
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

	rc = key_file_read(file, &content, err);
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
