// SPDX-License-Identifier: BSD-2-Clause
/*
 * Files of trusted and revoked certificates, as they are and changed: a signer whose certificate is
 * in a file of revoked ones is never accepted.
 *
 * TRUST_MUTATIONS (1500) files are changed, by the random numbers of TRUST_SEED (1).
 */
#include "trust.h"

#include <errno.h>
#include <limits.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "kvtest.h"

/* --- who signs --- */

struct signer {
	X509 *cert;
	X509 *trusted; /* what is in the keyring: the certificate, or that of its issuer */
	struct view message;
};

static struct signer signers[6];
static X509 *others[4];

#define BY_SERIAL (PKI_PLAIN & ~CMS_USE_KEYID)

static struct signer sign_with(X509 *cert, EVP_PKEY *key, X509 *trusted, unsigned int flags)
{
	return (struct signer){cert, trusted, pki_sign(content, cert, key, NULL, flags)};
}

__attribute__((constructor)) static void make_signers(void)
{
	EVP_PKEY *rsa = pki_key("RSA2048"), *ec = pki_key("P-256"), *ca_key = pki_key("P-256");
	X509 *ca = pki_cert(&(struct pki_profile){.name = "CA", .key = ca_key});
	X509 *own = pki_cert(&(struct pki_profile){.name = "own", .key = rsa, .serial = 7});
	X509 *bare = pki_cert(&(struct pki_profile){.name = "bare", .key = ec, .no_key_id = true});
	X509 *whole = pki_cert(&(struct pki_profile){
		.name = "whole", .key = rsa, .authority = "keyid:always,issuer:always"});
	X509 *leaf = pki_cert(&(struct pki_profile){
		.name = "leaf", .key = ec, .issuer = ca, .issuer_key = ca_key, .serial = 1234567});
	X509 *wide = pki_cert(&(struct pki_profile){
		.name = "wide", .key = rsa, .issuer = ca, .issuer_key = ca_key, .serial = 7654321});

	signers[0] = sign_with(own, rsa, own, PKI_PLAIN);
	signers[1] = sign_with(bare, ec, bare, BY_SERIAL);
	signers[2] = sign_with(whole, rsa, whole, BY_SERIAL);
	signers[3] = sign_with(leaf, ec, leaf, PKI_PLAIN);
	signers[4] = sign_with(leaf, ec, ca, BY_SERIAL & ~CMS_NOCERTS);
	signers[5] = sign_with(wide, rsa, wide, BY_SERIAL);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		others[i] = pki_cert(&(struct pki_profile){
			.name = (const char *[]){"one", "two", "three", "four"}[i],
			.key = pki_key(i % 2 ? "RSA2048" : "P-256"),
			.issuer = i == 2 ? ca : NULL,
			.issuer_key = i == 2 ? ca_key : NULL,
			.serial = (long)(90 + i)});
}

/* --- files --- */

/* A name in a folder of this test's own; "" removes it. */
static const char *place(const char *name)
{
	static char root[] = "/tmp/test_trust.XXXXXX", path[2][256];
	static bool made;
	static int n;

	if (!made)
		made = CHECK(mkdtemp(root) != NULL);
	n = !n;
	snprintf(path[n], sizeof(path[n]), "%s%s%s", root, *name ? "/" : "", name);
	return path[n];
}

static void put(const char *path, struct view data)
{
	FILE *file = fopen(path, "wb");

	/* fwrite() takes no null pointer, not even for nothing */
	PKI_MUST(file);
	PKI_MUST(!data.size || fwrite(data.data, 1, data.size, file) == data.size);
	PKI_MUST(!fclose(file));
}

enum answer_kind { ACCEPTED, REJECTED, UNKNOWN };

/* What LINE answers to SIGNER's message with files of certificates (REVOKED may be NULL). */
static enum answer_kind ask_files(const struct signer *signer, const char *certs,
				  const char *revoked, enum kv_line line, struct trust **ret)
{
	const struct trust_names names = {&certs, 1}, listed = {&revoked, revoked ? 1 : 0};
	const struct trust_keyring *keyring = NULL;
	struct err err = {0};

	if (trust_new(&names, &listed, NULL, ret, &err) ||
	    trust_keyring(*ret, line, &keyring, &err) ||
	    kv_verify(keyring->keyring, INPUT_OF(content), signer->message, &answer, &err)) {
		CHECK(*err.text);
		return UNKNOWN;
	}
	return answer.code ? REJECTED : ACCEPTED;
}

static enum answer_kind ask_revoked(const struct signer *signer, struct view revoked)
{
	_cleanup_(trust_free_p) struct trust *trust = NULL;
	const char *certs = place("trusted"), *list = place("revoked");

	put(certs, pki_der(signer->trusted));
	put(list, revoked);
	return ask_files(signer, certs, list, KV_LINUX_7_3, &trust);
}

/* --- one certificate in which something was changed --- */

/* FROM in the DER of CERT, with its byte number AT changed. */
static struct view changed(X509 *cert, struct view from, size_t at)
{
	struct view der = pki_der(cert);
	uint8_t *copy = pki_copy(der);
	uint8_t *found = memmem(copy, der.size, from.data, from.size);

	PKI_MUST(found);
	found[at] ^= 1;
	return view_of(copy, der.size);
}

static struct view skid_of(X509 *cert)
{
	const ASN1_OCTET_STRING *skid = X509_get0_subject_key_id(cert);

	return view_of(ASN1_STRING_get0_data(skid), (size_t)ASN1_STRING_length(skid));
}

static struct view key_of(X509 *cert)
{
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(cert);

	return view_of(ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key));
}

TEST(a_certificate_on_the_list_is_rejected)
{
	for (size_t i = 0; i < ARRAY_SIZE(signers); i++) {
		CHECK_INT(ask_revoked(&signers[i], pki_der(signers[i].cert)), REJECTED);
		CHECK_INT(ask_revoked(&signers[i], pki_der(others[0])), ACCEPTED);
		CHECK_INT(ask_revoked(&signers[i], pki_der(others[2])), ACCEPTED);
	}
}

TEST(a_changed_certificate_on_the_list_is_no_acceptance)
{
	const struct signer *leaf = &signers[3], *chain = &signers[4], *wide = &signers[5];

	/* its key id, by which the signer is looked for */
	CHECK_INT(ask_revoked(leaf, changed(leaf->cert, skid_of(leaf->cert), 3)), UNKNOWN);
	CHECK_INT(ask_revoked(chain, changed(chain->cert, skid_of(chain->cert), 3)), REJECTED);
	/* a byte of the key, with which the signature is checked; X and Y are not on the curve then
	 */
	CHECK(ask_revoked(leaf, changed(leaf->cert, key_of(leaf->cert), 40)) != ACCEPTED);
	CHECK_INT(ask_revoked(wide, changed(wide->cert, key_of(wide->cert), 100)), UNKNOWN);
	/* the serial number 7654321 */
	CHECK_INT(ask_revoked(wide, changed(wide->cert, BYTES("\x02\x03\x74\xcb\xb1"), 4)),
		  UNKNOWN);
	/* the subject: the kernel finds it all the same */
	CHECK_INT(ask_revoked(leaf, changed(leaf->cert, BYTES("\x0c\x04leaf"), 2)), REJECTED);
}

TEST(a_changed_certificate_that_signed_itself_cannot_be_put_on_the_list)
{
	const struct signer *own = &signers[0], *bare = &signers[1];

	CHECK_INT(ask_revoked(own, changed(own->cert, key_of(own->cert), 100)), UNKNOWN);
	CHECK_INT(ask_revoked(bare, changed(bare->cert, key_of(bare->cert), 40)), UNKNOWN);
	/* with another issuer it is not self-signed any more */
	CHECK_INT(ask_revoked(bare, changed(bare->cert,
					    BYTES("\x0c\x04"
						  "bare"),
					    2)),
		  UNKNOWN);
}

/* --- files in which something was changed --- */

static uint64_t random_state;

/* SplitMix64 (Steele, Lea, Flood 2014), below LIMIT. */
static size_t random_below(size_t limit)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return limit ? (z ^ z >> 31) % limit : 0;
}

/* A good file, and where in it the signer's certificate is. */
struct sample {
	struct buf file;
	size_t begin, end;
};

static void add_pem(struct buf *file, X509 *cert, bool text, bool one_line)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long size;

	if (text)
		X509_print(bio, cert);
	PKI_MUST(PEM_write_bio_X509(bio, cert));
	size = BIO_get_mem_data(bio, &data);
	for (long i = 0; i < size; i++) {
		bool in_body = data[i] == '\n' && i > 0 && data[i - 1] != '-' && i + 1 < size &&
			       data[i + 1] != '-';

		if (!one_line || !in_body)
			buf_add(file, &data[i], 1);
	}
	BIO_free(bio);
}

static void add_cert(struct sample *sample, X509 *cert, int form, bool is_signer)
{
	if (is_signer)
		sample->begin = sample->file.size;
	if (form == 0)
		buf_add_view(&sample->file, pki_der(cert));
	else
		add_pem(&sample->file, cert, form == 2 && !is_signer, form == 3);
	if (is_signer)
		sample->end = sample->file.size;
}

/* DER; PEM; PEM with a text around the others; PEM whose bodies are one line; up to five of them.
 */
static void make_sample(X509 *cert, struct sample *ret)
{
	const int form = (int)random_below(4);
	const size_t before = random_below(3), after = random_below(3);

	buf_free(&ret->file);
	for (size_t i = 0; i < before; i++)
		add_cert(ret, others[random_below(ARRAY_SIZE(others))], form, false);
	add_cert(ret, cert, form, true);
	for (size_t i = 0; i < after; i++)
		add_cert(ret, others[random_below(ARRAY_SIZE(others))], form, false);
	PKI_MUST(!ret->file.failed);
}

/* Put WITH in the place of CUT bytes at AT. */
static void replace(struct buf *file, size_t at, size_t cut, struct view with)
{
	struct buf changed_file = {0};

	if (cut > file->size - at)
		cut = file->size - at;
	buf_add(&changed_file, file->data, at);
	buf_add_view(&changed_file, with);
	buf_add(&changed_file, file->data + at + cut, file->size - at - cut);
	PKI_MUST(!changed_file.failed);
	buf_free(file);
	*file = changed_file;
}

static size_t some_size(size_t limit)
{
	static const size_t sizes[] = {1, 1, 2, 3, 4, 5, 16, 64, 65, 130, 400, 1000};
	size_t size = sizes[random_below(ARRAY_SIZE(sizes))];

	return size < limit ? size : limit;
}

static const uint8_t alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void mutate(struct buf *file, const struct sample *other)
{
	static const char *const pieces[] = {
		"\n",
		"\r\n",
		"\r",
		"-",
		" ",
		"=",
		"#",
		"-----",
		"\xef\xbb\xbf",
		"!",
		"-----END CERTIFICATE-----\n",
		"-----BEGIN CERTIFICATE-----\n",
		"TRUSTED ",
		"X509 ",
	};
	size_t at = random_below(file->size + 1), size = some_size(file->size - at);
	uint8_t *byte = file->size ? &file->data[at % file->size] : NULL;
	struct buf piece = {0};

	switch (random_below(12)) {
	case 0:
	case 1:
		if (byte)
			*byte ^= (uint8_t)(1 << random_below(8));
		break;
	case 2:
		if (byte)
			*byte = (uint8_t)random_below(256);
		break;
	case 3:
	case 4: /* another letter of base64 in the place of one */
		if (byte && memchr(alphabet, *byte, 64))
			*byte = alphabet[random_below(64)];
		break;
	case 5:
	case 6:
		replace(file, at, size, NOTHING);
		break;
	case 7:
		replace(file, at, random_below(8) ? 0 : file->size, NOTHING);
		break;
	case 8: /* doubled */
		buf_add(&piece, file->data + at, size);
		replace(file, at, 0, buf_view(&piece));
		break;
	case 9:
		replace(file, at, random_below(2) ? size : 0,
			view_str(pieces[random_below(ARRAY_SIZE(pieces))]));
		break;
	case 10: /* from another file, at the same place or elsewhere */
		if (random_below(2) && at < other->file.size)
			replace(file, at, size,
				view_head(view_of(other->file.data + at, other->file.size - at),
					  size));
		else
			replace(file, at, size,
				view_head(buf_view(&other->file), some_size(other->file.size)));
		break;
	default:
		for (size_t i = 0; i < size; i++) {
			if (random_below(20) == 0)
				file->data[at + i] = (uint8_t)random_below(256);
		}
	}
	buf_free(&piece);
}

#define TRACE 32

/* As many bytes in a row of the signer's certificate that are nowhere else in the sample. */
static bool has_trace(struct view file, const struct sample *sample)
{
	const uint8_t *data = sample->file.data;

	for (size_t at = sample->begin; at + TRACE <= sample->end; at++) {
		if (memmem(file.data, file.size, data + at, TRACE) &&
		    !memmem(data, sample->begin, data + at, TRACE) &&
		    !memmem(data + sample->end, sample->file.size - sample->end, data + at, TRACE))
			return true;
	}
	return false;
}

/* Whether TRUST holds a certificate with KEY. */
struct holder {
	struct view key;
	bool found;
};

static int look_for_key(void *arg, _unused_ const char *file, bool revoked, struct view der,
			_unused_ struct err *err)
{
	struct holder *holder = arg;

	if (!revoked && memmem(der.data, der.size, holder->key.data, holder->key.size))
		holder->found = true;
	return 0;
}

enum mode { REVOKED_CHANGED, TRUSTED_CHANGED, TRUSTED_CHANGED_AND_REVOKED, MODE_NR };

static size_t counts[MODE_NR][UNKNOWN + 1], gone;

static bool is_right(enum mode mode, enum answer_kind got, struct view file,
		     const struct sample *sample, const struct signer *signer, struct trust *trust)
{
	struct holder holder = {.key = key_of(signer->trusted)};
	struct err err;

	if (got != ACCEPTED)
		return true;
	if (mode == TRUSTED_CHANGED_AND_REVOKED)
		return false;
	if (mode == REVOKED_CHANGED) {
		gone++;
		return !has_trace(file, sample);
	}
	trust_each(trust, look_for_key, &holder, &err);
	return holder.found;
}

static void try(size_t n)
{
	static struct sample sample, other;
	_cleanup_(trust_free_p) struct trust *trust = NULL;
	const struct signer *signer = &signers[random_below(ARRAY_SIZE(signers))];
	enum mode mode = random_below(10) < 7 ? REVOKED_CHANGED : TRUSTED_CHANGED + random_below(2);
	X509 *subject = mode == REVOKED_CHANGED && random_below(4) ? signer->cert : signer->trusted;
	const char *file = place("changed"), *fixed = place("fixed");
	_buf_ struct buf bad = {0};
	enum answer_kind got;

	make_sample(subject, &sample);
	make_sample(others[random_below(ARRAY_SIZE(others))], &other);
	buf_add_view(&bad, buf_view(&sample.file));
	for (size_t i = 1 + random_below(random_below(4) ? 2 : 12); i > 0; i--)
		mutate(&bad, &other);
	put(file, buf_view(&bad));
	put(fixed, pki_der(mode == REVOKED_CHANGED ? signer->trusted : signer->cert));
	got = ask_files(signer, mode == REVOKED_CHANGED ? fixed : file,
			mode == REVOKED_CHANGED		      ? file
			: mode == TRUSTED_CHANGED_AND_REVOKED ? fixed
							      : NULL,
			(enum kv_line)random_below(KV_LINE_NR), &trust);
	counts[mode][got]++;
	if (!CHECK(is_right(mode, got, buf_view(&bad), &sample, signer, trust))) {
		char name[40];

		snprintf(name, sizeof(name), "wrong-%zu", n);
		put(place(name), buf_view(&bad));
		printf("# file %zu, kept as %s, mode %d, signer %td\n", n, place(name), mode,
		       signer - signers);
	}
}

static size_t number_of(const char *name, size_t otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

TEST(no_change_of_a_file_brings_back_a_revoked_signer)
{
	static const char *const names[MODE_NR] = {"revoked", "trusted",
						   "trusted, with the signer revoked in another"};
	size_t nr = number_of("TRUST_MUTATIONS", 1500);

	random_state = number_of("TRUST_SEED", 1);
	for (size_t i = 0; i < nr; i++)
		try(i);
	for (enum mode mode = 0; mode < MODE_NR; mode++)
		printf("# changed files of %s certificates: %zu accepted, %zu rejected, %zu could "
		       "not tell\n",
		       names[mode], counts[mode][ACCEPTED], counts[mode][REJECTED],
		       counts[mode][UNKNOWN]);
	/* it is a test of something */
	CHECK(counts[REVOKED_CHANGED][REJECTED] && counts[REVOKED_CHANGED][UNKNOWN]);
	CHECK(gone < nr / 20);
}

/* --- what is kept of the files --- */

#define KEYS(name) "keys/test/" name ".crt"

/* What trust_each() has called, as "FILE+" for a trusted and "FILE-" for a revoked one. */
static int note_call(void *arg, const char *file, bool revoked, struct view der,
		     _unused_ struct err *err)
{
	struct buf *calls = arg;

	CHECK(der.size > 100 && der.data[0] == 0x30);
	buf_printf(calls, "%s%c ", file, revoked ? '-' : '+');
	return calls->size > 100 ? -EXDEV : 0;
}

static struct trust *trust_in(const char **certs, size_t nr, const char **revoked,
			      size_t nr_revoked, const struct kv_config *config)
{
	const struct trust_names names = {certs, nr}, listed = {revoked, nr_revoked};
	struct trust *trust = NULL;
	struct err err;

	PKI_MUST(!trust_new(&names, &listed, config, &trust, &err));
	return trust;
}

TEST(certificates_are_walked_revoked_first_each_in_its_order)
{
	const char *certs[] = {KEYS("rsa2048"), KEYS("p256")},
		   *revoked[] = {KEYS("revoked"), KEYS("unrelated")};
	_cleanup_(trust_free_p) struct trust *trust = trust_in(certs, 2, revoked, 2, NULL);
	_buf_ struct buf calls = {0};
	struct err err;

	CHECK_INT(trust_each(trust, note_call, &calls, &err), 0);
	CHECK_STR(buf_cstr(&calls), KEYS("revoked") "- " KEYS("unrelated") "- " KEYS(
					    "rsa2048") "+ " KEYS("p256") "+ ");
	/* the first failure ends it */
	CHECK_INT(trust_each(trust, note_call, &calls, &err), -EXDEV);
	CHECK(!strcmp(buf_cstr(&calls) + calls.size - strlen(KEYS("revoked") "- "),
		      KEYS("revoked") "- "));
}

TEST(a_keyring_is_made_once_for_each_line)
{
	const char *certs[] = {KEYS("rsa2048")};
	_cleanup_(trust_free_p) struct trust *trust = trust_in(certs, 1, NULL, 0, NULL);
	const struct trust_keyring *first = NULL, *second = NULL, *other = NULL;
	struct err err;

	CHECK_INT(trust_keyring(trust, KV_LINUX_7_2, &first, &err), 0);
	CHECK_INT(trust_keyring(trust, KV_LINUX_7_3, &other, &err), 0);
	CHECK_INT(trust_keyring(trust, KV_LINUX_7_2, &second, &err), 0);
	CHECK(first == second && first->keyring == second->keyring && first->keyring);
	CHECK(other != first && other->keyring != first->keyring);
	CHECK_INT((long long)first->nr_refusals, 0);
}

TEST(what_a_kernel_does_not_take_is_noted_and_the_rest_is_trusted)
{
	X509 *md5 = pki_cert(
		&(struct pki_profile){.name = "md5", .key = pki_key("RSA2048"), .digest = "MD5"});
	const char *file = place("md5.crt"), *certs[] = {file, KEYS("p256")}, *revoked[1];

	put(file, pki_der(md5));
	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		_cleanup_(trust_free_p) struct trust *trust = trust_in(certs, 2, NULL, 0, NULL);
		const struct trust_keyring *keyring = NULL;
		struct err err;

		CHECK_INT(trust_keyring(trust, line, &keyring, &err), 0);
		CHECK_INT((long long)keyring->nr_refusals, 1);
		CHECK_STR(keyring->refusals[0].file, file);
		CHECK_INT(keyring->refusals[0].answer.code, -ENOPKG);
		CHECK(*keyring->refusals[0].answer.reason);
	}
	/* a certificate that is revoked is not added, wherever it stands */
	revoked[0] = KEYS("p256");
	certs[0] = KEYS("rsa2048");
	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		_cleanup_(trust_free_p) struct trust *trust = trust_in(certs, 2, revoked, 1, NULL);
		const struct trust_keyring *keyring = NULL;
		struct err err;

		CHECK_INT(trust_keyring(trust, line, &keyring, &err), 0);
		CHECK_INT((long long)keyring->nr_refusals, 1);
		CHECK_STR(keyring->refusals[0].file, KEYS("p256") ":1");
		CHECK(keyring->refusals[0].answer.code != 0);
	}
}

TEST(one_configuration_holds_for_every_kernel)
{
	static const struct kv_config without = {.verification = true, .rsa = true, .sha512 = true};
	const char *certs = place("own.crt");

	put(certs, pki_der(signers[0].cert));
	for (enum kv_line line = 0; line < KV_LINE_NR; line++) {
		_cleanup_(trust_free_p) struct trust *plain = trust_in(&certs, 1, NULL, 0, NULL),
						     *less = trust_in(&certs, 1, NULL, 0, &without);
		const struct trust_keyring *keyring = NULL;
		struct err err;

		CHECK_INT(trust_keyring(plain, line, &keyring, &err), 0);
		CHECK_INT(kv_verify(keyring->keyring, INPUT_OF(content), signers[0].message,
				    &answer, &err),
			  0);
		CHECK_INT(answer.code, 0);
		CHECK_INT(trust_keyring(less, line, &keyring, &err), 0);
		CHECK_INT(kv_verify(keyring->keyring, INPUT_OF(content), signers[0].message,
				    &answer, &err),
			  0);
		CHECK_INT(answer.code, -ENOPKG);
		CHECK(strstr(answer.reason, "it is built without CRYPTO_SHA256"));
	}
}

TEST(what_is_skipped_in_a_folder_is_told_and_a_revocation_is_never)
{
	const struct trust_names none = {NULL, 0};
	const char *folder = place("folder");
	const struct trust_names names = {&folder, 1};
	_cleanup_(trust_free_p) struct trust *trust = NULL, *other = NULL;
	const struct trust_note *notes = NULL;
	_buf_ struct buf calls = {0};
	struct err err;
	char path[300];

	PKI_MUST(!mkdir(folder, 0700));
	snprintf(path, sizeof(path), "%s/own.crt", folder);
	put(path, pki_der(signers[0].cert));
	CHECK_INT(trust_new(&names, &none, NULL, &trust, &err), 0);
	CHECK_INT((long long)trust_notes(trust, &notes), 0);
	trust_free(trust);
	trust = NULL;
	snprintf(path, sizeof(path), "%s/notes.txt", folder);
	put(path, BYTES("not a certificate"));
	CHECK_INT(trust_new(&names, &none, NULL, &trust, &err), 0);
	CHECK_INT((long long)trust_notes(trust, &notes), 1);
	CHECK_STR(notes[0].folder, folder);
	CHECK(!strncmp(notes[0].text, "1 entry ", 8) && strstr(notes[0].text, ": notes.txt"));
	CHECK_INT(trust_each(trust, note_call, &calls, &err), 0);
	CHECK(strstr(buf_cstr(&calls), "own.crt+ "));
	/* as revoked ones all of them have to be certificates */
	CHECK(trust_new(&none, &names, NULL, &other, &err) < 0);
	CHECK(strstr(err.text, "notes.txt"));
	CHECK(!other);
}

TEST(a_file_that_is_not_there_is_an_error)
{
	const char *missing = "keys/test/nothing.crt";
	const struct trust_names names = {&missing, 1}, none = {NULL, 0};
	struct trust *trust = NULL;
	struct err err;

	CHECK_INT(trust_new(&names, &none, NULL, &trust, &err), -ENOENT);
	CHECK_INT(trust_new(&none, &names, NULL, &trust, &err), -ENOENT);
	CHECK(strstr(err.text, missing) && !trust);
}

TEST(nothing_is_left)
{
	static const char *const names[] = {"trusted",	      "revoked",	 "changed",
					    "fixed",	      "md5.crt",	 "own.crt",
					    "folder/own.crt", "folder/notes.txt"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_INT(unlink(place(names[i])), 0);
	CHECK_INT(rmdir(place("folder")), 0);
	CHECK_INT(rmdir(place("")), 0);
}

UNIT_MAIN
