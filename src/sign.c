// SPDX-License-Identifier: BSD-2-Clause
#include "sign.h"

#include <errno.h>
#include <string.h>

#include "base/util.h"
#include "judge.h"
#include "verdict.h"

/* For ML-DSA signatures assume a kernel that supports them; Debian's do not. */
static const struct kv_config with_mldsa = {
	.verification = true,
	.rsa = true,
	.ecdsa = true,
	.mldsa = true,
	.sha1 = true,
	.sha256 = true,
	.sha512 = true,
};

/* Make the keyring of LINE with only SIGNER's certificate. */
static int make_keyring(const struct key_signer *signer, enum kv_line line,
			struct sign_keyring *ret, struct err *err)
{
	if (kv_keyring_new(line, &ret->keyring))
		return err_nomem(err);
	if (key_signer_is_mldsa(signer))
		kv_keyring_configure(ret->keyring, &with_mldsa);
	return kv_keyring_add(ret->keyring, key_signer_cert(signer), &ret->answer, err);
}

int sign_begin(struct sign *sign, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < sign->nr_signers; i++) {
		for (enum kv_line line = 0; !rc && line < KV_LINE_NR; line++)
			rc = make_keyring(sign->signers[i], line, &sign->keyrings[i][line], err);
	}
	return rc;
}

void sign_end(struct sign *sign)
{
	for (size_t i = 0; i < KEY_SIGNERS_MAX; i++) {
		for (enum kv_line line = 0; line < KV_LINE_NR; line++)
			kv_keyring_free(sign->keyrings[i][line].keyring);
	}
}

/* The keyring of KERNEL with only SIGNER's certificate. */
static const struct sign_keyring *keyring_of(const struct sign *sign, size_t signer,
					     enum kernel kernel)
{
	return &sign->keyrings[signer][kernel_rules(kernel)->line];
}

/*
 * KERNEL's answer to the whole load. An unknown loader is accepted here; prepare.h refuses it
 * unless it is allowed.
 */
static int ask_kernel(const struct sign *sign, size_t signer, struct subject *subject,
		      enum scheme scheme, const struct verdict_loader *loader, enum kernel kernel,
		      struct kv_answer *ret, struct err *err)
{
	const struct sign_keyring *own = keyring_of(sign, signer, kernel);
	const struct verdict_load load = {
		.contents = &subject->contents,
		.scheme = scheme,
		.signature = buf_view(&subject->image->sig[scheme]),
		.kernel = kernel,
		.keyring = own->keyring,
	};
	struct verdict_end ignored;
	int rc = verdict_ask(&load, ret, err);

	if (!rc)
		verdict_run(&load, loader, ret, &ignored);
	/* the reason why the certificate is refused, rather than that the key is missing */
	if (!rc && ret->code && own->answer.code)
		*ret = own->answer;
	return rc;
}

static int refuse_new(const struct sign *sign, size_t signer, enum scheme scheme,
		      enum kernel kernel, const struct kv_answer *answer, struct err *err)
{
	const char *title = kernel_rules(kernel)->title;

	if (keyring_of(sign, signer, kernel)->answer.code)
		return err_set(err, answer->code,
			       "%s would not add the certificate to a keyring: %s (%s)", title,
			       kv_errno_name(answer->code), answer->reason);
	return err_set(err, answer->code, "%s would refuse the new %s signature: %s (%s)", title,
		       scheme_name(scheme), kv_errno_name(answer->code), answer->reason);
}

/*
 * Remove from *KERNELS, for which the new signature of SCHEME is meant, those that lack its
 * algorithm (ENOPKG) if the newest one has it. Any other refusal is an error.
 */
static int check_signer(const struct sign *sign, size_t signer, struct subject *subject,
			enum scheme scheme, const struct verdict_loader *loader,
			kernel_set *kernels, struct err *err)
{
	bool newest = true;
	int rc = 0;

	for (int n = KERNEL_NR - 1; !rc && n >= 0; n--) {
		enum kernel kernel = (enum kernel)n;
		struct kv_answer answer;

		if (!(*kernels & KERNEL_BIT(kernel)))
			continue;
		rc = ask_kernel(sign, signer, subject, scheme, loader, kernel, &answer, err);
		if (!rc && answer.code == -ENOPKG && !newest)
			*kernels &= ~KERNEL_BIT(kernel);
		else if (!rc && answer.code)
			rc = refuse_new(sign, signer, scheme, kernel, &answer, err);
		newest = false;
	}
	return rc;
}

static int check_own(const struct sign *sign, struct subject *subject,
		     struct sign_signature *signature, struct err *err)
{
	struct verdict_loader loader;
	int rc = verdict_read_form(subject, signature->scheme, &loader, err);

	if (!rc)
		signature->kernels = judge_meant(&loader, signature->scheme);
	for (size_t i = 0; !rc && i < sign->nr_signers; i++) {
		rc = check_signer(sign, i, subject, signature->scheme, &loader, &signature->kernels,
				  err);
		if (rc && sign->nr_signers > 1)
			err_prefix(err, "%s", key_signer_cert_name(sign->signers[i]));
	}
	return rc;
}

/* Describe the signed content in *ret. */
static int describe(enum scheme scheme, struct hash_input *content, struct sign_signature *ret,
		    struct err *err)
{
	struct view digest = content->parts[0];

	ret->scheme = scheme;
	if (scheme != SCHEME_CHAIN && hash_input_digest(content, HASH_SHA256, &digest))
		return err_nomem(err);
	memcpy(ret->digest, digest.data, sizeof(ret->digest));
	return 0;
}

/* Sign SUBJECT with SCHEME; fills its image's sig[SCHEME] and *ret. */
static int sign_scheme(const struct sign *sign, struct subject *subject, enum scheme scheme,
		       struct sign_signature *ret, struct err *err)
{
	struct buf *signature = &subject->image->sig[scheme];
	struct hash_input *content;
	int rc;

	rc = scheme_content(&subject->contents, scheme, &content, err);
	if (!rc)
		rc = describe(scheme, content, ret, err);
	if (!rc)
		rc = cms_sign(sign->signers, sign->nr_signers, sign->hash, content, signature, err);
	if (rc)
		return rc;
	ret->size = signature->size;
	return check_own(sign, subject, ret, err);
}

/* The newest kernel that SCHEME is for. */
static enum kernel newest_of(enum scheme scheme)
{
	return (enum kernel)(31 - __builtin_clz(verdict_kernels(scheme)));
}

/* The answer to SIGNATURE of a kernel that SCHEME is for and that trusts SIGNER. */
static int ask_signature(const struct sign *sign, size_t signer, struct subject *subject,
			 enum scheme scheme, struct view signature, struct kv_answer *ret,
			 struct err *err)
{
	const enum kernel kernel = newest_of(scheme);
	const struct verdict_load load = {
		.contents = &subject->contents,
		.scheme = scheme,
		.signature = signature,
		.kernel = kernel,
		.keyring = keyring_of(sign, signer, kernel)->keyring,
	};

	return verdict_ask(&load, ret, err);
}

/* The other scheme for which SUBJECT's signature of SCHEME would be valid, or SCHEME_NR. */
static enum scheme find_other(const struct sign *sign, struct subject *subject, enum scheme scheme)
{
	const struct image *image = subject->image;
	enum scheme other;

	for (other = 0; other < SCHEME_NR; other++) {
		struct kv_answer answer;
		struct err ignored;

		if (other != scheme && image_insns(image, other)->data &&
		    !ask_signature(sign, 0, subject, other, buf_view(&image->sig[scheme]), &answer,
				   &ignored) &&
		    !answer.code)
			break;
	}
	return other;
}

int sign_check_signers(const struct sign *sign, struct err *err)
{
	const enum kernel newest = newest_of(SCHEME_FOLDED);
	struct hash_input text = hash_input_of(view_lit("bpf-chainsign sign --check-key"));
	_buf_ struct buf signature = {0};
	int rc = cms_sign(sign->signers, sign->nr_signers, sign->hash, &text, &signature, err);

	for (size_t i = 0; !rc && i < sign->nr_signers; i++) {
		const struct sign_keyring *own = keyring_of(sign, i, newest);
		struct kv_answer answer = own->answer;

		if (!answer.code)
			rc = kv_verify(own->keyring, &text, buf_view(&signature), &answer, err);
		if (!rc && answer.code)
			rc = refuse_new(sign, i, SCHEME_FOLDED, newest, &answer, err);
		if (rc)
			err_prefix(err, "%s", key_signer_cert_name(sign->signers[i]));
	}
	return rc;
}

/* Whether SIGNATURE covers CONTENT as openssl changes it if it is not told that it is binary. */
static bool is_of_text(const struct sign *sign, enum scheme scheme, struct hash_input *content,
		       struct view signature)
{
	const struct kv_keyring *keyring = keyring_of(sign, 0, newest_of(scheme))->keyring;
	_buf_ struct buf joined = {0}, text = {0};
	struct kv_answer answer;
	struct hash_input input;
	struct err ignored;

	cms_as_text(hash_input_join(content, &joined), &text);
	input = hash_input_of(buf_view(&text));
	return !joined.failed && !text.failed &&
	       !kv_verify(keyring, &input, signature, &answer, &ignored) && !answer.code;
}

/* Whether SIGNATURE has the attribute that openssl adds and kernels refuse: smimeCapabilities. */
static bool has_smime(struct view signature)
{
	static const uint8_t oid[] = {0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
				      0xf7, 0x0d, 0x01, 0x09, 0x0f};

	return memmem(signature.data, signature.size, oid, sizeof(oid));
}

int sign_take(const struct sign *sign, struct subject *subject, enum scheme scheme,
	      struct buf *given, struct sign_signature *ret, struct err *err)
{
	struct buf *signature = &subject->image->sig[scheme];
	struct hash_input *content;
	enum scheme other;
	int rc;

	rc = scheme_content(&subject->contents, scheme, &content, err);
	if (!rc)
		rc = describe(scheme, content, ret, err);
	if (rc)
		return rc;
	*signature = buf_take(given);
	ret->size = signature->size;
	rc = check_own(sign, subject, ret, err);
	if (rc != -EKEYREJECTED)
		return rc;
	other = find_other(sign, subject, scheme);
	if (other != SCHEME_NR)
		return err_set(err, rc, "the signature belongs to the %s scheme, not to %s",
			       scheme_name(other), scheme_name(scheme));
	if (has_smime(buf_view(signature)))
		return err_set(
			err, rc,
			"the signature has signed attributes that kernels refuse: add \"-noattr\" to "
			"\"openssl cms\", and \"-binary\" if that is missing");
	if (is_of_text(sign, scheme, content, buf_view(signature)))
		return err_set(
			err, rc,
			"the signature covers the content changed to text: add \"-binary\" to "
			"\"openssl cms\"");
	return err_prefix(err, "it does not match this file, scheme, key and options");
}

static int refuse_ambiguous(const struct sign *sign, const struct image *image, scheme_set schemes,
			    struct err *err)
{
	const struct image_map *map = scheme_ambiguous_map(image);

	if (!map || !(schemes & SCHEME_BIT(SCHEME_CHAIN)) || sign->allow_ambiguous)
		return 0;
	return err_set(
		err, ERR_REFUSED,
		"map %s is hashed as 64 bytes, so the same hash chain could stand for two other "
		"maps; change its size, use --scheme folded, or sign it anyway with "
		"--allow-ambiguous",
		map->name);
}

int sign_start(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct err *err)
{
	int rc;

	image_unsign(subject->image);
	rc = refuse_ambiguous(sign, subject->image, schemes, err);
	return rc ?: scheme_set_excl_hashes(&subject->contents, subject->image, err);
}

int sign_image(const struct sign *sign, struct subject *subject, scheme_set schemes,
	       struct sign_signature *signatures, size_t *ret_nr, struct err *err)
{
	size_t nr = 0;
	int rc = sign_start(sign, subject, schemes, err);

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (schemes & SCHEME_BIT(scheme))
			rc = sign_scheme(sign, subject, scheme, &signatures[nr++], err);
	}
	*ret_nr = nr;
	return rc;
}

/* --- all signatures --- */

/* The keyrings of one signer, for judge.h. */
struct one_signer {
	const struct sign *sign;
	size_t signer;
};

static int keyring_of_one(void *arg, enum kv_line line, const struct kv_keyring **ret,
			  _unused_ struct err *err)
{
	const struct one_signer *one = arg;

	*ret = one->sign->keyrings[one->signer][line].keyring;
	return 0;
}

static int check_kernels(const struct sign *sign, size_t signer, struct subject *subject,
			 struct err *err)
{
	struct one_signer one = {sign, signer};
	const struct judge_question question = {
		.kernels = sign->kernels,
		.raw = sign->raw,
		.allow_unknown = sign->allow_unknown,
		.allow_uncovered = sign->allow_uncovered,
		.keyring = keyring_of_one,
		.arg = &one,
	};
	_judge_rows_ struct judge_rows rows = {.nr = 0};
	int rc = judge_image(&question, subject, &rows, err);

	for (size_t i = 0; !rc && i < rows.nr; i++) {
		const struct judge_row *row = &rows.list[i];
		char kernels[KERNEL_TEXT_MAX];

		if (row->outcome == JUDGE_VALID)
			continue;
		kernel_set_text(row->kernels, kernels);
		if (!row->answer.code) /* the answer is unknown, or the data is not covered */
			return err_set(err, -EKEYREJECTED, "would not be accepted by %s (%s): %s",
				       kernels, scheme_name(row->scheme), row->answer.reason);
		rc = err_set(err, row->answer.code, "%s would not load it (%s): %s (%s)%s", kernels,
			     scheme_name(row->scheme), kv_errno_name(row->answer.code),
			     row->answer.reason,
			     row->answer.code == -EACCES && row->scheme == SCHEME_INSNS
				     ? "; --insns-form=exclusive,hash-only adds a form for such "
				       "kernels, which leaves CVE-2026-80675 open there"
				     : "");
	}
	return rc;
}

int sign_check_kernels(const struct sign *sign, struct subject *subject, struct err *err)
{
	int rc = 0;

	for (size_t i = 0; !rc && sign->kernels && i < sign->nr_signers; i++)
		rc = check_kernels(sign, i, subject, err);
	return rc;
}

static int refuse_changed(enum scheme scheme, const char *why, struct err *err)
{
	return err_set(err, -EKEYREJECTED, "the present %s signature does not match (%s)",
		       scheme_name(scheme), why);
}

/*
 * Check the form that SCHEME signs with the hashes in SUBJECT's image, which works for any signer.
 */
static int check_hashes(struct subject *subject, enum scheme scheme, struct err *err)
{
	const struct buf *given = image_excl_hash(subject->image, scheme);
	struct verdict_loader loader;
	const uint8_t *own;
	int rc = scheme_excl_hash(&subject->contents, scheme, &own, err);

	if (!rc && given->data && !view_equal(buf_view(given), view_of(own, HASH_SHA256_SIZE)))
		return refuse_changed(scheme, "its instructions were changed", err);
	if (!rc)
		rc = verdict_read_form(subject, scheme, &loader, err);
	if (!rc && loader.begins && !loader.checked.fits)
		return refuse_changed(scheme, "its data was changed", err);
	return rc;
}

/*
 * Whether one of the signers made the signature of SCHEME. -EKEYREJECTED: one did, but over other
 * content.
 */
static int check_signers(const struct sign *sign, struct subject *subject, enum scheme scheme,
			 struct view signature, bool *ret_known, struct err *err)
{
	for (size_t i = 0; i < sign->nr_signers; i++) {
		struct kv_answer answer;
		int rc = ask_signature(sign, i, subject, scheme, signature, &answer, err);

		if (rc == -ENOTSUP) /* the answer is unknown */
			continue;
		if (rc)
			return rc;
		if (answer.code && answer.code != -ENOKEY)
			return refuse_changed(scheme, answer.reason, err);
		*ret_known |= !answer.code;
	}
	return 0;
}

static int check_one_present(const struct sign *sign, struct subject *subject, enum scheme scheme,
			     struct view signature, bool *ret_known, struct err *err)
{
	bool known = false;
	int rc = check_hashes(subject, scheme, err);

	if (!rc)
		rc = check_signers(sign, subject, scheme, signature, &known, err);
	*ret_known &= known;
	return rc;
}

/* A signature without a scheme is valid if it is for either possible scheme. */
static int check_unnamed(const struct sign *sign, struct subject *subject, bool *ret_known,
			 struct err *err)
{
	struct view signature = buf_view(&subject->image->sig_unnamed);
	bool known = true;
	int rc = check_one_present(sign, subject, SCHEME_FOLDED, signature, &known, err);

	if (rc == -EKEYREJECTED) {
		known = true;
		rc = check_one_present(sign, subject, SCHEME_INSNS, signature, &known, err);
	}
	*ret_known &= known;
	return rc;
}

int sign_check_present(const struct sign *sign, struct subject *subject, bool *ret_known,
		       struct err *err)
{
	const struct image *image = subject->image;
	bool known = true;
	int rc = 0;

	for (enum scheme scheme = 0; !rc && scheme < SCHEME_NR; scheme++) {
		if (image->sig[scheme].data)
			rc = check_one_present(sign, subject, scheme, buf_view(&image->sig[scheme]),
					       &known, err);
	}
	if (!rc && image->sig_unnamed.data)
		rc = check_unnamed(sign, subject, &known, err);
	*ret_known = known;
	return rc;
}
