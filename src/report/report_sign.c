// SPDX-License-Identifier: BSD-2-Clause
/* What sign has made: signatures, headers without them, requests for signatures. */
#include "base/util.h"
#include "report/report.h"
#include "report/report_text.h"

static void add_digest(struct report *report, const uint8_t *digest, size_t size)
{
	char hex[2 * HASH_SIZE_MAX + 1];

	hex_string(hex, digest, size);
	if (report->verbose)
		buf_add_str(&report->text, hex);
	else
		buf_printf(&report->text, "%.*s...", REPORT_SHORT_DIGITS, hex);
}

/* The first signer as members of the entry, all of them as an array. */
static void json_makers(struct json *json, const struct sign *sign)
{
	for (size_t i = 0; i <= sign->nr_signers; i++) {
		const struct key_signer *signer = sign->signers[i ? i - 1 : 0];
		const char *skid = key_signer_skid(signer);

		if (i)
			json_object(json, NULL);
		json_text(json, "signer", key_signer_title(signer));
		json_text(json, "key_id", *skid ? skid : NULL);
		if (i)
			json_object_end(json);
		else
			json_array(json, "signers");
	}
	json_array_end(json);
}

static void json_signed(struct json *json, const char *file, const char *output,
			const struct sign *sign, const struct sign_made *signatures, size_t nr)
{
	char kernels[KERNEL_TEXT_MAX];

	json_text(json, "file", file);
	json_text(json, "status", "signed");
	json_text(json, "output", output);
	json_makers(json, sign);
	json_array(json, "signatures");
	for (size_t i = 0; i < nr; i++) {
		json_object(json, NULL);
		json_text(json, "scheme", scheme_name(signatures[i].scheme));
		json_text(json, "kernels", kernel_set_text(signatures[i].kernels, kernels));
		json_hex(json, "digest", view_of(signatures[i].digest, HASH_SHA256_SIZE));
		json_number(json, "size", (int64_t)signatures[i].size);
		if (signatures[i].file)
			json_text(json, "output", signatures[i].file);
		json_object_end(json);
	}
	json_array_end(json);
}

static void json_advice(struct json *json, const struct report_advice *advice, size_t nr)
{
	json_array(json, "advice");
	for (size_t i = 0; i < nr; i++) {
		json_object(json, NULL);
		json_text(json, "id", advice[i].advice.id);
		json_text(json, "cert", advice[i].cert);
		json_text(json, "what", advice[i].advice.what);
		json_text(json, "remedy", advice[i].advice.remedy);
		json_object_end(json);
	}
	json_array_end(json);
}

/* "FILE: signed by "A" (SKID ...) and "B" (SKID ...)" */
static void text_makers(const struct report *report, const struct sign *sign, struct buf *text)
{
	for (size_t i = 0; i < sign->nr_signers; i++) {
		const char *skid = key_signer_skid(sign->signers[i]);

		buf_printf(text, "%s\"%s\"", i ? " and " : "", key_signer_title(sign->signers[i]));
		if (*skid)
			buf_printf(text, " (SKID %.*s%s)",
				   report->verbose ? 128 : REPORT_SHORT_DIGITS, skid,
				   report->verbose ? "" : "...");
	}
}

void report_signed(struct report *report, const char *file, const char *output,
		   const struct sign *sign, const struct sign_made *signatures, size_t nr,
		   const struct report_advice *advice, size_t nr_advice)
{
	struct buf *text = &report->text;

	if (report->as_json) {
		json_object(&report->json, NULL);
		json_signed(&report->json, file, output, sign, signatures, nr);
		json_advice(&report->json, advice, nr_advice);
		json_object_end(&report->json);
		return;
	}
	if (report->quiet)
		return;
	buf_printf(text, "%s: signed by ", report_shown(output ?: file));
	text_makers(report, sign, text);
	buf_add_str(text, "\n");
	for (size_t i = 0; i < nr; i++) {
		enum scheme scheme = signatures[i].scheme;
		char kernels[KERNEL_TEXT_MAX];

		buf_printf(text, "  %-7s  %-20s  %s ", scheme_name(scheme),
			   kernel_set_text(signatures[i].kernels, kernels),
			   scheme_digest_label(scheme));
		add_digest(report, signatures[i].digest, HASH_SHA256_SIZE);
		if (signatures[i].file)
			buf_printf(text, "  in %s", report_shown(signatures[i].file));
		buf_add_str(text, "\n");
	}
}

void report_sealed(struct report *report)
{
	report->sealed = true;
}

/* --- sign --strip --- */

static void json_stripped(struct json *json, const char *file, const char *output, bool was_signed,
			  scheme_set schemes)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "status", "stripped");
	json_text(json, "output", output);
	json_bool(json, "was_signed", was_signed);
	json_array(json, "stripped");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (schemes & SCHEME_BIT(scheme))
			json_text(json, NULL, scheme_name(scheme));
	}
	json_array_end(json);
	json_object_end(json);
}

void report_stripped(struct report *report, const char *file, const char *output, bool was_signed,
		     scheme_set schemes)
{
	struct buf *text = &report->text;
	const char *comma = " (";

	if (report->as_json)
		json_stripped(&report->json, file, output, was_signed, schemes);
	if (report->as_json || report->quiet)
		return;
	buf_printf(text, "%s: %s", report_shown(output),
		   was_signed ? "unsigned" : "was not signed");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!(schemes & SCHEME_BIT(scheme)))
			continue;
		buf_printf(text, "%s%s", comma, scheme_name(scheme));
		comma = ", ";
	}
	buf_add_str(text, schemes ? " taken out)\n" : "\n");
}

/* --- sign --prepare --- */

static void json_requested(struct json *json, const char *file, const char *dir, const char *name,
			   const struct twostep_asked *asked)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "folder", dir);
	json_text(json, "name", name);
	json_text(json, "digest_algorithm", hash_name(asked->hash));
	json_array(json, "to_be_signed");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!(asked->schemes & SCHEME_BIT(scheme)))
			continue;
		json_object(json, NULL);
		json_text(json, "scheme", scheme_name(scheme));
		json_number(json, "size", (int64_t)asked->of[scheme].size);
		json_hex(json, "digest", view_of(asked->of[scheme].digest, hash_size(asked->hash)));
		json_bool(json, "attributes", asked->of[scheme].attrs);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}

static void text_requested(struct report *report, const char *dir, const char *name,
			   const struct twostep_asked *asked)
{
	struct buf *text = &report->text;

	buf_printf(text, "%s: to be signed\n", report_shown(name));
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		_cleanup_(freep) char *file = NULL;

		if (!(asked->schemes & SCHEME_BIT(scheme)))
			continue;
		buf_printf(text, "  %-7s  %8zu bytes  %s ", scheme_name(scheme),
			   asked->of[scheme].size, hash_name(asked->hash));
		add_digest(report, asked->of[scheme].digest, hash_size(asked->hash));
		file = twostep_file(dir, name, scheme,
				    asked->of[scheme].attrs ? "attrs" : "content");
		text->failed |= !file;
		buf_printf(text, "  in %s\n", file ? report_shown(file) : "");
	}
}

void report_requested(struct report *report, const char *file, const char *dir, const char *name,
		      const struct twostep_asked *asked)
{
	if (report->as_json)
		json_requested(&report->json, file, dir, name, asked);
	else if (!report->quiet)
		text_requested(report, dir, name, asked);
}

void report_requests_end(struct report *report, const char *dir)
{
	if (report->as_json || report->quiet)
		return;
	buf_printf(
		&report->text,
		"note: put each signature beside what it is over, as .p7s (CMS) or .sig (raw); then\n"
		"      bpf-chainsign sign --attach %s, with --cert and the same options and files\n",
		report_shown(dir));
}
