// SPDX-License-Identifier: BSD-2-Clause
#include "cms.h"

#include <errno.h>
#include <limits.h>
#include <openssl/cms.h>

#include "ossl.h"

DEFINE_CLEANUP(CMS_ContentInfo *, CMS_ContentInfo_free)

/* DER of CMS into *ret. */
static int encode(CMS_ContentInfo *cms, struct buf *ret, struct err *err)
{
	_buf_ struct buf der = {0};
	int size = i2d_CMS_ContentInfo(cms, NULL);
	uint8_t *space;

	if (size <= 0)
		return ossl_error(err, -EINVAL, "cannot encode the signature");
	space = buf_space(&der, (size_t)size);
	if (!space)
		return err_nomem(err);
	i2d_CMS_ContentInfo(cms, &space);
	*ret = buf_take(&der);
	return 0;
}

int cms_sign(const struct key_signer *signer, enum hash_alg hash, struct view content,
	     struct buf *ret, struct err *err)
{
	const unsigned int flags = CMS_BINARY | CMS_DETACHED | CMS_NOCERTS | CMS_NOATTR |
				   CMS_NOSMIMECAP | CMS_PARTIAL | CMS_STREAM;
	const unsigned int identifier = *key_signer_skid(signer) ? CMS_USE_KEYID : 0;
	const EVP_MD *md = EVP_get_digestbyname(hash_name(hash));
	_cleanup_(CMS_ContentInfo_free_p) CMS_ContentInfo *cms = NULL;
	_cleanup_(BIO_free_all_p) BIO *bio = NULL;

	if (!md)
		return err_set(err, -ENOTSUP, "OpenSSL has no %s", hash_name(hash));
	if (content.size > INT_MAX)
		return err_set(err, -E2BIG, "more to sign than a kernel verifies");
	bio = BIO_new_mem_buf(content.data, (int)content.size);
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
	if (!bio || !cms)
		return ossl_error(err, -ENOMEM, "cannot begin a signature");
	if (!CMS_add1_signer(cms, key_signer_x509(signer), key_signer_pkey(signer), md,
			     flags | identifier))
		return ossl_error(err, -ENOTSUP, "cannot sign with this key");
	if (CMS_final(cms, bio, NULL, CMS_BINARY) != 1)
		return ossl_error(err, -EKEYREJECTED, "cannot sign");
	return encode(cms, ret, err);
}
