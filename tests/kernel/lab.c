// SPDX-License-Identifier: BSD-2-Clause
#include "lab.h"

#include <errno.h>
#include <limits.h>
#include <linux/bpf.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "ossl.h"
#include "scheme.h"

DEFINE_CLEANUP(CMS_ContentInfo *, CMS_ContentInfo_free)

/* --- keys --- */

static const char *const key_names[KEY_NR] = {
	[KEY_RSA2048] = "rsa2048", [KEY_RSA4096] = "rsa4096",		[KEY_P256] = "p256",
	[KEY_P384] = "p384",	   [KEY_UNRELATED] = "unrelated",	[KEY_NOSKID] = "noskid",
	[KEY_EXPIRED] = "expired", [KEY_WRONGUSAGE] = "wrongusage",	[KEY_CA] = "ca",
	[KEY_LEAF] = "leaf",	   [KEY_INTERMEDIATE] = "intermediate", [KEY_DEEP] = "deep",
	[KEY_REVOKED] = "revoked", [KEY_MLDSA44] = "mldsa44",		[KEY_MLDSA65] = "mldsa65",
	[KEY_MLDSA87] = "mldsa87",
};

/* Open DIR/NAME.SUFFIX; NULL if there is none. */
static BIO *open_file(const char *dir, const char *name, const char *suffix)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, suffix);
	return BIO_new_file(path, "r");
}

/* Without what key.c knows of keys that a kernel can use. */
static int load_signer(const char *dir, const char *name, struct lab_signer *ret, struct err *err)
{
	_cleanup_(BIO_free_all_p) BIO *key = open_file(dir, name, "key");
	_cleanup_(BIO_free_all_p) BIO *cert = open_file(dir, name, "crt");
	uint8_t *space;
	int size;

	ret->pkey = key ? PEM_read_bio_PrivateKey(key, NULL, NULL, NULL) : NULL;
	ret->cert = cert ? PEM_read_bio_X509(cert, NULL, NULL, NULL) : NULL;
	if (!ret->pkey || !ret->cert)
		return ossl_error(err, -ENOKEY, name);
	size = i2d_X509(ret->cert, NULL);
	space = size > 0 ? buf_space(&ret->der, (size_t)size) : NULL;
	if (!space)
		return err_nomem(err);
	i2d_X509(ret->cert, &space);
	return 0;
}

static void forget(struct lab_signer *signer)
{
	EVP_PKEY_free(signer->pkey);
	X509_free(signer->cert);
	buf_free(&signer->der);
	*signer = (struct lab_signer){0};
}

int lab_open(const char *dir, struct lab *ret, struct err *err)
{
	_lab_ struct lab lab = {0};

	for (size_t i = 0; i < KEY_NR; i++) {
		int rc = load_signer(dir, key_names[i], &lab.signers[i], err);

		if (rc && i >= KEY_MLDSA44)
			forget(&lab.signers[i]);
		else if (rc)
			return rc;
	}
	*ret = lab;
	lab = (struct lab){0};
	return 0;
}

void lab_close(struct lab *lab)
{
	for (size_t i = 0; i < KEY_NR; i++)
		forget(&lab->signers[i]);
}

bool lab_has(const struct lab *lab, enum lab_key key)
{
	return lab->signers[key].pkey;
}

struct view lab_cert(const struct lab *lab, enum lab_key key)
{
	return buf_view(&lab->signers[key].der);
}

/* --- signatures --- */

static int add_signer(CMS_ContentInfo *cms, const struct lab_signer *signer,
		      const struct lab_sign *how, unsigned int flags, struct err *err)
{
	const EVP_MD *md = EVP_get_digestbyname(how->digest ? how->digest : "sha256");
	bool by_issuer = how->issuer || !X509_get0_subject_key_id(signer->cert);
	CMS_SignerInfo *info;

	if (!md)
		return err_set(err, -ENOTSUP, "OpenSSL has no %s", how->digest);
	flags |= CMS_PARTIAL | (by_issuer ? 0 : CMS_USE_KEYID) | (how->pss ? CMS_KEY_PARAM : 0);
	info = CMS_add1_signer(cms, signer->cert, signer->pkey, md, flags);
	if (!info)
		return ossl_error(err, -ENOTSUP, "cannot sign with this key");
	if (how->pss && EVP_PKEY_CTX_set_rsa_padding(CMS_SignerInfo_get0_pkey_ctx(info),
						     RSA_PKCS1_PSS_PADDING) <= 0)
		return ossl_error(err, -ENOTSUP, "cannot sign with RSA-PSS");
	if (how->unknown &&
	    !CMS_signed_add1_attr_by_txt(info, "1.2.3.4", V_ASN1_OCTET_STRING, "unknown", 7))
		return ossl_error(err, -ENOMEM, "cannot add an attribute");
	return 0;
}

static int encode(CMS_ContentInfo *cms, struct buf *ret, struct err *err)
{
	_buf_ struct buf der = {0};
	int size = i2d_CMS_ContentInfo(cms, NULL);
	uint8_t *space = size > 0 ? buf_space(&der, (size_t)size) : NULL;

	if (!space)
		return ossl_error(err, -ENOMEM, "cannot encode the signature");
	i2d_CMS_ContentInfo(cms, &space);
	*ret = buf_take(&der);
	return 0;
}

int lab_sign(const struct lab *lab, const struct lab_sign *how, struct view content,
	     struct buf *ret, struct err *err)
{
	const unsigned int flags = CMS_BINARY | (how->attached ? 0 : CMS_DETACHED) |
				   (how->certs ? 0 : CMS_NOCERTS) |
				   (how->attributes ? 0 : CMS_NOATTR) |
				   (how->smimecap ? 0 : CMS_NOSMIMECAP);
	_cleanup_(CMS_ContentInfo_free_p) CMS_ContentInfo *cms = NULL;
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;

	bio = BIO_new_mem_buf(content.data, (int)content.size);
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL | CMS_STREAM);
	if (!bio || !cms)
		return ossl_error(err, -ENOMEM, "cannot begin a signature");
	for (size_t i = 0; i < KEY_NR; i++) {
		const struct lab_signer *signer = &lab->signers[i];
		int rc;

		if (i == how->key || how->also & KEY_BIT(i)) {
			rc = add_signer(cms, signer, how, flags, err);
			if (rc)
				return rc;
		}
		if (how->extra & KEY_BIT(i) && !CMS_add1_cert(cms, signer->cert))
			return ossl_error(err, -ENOTSUP, "cannot add a certificate");
	}
	if (CMS_final(cms, bio, NULL, flags) != 1)
		return ossl_error(err, -EKEYREJECTED, "cannot sign");
	return encode(cms, ret, err);
}

/* --- loads --- */

enum scheme lab_scheme(const char *line)
{
	if (!strcmp(line, "7.3"))
		return SCHEME_FOLDED;
	return !strcmp(line, "chain") ? SCHEME_CHAIN : SCHEME_INSNS;
}

/* For each map ld_imm64 r1 = map of fd_array[i], then r0 = 0; exit. */
static int make_program(uint32_t nr_maps, struct image *image, struct err *err)
{
	const struct bpf_insn end[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	_buf_ struct buf insns = {0};

	for (uint32_t i = 0; i < nr_maps; i++) {
		const struct bpf_insn load[2] = {{.code = BPF_LD | BPF_DW | BPF_IMM,
						  .dst_reg = BPF_REG_1,
						  .src_reg = BPF_PSEUDO_MAP_IDX,
						  .imm = (int32_t)i}};

		buf_add(&insns, load, sizeof(load));
	}
	buf_add(&insns, end, sizeof(end));
	return image_set_insns(image, &insns, err);
}

/* A map of the image: its bytes count up from its index. */
static int make_map(uint32_t i, const struct lab_maps *how, struct image *image, struct err *err)
{
	uint32_t size = how->size ? how->size : 64 - 8 * ((how->same ? 0 : i) + 1);
	uint32_t entries = how->entries ? how->entries : 1;
	_buf_ struct buf value = {0};
	uint8_t *bytes = buf_space(&value, (size_t)size * entries);

	if (!bytes)
		return err_nomem(err);
	for (size_t at = 0; !how->blank && at < value.size; at++)
		bytes[at] = (uint8_t)((how->same ? 0 : i) + 1 + at);
	return image_add_map(image, "map", &value, size, entries, err);
}

/* Map I of the image as the guest is to make it. */
static void present_map(const struct lab_maps *how, const struct image_map *map, uint32_t i,
			struct load_case *test)
{
	/* 6.18 to 7.2 want the hash asked for, for loaders that look at it; others do not mind. */
	uint32_t frozen = CASE_MAP_FROZEN | CASE_MAP_HASHED;

	test->maps[i] = (struct case_map){
		.type = how->type ? how->type : BPF_MAP_TYPE_ARRAY,
		.key_size = sizeof(uint32_t),
		.value_size = map->value_size,
		.max_entries = map->max_entries,
		.nr_values = how->blank ? 0 : map->max_entries,
		.flags = (how->not_frozen ? 0 : frozen) |
			 (how->not_exclusive ? 0 : CASE_MAP_EXCLUSIVE),
	};
	if (how->type)
		test->maps[i].flags &= ~(uint32_t)CASE_MAP_HASHED;
	if (!how->blank)
		test->values[i] = buf_view(&map->value);
}

int lab_load_make(enum scheme scheme, const struct lab_maps *how, struct lab_load *ret,
		  struct err *err)
{
	_lab_load_ struct lab_load load = {.test.keyring = CASE_KEYRING};
	uint32_t nr = how->none ? 0 : how->nr ? how->nr : 1;
	struct load_case *test = &load.test;
	int rc = make_program(nr, &load.image, err);

	for (uint32_t i = 0; !rc && i < nr; i++)
		rc = make_map(i, how, &load.image, err);
	if (rc)
		return rc;
	test->insns = buf_view(&load.image.insns);
	if (hash_sha256(test->insns, test->excl_hash))
		return err_nomem(err);
	test->excl_hash[0] ^= how->foreign_hash;
	test->nr_maps = nr;
	if (scheme == SCHEME_FOLDED && !how->no_fd_array_cnt)
		test->fd_array_cnt = nr;
	if (scheme == SCHEME_CHAIN)
		test->nr_chain = nr;
	for (uint32_t i = 0; i < nr; i++) {
		test->chain[i] = i;
		present_map(how, &load.image.maps[how->swapped ? nr - 1 - i : i], i, test);
	}
	*ret = load;
	load = (struct lab_load){0};
	return 0;
}

void lab_load_free(struct lab_load *load)
{
	image_free(&load->image);
	buf_free(&load->signature);
}
