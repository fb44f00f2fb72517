// SPDX-License-Identifier: BSD-2-Clause
/* Certificates in PEM and DER: every byte is read, or it is an error. */
#include "key/pem.h"

#include <errno.h>
#include <stdlib.h>

#include "pki.h"
#include "unit.h"

#define CERT "-----BEGIN CERTIFICATE-----\n"
#define END  "-----END CERTIFICATE-----\n"

/* "DER" of 132 bytes; pem.c looks at the length alone. */
static uint8_t der[132] = {0x30, 0x81, 0x81};

/* Its base64, in lines. */
static const char *body(void)
{
	static char text[256];
	unsigned char all[192];
	int size;

	if (*text)
		return text;
	for (size_t i = 3; i < sizeof(der); i++)
		der[i] = (uint8_t)(i * 37);
	size = EVP_EncodeBlock(all, der, sizeof(der));
	for (int at = 0; at < size; at += 64)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.64s\n", all + at);
	return text;
}

/* The items of the last walk: "C1" is a certificate whose block begins in line 1, "D132" is DER at
 * offset 132, "T" and "O" are blocks of other kinds. */
static char seen[128];
static struct err err;

static int note(_unused_ void *arg, const struct pem_item *item, _unused_ struct err *ignored)
{
	size_t at = strlen(seen);

	snprintf(seen + at, sizeof(seen) - at, "%s%c%zu", at ? " " : "",
		 item->kind == PEM_OTHER     ? 'O'
		 : item->kind == PEM_TRUSTED ? 'T'
		 : item->line		     ? 'C'
					     : 'D',
		 item->line ? (size_t)item->line : item->offset);
	return 0;
}

/* For files whose certificates are all "DER". */
static int check_and_note(void *arg, const struct pem_item *item, struct err *ignored)
{
	CHECK(item->kind == PEM_OTHER || view_equal(item->der, view_of(der, sizeof(der))));
	return note(arg, item, ignored);
}

static int walk(struct view content)
{
	*seen = '\0';
	err = (struct err){0};
	return pem_each(content, note, NULL, &err);
}

static int walk_text(const char *text)
{
	*seen = '\0';
	err = (struct err){0};
	return pem_each(view_str(text), check_and_note, NULL, &err);
}

/* FORMAT with the body in place of each "%s". */
static const char *with_body(const char *format)
{
	static struct buf text;
	const char *at;

	buf_free(&text);
	for (; (at = strstr(format, "%s")); format = at + 2) {
		buf_add(&text, format, (size_t)(at - format));
		buf_add_str(&text, body());
	}
	buf_add_str(&text, format);
	return pki_keep(strdup(buf_cstr(&text)));
}

TEST(blocks_are_read_with_comments_around_them)
{
	CHECK_INT(walk_text(with_body(CERT "%s" END)), 0);
	CHECK_STR(seen, "C1");
	CHECK_INT(walk_text(with_body("a comment\n\n" CERT "%s" END "Subject: CN = x -- y\n" CERT
				      "%s" END)),
		  0);
	CHECK_STR(seen, "C3 C9");
	CHECK_INT(walk_text(with_body("-----BEGIN X509 CERTIFICATE-----\n%s"
				      "-----END X509 CERTIFICATE-----")),
		  0);
	CHECK_STR(seen, "C1");
}

TEST(what_openssl_writes_around_certificates_is_a_comment)
{
	CHECK_INT(
		walk_text(with_body(
			"Certificate:\n    Data:\n        Version: 3 (0x2)\n"
			"                Modulus:\n                    00:95:08:a7:eb:84:82:16:5f\n"
			"            X509v3 Subject Key Identifier: \n" CERT "%s" END
			"Bag Attributes\n    friendlyName: Ra\xc3\xadz\n    localKeyID: 01 \n"
			" 0 s:CN = x\n---\n====\nSHA1 Fingerprint=AA:BB\n"
			"## https://example.org/refs/heads/release/security/builtins/certdata.txt\n"
			"3f1c2a9d3f1c2a9d3f1c2a9d3f1c2a9d3f1c2a9d3f1c2a9d3f1c2a9d3f1c2a9d\n"
			"please send certificates to the vendor\n")),
		0);
	CHECK_STR(seen, "C7");
}

TEST(lines_end_with_lf_or_cr_lf)
{
	static const char cr_lf[] = "-----BEGIN CERTIFICATE-----\r\n";
	char text[512] = "", *to = text;

	for (const char *from = with_body(CERT "%s" END); *from; from++) {
		if (*from == '\n')
			*to++ = '\r';
		*to++ = *from;
	}
	CHECK(!strncmp(text, cr_lf, strlen(cr_lf)));
	CHECK_INT(walk_text(text), 0);
	CHECK_STR(seen, "C1");
	for (char *at = text; (at = strchr(at, '\n'));)
		memmove(at, at + 1, strlen(at));
	CHECK_INT(walk_text(text), -EBADMSG);
	CHECK(strstr(err.text, "byte 0x0d"));
}

TEST(several_der_are_read_and_nothing_else_after_them)
{
	uint8_t file[3 * sizeof(der)];

	body();
	for (size_t i = 0; i < 3; i++)
		memcpy(file + i * sizeof(der), der, sizeof(der));
	CHECK_INT(walk(view_of(file, sizeof(der))), 0);
	CHECK_STR(seen, "D0");
	CHECK_INT(walk(view_of(file, sizeof(file))), 0);
	CHECK_STR(seen, "D0 D132 D264");
	CHECK_INT(walk(view_of(file, sizeof(file) - 1)), -EBADMSG);
	CHECK(strstr(err.text, "offset 264: 131 bytes follow the certificate"));
	file[sizeof(der)] = '\n';
	CHECK_INT(walk(view_of(file, sizeof(der) + 1)), -EBADMSG);
	/* cut, and alone: the kernel says what it is */
	CHECK_INT(walk(view_of(file, 100)), 0);
	CHECK_STR(seen, "D0");
}

TEST(der_of_indefinite_length_ends_where_it_says)
{
	static const uint8_t file[] = {0x30, 0x80, 0x30, 0x80, 0x04, 0x02, 0x00, 0x00,
				       0x00, 0x00, 0x00, 0x00, 0x30, 0x81, 0x00};

	CHECK_INT(walk(view_of(file, 12)), 0);
	CHECK_STR(seen, "D0");
	CHECK_INT(walk(view_of(file, 13)), -EBADMSG);
	CHECK(strstr(err.text, "offset 12"));
	CHECK_INT(walk(view_of(file, 11)), 0);
	CHECK_STR(seen, "D0");
}

TEST(der_may_hold_whatever_a_marker_is_made_of)
{
	uint8_t file[sizeof(der)];

	body();
	memcpy(file, der, sizeof(der));
	memcpy(file + 20, CERT, strlen(CERT));
	CHECK_INT(walk(view_of(file, sizeof(file))), 0);
	CHECK_STR(seen, "D0");
}

TEST(other_blocks_are_told_apart)
{
	CHECK_INT(walk_text(with_body("-----BEGIN PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n%s"
				      "-----END PRIVATE KEY-----\n" CERT "%s" END
				      "-----BEGIN TRUSTED CERTIFICATE-----\n%s"
				      "-----END TRUSTED CERTIFICATE-----\n")),
		  0);
	CHECK_STR(seen, "O1 C8 T13");
}

/* One damaged file each: what is wrong, the line, and part of the message. */
static const struct {
	const char *format;
	unsigned int line;
	const char *text;
} damaged[] = {
	/* markers */
	{"----BEGIN CERTIFICATE-----\n%s" END, 1, "resembles the marker"},
	{"-----BEGIN CERTIFICATE----\n%s" END, 1, "resembles the marker"},
	{" " CERT "%s" END, 1, "resembles the marker"},
	{"-----BEGIN CERTIFICATE----- \n%s" END, 1, "resembles the marker"},
	{"-----begin certificate-----\n%s" END, 1, "resembles the marker"},
	{"# -----BEGIN CERTIFICATE-----\n", 1, "resembles the marker"},
	{"-----BEGINCERTIFICATE-----\n%s" END, 1, "resembles the marker"},
	{"-----BEXIN CERTIFICATE-----\n%s" END, 1, "resembles the marker"},
	{"-----\nBEGIN CERTIFICATE-----\n%s" END, 2, "resembles the marker"},
	{"=====BEGIN CERTIFICATE=====\n%s" END, 1, "resembles the marker"},
	{"\xe2\x80\x94 Begin Certificate \xe2\x80\x94\n", 1, "resembles the marker"},
	{"--BEGIN CERTIFICATE--\n", 1, "resembles the marker"},
	{"-----BEGIN CERTIFICATE-----%s" END, 1, "resembles the marker"},
	{CERT "%s" END "-----END CERTIFICATE----", 6, "resembles the marker"},
	{CERT "%s" END END, 6, "the end of a block without its beginning"},
	{CERT "%s"
	      "-----END CERTIFICATE-----:\n",
	 5, "damaged"},
	{CERT "%s" CERT "%s" END, 5, "damaged"},
	{CERT "%s", 1, "has no end"},
	{CERT "%s"
	      "-----END X509 CERTIFICATE-----\n",
	 5, "differs from that at its beginning"},
	{"-----BEGIN -----\n%s" END, 1, "resembles the marker"},
	/* bodies */
	{CERT END, 1, "0 bytes are not a DER element"},
	{CERT "\n%s" END, 2, "damaged"},
	{CERT " %s" END, 2, "damaged"},
	{CERT "!%s" END, 2, "damaged"},
	{CERT "Proc-Type: 4,CLEAR\n\n%s" END, 2, "damaged"},
	{CERT "%s=\n" END, 6, "is cut off"},
	{CERT "%s==\n" END, 6, "is cut off"},
	{CERT "%sA\n" END, 6, "is cut off"},
	{CERT "%sAA==\n" END, 1, "1 bytes follow the certificate"},
	{CERT "%sAB==\n" END, 6, "is cut off"}, /* bits that stand for nothing */
	{CERT "A%sAAA\n" END, 1, "not a DER element"},
	{CERT "%s%s" END, 1, "132 bytes follow the certificate"},
	/* outside */
	{"%s", 1, "base64 outside of a block"},
	{CERT "%s" END "# %s", 6, "base64 outside of a block"},
	{"\xef\xbb\xbf" CERT "%s" END, 1, "byte order mark"},
	{CERT "%s" END "\x1a", 6, "byte 0x1a in column 1"},
};

TEST(what_may_be_a_damaged_block_is_an_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(damaged); i++) {
		bool fine = CHECK_INT(walk_text(with_body(damaged[i].format)), -EBADMSG);

		fine = CHECK_INT(err.line, damaged[i].line) && fine;
		fine = CHECK(strstr(err.text, damaged[i].text) != NULL) && fine;
		if (!fine)
			printf("# case %zu: %s\n", i, err.text);
	}
}

TEST(no_text_of_another_encoding_is_read)
{
	uint8_t wide[1024];
	const char *text = with_body(CERT "%s" END);
	size_t size = strlen(text);

	for (size_t i = 0; i < size; i++) {
		wide[2 * i] = (uint8_t)text[i];
		wide[2 * i + 1] = 0;
	}
	CHECK_INT(walk(view_of(wide, 2 * size)), -EBADMSG);
	CHECK(strstr(err.text, "byte 0x00 in column 2"));
}

TEST(a_file_without_a_certificate_is_an_error)
{
	CHECK_INT(walk(view_of("", 0)), ERR_NO_CERT);
	CHECK_INT(walk_text("nothing here\n"), ERR_NO_CERT);
	CHECK_INT(walk_text("0\n"), ERR_NO_CERT);
	CHECK_INT(walk(view_of("\x30\x03\x02\x01\x01", 5)), -EBADMSG);
}

/* A block of which any byte was changed is read as something else, or not at all: never passed
 * over. */
TEST(no_change_of_a_byte_makes_a_block_a_comment)
{
	char text[512];
	size_t size;
	int rc;

	snprintf(text, sizeof(text), "%s", with_body(CERT "%s" END));
	size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		char old = text[i];

		for (int bit = 0; bit < 8; bit++) {
			text[i] = (char)(old ^ 1 << bit);
			*seen = '\0';
			rc = pem_each(view_of(text, size), note, NULL, &err);
			CHECK(rc == -EBADMSG || (!rc && *seen));
		}
		text[i] = old;
	}
}

UNIT_MAIN
