// SPDX-License-Identifier: BSD-2-Clause
/* Configurations of kernels: what is in them, and what is not one. */
#include "kconfig.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "failing.h"
#include "unit.h"

static struct err err;

static int parse(const char *text, struct kconfig *ret)
{
	return kconfig_parse(view_str(text), ret, &err);
}

/* The value of NAME, or "none". */
static const char *value(const struct kconfig *config, const char *name)
{
	static char text[64];
	struct view found = kconfig_find(config, name);

	snprintf(text, sizeof(text), "%.*s", (int)found.size, (const char *)found.data);
	return found.data ? text : "none";
}

TEST(options_have_the_values_of_their_lines)
{
	_kconfig_ struct kconfig config = {0};

	CHECK_INT(parse("#\n# Automatically generated file; DO NOT EDIT.\n# Linux/x86 7.3.0\n#\n"
			"CONFIG_HZ=250\r\n\nCONFIG_NET=y\n# CONFIG_MODULES is not set\n"
			"CONFIG_HZ_1=\"a = b\"\nCONFIG_NET=y\n# CONFIG_ is not set\n"
			"#CONFIG_OFF is not set\n# CONFIG_OFF=y\n#-CONFIG_OFF is not set\n"
			"# CONFIG_OFF, which was on\nCONFIG_LAST=0x1f",
			&config),
		  0);
	CHECK_STR(value(&config, "CONFIG_HZ"), "250");
	CHECK_STR(value(&config, "CONFIG_NET"), "y");
	CHECK_STR(value(&config, "CONFIG_MODULES"), "");
	CHECK_STR(value(&config, "CONFIG_HZ_1"), "\"a = b\"");
	CHECK_STR(value(&config, "CONFIG_LAST"), "0x1f");
	CHECK_STR(value(&config, "CONFIG_OFF"), "none");
	CHECK_STR(value(&config, "CONFIG_"), "none");
	CHECK_STR(value(&config, "CONFIG_H"), "none");
	CHECK_STR(value(&config, "HZ"), "none");
}

TEST(what_is_no_configuration_is_refused)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"", "no option in it"},
		{"# nothing\n\n", "no option in it"},
		{"CONFIG_A=y\nhello\n", "line 2: expected CONFIG_NAME=VALUE"},
		{"CONFIG_A=\n", "line 1: "},
		{"CONFIG_=y\n", "line 1: "},
		{"CONFIG_A-B=y\n", "line 1: "},
		{" CONFIG_A=y\n", "line 1: "},
		{"CONFIG_A=\"x\ty\"\n", "line 1: "},
		{"HZ=250\n", "line 1: "},
		{"x\x8b\n", "line 1: "},
		{"\x1f\x8b", "damaged: "},
		{"\n\n{\"CONFIG_A\": 1}\n", "line 3: "},
		{"CONFIG_B=y\nCONFIG_A=1\nCONFIG_B=m\n", "CONFIG_B has two values"},
		{"CONFIG_B=y\n# CONFIG_B is not set\n", "CONFIG_B has two values"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_kconfig_ struct kconfig config = {0};

		CHECK_INT(parse(cases[i].text, &config), -EBADMSG);
		if (!CHECK(strstr(err.text, cases[i].words)))
			printf("# %s: %s\n", cases[i].text, err.text);
		CHECK(!config.text.data && !config.list);
	}
}

static const char none[16];

TEST(without_options_there_is_none)
{
	const struct kconfig config = {0};

	CHECK(!kconfig_find(&config, "CONFIG_HZ").data);
	CHECK(!kconfig_find(&config, none).data);
}

/* TEXT, SIZE bytes, as gzip packs it. */
static struct buf pack(const void *text, size_t size)
{
	z_stream stream = {.next_in = (Bytef *)text, .avail_in = (uInt)size};
	struct buf packed = {0};
	size_t room = size + 1024;
	uint8_t *out = buf_space(&packed, room);

	if (deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		abort();
	stream.next_out = out;
	stream.avail_out = (uInt)room;
	CHECK_INT(deflate(&stream, Z_FINISH), Z_STREAM_END);
	packed.size = room - stream.avail_out;
	deflateEnd(&stream);
	return packed;
}

TEST(a_packed_one_is_the_same)
{
	static const char text[] = "CONFIG_HZ=1000\n# CONFIG_NET is not set\n";
	_buf_ struct buf packed = pack(text, sizeof(text) - 1);
	_kconfig_ struct kconfig config = {0};

	CHECK_INT(kconfig_parse(buf_view(&packed), &config, &err), 0);
	CHECK_STR(value(&config, "CONFIG_HZ"), "1000");
	CHECK_STR(value(&config, "CONFIG_NET"), "");
}

TEST(a_damaged_one_is_refused)
{
	static const char text[] = "CONFIG_HZ=1000\n# CONFIG_NET is not set\n";
	_buf_ struct buf packed = pack(text, sizeof(text) - 1);

	for (size_t size = 2; size < packed.size; size++) {
		_kconfig_ struct kconfig config = {0};

		CHECK_INT(kconfig_parse(view_of(packed.data, size), &config, &err), -EBADMSG);
	}
	for (size_t bit = 80; bit < 8 * packed.size; bit++) { /* behind the header */
		_kconfig_ struct kconfig config = {0};

		packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		/* a few bits mean nothing, such as the last ones of the packed text */
		CHECK(kconfig_parse(buf_view(&packed), &config, &err) == -EBADMSG ||
		      view_equal(buf_view(&config.text), view_str(text)));
		packed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	{
		_kconfig_ struct kconfig config = {0};

		buf_add(&packed, "", 1);
		CHECK_INT(kconfig_parse(buf_view(&packed), &config, &err), -EBADMSG);
		CHECK(strstr(err.text, "something follows"));
	}
}

static void fail_each(struct view text)
{
	size_t nr = 0;

	for (bool failed = true; failed; nr++) {
		_kconfig_ struct kconfig config = {0};
		int rc;

		until_failure = nr;
		rc = kconfig_parse(text, &config, &err);
		failed = has_failed();
		CHECK_INT(rc, failed ? -ENOMEM : 0);
		CHECK(!config.list == failed);
	}
	CHECK(nr > 2);
}

TEST(each_allocation_that_fails_is_an_error)
{
	static const char text[] = "CONFIG_HZ=1000\nCONFIG_NET=y\n";
	_buf_ struct buf packed = pack(text, sizeof(text) - 1);

	fail_each(buf_view(&packed));
	fail_each(view_str(text));
}

TEST(one_that_becomes_too_large_is_refused)
{
	_cleanup_(freep) char *text = malloc(KCONFIG_SIZE_MAX + 1);

	memset(text, 'x', KCONFIG_SIZE_MAX + 1);
	for (size_t more = 0; more <= 1; more++) {
		_buf_ struct buf packed = pack(text, KCONFIG_SIZE_MAX + more);
		_kconfig_ struct kconfig config = {0};

		CHECK(packed.size < KCONFIG_SIZE_MAX / 100);
		CHECK_INT(kconfig_parse(buf_view(&packed), &config, &err),
			  more ? -EFBIG : -EBADMSG);
	}
}

UNIT_MAIN
