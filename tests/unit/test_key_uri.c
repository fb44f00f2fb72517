// SPDX-License-Identifier: BSD-2-Clause
/* PKCS#11 URIs: what is taken out of them, what stays for OpenSSL, and what is refused. */
#include "key/key_uri.h"

#include <errno.h>

#include "unit.h"

#define _uri_ _cleanup_(key_uri_free)

/* What is refused leaves the result alone, and is not repeated in the message. */
static bool is_refused(const char *text, const char *message)
{
	const struct key_uri none = {0};
	struct key_uri uri = none;
	struct err err;
	int rc = key_uri_read(text, &uri, &err);
	bool fine = rc == -EINVAL && !memcmp(&uri, &none, sizeof(uri)) &&
		    strstr(err.text, message) && !strstr(err.text, "SeCrEt");

	if (!fine)
		printf("# %s: %d, %s\n", text, rc, rc ? err.text : "");
	key_uri_free(&uri);
	return fine;
}

TEST(a_uri_is_known_by_its_scheme_in_any_case)
{
	CHECK(key_uri_is("pkcs11:"));
	CHECK(key_uri_is("PKCS11:token=x"));
	CHECK(!key_uri_is("pkcs11"));
	CHECK(!key_uri_is("./pkcs11:token=x"));
	CHECK(!key_uri_is(""));
}

TEST(every_attribute_has_its_place)
{
	_uri_ struct key_uri uri = {0};
	struct err err;

	CHECK_INT(key_uri_read("pkcs11:token=T;manufacturer=M;serial=S;model=O;object=K;id=%01%ff;"
			       "type=private?pin-source=/run/pin&module-path=/lib/m.so",
			       &uri, &err),
		  0);
	CHECK_STR(uri.token, "T");
	CHECK_STR(uri.manufacturer, "M");
	CHECK_STR(uri.serial, "S");
	CHECK_STR(uri.model, "O");
	CHECK_STR(uri.object, "K");
	CHECK(view_equal(buf_view(&uri.id), view_lit("\x01\xff")));
	CHECK_STR(uri.pin_source, "/run/pin");
	CHECK_STR(uri.module, "/lib/m.so");
	CHECK_STR(uri.path, "pkcs11:token=T;manufacturer=M;serial=S;model=O;object=K;id=%01%ff");
}

TEST(percent_encoding_is_undone_and_stays_in_the_path)
{
	_uri_ struct key_uri uri = {0};
	struct err err;

	CHECK_INT(key_uri_read("PKCS11:token=a%20b%3bc%3Dd%3f%25;object=%c3%a9;id=%00a%00"
			       "?module-path=%2Flib%26",
			       &uri, &err),
		  0);
	CHECK_STR(uri.token, "a b;c=d?%");
	CHECK_STR(uri.object, "\xc3\xa9");
	CHECK(view_equal(buf_view(&uri.id), view_lit("\0a\0")));
	CHECK_STR(uri.module, "/lib&");
	CHECK_STR(uri.path, "pkcs11:token=a%20b%3bc%3Dd%3f%25;object=%c3%a9;id=%00a%00");
}

TEST(an_escape_that_is_none_is_refused)
{
	CHECK(is_refused("pkcs11:token=%", "two hex digits"));
	CHECK(is_refused("pkcs11:token=%4", "two hex digits"));
	CHECK(is_refused("pkcs11:token=%4;object=1", "two hex digits"));
	CHECK(is_refused("pkcs11:token=%g0", "two hex digits"));
	CHECK(is_refused("pkcs11:id=%0x", "two hex digits"));
	CHECK(is_refused("pkcs11:id=%-1", "two hex digits"));
}

TEST(a_nul_is_for_ids_alone)
{
	CHECK(is_refused("pkcs11:token=a%00b", "%00"));
	CHECK(is_refused("pkcs11:object=%00", "%00"));
	CHECK(is_refused("pkcs11:token=a?pin-source=/run/pin%00SeCrEt", "%00"));
	CHECK(is_refused("pkcs11:token=a?module-path=/lib%00", "%00"));
}

TEST(a_uri_may_say_nothing_and_values_may_be_empty)
{
	_uri_ struct key_uri nothing = {0}, empty = {0};
	struct err err;

	CHECK_INT(key_uri_read("pkcs11:", &nothing, &err), 0);
	CHECK_STR(nothing.path, "pkcs11:");
	CHECK(!nothing.token && !nothing.object && !nothing.id.size && !nothing.module);
	CHECK_INT(key_uri_read("pkcs11:token=;id=", &empty, &err), 0);
	CHECK_STR(empty.token, "");
	CHECK_INT(empty.id.size, 0);
	CHECK_STR(empty.path, "pkcs11:token=;id=");
}

TEST(what_is_no_attribute_or_none_of_ours_is_refused)
{
	CHECK(is_refused("pkcs11:token", "NAME=VALUE"));
	CHECK(is_refused("pkcs11:;token=a", "NAME=VALUE"));
	CHECK(is_refused("pkcs11:token=a;;object=b", "NAME=VALUE"));
	CHECK(is_refused("pkcs11:token=a?SeCrEt", "NAME=VALUE"));
	CHECK(is_refused("pkcs11:slot-id=1", "an attribute other than"));
	CHECK(is_refused("pkcs11:x-vendor=SeCrEt", "an attribute other than"));
	CHECK(is_refused("pkcs11:=a", "an attribute other than"));
	CHECK(is_refused("pkcs11:Token=a", "an attribute other than"));
	CHECK(is_refused("pkcs11:token=a?module-name=b", "an attribute other than"));
}

TEST(an_attribute_twice_is_refused)
{
	CHECK(is_refused("pkcs11:token=a;token=b", "twice"));
	CHECK(is_refused("pkcs11:id=%01;token=a;id=%01", "twice"));
	CHECK(is_refused("pkcs11:object=;object=a", "twice"));
	CHECK(is_refused("pkcs11:object=a?module-path=b&module-path=c", "twice"));
	CHECK(is_refused("pkcs11:object=a?pin-source=b&pin-source=c", "twice"));
}

TEST(a_pin_in_the_uri_is_refused_wherever_it_stands)
{
	CHECK(is_refused("pkcs11:token=a?pin-value=SeCrEt", "see a PIN on the command line"));
	CHECK(is_refused("pkcs11:token=a;pin-value=SeCrEt", "see a PIN on the command line"));
	CHECK(is_refused("pkcs11:pin-value=", "see a PIN on the command line"));
}

TEST(a_pin_source_is_a_file)
{
	static const char *const names[] = {"/run/pin", "file:/run/pin", "file:///run/pin",
					    "FILE:/run/pin", "file:%2Frun%2fpin"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_uri_ struct key_uri uri = {0};
		char text[80];
		struct err err;

		snprintf(text, sizeof(text), "pkcs11:object=a?pin-source=%s", names[i]);
		CHECK_INT(key_uri_read(text, &uri, &err), 0);
		CHECK_STR(uri.pin_source, "/run/pin");
		CHECK_STR(uri.path, "pkcs11:object=a");
	}
	CHECK(is_refused("pkcs11:object=a?pin-source=", "does not name a file"));
	CHECK(is_refused("pkcs11:object=a?pin-source=file:", "does not name a file"));
	CHECK(is_refused("pkcs11:object=a?pin-source=file://", "does not name a file"));
	CHECK(is_refused("pkcs11:object=a?pin-source=|cat SeCrEt", "does not name a file"));
	CHECK(is_refused("pkcs11:object=a?pin-source=%7Ccat SeCrEt", "does not name a file"));
}

TEST(a_long_uri_is_read_whole)
{
	_uri_ struct key_uri uri = {0};
	static char text[200000];
	struct err err;

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "pkcs11:token=", strlen("pkcs11:token="));
	CHECK_INT(key_uri_read(text, &uri, &err), 0);
	CHECK_STR(uri.path, text);
	CHECK_STR(uri.token, text + strlen("pkcs11:token="));
	text[sizeof(text) - 2] = '%';
	CHECK(is_refused(text, "two hex digits"));
}

UNIT_MAIN
