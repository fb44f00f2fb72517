// SPDX-License-Identifier: BSD-2-Clause
/* The listing as JSON tells every loader from every other. */
#include "../sealed.h"
#include "loader/loader.h"
#include "loader_sample.h"
#include "report/report.h"

static struct err err;

/* The listing of IMAGE; empty for an unknown loader. */
static struct buf list(const struct image *image, bool as_json)
{
	_loader_ struct loader loader = {0};
	_listing_ struct listing listing = {.loader = &loader};
	struct report_part report = {.form.as_json = as_json, .json.out = &report.text};

	if (read_known(image, &loader, &err))
		return (struct buf){0};
	CHECK_INT(listing_read(&listing, OBJECT_TEXT_LONG, &err), 0);
	listing.nr_findings = loader_findings(&loader, SCHEME_ALL, LOADER_PROGS_UNKNOWN,
					      listing.findings);
	report_listing(&report, "file", &listing);
	return report.text;
}

/*
 * How many changes of one bit of BYTES, a part of IMAGE, are known loaders with the same listing;
 * each STEPth bit is tried.
 */
static size_t count_untold(const struct image *image, struct buf *bytes, size_t step,
			   struct view before)
{
	size_t untold = 0;

	for (size_t bit = 0; bit < 8 * bytes->size; bit += step) {
		uint8_t mask = (uint8_t)(1u << bit % 8);

		bytes->data[bit / 8] ^= mask;
		{
			_buf_ struct buf after = list(image, true);

			untold += after.size && view_equal(buf_view(&after), before);
		}
		bytes->data[bit / 8] ^= mask;
	}
	return untold;
}

static void check_flips(const char *name, size_t step)
{
	_image_ struct image image = sample_image(name);
	_buf_ struct buf before = list(&image, true);

	CHECK(before.size);
	CHECK_INT((long long)count_untold(&image, &image.insns, step, buf_view(&before)), 0);
	CHECK_INT((long long)count_untold(&image, &image.maps[0].value, step, buf_view(&before)),
		  0);
}

TEST(no_bit_of_a_loader_can_change_and_leave_its_listing)
{
	NEED_CLANG();
	check_flips("typical", 3);
	check_flips("externs", 7);
	check_flips("maps", 7);
}

TEST(no_bit_of_a_sealed_loader_of_many_programs_can_either)
{
	NEED_CLANG();
	_image_ struct image image = sample_many(64), sealed = {0};
	_buf_ struct buf before = {0};

	CHECK_INT(sealed_copy(&image, LOADER_FORM_EXCL_HASH, &sealed, &err), 0);
	before = list(&sealed, true);
	CHECK(before.size);
	CHECK_INT((long long)count_untold(&sealed, &sealed.insns, 61, buf_view(&before)), 0);
	CHECK_INT((long long)count_untold(&sealed, &sealed.maps[0].value, 131, buf_view(&before)),
		  0);
}

TEST(every_sample_has_a_listing_of_printable_text)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		_image_ struct image image = sample_image(samples[i]);
		_buf_ struct buf text = list(&image, false);

		CHECK(text.size);
		for (size_t at = 0; at < text.size; at++) {
			uint8_t c = text.data[at];

			if (!CHECK(c == '\n' || (c >= ' ' && c <= '~')))
				break;
		}
	}
}

UNIT_MAIN
