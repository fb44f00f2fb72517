// SPDX-License-Identifier: BSD-2-Clause
#include "lint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kverify/kverify.h"
#include "verdict.h"

/* NIST SP 800-131A revision 2, section 3: shorter keys are not to sign any more. */
#define RSA_BITS_MIN 2048

/* What bpftool has room for (Linux 7.3, tools/bpf/bpftool/main.h: MAX_SIG_SIZE). */
#define BPFTOOL_SIGNATURE_MAX 4096

int lint_now(time_t *ret, struct err *err)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");
	long long seconds;
	char *end;

	if (!text) {
		*ret = time(NULL);
		return 0;
	}
	errno = 0;
	seconds = strtoll(text, &end, 10);
	if (errno || end == text || *end || *text < '0' || *text > '9')
		return err_set(err, -EINVAL,
			       "SOURCE_DATE_EPOCH is '%s': expected seconds since 1970", text);
	*ret = (time_t)seconds;
	return 0;
}

struct advices {
	struct lint_advice *list;
	size_t nr;
};

_printf_(4, 5) static void add(struct advices *advices, const char *id, const char *remedy,
			       const char *fmt, ...)
{
	struct lint_advice *advice = &advices->list[advices->nr++];
	va_list args;

	advice->id = id;
	advice->remedy = remedy;
	va_start(args, fmt);
	vsnprintf(advice->what, sizeof(advice->what), fmt, args);
	va_end(args);
}

/* Kernels do not look at the clock (crypto/asymmetric_keys/x509_public_key.c). */
static void add_validity(struct advices *advices, const struct key_properties *properties,
			 time_t now)
{
	time_t when = now > properties->valid_to ? properties->valid_to : properties->valid_from;
	char day[32] = "a day out of range";
	struct tm tm;

	if (now >= properties->valid_from && now <= properties->valid_to)
		return;
	if (gmtime_r(&when, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	if (now > properties->valid_to)
		add(advices, "expired", "have it renewed for the same key",
		    "the certificate expired on %s; kernels do not look at the clock, people do",
		    day);
	else
		add(advices, "not-yet-valid", "wait, or have one issued that is valid",
		    "the certificate is valid from %s on; kernels do not look at the clock, people "
		    "do",
		    day);
}

/* Enrolment in the kernel's .bpf keyring by systemd refuses these; a kernel does not ask. */
static void add_usage(struct advices *advices, const struct key_properties *properties)
{
	if (!properties->may_sign)
		add(advices, "key-usage", "have it issued with keyUsage digitalSignature",
		    "the certificate's keyUsage lacks digitalSignature: enrolment for the kernel's "
		    ".bpf keyring refuses it");
	if (!properties->may_sign_code)
		add(advices, "extended-key-usage",
		    "have it issued with extendedKeyUsage codeSigning, or without any",
		    "the certificate's extendedKeyUsage lacks codeSigning: enrolment for the "
		    "kernel's .bpf keyring refuses it");
	if (!properties->has_key_id)
		add(advices, "no-key-id", "have it issued with a subjectKeyIdentifier",
		    "the certificate has no subjectKeyIdentifier: the signer is named by issuer and "
		    "serial number, which a renewed certificate does not keep");
}

static void add_strength(struct advices *advices, const struct key_properties *properties)
{
	if (properties->rsa_bits && properties->rsa_bits < RSA_BITS_MIN)
		add(advices, "short-key", "use RSA of 3072 bits, or P-256",
		    "an RSA key of %u bits can be broken", properties->rsa_bits);
	if (properties->weak_digest)
		add(advices, "weak-digest", "have it issued with SHA-256",
		    "the certificate is signed with %s, which can be forged",
		    properties->weak_digest);
}

/* A file may hold a whole chain; one signs. */
static void add_unused(struct advices *advices, unsigned int unused)
{
	if (unused)
		add(advices, "unused-certificates",
		    "give a file whose first certificate is the signer's, or the only one",
		    "its file holds %u more certificate%s, of which nothing is used", unused,
		    unused > 1 ? "s" : "");
}

/* The kernels that SCHEMES are for. */
static kernel_set kernels_for(scheme_set schemes)
{
	kernel_set set = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		set |= schemes & SCHEME_BIT(scheme) ? verdict_kernels(scheme) : 0;
	return set;
}

/* What LINE answers to the certificate; what cannot be told is no advice. */
static int ask(enum kv_line line, struct view cert)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	struct err ignored;

	if (kv_keyring_new(line, &keyring) || kv_keyring_add(keyring, cert, &answer, &ignored))
		return 0;
	return answer.code;
}

/* The kernels among WANTED that answer CODE to the certificate. */
static kernel_set that_answer(kernel_set wanted, const int answers[KV_LINE_NR], int code)
{
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (answers[kernel_rules(kernel)->line] != code)
			wanted &= ~KERNEL_BIT(kernel);
	}
	return wanted;
}

/* The kernels that SCHEMES are for and that answer CODE, or any errno if that is 0. */
static bool list_kernels(struct view cert, scheme_set schemes, int code, char *titles, size_t size)
{
	const kernel_set wanted = kernels_for(schemes);
	int answers[KV_LINE_NR];
	kernel_set told = 0;
	size_t at = 0;

	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		answers[line] = ask(line, cert);
	for (enum kernel kernel = 0; kernel < KERNEL_NR && at < size; kernel++) {
		int answer = answers[kernel_rules(kernel)->line];
		kernel_set alike = that_answer(wanted, answers, answer);
		char text[KERNEL_TEXT_MAX];

		if (!answer || (code && answer != code) || !(alike & ~told & KERNEL_BIT(kernel)))
			continue;
		at += (size_t)snprintf(titles + at, size - at, "%s%s (%s)", at ? ", " : "",
				       kernel_set_text(alike, text), kv_errno_name(answer));
		told |= alike;
	}
	return at > 0;
}

/*
 * Of the kinds of key that key.h lets pass, ML-DSA alone is not in all lines
 * (docs/KERNEL-RULES.md): some do not take the certificate, and some have no name for the algorithm
 * (ENOPKG), which is the end of any message that has it.
 */
static void add_kernels(struct advices *advices, const struct key_signer *signer, bool has_others,
			scheme_set schemes)
{
	const struct view cert = key_signer_cert(signer);
	char titles[256];

	if (!key_signer_is_mldsa(signer))
		return;
	if (list_kernels(cert, schemes, 0, titles, sizeof(titles)))
		add(advices, "kernel-lacks-key",
		    "enrol it where the kernel has CRYPTO_MLDSA=y (from 7.0 on), or use RSA or "
		    "ECDSA",
		    "kernels with what Debian builds in do not take the certificate: %s", titles);
	if (has_others && list_kernels(cert, schemes, -ENOPKG, titles, sizeof(titles)))
		add(advices, "kernel-refuses-all", "sign for them without this key",
		    "kernels refuse a signature that this key has part in, whoever else they "
		    "trust: %s",
		    titles);
}

size_t lint_signer(const struct key_signer *signer, bool has_others, scheme_set schemes, time_t now,
		   struct lint_advice ret[LINT_ADVICE_MAX])
{
	struct advices advices = {.list = ret};
	struct key_properties properties;

	key_signer_properties(signer, &properties);
	add_validity(&advices, &properties, now);
	add_usage(&advices, &properties);
	add_strength(&advices, &properties);
	add_unused(&advices, key_signer_unused(signer));
	add_kernels(&advices, signer, has_others, schemes);
	return advices.nr;
}

size_t lint_signature(size_t size, struct lint_advice *ret)
{
	struct advices advices = {.list = ret};

	if (size > BPFTOOL_SIGNATURE_MAX)
		add(&advices, "large-signature",
		    "use a smaller key or fewer signers where bpftool has to handle it",
		    "the signature has %zu bytes: kernels take 8192, bpftool %d", size,
		    BPFTOOL_SIGNATURE_MAX);
	return advices.nr;
}
