// SPDX-License-Identifier: BSD-2-Clause
/* key_cert.c - certificates in files and folders, and the properties of a signer's certificate. */
#include <dirent.h>
#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "key/key.h"
#include "key/key_file.h"
#include "key/pem.h"
#include "ossl.h"

DEFINE_CLEANUP(X509_VAL *, X509_VAL_free)

/* TIME in seconds since 1970; OTHERWISE if it is malformed. */
static time_t seconds(const ASN1_TIME *time, time_t otherwise)
{
	struct tm tm;

	return ASN1_TIME_to_tm(time, &tm) ? timegm(&tm) : otherwise;
}

/* The digest that the issuer used, if its collision resistance is broken; else NULL. */
static const char *weak_digest(X509 *x509)
{
	int digest = NID_undef;

	if (!X509_get_signature_info(x509, &digest, NULL, NULL, NULL))
		return NULL;
	return digest == NID_sha1 ? "SHA-1" : digest == NID_md5 ? "MD5" : NULL;
}

/* Whether OpenSSL has found something wrong, and not only no memory for it. */
static bool found_fault(void)
{
	const int reason = ERR_GET_REASON(ERR_peek_error());

	return reason && reason != ERR_R_MALLOC_FAILURE;
}

/* Whether an extension that OpenSSL knows cannot be parsed, or is repeated. */
static bool is_invalid(X509 *x509)
{
	const STACK_OF(X509_EXTENSION) *list = X509_get0_extensions(x509);
	bool invalid = X509_get_extension_flags(x509) & EXFLAG_INVALID;

	ERR_clear_error();
	for (int i = 0; !invalid && i < sk_X509_EXTENSION_num(list); i++) {
		X509_EXTENSION *extension = sk_X509_EXTENSION_value(list, i);
		const X509V3_EXT_METHOD *method = X509V3_EXT_get(extension);
		void *value = method ? X509V3_EXT_d2i(extension) : NULL;

		invalid = method && !value && found_fault();
		if (value && method->it)
			ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
		else if (value)
			method->ext_free(value);
	}
	return invalid;
}

void key_signer_properties(const struct key_signer *signer, struct key_properties *ret)
{
	X509 *x509 = key_signer_x509(signer);
	const EVP_PKEY *pkey = X509_get0_pubkey(x509);
	uint32_t flags = X509_get_extension_flags(x509);

	*ret = (struct key_properties){
		.valid_from = seconds(X509_get0_notBefore(x509), INT64_MIN),
		.valid_to = seconds(X509_get0_notAfter(x509), INT64_MAX),
		.may_sign = !(flags & EXFLAG_KUSAGE) ||
			    X509_get_key_usage(x509) & KU_DIGITAL_SIGNATURE,
		.may_sign_code = !(flags & EXFLAG_XKUSAGE) ||
				 X509_get_extended_key_usage(x509) & (XKU_CODE_SIGN | XKU_ANYEKU),
		.has_key_id = *key_signer_skid(signer),
		.is_invalid = is_invalid(x509),
		.is_negative = ASN1_STRING_type(X509_get0_serialNumber(x509)) == V_ASN1_NEG_INTEGER,
		.rsa_bits = EVP_PKEY_is_a(pkey, "RSA") ? (unsigned int)EVP_PKEY_get_bits(pkey) : 0,
		.weak_digest = weak_digest(x509),
	};
	ERR_clear_error();
}

/* Go to the contents of the DER element at *AT or, if it is to be SKIPPED, behind it. */
static bool go_on(const uint8_t **at, const uint8_t *end, bool skipped)
{
	int tag, class;
	long size;

	/* the bits: it is malformed, or of indefinite length */
	if (*at == end || ASN1_get_object(at, &size, &tag, &class, end - *at) & 0x81)
		return false;
	if (skipped)
		*at += size;
	return true;
}

/*
 * The validity in a certificate (RFC 5280 4.1), which is not parsed as a whole: for its key OpenSSL
 * would collect all its decoders, which takes a third of the time to verify one header.
 */
static X509_VAL *find_validity(struct view der)
{
	const uint8_t *at = der.data, *end = at + der.size;
	bool fine = go_on(&at, end, false) && go_on(&at, end, false);

	/* the version may be missing: the serial number, the algorithm, the issuer */
	if (fine && at < end && *at == (V_ASN1_CONTEXT_SPECIFIC | V_ASN1_CONSTRUCTED))
		fine = go_on(&at, end, true);
	for (int i = 0; fine && i < 3; i++)
		fine = go_on(&at, end, true);
	return fine ? d2i_X509_VAL(NULL, &at, end - at) : NULL;
}

/* The same in BER of indefinite length. */
static X509 *parse_cert(struct view der)
{
	const uint8_t *at = der.data;

	return d2i_X509(NULL, &at, (long)der.size);
}

bool key_cert_validity(struct view der, time_t *ret_from, time_t *ret_to)
{
	_cleanup_(X509_VAL_free_p) X509_VAL *validity = find_validity(der);
	_cleanup_(X509_free_p) X509 *x509 = validity ? NULL : parse_cert(der);

	ERR_clear_error();
	if (!validity && !x509)
		return false;
	*ret_from = seconds(x509 ? X509_get0_notBefore(x509) : validity->notBefore, INT64_MIN);
	*ret_to = seconds(x509 ? X509_get0_notAfter(x509) : validity->notAfter, INT64_MAX);
	return true;
}

/* --- certificates of a file --- */

/* The file that is being read. */
struct source {
	const char *file;
	const struct key_certs *certs;
};

static int refuse_block(const struct pem_item *item, struct err *err)
{
	char label[64];

	err_escape(label, sizeof(label), item->label.data, item->label.size);
	return err_line(
		err, -EBADMSG, item->line,
		"a PEM block of another kind (%s): expected only CERTIFICATE blocks%s", label,
		item->kind == PEM_TRUSTED ? "; convert it with \"openssl x509 -in OLD -out NEW\""
					  : "");
}

static int hand_on(void *arg, const struct pem_item *item, struct err *err)
{
	const struct source *source = arg;
	_cleanup_(freep) char *place = NULL;
	int size;

	if (item->kind != PEM_CERTIFICATE)
		return refuse_block(item, err);
	if (item->line)
		size = asprintf(&place, "%s:%u", source->file, item->line);
	else if (item->alone)
		size = asprintf(&place, "%s", source->file);
	else
		size = asprintf(&place, "%s: offset %zu", source->file, item->offset);
	if (size < 0) {
		place = NULL;
		return err_nomem(err);
	}
	return source->certs->cert(source->certs->arg,
				   &(struct key_cert){source->file, place, item->der}, err);
}

static int each_in_file(const char *file, const struct key_certs *certs, struct err *err)
{
	struct source source = {file, certs};
	_buf_ struct buf content = {0};
	int rc;

	rc = key_file_read(file, &content, err);
	if (rc)
		return rc;
	rc = pem_each(buf_view(&content), hand_on, &source, err);
	if (rc)
		key_file_prefix(file, err);
	return rc == ERR_NO_CERT ? err->code = -ENOKEY : rc;
}

/* --- certificates of a folder --- */

/*
 * "1f2a3b4c.0": a link of openssl-rehash(1) to a certificate. (A link to a CRL has "r0" at the
 * end.)
 */
static bool is_hash_name(const char *name)
{
	size_t hash = strspn(name, "0123456789abcdef");

	return hash == 8 && name[hash] == '.' && name[hash + 1] &&
	       strspn(name + hash + 1, "0123456789") == strlen(name + hash + 1);
}

static bool is_cert_name(const char *name)
{
	static const char *const suffixes[] = {".pem", ".crt", ".cer", ".der"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < ARRAY_SIZE(suffixes); i++) {
		if (!strcasecmp(dot, suffixes[i]))
			return true;
	}
	return is_hash_name(name);
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Compare names byte by byte, in any locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int each_in_entry(const char *folder, const char *name, const struct key_certs *certs,
			 struct err *err)
{
	_cleanup_(freep) char *file = NULL;
	struct stat st;

	if (asprintf(&file, "%s/%s", folder, name) < 0) {
		file = NULL;
		return err_nomem(err);
	}
	if (!stat(file, &st) && S_ISDIR(st.st_mode))
		return err_set(err, -EISDIR,
			       "%s: is a folder inside a folder of certificates: expected only "
			       "files",
			       file);
	return each_in_file(file, certs, err);
}

struct entries {
	struct dirent **list;
	int nr;
};

static void free_entries(struct entries *entries)
{
	for (int i = 0; i < entries->nr; i++)
		free(entries->list[i]);
	free(entries->list);
}

static int each_in_folder(const char *folder, const struct key_certs *certs, struct err *err)
{
	_cleanup_(free_entries) struct entries entries = {.nr = 0};
	_cleanup_(freep) const char **others = NULL;
	size_t nr_others = 0;
	int rc = 0;

	entries.nr = scandir(folder, &entries.list, is_entry, by_name);
	if (entries.nr < 0)
		return err_set(err, -errno, "%s: cannot read the folder: %s", folder,
			       strerror(errno));
	others = calloc((size_t)entries.nr + 1, sizeof(*others));
	if (!others)
		return err_nomem(err);
	for (int i = 0; !rc && i < entries.nr; i++) {
		const char *name = entries.list[i]->d_name;

		if (certs->ignored && !is_cert_name(name))
			others[nr_others++] = name;
		else
			rc = each_in_entry(folder, name, certs, err);
	}
	if (!rc && nr_others == (size_t)entries.nr)
		return err_set(err, -ENOKEY,
			       "%s: contains no certificate: no file name ends in .pem, .crt, "
			       ".cer or .der",
			       folder);
	if (!rc && nr_others)
		rc = certs->ignored(certs->arg, folder, others, nr_others, err);
	return rc;
}

int key_each_cert(const char *path, const struct key_certs *certs, struct err *err)
{
	struct stat st;

	if (!stat(path, &st) && S_ISDIR(st.st_mode))
		return each_in_folder(path, certs, err);
	return each_in_file(path, certs, err);
}
