// SPDX-License-Identifier: BSD-2-Clause
/* The output of sign: signatures, stripped headers, requests for signatures. */
#include <string.h>

#include "base/util.h"
#include "report/report.h"
#include "report/report_text.h"

static void add_digest(struct report_part *part, const uint8_t *digest, size_t size)
{
	char hex[2 * HASH_SIZE_MAX + 1];

	hex_string(hex, digest, size);
	if (part->form.verbose)
		buf_add_str(&part->text, hex);
	else
		buf_printf(&part->text, "%.*s...", REPORT_SHORT_DIGITS, hex);
}

/* The file. */
static void add_place(struct buf *text, const char *file)
{
	buf_add_str(text, "  in ");
	buf_escape(text, view_str(file));
}

/* The first signer as members of the entry, and all signers as an array. */
static void json_makers(struct json *json, const struct sign *sign)
{
	for (size_t i = 0; i <= sign->nr_signers; i++) {
		const struct key_signer *signer = sign->signers[i ? i - 1 : 0];
		const char *skid = key_signer_skid(signer);

		if (i)
			json_object(json, NULL);
		json_text(json, "signer", key_signer_title(signer));
		json_text_or_null(json, "key_id", skid);
		if (i)
			json_object_end(json);
		else
			json_array(json, "signers");
	}
	json_array_end(json);
}

static void json_signed(struct json *json, const char *file, const char *output,
			const struct sign *sign, const struct sign_signature *signatures, size_t nr)
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
static void text_signer(const struct report_part *part, const struct key_signer *signer,
			struct buf *text)
{
	const char *skid = key_signer_skid(signer);

	buf_printf(text, "\"%s\"", key_signer_title(signer));
	if (*skid)
		buf_printf(text, " (SKID %.*s%s)", part->form.verbose ? 128 : REPORT_SHORT_DIGITS,
			   skid, part->form.verbose ? "" : "...");
}

static void text_makers(const struct report_part *part, const struct sign *sign, struct buf *text)
{
	for (size_t i = 0; i < sign->nr_signers; i++) {
		buf_add_str(text, i ? " and " : "");
		text_signer(part, sign->signers[i], text);
	}
}

/* The width of the widest names of kernels. */
static int kernels_width(const struct sign_signature *signatures, size_t nr)
{
	size_t width = 0;

	for (size_t i = 0; i < nr; i++) {
		char kernels[KERNEL_TEXT_MAX];
		size_t own = strlen(kernel_set_text(signatures[i].kernels, kernels));

		width = own > width ? own : width;
	}
	return (int)width;
}

void report_signed(struct report_part *part, const char *file, const char *output,
		   const struct sign *sign, const struct sign_signature *signatures, size_t nr,
		   const struct report_advice *advice, size_t nr_advice)
{
	const int width = kernels_width(signatures, nr);
	struct buf *text = &part->text;

	if (part->form.as_json) {
		json_object(&part->json, NULL);
		json_signed(&part->json, file, output, sign, signatures, nr);
		json_advice(&part->json, advice, nr_advice);
		json_object_end(&part->json);
		return;
	}
	if (part->form.quiet)
		return;
	report_file(text, output ?: file);
	buf_add_str(text, "signed by ");
	text_makers(part, sign, text);
	buf_add_str(text, "\n");
	for (size_t i = 0; i < nr; i++) {
		enum scheme scheme = signatures[i].scheme;
		char kernels[KERNEL_TEXT_MAX];

		buf_printf(text, "  %-7s  %-*s  %s ", scheme_name(scheme), width,
			   kernel_set_text(signatures[i].kernels, kernels),
			   scheme_digest_label(scheme));
		add_digest(part, signatures[i].digest, HASH_SHA256_SIZE);
		if (signatures[i].file)
			add_place(text, signatures[i].file);
		buf_add_str(text, "\n");
	}
}

void report_sealed(struct report_part *part)
{
	part->sealed = true;
}

void report_key(struct report_part *part, const char *key, const struct key_signer *signer)
{
	if (part->form.quiet)
		return;
	report_file(&part->text, key);
	buf_add_str(&part->text, "signs as ");
	text_signer(part, signer, &part->text);
	buf_add_str(&part->text, "\n");
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

void report_stripped(struct report_part *part, const char *file, const char *output,
		     bool was_signed, scheme_set schemes)
{
	struct buf *text = &part->text;
	const char *comma = " (";

	if (part->form.as_json)
		json_stripped(&part->json, file, output, was_signed, schemes);
	if (part->form.as_json || part->form.quiet)
		return;
	report_file(text, output);
	buf_add_str(text, was_signed ? "unsigned" : "was not signed");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!(schemes & SCHEME_BIT(scheme)))
			continue;
		buf_printf(text, "%s%s", comma, scheme_name(scheme));
		comma = ", ";
	}
	buf_add_str(text, schemes ? " removed)\n" : "\n");
}

/* --- sign --unsigned --- */

void report_unsigned(struct report_part *part, const char *file, const char *output)
{
	struct json *json = &part->json;

	if (part->form.as_json) {
		json_object(json, NULL);
		json_text(json, "file", file);
		json_text(json, "status", "unsigned");
		json_text(json, "output", output);
		json_object_end(json);
	} else if (!part->form.quiet) {
		report_file(&part->text, output);
		buf_add_str(&part->text,
			    "unsigned, loads only where the program does not enforce signatures\n");
	}
}

/* --- sign --prepare --- */

static void json_requested(struct json *json, const char *file, const char *dir, const char *name,
			   const struct twostep_written *written)
{
	json_object(json, NULL);
	json_text(json, "file", file);
	json_text(json, "folder", dir);
	json_text(json, "name", name);
	json_text(json, "digest_algorithm", hash_name(written->hash));
	json_array(json, "to_be_signed");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		if (!(written->schemes & SCHEME_BIT(scheme)))
			continue;
		json_object(json, NULL);
		json_text(json, "scheme", scheme_name(scheme));
		json_number(json, "size", (int64_t)written->of[scheme].size);
		json_hex(json, "digest",
			 view_of(written->of[scheme].digest, hash_size(written->hash)));
		json_bool(json, "attributes", written->of[scheme].attrs);
		json_object_end(json);
	}
	json_array_end(json);
	json_object_end(json);
}

static void text_requested(struct report_part *part, const char *dir, const char *name,
			   const struct twostep_written *written)
{
	struct buf *text = &part->text;

	report_file(text, name);
	buf_add_str(text, "to be signed\n");
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) {
		_cleanup_(freep) char *file = NULL;

		if (!(written->schemes & SCHEME_BIT(scheme)))
			continue;
		buf_printf(text, "  %-7s  %8zu bytes  %s ", scheme_name(scheme),
			   written->of[scheme].size, hash_name(written->hash));
		add_digest(part, written->of[scheme].digest, hash_size(written->hash));
		file = twostep_file(dir, name, scheme,
				    written->of[scheme].attrs ? "attrs" : "content");
		text->failed |= !file;
		add_place(text, file ?: "");
		buf_add_str(text, "\n");
	}
}

void report_requested(struct report_part *part, const char *file, const char *dir, const char *name,
		      const struct twostep_written *written)
{
	if (part->form.as_json)
		json_requested(&part->json, file, dir, name, written);
	else if (!part->form.quiet)
		text_requested(part, dir, name, written);
}

void report_requests_end(struct report_part *part, const char *dir)
{
	struct buf *text = &part->text;

	if (part->form.as_json || part->form.quiet)
		return;
	buf_add_str(text,
		    "note: add each signature to this folder, as NAME.SCHEME.p7s (CMS) or .sig "
		    "(raw); then run\n      bpf-chainsign sign --attach ");
	buf_escape(text, view_str(dir));
	buf_add_str(text, ", with --cert and the same options and files\n");
}
