// SPDX-License-Identifier: BSD-2-Clause
/*
 * key_cert.c - certificates of files and folders, and what people should know about one.
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

void key_signer_advice(const struct key_signer *signer, void (*call)(void *arg, const char *advice),
		       void *arg)
{
	X509 *x509 = key_signer_x509(signer);
	uint32_t flags = X509_get_extension_flags(x509);

	if (X509_cmp_current_time(X509_get0_notAfter(x509)) < 0)
		call(arg,
		     "the certificate has expired; kernels do not look at the clock, people do");
	if (X509_cmp_current_time(X509_get0_notBefore(x509)) > 0)
		call(arg, "the certificate is not valid yet; kernels do not look at the clock");
	if (flags & EXFLAG_KUSAGE && !(X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE))
		call(arg,
		     "the certificate's keyUsage lacks digitalSignature; enrolment for the "
		     "kernel's .bpf keyring refuses it");
	if (flags & EXFLAG_XKUSAGE && !(X509_get_extended_key_usage(x509) & XKU_CODE_SIGN))
		call(arg,
		     "the certificate's extendedKeyUsage lacks codeSigning; enrolment for the "
		     "kernel's .bpf keyring refuses it");
	if (!*key_signer_skid(signer))
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
