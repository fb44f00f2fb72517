// SPDX-License-Identifier: BSD-2-Clause
#include "key/key_pkcs12.h"

#include <errno.h>
#include <openssl/opensslv.h>
#include <openssl/pkcs12.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "key/key_secret.h"
#include "ossl.h"

DEFINE_CLEANUP(PKCS12 *, PKCS12_free)

#define PBMAC1_SINCE 0x30400000UL

void key_pkcs12_free(struct key_pkcs12 *p12)
{
	EVP_PKEY_free(p12->pkey);
	sk_X509_pop_free(p12->certs, X509_free);
	*p12 = (struct key_pkcs12){0};
}

/* --- what OpenSSL lacks --- */

/* The name in "Algorithm (NAME : 0)", which OpenSSL adds to some of its errors. */
static void read_name(const char *data, char *name, size_t size)
{
	const char *at = data ? strstr(data, "Algorithm (") : NULL;

	if (at && !*name) {
		at += strlen("Algorithm (");
		snprintf(name, size, "%.*s", (int)strcspn(at, " :)"), at);
	}
}

static bool is_lack(unsigned long error)
{
	const char *reason = ERR_reason_error_string(error) ?: "";
	int lib = ERR_GET_LIB(error);

	return (lib == ERR_LIB_EVP || lib == ERR_LIB_PEM) &&
	       (strstr(reason, "unsupported") || strstr(reason, "unknown"));
}

bool key_lacks_algorithm(char *name, size_t size)
{
	bool lacks = false, wrong = false;
	unsigned long error;
	const char *data;
	int flags;

	*name = '\0';
	while ((error = ERR_get_error_all(NULL, NULL, NULL, &data, &flags))) {
		const char *reason = ERR_reason_error_string(error) ?: "";

		wrong |= !strcmp(reason, "bad decrypt");
		if (!is_lack(error))
			continue;
		lacks = true;
		read_name(flags & ERR_TXT_STRING ? data : NULL, name, size);
	}
	return lacks && !wrong;
}

int key_lacks(const char *file, const char *name, struct err *err)
{
	return err_set(err, -ENOTSUP,
		       "%s: OpenSSL %s does not support its encryption%s%s%s: decrypt it with "
		       "\"openssl pkcs12 -legacy\" or \"openssl pkey -provider legacy -provider "
		       "default\", and encrypt it with AES",
		       file, crypto_version(), *name ? " (" : "", name, *name ? ")" : "");
}

/* --- bags --- */

static bool add_key(const PKCS8_PRIV_KEY_INFO *info, struct key_pkcs12 *found)
{
	if (info && !found->pkey)
		found->pkey = EVP_PKCS82PKEY(info);
	return info && found->pkey;
}

static bool add_encrypted_key(const PKCS12_SAFEBAG *bag, const char *passphrase,
			      struct key_pkcs12 *found)
{
	PKCS8_PRIV_KEY_INFO *info = PKCS12_decrypt_skey(bag, passphrase, -1);
	bool done = add_key(info, found);

	PKCS8_PRIV_KEY_INFO_free(info);
	return done;
}

static bool add_cert(const PKCS12_SAFEBAG *bag, struct key_pkcs12 *found)
{
	X509 *x509;

	if (PKCS12_SAFEBAG_get_bag_nid(bag) != NID_x509Certificate)
		return true;
	x509 = PKCS12_SAFEBAG_get1_cert(bag);
	if (!found->certs)
		found->certs = sk_X509_new_null();
	if (x509 && found->certs && sk_X509_push(found->certs, x509))
		return true;
	X509_free(x509);
	return false;
}

/* Other bags, of revocation lists and secrets, are ignored. */
static bool add_bag(const PKCS12_SAFEBAG *bag, const char *passphrase, struct key_pkcs12 *found)
{
	switch (PKCS12_SAFEBAG_get_nid(bag)) {
	case NID_keyBag:
		return add_key(PKCS12_SAFEBAG_get0_p8inf(bag), found);
	case NID_pkcs8ShroudedKeyBag:
		return add_encrypted_key(bag, passphrase, found);
	case NID_certBag:
		return add_cert(bag, found);
	default:
		return true;
	}
}

static int add_bags(const STACK_OF(PKCS12_SAFEBAG) * bags, const char *passphrase,
		    struct key_pkcs12 *found)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		if (!add_bag(sk_PKCS12_SAFEBAG_value(bags, i), passphrase, found))
			return -EBADMSG;
	}
	return bags ? 0 : -EBADMSG;
}

static int add_part(PKCS7 *part, const char *passphrase, struct key_pkcs12 *found)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	int rc;

	if (PKCS7_type_is_data(part))
		bags = PKCS12_unpack_p7data(part);
	else if (PKCS7_type_is_encrypted(part))
		bags = PKCS12_unpack_p7encdata(part, passphrase, -1);
	rc = add_bags(bags, passphrase, found);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return rc;
}

/* Read all of P12 with PASSPHRASE. -EBADMSG: it is wrong, or OpenSSL's queue tells more. */
static int add_all(const PKCS12 *p12, const char *passphrase, struct key_pkcs12 *found)
{
	STACK_OF(PKCS7) *parts = PKCS12_unpack_authsafes(p12);
	int rc = parts ? 0 : -EBADMSG;

	ERR_clear_error();
	for (int i = 0; !rc && i < sk_PKCS7_num(parts); i++)
		rc = add_part(sk_PKCS7_value(parts, i), passphrase, found);
	sk_PKCS7_pop_free(parts, PKCS7_free);
	return rc;
}

/* --- the passphrase --- */

/* Whether this OpenSSL can check the MAC of P12. */
static int check_mac(const PKCS12 *p12, const char *file, struct err *err)
{
	const X509_ALGOR *alg = NULL;
	const ASN1_OBJECT *oid = NULL;
	EVP_MD *md;
	int nid;

	PKCS12_get0_mac(NULL, &alg, NULL, NULL, p12);
	X509_ALGOR_get0(&oid, NULL, NULL, alg);
	nid = OBJ_obj2nid(oid);
	if (nid == NID_pbmac1) {
		if (OpenSSL_version_num() >= PBMAC1_SINCE)
			return 0;
		return err_set(err, -ENOTSUP,
			       "%s: is protected with PBMAC1, which needs OpenSSL 3.4 or later, "
			       "but this is %s: export it without -pbmac1_pbkdf2",
			       file, crypto_version());
	}
	md = EVP_MD_fetch(NULL, OBJ_nid2sn(nid) ?: "", NULL);
	EVP_MD_free(md);
	ERR_clear_error();
	return md ? 0
		  : err_set(err, -ENOTSUP,
			    "%s: OpenSSL %s does not support the digest of its MAC: export it "
			    "again with a newer one (-macalg sha256)",
			    file, crypto_version());
}

/* Read all of P12 if PASSPHRASE is right. */
static int try(PKCS12 *p12, const char *passphrase, struct key_pkcs12 *ret)
{
	_cleanup_(key_pkcs12_free) struct key_pkcs12 found = {0};
	int rc;

	if (PKCS12_mac_present(p12) &&
	    !PKCS12_verify_mac(p12, passphrase, passphrase && *passphrase ? -1 : 0))
		return -EACCES;
	rc = add_all(p12, passphrase, &found);
	if (rc)
		return rc;
	*ret = found;
	found = (struct key_pkcs12){0};
	return 0;
}

/* RC is the last result of try() with the user's passphrase. */
static int explain(const PKCS12 *p12, const char *file, int rc, struct err *err)
{
	char name[64];

	if (key_lacks_algorithm(name, sizeof(name)) && rc != -EACCES)
		return key_lacks(file, name, err);
	if (rc == -EACCES || !PKCS12_mac_present(p12))
		return err_set(err, -ENOKEY, "%s: the passphrase is wrong", file);
	return err_set(err, -EBADMSG, "%s: is damaged: its contents cannot be decrypted", file);
}

static int open_p12(PKCS12 *p12, const char *file, struct key_pkcs12 *ret, struct err *err)
{
	const char *passphrase;
	char name[64];
	int rc = PKCS12_mac_present(p12) ? check_mac(p12, file, err) : 0;

	if (rc)
		return rc;
	/* a file that is not encrypted opens with any; no passphrase and an empty one differ */
	if (!try(p12, NULL, ret) || !try(p12, "", ret))
		return 0;
	if (!PKCS12_mac_present(p12) && key_lacks_algorithm(name, sizeof(name)))
		return key_lacks(file, name, err);
	ERR_clear_error();
	rc = key_secret(KEY_PASSPHRASE, file, NULL, &passphrase, err);
	if (rc)
		return rc;
	rc = try(p12, passphrase, ret);
	ret->encrypted = !rc;
	return rc ? explain(p12, file, rc, err) : 0;
}

int key_pkcs12_open(struct view content, const char *file, bool *ret_is, struct key_pkcs12 *ret,
		    struct err *err)
{
	_cleanup_(PKCS12_free_p) PKCS12 *p12 = NULL;
	const uint8_t *at = content.data;
	int rc;

	p12 = d2i_PKCS12(NULL, &at, (long)content.size);
	ERR_clear_error();
	*ret_is = p12 != NULL;
	if (!p12)
		return 0;
	rc = open_p12(p12, file, ret, err);
	ERR_clear_error();
	return rc;
}
