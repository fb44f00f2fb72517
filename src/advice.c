// SPDX-License-Identifier: BSD-2-Clause
#include "advice.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kverify/kverify.h"
#include "verdict.h"

/* NIST SP 800-131A revision 2, section 3 disallows shorter keys for signing. */
#define RSA_BITS_MIN 2048

/*
 * The largest signature that bpftool handles (Linux 7.3, tools/bpf/bpftool/main.h: MAX_SIG_SIZE).
 */
#define BPFTOOL_SIGNATURE_MAX 4096

int advice_now(time_t *ret, struct err *err)
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
	struct advice *list;
	size_t nr;
};

_printf_(4, 5) static void add(struct advices *advices, const char *id, const char *remedy,
			       const char *fmt, ...)
{
	struct advice *advice = &advices->list[advices->nr++];
	va_list args;

	advice->id = id;
	advice->remedy = remedy;
	va_start(args, fmt);
	vsnprintf(advice->what, sizeof(advice->what), fmt, args);
	va_end(args);
}

/* Kernels do not check validity periods (crypto/asymmetric_keys/x509_public_key.c). */
static void add_validity(struct advices *advices, time_t from, time_t to, time_t now)
{
	time_t when = now > to ? to : from;
	char day[32] = "an unknown day";
	struct tm tm;

	if (now >= from && now <= to)
		return;
	if (gmtime_r(&when, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	if (now > to)
		add(advices, "expired", "renew it for the same key",
		    "the certificate expired on %s; kernels do not check this, but other tools do",
		    day);
	else
		add(advices, "not-yet-valid", "wait, or use a certificate that is valid now",
		    "the certificate is valid only from %s on; kernels do not check this, but "
		    "other tools do",
		    day);
}

/*
 * systemd does not enroll such certificates in the kernel's .bpf keyring (its keyring set-up, pull
 * request 43549); kernels do not check this.
 */
static void add_usage(struct advices *advices, const struct key_properties *properties)
{
	if (!properties->may_sign)
		add(advices, "key-usage", "use a certificate with keyUsage digitalSignature",
		    "the certificate's keyUsage lacks digitalSignature, so it cannot be enrolled "
		    "in the kernel's .bpf keyring");
	if (!properties->may_sign_code)
		add(advices, "extended-key-usage",
		    "use a certificate with extendedKeyUsage codeSigning or anyExtendedKeyUsage, or "
		    "without extendedKeyUsage",
		    "the certificate's extendedKeyUsage lacks codeSigning, so it cannot be "
		    "enrolled in the kernel's .bpf keyring");
	if (!properties->has_key_id)
		add(advices, "no-key-id", "use a certificate with a subjectKeyIdentifier",
		    "the certificate has no subjectKeyIdentifier, so it cannot be enrolled in the "
		    "kernel's .bpf keyring, and signatures name its issuer and serial number and "
		    "will not verify with a renewed certificate");
}

/* The same of other properties and of the file. */
static void add_form(struct advices *advices, const struct key_properties *properties,
		     const struct key_signer *signer)
{
	unsigned int unused = key_signer_unused(signer);

	if (properties->is_invalid)
		add(advices, "invalid-extension", "have the certificate issued again",
		    "an extension of the certificate is malformed or repeated, so it cannot be "
		    "enrolled in the kernel's .bpf keyring");
	if (properties->is_negative)
		add(advices, "negative-serial", "have the certificate issued again",
		    "the certificate's serial number is negative, so it cannot be enrolled in the "
		    "kernel's .bpf keyring");
	if (unused)
		add(advices, "unused-certificates",
		    "enroll the signer's certificate in a file alone",
		    "its file contains %u more certificate%s, which no signature uses, and systemd "
		    "does not enroll certificates from such a file",
		    unused, unused > 1 ? "s" : "");
	if (key_signer_is_der(signer))
		add(advices, "der-certificate",
		    "enroll a copy in PEM (openssl x509 -in DER -out PEM)",
		    "its file is DER, and systemd enrolls only certificates in PEM");
}

static void add_strength(struct advices *advices, const struct key_properties *properties)
{
	if (properties->rsa_bits && properties->rsa_bits < RSA_BITS_MIN)
		add(advices, "short-key", "use RSA of 3072 bits, or P-256",
		    "an RSA key of %u bits is too short to be secure", properties->rsa_bits);
	if (properties->weak_digest)
		add(advices, "weak-digest", "use a certificate that is signed with SHA-256",
		    "the certificate is signed with %s, which can be forged",
		    properties->weak_digest);
}

/* The kernels that SCHEMES are for. */
static kernel_set kernels_for(scheme_set schemes)
{
	kernel_set set = 0;

	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++)
		set |= schemes & SCHEME_BIT(scheme) ? verdict_kernels(scheme) : 0;
	return set;
}

/*
 * The errno with which kernels of LINE refuse the certificate; 0: they add it, or the answer is
 * unknown.
 */
static int ask(enum kv_line line, struct view cert)
{
	_cleanup_(kv_keyring_free_p) struct kv_keyring *keyring = NULL;
	struct kv_answer answer;
	struct err ignored;

	if (kv_keyring_new(line, &keyring) || kv_keyring_add(keyring, cert, &answer, &ignored))
		return 0;
	return answer.code;
}

/* The kernels among WANTED that answer CODE. */
static kernel_set which_answer(kernel_set wanted, const int answers[KV_LINE_NR], int code)
{
	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (answers[kernel_rules(kernel)->line] != code)
			wanted &= ~KERNEL_BIT(kernel);
	}
	return wanted;
}

/*
 * List the kernels that SCHEMES are for and that refuse the certificate with CODE; 0: with any
 * errno. False: no such kernel.
 */
static bool list_kernels(struct view cert, scheme_set schemes, int code, char *titles, size_t size)
{
	const kernel_set wanted = kernels_for(schemes);
	int answers[KV_LINE_NR];
	kernel_set listed = 0;
	size_t at = 0;

	for (enum kv_line line = 0; line < KV_LINE_NR; line++)
		answers[line] = ask(line, cert);
	for (enum kernel kernel = 0; kernel < KERNEL_NR && at < size; kernel++) {
		int answer = answers[kernel_rules(kernel)->line];
		kernel_set alike = which_answer(wanted, answers, answer);
		char text[KERNEL_TEXT_MAX];

		if (!answer || (code && answer != code) || !(alike & ~listed & KERNEL_BIT(kernel)))
			continue;
		at += (size_t)snprintf(titles + at, size - at, "%s%s (%s)", at ? ", " : "",
				       kernel_set_text(alike, text), kv_errno_name(answer));
		listed |= alike;
	}
	return at > 0;
}

/*
 * Of the kinds of key that key.h accepts, only ML-DSA is missing in some lines
 * (docs/KERNEL-RULES.md). Some lines refuse the certificate; some do not even recognize the
 * algorithm (ENOPKG), and so refuse any message in which it appears.
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
		    "use kernels with CRYPTO_MLDSA=y (possible from 7.0 on), or an RSA or ECDSA "
		    "key",
		    "kernels with Debian's configuration would not add the certificate to a "
		    "keyring: %s",
		    titles);
	if (has_others && list_kernels(cert, schemes, -ENOPKG, titles, sizeof(titles)))
		add(advices, "kernel-refuses-all",
		    "make signatures for these kernels without "
		    "this key",
		    "some kernels reject every signature in which this key takes part, even if "
		    "they trust another signer: %s",
		    titles);
}

size_t advice_for_signer(const struct key_signer *signer, bool has_others, scheme_set schemes,
			 time_t now, struct advice ret[ADVICE_MAX])
{
	struct advices advices = {.list = ret};
	struct key_properties properties;

	key_signer_properties(signer, &properties);
	add_validity(&advices, properties.valid_from, properties.valid_to, now);
	add_usage(&advices, &properties);
	add_form(&advices, &properties, signer);
	add_strength(&advices, &properties);
	add_kernels(&advices, signer, has_others, schemes);
	return advices.nr;
}

size_t advice_for_cert(struct view der, time_t now, struct advice *ret)
{
	struct advices advices = {.list = ret};
	time_t from, to;

	if (key_cert_validity(der, &from, &to))
		add_validity(&advices, from, to, now);
	return advices.nr;
}

size_t advice_for_signature(size_t size, struct advice *ret)
{
	struct advices advices = {.list = ret};

	if (size > BPFTOOL_SIGNATURE_MAX)
		add(&advices, "large-signature",
		    "use a smaller key or fewer signers if bpftool has to handle it",
		    "the signature has %zu bytes: kernels accept up to 8192, but bpftool only %d",
		    size, BPFTOOL_SIGNATURE_MAX);
	return advices.nr;
}
