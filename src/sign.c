// SPDX-License-Identifier: BSD-2-Clause
#include "sign.h"

#include <errno.h>
#include <string.h>

#include "cms.h"
#include "util.h"
#include "verdict.h"

void sign_end(struct sign *sign)
{
	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		kv_keyring_free(sign->keyrings[line]);
}

/* The keyring of LINE, made when it is first needed. */
static int own_keyring(struct sign *sign, enum kv_line line, struct kv_keyring **ret,
		       struct err *err)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	int rc;

	if (sign->keyrings[line]) {
		*ret = sign->keyrings[line];
		return 0;
	}
	rc = kv_keyring_new(line, &keyring);
	if (rc)
		return err_nomem(err);
	rc = kv_keyring_add(keyring, key_signer_cert(sign->signer), &answer, err);
	if (rc)
		return rc;
	if (answer.code)
		return err_set(err, answer.code,
			       "%s does not take the certificate into a keyring: %s (%s)",
			       kv_line_title(line), kv_errno_name(answer.code), answer.reason);
	*ret = sign->keyrings[line] = take_ptr(keyring);
	return 0;
}

/* What verify would say to the signature that was just made. */
static int check_own(struct sign *sign, const struct image *image, enum scheme scheme,
		     struct err *err)
{
	enum kv_line line = verdict_line(scheme);
	struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	int rc;

	rc = own_keyring(sign, line, &keyring, err);
	if (!rc)
		rc = verdict_ask(image, scheme, buf_view(&image->sig[scheme]), line, keyring, NULL,
				 &answer, err);
	if (rc)
		return rc;
	if (answer.code)
		return err_set(err, answer.code, "%s would refuse the new %s signature: %s (%s)",
			       kv_line_title(line), scheme_name(scheme), kv_errno_name(answer.code),
			       answer.reason);
	return 0;
}

/* Sign IMAGE with SCHEME; fills image->sig[SCHEME] and *ret. */
static int sign_scheme(struct sign *sign, struct image *image, enum scheme scheme,
		       struct sign_made *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	int rc;

	rc = scheme_content(scheme, image, &content, err);
	if (rc)
		return rc;
	if (scheme == SCHEME_CHAIN)
		memcpy(ret->digest, content.data, sizeof(ret->digest));
	else if (hash_sha256(buf_view(&content), ret->digest))
		return err_nomem(err);
	rc = cms_sign(sign->signer, sign->hash, buf_view(&content), &image->sig[scheme], err);
	if (rc)
		return rc;
	ret->scheme = scheme;
	ret->size = image->sig[scheme].size;
	return check_own(sign, image, scheme, err);
}

static int refuse_ambiguous(const struct sign *sign, const struct image *image, scheme_set schemes,
			    struct err *err)
{
	const struct image_map *map = scheme_ambiguous_map(image);

	if (!map || !(schemes & SCHEME_BIT(SCHEME_CHAIN)) || sign->allow_ambiguous)
		return 0;
	return err_set(
		err, -EPERM,
		"map %s is hashed as 64 bytes: a hash chain over it is also one over two other "
		"maps; change its size, sign with --scheme folded, or insist with "
		"--allow-ambiguous",
		map->name);
}

/* The exclusive hash of the form of IMAGE that SCHEME is for, to *ret. */
static int set_excl_hash(const struct image *image, enum scheme scheme, struct buf *ret,
			 struct err *err)
{
	uint8_t hash[HASH_SHA256_SIZE];
	int rc = scheme_excl_hash(image, scheme, hash, err);

	if (rc)
		return rc;
	buf_free(ret);
	buf_add(ret, hash, sizeof(hash));
	return buf_done(ret, err);
}

/* Put new signatures into IMAGE, and only these. */
int sign_image(struct sign *sign, struct image *image, scheme_set schemes, struct sign_made *made,
	       size_t *ret_nr, struct err *err)
{
	size_t nr = 0;
	int rc;

	image_unsign(image);
	buf_free(&image->excl_hash_checked);
	rc = refuse_ambiguous(sign, image, schemes, err);
	if (!rc)
		rc = set_excl_hash(image, SCHEME_FOLDED, &image->excl_hash, err);
	if (!rc && image->insns_checked.data)
		rc = set_excl_hash(image, SCHEME_INSNS, &image->excl_hash_checked, err);
	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (schemes & SCHEME_BIT(scheme))
			rc = sign_scheme(sign, image, scheme, &made[nr++], err);
	}
	*ret_nr = nr;
	return rc;
}
