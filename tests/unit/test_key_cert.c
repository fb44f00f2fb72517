// SPDX-License-Identifier: BSD-2-Clause
/* The validity of certificates is read as OpenSSL reads it, without the rest of them. */
#include <dirent.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "key/key.h"
#include "pki.h"
#include "unit.h"

static time_t seconds(const ASN1_TIME *time)
{
	struct tm tm;

	CHECK(ASN1_TIME_to_tm(time, &tm));
	return timegm(&tm);
}

static unsigned int compared;

/* The certificate DER, whose length has two bytes, with an indefinite length. */
static void compare_indefinite(struct view der, time_t from, time_t to)
{
	_buf_ struct buf ber = {0};
	time_t ber_from, ber_to;

	CHECK_INT(der.data[1], 0x82);
	buf_add(&ber, "\x30\x80", 2);
	buf_add(&ber, der.data + 4, der.size - 4);
	buf_add(&ber, "\0\0", 2);
	CHECK(key_cert_validity(buf_view(&ber), &ber_from, &ber_to));
	CHECK(ber_from == from && ber_to == to);
}

static int compare(_unused_ void *arg, const struct key_cert *cert, _unused_ struct err *err)
{
	const uint8_t *at = cert->der.data;
	X509 *x509 = d2i_X509(NULL, &at, (long)cert->der.size);
	time_t from, to;

	CHECK(x509 && key_cert_validity(cert->der, &from, &to));
	CHECK(from == seconds(X509_get0_notBefore(x509)));
	CHECK(to == seconds(X509_get0_notAfter(x509)));
	X509_free(x509);
	/* in memory of just that size; the validity is read if it is whole */
	for (size_t size = 0, read = 0; size < cert->der.size; size++) {
		uint8_t *part = malloc(size ?: 1);
		time_t part_from = 0, part_to = 0;

		CHECK(part);
		memcpy(part, cert->der.data, size);
		if (key_cert_validity(view_of(part, size), &part_from, &part_to))
			read++;
		else
			CHECK(!read);
		CHECK(!read || (part_from == from && part_to == to));
		free(part);
	}
	compare_indefinite(cert->der, from, to);
	compared++;
	return 0;
}

TEST(validity_is_what_openssl_says)
{
	const struct key_certs certs = {.cert = compare};
	struct err err;

	CHECK_INT(key_each_cert("keys/test/rsa2048.crt", &certs, &err), 0);
	CHECK_INT(key_each_cert("keys/test/p256.crt", &certs, &err), 0);
	CHECK_INT(key_each_cert("keys/test/expired.crt", &certs, &err), 0);
	CHECK_INT(key_each_cert("keys/test/intermediate.crt", &certs, &err), 0);
	CHECK_INT(compared, 4);
}

TEST(what_is_not_a_certificate_has_no_validity)
{
	time_t from, to;

	CHECK(!key_cert_validity(NOTHING, &from, &to));
	CHECK(!key_cert_validity(BYTES("\x30\x80"), &from, &to));
	CHECK(!key_cert_validity(BYTES("\x30\x02\x30\x00"), &from, &to));
	CHECK(!key_cert_validity(BYTES("\x30\x84\xff\xff\xff\xff\x30"), &from, &to));
}

UNIT_MAIN
