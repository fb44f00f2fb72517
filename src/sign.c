// SPDX-License-Identifier: BSD-2-Clause
#include "sign.h"

#include <errno.h>
#include <string.h>

#include "util.h"
#include "verdict.h"

/* What ML-DSA signatures are made for: kernels that verify them, as Debian's do not. */
static const struct kv_config with_mldsa = {
	.verification = true,
	.rsa = true,
	.ecdsa = true,
	.mldsa = true,
	.sha1 = true,
	.sha256 = true,
	.sha512 = true,
};

/* The kernel that SCHEME is for, with SIGNER's certificate alone. */
static int make_keyring(const struct key_signer *signer, enum scheme scheme,
			struct sign_keyring *ret, struct err *err)
{
	if (kv_keyring_new(verdict_line(scheme), &ret->keyring))
		return err_nomem(err);
	if (key_signer_is_mldsa(signer))
		kv_keyring_configure(ret->keyring, &with_mldsa);
	return kv_keyring_add(ret->keyring, key_signer_cert(signer), &ret->answer, err);
}

int sign_begin(struct sign *sign, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sign->nr_signers; i++) {
		for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++)
			rc = make_keyring(sign->signers[i], scheme, &sign->keyrings[i][scheme],
					  err);
	}
	return rc;
}

void sign_end(struct sign *sign)
{
	for (size_t i = 0; i < CMS_SIGNERS_MAX; i++) {
		for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
			kv_keyring_free(sign->keyrings[i][scheme].keyring);
	}
}

/* What verify would say to the new signature of SCHEME, where SIGNER alone is trusted. */
static int check_signer(const struct sign *sign, size_t signer, const struct image *image,
			enum scheme scheme, struct err *err)
{
	const struct sign_keyring *own = &sign->keyrings[signer][scheme];
	const char *kernel = kv_line_title(verdict_line(scheme));
	struct kv_answer answer;
	int rc;

	if (own->answer.code)
		return err_set(err, own->answer.code,
			       "%s does not take the certificate into a keyring: %s (%s)", kernel,
			       kv_errno_name(own->answer.code), own->answer.reason);
	rc = verdict_ask(image, scheme, buf_view(&image->sig[scheme]), verdict_line(scheme),
			 own->keyring, NULL, &answer, err);
	if (rc)
		return rc;
	if (answer.code)
		return err_set(err, answer.code, "%s would refuse the new %s signature: %s (%s)",
			       kernel, scheme_name(scheme), kv_errno_name(answer.code),
			       answer.reason);
	return 0;
}

static int check_own(const struct sign *sign, const struct image *image, enum scheme scheme,
		     struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sign->nr_signers; i++) {
		rc = check_signer(sign, i, image, scheme, err);
		if (rc && sign->nr_signers > 1)
			err_prefix(err, "%s", key_signer_cert_name(sign->signers[i]));
	}
	return rc;
}

/* What a signature over CONTENT is over, into *ret. */
static int describe(enum scheme scheme, const struct buf *content, struct sign_made *ret,
		    struct err *err)
{
	ret->scheme = scheme;
	if (scheme == SCHEME_CHAIN)
		memcpy(ret->digest, content->data, sizeof(ret->digest));
	else if (hash_sha256(buf_view(content), ret->digest))
		return err_nomem(err);
	return 0;
}

/* Sign IMAGE with SCHEME; fills image->sig[SCHEME] and *ret. */
static int sign_scheme(const struct sign *sign, struct image *image, enum scheme scheme,
		       struct sign_made *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	int rc;

	rc = scheme_content(scheme, image, &content, err);
	if (!rc)
		rc = describe(scheme, &content, ret, err);
	if (!rc)
		rc = cms_sign(sign->signers, sign->nr_signers, sign->hash, buf_view(&content),
			      &image->sig[scheme], err);
	if (rc)
		return rc;
	ret->size = image->sig[scheme].size;
	return check_own(sign, image, scheme, err);
}

/* The other scheme that IMAGE's signature of SCHEME is one of, or SCHEME_NR. */
static enum scheme find_other(const struct sign *sign, const struct image *image,
			      enum scheme scheme)
{
	enum scheme other;

	for (other = 0; other < SCHEME_NR; other++) {
		const struct kv_keyring *keyring = sign->keyrings[0][other].keyring;
		struct kv_answer answer;
		struct err ignored;

		if (other != scheme &&
		    !verdict_ask(image, other, buf_view(&image->sig[scheme]), verdict_line(other),
				 keyring, NULL, &answer, &ignored) &&
		    !answer.code)
			break;
	}
	return other;
}

int sign_take(const struct sign *sign, struct image *image, enum scheme scheme, struct buf *given,
	      struct sign_made *ret, struct err *err)
{
	_buf_ struct buf content = {0};
	enum scheme other;
	int rc;

	rc = scheme_content(scheme, image, &content, err);
	if (!rc)
		rc = describe(scheme, &content, ret, err);
	if (rc)
		return rc;
	image->sig[scheme] = buf_take(given);
	ret->size = image->sig[scheme].size;
	rc = check_own(sign, image, scheme, err);
	if (rc != -EKEYREJECTED)
		return rc;
	other = find_other(sign, image, scheme);
	if (other != SCHEME_NR)
		return err_set(err, rc, "it is a signature of the %s scheme, not of %s",
			       scheme_name(other), scheme_name(scheme));
	return err_prefix(err, "it is of another file, scheme or key, or of other options");
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

int sign_start(const struct sign *sign, struct image *image, scheme_set schemes, struct err *err)
{
	int rc;

	image_unsign(image);
	buf_free(&image->excl_hash_checked);
	buf_free(&image->excl_hash_hash);
	rc = refuse_ambiguous(sign, image, schemes, err);
	if (!rc)
		rc = set_excl_hash(image, SCHEME_FOLDED, &image->excl_hash, err);
	if (!rc && image->insns_checked.data)
		rc = set_excl_hash(image, SCHEME_INSNS, &image->excl_hash_checked, err);
	if (!rc && image->insns_hash.data)
		rc = set_excl_hash(image, SCHEME_INSNS_HASH, &image->excl_hash_hash, err);
	return rc;
}

int sign_image(const struct sign *sign, struct image *image, scheme_set schemes,
	       struct sign_made *made, size_t *ret_nr, struct err *err)
{
	size_t nr = 0;
	int rc = sign_start(sign, image, schemes, err);

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (schemes & SCHEME_BIT(scheme))
			rc = sign_scheme(sign, image, scheme, &made[nr++], err);
	}
	*ret_nr = nr;
	return rc;
}
