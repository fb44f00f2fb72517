// SPDX-License-Identifier: BSD-2-Clause
/* What was signed, and what was verified, for an audit log. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "advice.h"
#include "base/json.h"
#include "base/util.h"
#include "object/object.h"
#include "report/report.h"
#include "report/report_text.h"

/* in-toto Attestation Framework 1.0, spec/v1/statement.md. */
#define STATEMENT_TYPE "https://in-toto.io/Statement/v1"

/*
 * Identifiers, not addresses. The version is increased when a member is removed or changes its
 * meaning, but not when one is added.
 */
#define SIGNING_TYPE	  "urn:bpf-chainsign:signing/v1"
#define VERIFICATION_TYPE "urn:bpf-chainsign:verification/v2"

int report_record_begin(struct report_record *ret, struct err *err)
{
	struct report_record record = {0};
	struct tm tm;
	time_t now;
	int rc;

	if (getenv("SOURCE_DATE_EPOCH")) {
		rc = advice_now(&now, err);
		if (rc)
			return rc;
		if (!gmtime_r(&now, &tm) ||
		    !strftime(record.time, sizeof(record.time), "%Y-%m-%dT%H:%M:%SZ", &tm))
			return err_set(err, -EINVAL, "SOURCE_DATE_EPOCH is out of range");
	}
	*ret = record;
	return 0;
}

/* --- digests --- */

static void json_sha256(struct json *json, const char *key, const uint8_t sha256[HASH_SHA256_SIZE])
{
	json_object(json, key);
	json_hex(json, "sha256", view_of(sha256, HASH_SHA256_SIZE));
	json_object_end(json);
}

static int json_digest(struct json *json, const char *key, const struct buf *bytes, struct err *err)
{
	int rc;

	json_object(json, key);
	rc = hash_sha256_json(json, "sha256", buf_view(bytes), err);
	json_object_end(json);
	return rc;
}

static void json_file(struct json *json, const char *key, const struct report_record_file *file)
{
	json_object(json, key);
	json_text(json, "name", file->name);
	if (file->digest.known)
		json_sha256(json, "digest", file->digest.sha256);
	json_object_end(json);
}

/* --- subjects --- */

/* The name of a part of FILE, built in TEXT and valid until the next call; NULL: no memory. */
static const char *part_name(struct buf *text, const char *file, const char *part)
{
	text->size = 0;
	buf_printf(text, "%s#%s", file, part);
	return buf_cstr(text);
}

static int subject_insns(struct json *json, const char *file, const char *part,
			 const struct buf *insns, struct err *err)
{
	_buf_ struct buf name = {0};
	int rc;

	json_object(json, NULL);
	json_text(json, "name", part_name(&name, file, part));
	rc = json_digest(json, "digest", insns, err);
	json_object_end(json);
	return rc ? rc : buf_done(&name, err);
}

static int subject_map(struct json *json, const char *file, const struct image_map *map, size_t n,
		       struct err *err)
{
	_buf_ struct buf name = {0};
	char part[32];
	int rc;

	snprintf(part, sizeof(part), "map.%zu", n);
	json_object(json, NULL);
	json_text(json, "name", part_name(&name, file, part));
	rc = json_digest(json, "digest", &map->value, err);
	json_object(json, "annotations");
	json_text(json, "map", map->name);
	json_number(json, "valueSize", map->value_size);
	json_number(json, "maxEntries", map->max_entries);
	json_object_end(json);
	json_object_end(json);
	return rc ? rc : buf_done(&name, err);
}

static int subjects_of_image(struct json *json, const char *file, const struct image *image,
			     struct err *err)
{
	int rc = subject_insns(json, file, "insns", &image->insns, err);

	if (!rc && image->insns_checked.size)
		rc = subject_insns(json, file, "insns_checked", &image->insns_checked, err);
	if (!rc && image->insns_hash.size)
		rc = subject_insns(json, file, "insns_hash", &image->insns_hash, err);
	for (size_t i = 0; !rc && i < image->nr_maps; i++)
		rc = subject_map(json, file, &image->maps[i], i, err);
	return rc;
}

/* The subject of the instructions that SCHEME signs. */
static const char *insns_name(const struct image *image, enum scheme scheme)
{
	const struct buf *insns = image_insns(image, scheme);

	return insns == &image->insns_checked ? "insns_checked"
	       : insns == &image->insns_hash  ? "insns_hash"
					      : "insns";
}

/* The names of the subjects that a signature of SCHEME covers. */
static int json_covered(struct json *json, const char *file, const struct image *image,
			enum scheme scheme, struct err *err)
{
	const bool alone = scheme == SCHEME_INSNS || scheme == SCHEME_INSNS_HASH;
	_buf_ struct buf name = {0};
	char part[32];

	json_text(json, NULL, part_name(&name, file, insns_name(image, scheme)));
	for (size_t i = 0; !alone && i < image->nr_maps; i++) {
		snprintf(part, sizeof(part), "map.%zu", i);
		json_text(json, NULL, part_name(&name, file, part));
	}
	return buf_done(&name, err);
}

/* --- common to both kinds of statement --- */

static void begin_statement(struct json *json)
{
	json_object(json, NULL);
	json_text(json, "_type", STATEMENT_TYPE);
	json_array(json, "subject");
}

static void begin_predicate(struct json *json, const struct report_record *record, const char *type)
{
	json_array_end(json);
	json_text(json, "predicateType", type);
	json_object(json, "predicate");
	json_object(json, "tool");
	json_text(json, "name", "bpf-chainsign");
	json_text(json, "version", VERSION);
	json_text(json, "libbpf", object_libbpf_version());
	json_object_end(json);
	if (*record->time)
		json_text(json, "time", record->time);
}

/* Append the statement to LINES, whole or not at all. */
static int end_statement(struct json *json, struct buf *text, struct buf *lines, struct err *err)
{
	int rc;

	json_object_end(json);
	json_object_end(json);
	rc = buf_done(text, err);
	if (rc)
		return rc;
	buf_add_view(lines, buf_view(text));
	return buf_done(lines, err);
}

static void json_findings(struct json *json, const struct loader_finding *list, size_t nr)
{
	json_array(json, "findings");
	for (size_t i = 0; i < nr; i++) {
		json_object(json, NULL);
		json_text(json, "id", list[i].name);
		json_text(json, "severity", loader_severity_name(list[i].severity));
		json_text_or_null(json, "where", list[i].where);
		json_object_end(json);
	}
	json_array_end(json);
}

/* --- signing --- */

static int subjects_signed(struct json *json, const struct report_record_signing *signing,
			   struct err *err)
{
	const bool detached = !signing->output.name;
	int rc = 0;

	if (!detached)
		json_file(json, NULL, &signing->output);
	for (size_t i = 0; detached && !rc && i < signing->nr_signatures; i++) {
		const struct sign_signature *signature = &signing->signatures[i];

		json_object(json, NULL);
		json_text(json, "name", signature->file);
		rc = json_digest(json, "digest", &signing->image->sig[signature->scheme], err);
		json_object_end(json);
	}
	return rc;
}

static int json_signature(struct json *json, const struct report_record_signing *signing,
			  const char *file, const struct sign_signature *signature, struct err *err)
{
	char kernels[KERNEL_TEXT_MAX];
	int rc;

	json_object(json, NULL);
	json_text(json, "scheme", scheme_name(signature->scheme));
	json_text(json, "kernels", kernel_set_text(signature->kernels, kernels));
	json_array(json, "covers");
	rc = json_covered(json, file, signing->image, signature->scheme, err);
	json_array_end(json);
	json_sha256(json, "content", signature->digest);
	if (!rc)
		rc = json_digest(json, "signature", &signing->image->sig[signature->scheme], err);
	json_object_end(json);
	return rc;
}

static void json_signers(struct json *json, const struct sign *sign)
{
	json_array(json, "signers");
	for (size_t i = 0; i < sign->nr_signers; i++) {
		json_object(json, NULL);
		json_text(json, "name", key_signer_title(sign->signers[i]));
		json_text_or_null(json, "keyId", key_signer_skid(sign->signers[i]));
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_choices(struct json *json, const char *key, const struct object_choice *choice,
			 enum object_choice_kind kind)
{
	json_array(json, key);
	for (size_t i = 0; i < choice->nr; i++) {
		if (choice->list[i].kind == kind)
			json_text(json, NULL, choice->list[i].text);
	}
	json_array_end(json);
}

static void json_pairs(struct json *json, const char *key, const struct settings_pairs *pairs)
{
	json_array(json, key);
	for (size_t i = 0; i < pairs->nr; i++)
		json_text(json, NULL, pairs->list[i]);
	json_array_end(json);
}

static void json_file_or_null(struct json *json, const char *key,
			      const struct report_record_file *file)
{
	if (file->name)
		json_file(json, key, file);
	else
		json_text(json, key, NULL);
}

/* What the options changed in the loader, as they were given. */
static void json_settings(struct json *json, const struct report_record_signing *signing)
{
	json_object(json, "settings");
	json_text(json, "name", signing->name);
	json_choices(json, "load", signing->choice, OBJECT_LOAD);
	json_choices(json, "skip", signing->choice, OBJECT_SKIP);
	json_choices(json, "type", signing->choice, OBJECT_TYPE);
	json_choices(json, "attachTarget", signing->choice, OBJECT_TARGET);
	json_pairs(json, "set", &signing->preparation->set.values);
	json_file_or_null(json, "values", &signing->values);
	json_file_or_null(json, "kconfig", &signing->kconfig);
	json_pairs(json, "maxEntries", &signing->preparation->set.sizes);
	json_object_end(json);
}

int report_record_signing(const struct report_record *record,
			  const struct report_record_signing *signing, struct buf *lines,
			  struct err *err)
{
	const char *file = signing->output.name ?: signing->input.name;
	_buf_ struct buf text = {0};
	struct json json = {.out = &text, .in_lines = true};
	int rc;

	begin_statement(&json);
	rc = subjects_signed(&json, signing, err);
	if (!rc)
		rc = subjects_of_image(&json, file, signing->image, err);
	begin_predicate(&json, record, SIGNING_TYPE);
	json_file(&json, "input", &signing->input);
	json_settings(&json, signing);
	json_bool(&json, "sealed", signing->prepared->sealed);
	json_text(&json, "hash", hash_name(signing->sign->hash));
	json_signers(&json, signing->sign);
	json_array(&json, "signatures");
	for (size_t i = 0; !rc && i < signing->nr_signatures; i++)
		rc = json_signature(&json, signing, file, &signing->signatures[i], err);
	json_array_end(&json);
	json_findings(&json, signing->prepared->findings, signing->prepared->nr_findings);
	return rc ? rc : end_statement(&json, &text, lines, err);
}

/* --- verification --- */

/* A certificate of the keyrings. */
struct cert_list {
	struct json *json;
	bool revoked;
};

static int json_cert(void *arg, const char *file, bool revoked, struct view der, struct err *err)
{
	const struct cert_list *list = arg;
	int rc;

	if (revoked != list->revoked)
		return 0;
	json_object(list->json, NULL);
	json_text(list->json, "name", file);
	json_object(list->json, "digest");
	rc = hash_sha256_json(list->json, "sha256", der, err);
	json_object_end(list->json);
	json_object_end(list->json);
	return rc;
}

/* The trusted or revoked certificates, for which the verdicts hold. */
static int json_certs(struct json *json, const char *key, const struct report_record *record,
		      bool revoked, struct err *err)
{
	struct cert_list list = {json, revoked};
	int rc;

	json_array(json, key);
	rc = trust_each(record->trust, json_cert, &list, err);
	json_array_end(json);
	return rc;
}

static void json_config(struct json *json, const struct report_record *record)
{
	if (!record->config) {
		json_text(json, "kernelConfig", NULL);
		return;
	}
	json_object(json, "kernelConfig");
	json_text(json, "name", record->config);
	json_sha256(json, "digest", record->config_sha256);
	json_object_end(json);
}

/* A kernel's answer. "accepted" is used only for a whole input. */
static void json_answer(struct json *json, enum judge_outcome outcome,
			const struct kv_answer *answer)
{
	static const char *const names[] = {
		[JUDGE_VALID] = "valid",
		[JUDGE_REJECTED] = "rejected",
		[JUDGE_UNSIGNED] = "unsigned",
		[JUDGE_UNDECIDED] = "could-not-tell",
	};
	const bool has_errno = outcome == JUDGE_REJECTED && answer->code;

	json_text(json, "verdict", names[outcome]);
	json_text(json, "errno", has_errno ? kv_errno_name(answer->code) : NULL);
	json_text_or_null(json, "reason", answer->reason);
}

static void json_row_signers(struct json *json, const struct kv_signers *signers)
{
	json_array(json, "signers");
	for (size_t i = 0; i < signers->nr; i++) {
		const struct kv_signer *signer = &signers->list[i];

		json_object(json, NULL);
		json_text_or_null(json, "name", signer->answer.signer);
		json_text_or_null(json, "keyId", signer->answer.key_id);
		json_answer(json, report_signer_outcome(signer), &signer->answer);
		json_object_end(json);
	}
	json_array_end(json);
}

static int json_row(struct json *json, const struct report_record_verification *verification,
		    const struct judge_row *row, struct err *err)
{
	const struct image *image = verification->image;
	const struct buf *named = &image->sig[row->scheme];
	const struct buf *signature = named->data ? named : &image->sig_unnamed;
	char kernels[KERNEL_TEXT_MAX];
	int rc = 0;

	json_object(json, NULL);
	json_text(json, "scheme", scheme_name(row->scheme));
	json_text(json, "kernels", kernel_set_text(row->kernels, kernels));
	json_answer(json, row->outcome, &row->answer);
	json_text(json, "assumes", row->outcome == JUDGE_VALID ? row->assumption : NULL);
	json_array(json, "covers");
	if (row->outcome == JUDGE_VALID) /* a rejected signature covers nothing */
		rc = json_covered(json, verification->input.name, image, row->scheme, err);
	json_array_end(json);
	if (!rc && row->outcome != JUDGE_UNSIGNED)
		rc = json_digest(json, "signature", signature, err);
	json_row_signers(json, &row->signers);
	json_object_end(json);
	return rc;
}

static const char *outcome_name(enum report_outcome outcome)
{
	switch (outcome) {
	case REPORT_DONE:
		return "accepted";
	case REPORT_REJECTED:
		return "rejected";
	case REPORT_UNSIGNED:
		return "unsigned";
	default:
		return "could-not-tell";
	}
}

int report_record_verification(const struct report_record *record,
			       const struct report_record_verification *verification,
			       struct buf *lines, struct err *err)
{
	static const struct report_findings none;
	const struct report_findings *findings = verification->findings ?: &none;
	_buf_ struct buf text = {0};
	struct json json = {.out = &text, .in_lines = true};
	size_t nr = verification->image ? verification->rows->nr : 0;
	int rc = 0;

	if (!verification->input.digest.known)
		return 0;
	begin_statement(&json);
	json_file(&json, NULL, &verification->input);
	if (verification->image)
		rc = subjects_of_image(&json, verification->input.name, verification->image, err);
	begin_predicate(&json, record, VERIFICATION_TYPE);
	json_text(&json, "verdict", outcome_name(verification->outcome));
	json_text(&json, "reason", verification->reason);
	if (!rc)
		rc = json_certs(&json, "trusted", record, false, err);
	if (!rc)
		rc = json_certs(&json, "revoked", record, true, err);
	json_config(&json, record);
	json_array(&json, "signatures");
	for (size_t i = 0; !rc && i < nr; i++)
		rc = json_row(&json, verification, &verification->rows->list[i], err);
	json_array_end(&json);
	json_findings(&json, findings->list, findings->nr);
	return rc ? rc : end_statement(&json, &text, lines, err);
}
