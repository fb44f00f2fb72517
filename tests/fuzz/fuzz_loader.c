// SPDX-License-Identifier: BSD-2-Clause
/* The recogniser of loaders, sealing, and what inspect lists. */
#include <errno.h>

#include "../sealed.h"
#include "compare.h"
#include "fuzz.h"
#include "loader/loader.h"
#include "object/object.h"
#include "report/report.h"

static void list(const struct listing *listing, bool as_json)
{
	struct report_part report = {.form.as_json = as_json, .json.out = &report.text};

	report_listing(&report, "input", listing);
	FUZZ_MUST(!report.text.failed);
	FUZZ_MUST(fuzz_is_printable(buf_view(&report.text), true));
	buf_free(&report.text);
}

/* Nothing differs from itself. */
static void compare_with_itself(const struct listing *listing, const struct image *image)
{
	static const struct signers nobody;
	const struct compare_side side = {.listing = listing, .image = image, .signers = &nobody};
	_compare_rows_ struct compare_rows rows = {0};
	struct err err = {0};

	FUZZ_MUST(!compare(&side, &side, &rows, &err));
	FUZZ_MUST(!rows.nr);
}

static void inspect(const struct image *image)
{
	_loader_ struct loader loader = {0};
	_listing_ struct listing listing = {.loader = &loader};
	struct err err = {0};

	if (read_known(image, &loader, &err)) {
		FUZZ_MUST(*err.text && fuzz_is_printable(view_str(err.text), false));
		return;
	}
	FUZZ_MUST(!listing_read(&listing, OBJECT_TEXT_SHORT, &err));
	listing.nr_findings = loader_findings(&loader, SCHEME_ALL, LOADER_PROGS_UNKNOWN,
					      listing.findings);
	list(&listing, false);
	list(&listing, true);
	compare_with_itself(&listing, image);
}

/* A sealed loader is known, is sealed, and sealing it again changes nothing. */
static void seal(const struct image *image, enum loader_form form)
{
	_image_ struct image sealed = {0}, again = {0};
	_loader_ struct loader loader = {0};
	struct err err = {0};

	if (sealed_copy(image, form, &sealed, &err))
		return;
	FUZZ_MUST(!read_known(&sealed, &loader, &err));
	FUZZ_MUST(!loader.open_sizes && !loader.open_values);
	FUZZ_MUST(loader_has_check(&sealed) == (form != LOADER_FORM_PLAIN));
	FUZZ_MUST(!sealed_copy(&sealed, form, &again, &err));
	FUZZ_MUST(view_equal(buf_view(&sealed.insns), buf_view(&again.insns)));
	FUZZ_MUST(view_equal(buf_view(&sealed.maps[0].value), buf_view(&again.maps[0].value)));
	inspect(&sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_image_ struct image image = {0};

	if (!fuzz_image(view_of(data, size), &image))
		return 0;
	loader_has_check(&image);
	inspect(&image);
	for (enum loader_form form = LOADER_FORM_PLAIN; form <= LOADER_FORM_HASH; form++)
		seal(&image, form);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	return fuzz_mutate_in_place(data, size, max, seed);
}
