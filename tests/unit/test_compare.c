// SPDX-License-Identifier: BSD-2-Clause
/* Differences between loaders: none is missed, and none is made up. */
#include "compare.h"

#include <linux/bpf.h>
#include <string.h>

#include "../sealed.h"
#include "loader/insn.h"
#include "loader_sample.h"

static struct err err;

/* A loader that is to be compared. */
struct side {
	struct loader loader;
	struct listing listing;
	struct compare_side side;
};

static const struct signers nobody;

/* Read IMAGE; false: it is not a known loader. */
static bool side_begin(struct side *s, const struct image *image)
{
	*s = (struct side){.listing.loader = &s->loader};
	if (read_known(image, &s->loader, &err))
		return false;
	CHECK_INT(listing_read(&s->listing, OBJECT_TEXT_SHORT, &err), 0);
	s->side = (struct compare_side){
		.listing = &s->listing,
		.image = image,
		.signers = &nobody,
	};
	return true;
}

static void side_end(struct side *s)
{
	listing_free(&s->listing);
	loader_free(&s->loader);
}

static struct compare_rows differences(const struct side *old, const struct side *new)
{
	struct compare_rows rows = {0};

	CHECK_INT(compare(&old->side, &new->side, &rows, &err), 0);
	return rows;
}

/* Whether ROWS have one of WHAT about SUBJECT and NAME, from OLD to NEW (NULL: any). */
static bool has_row(const struct compare_rows *rows, const char *subject, const char *name,
		    const char *what, const char *old, const char *new)
{
	for (size_t i = 0; i < rows->nr; i++) {
		const struct compare_row *row = &rows->list[i];

		if (!strcmp(row->subject, subject) && !strcmp(row->name ?: "", name) &&
		    !strcmp(row->what ?: "", what) && (!old || !strcmp(row->old_text ?: "", old)) &&
		    (!new || !strcmp(row->new_text ?: "", new)))
			return true;
	}
	return false;
}

TEST(nothing_differs_from_itself)
{
	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(samples); i++) {
		_image_ struct image image = sample_image(samples[i]);
		_compare_rows_ struct compare_rows rows = {0};
		struct side side;

		if (CHECK(side_begin(&side, &image))) {
			rows = differences(&side, &side);
			CHECK_INT((long long)rows.nr, 0);
		}
		side_end(&side);
	}
}

/* The differences of a map that is pinned, and no longer is. */
static struct compare_rows unpinned(struct side *old, struct side *new, bool has_skel)
{
	struct skel_map yes = {.pinned = true}, no = {.pinned = false};
	struct skel before = {.maps = &yes, .nr_maps = 1}, after = {.maps = &no, .nr_maps = 1};
	struct compare_rows rows;

	old->listing.skel = &before;
	new->listing.skel = has_skel ? &after : NULL;
	rows = differences(old, new);
	old->listing.skel = new->listing.skel = NULL;
	return rows;
}

/* No loader pins: only a skeleton tells. */
TEST(pins_are_compared_where_both_inputs_have_a_skeleton)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("pinned");
	struct side old, new;

	if (CHECK(side_begin(&old, &image)) && CHECK(side_begin(&new, &image))) {
		_compare_rows_ struct compare_rows rows = unpinned(&old, &new, true);
		_compare_rows_ struct compare_rows unknown = unpinned(&old, &new, false);

		CHECK(has_row(&rows, "map", "pinned", "pinned", "yes", "no"));
		CHECK(!has_row(&unknown, "map", "pinned", "pinned", NULL, NULL));
		side_end(&new);
	}
	side_end(&old);
}

/*
 * How many changes of one bit of BYTES, a part of IMAGE, are known loaders without a difference;
 * each STEPth bit is tried.
 */
static size_t count_missed(const struct image *image, struct buf *bytes, size_t step,
			   const struct side *before)
{
	size_t missed = 0;

	for (size_t bit = 0; bit < 8 * bytes->size; bit += step) {
		uint8_t mask = (uint8_t)(1u << bit % 8);
		struct side after;

		bytes->data[bit / 8] ^= mask;
		if (side_begin(&after, image)) {
			_compare_rows_ struct compare_rows rows = differences(before, &after);

			missed += !rows.nr;
		}
		side_end(&after);
		bytes->data[bit / 8] ^= mask;
	}
	return missed;
}

static void check_flips(const char *name, size_t step)
{
	_image_ struct image image = sample_image(name), other = {0};
	struct side before;

	CHECK_INT(copy_image(&image, &other, &err), 0);
	if (CHECK(side_begin(&before, &image))) {
		CHECK_INT((long long)count_missed(&other, &other.insns, step, &before), 0);
		CHECK_INT((long long)count_missed(&other, &other.maps[0].value, step, &before), 0);
	}
	side_end(&before);
}

TEST(no_bit_of_a_loader_can_change_without_a_difference)
{
	NEED_CLANG();
	check_flips("typical", 11);
	check_flips("externs", 13);
	check_flips("maps", 17);
}

/* The last place of WORD, with its NUL, in DATA; NULL: there is none. */
static uint8_t *last_word(struct buf *data, const char *word)
{
	const size_t size = strlen(word) + 1;

	for (size_t at = data->size - size; at; at--) {
		if (!memcmp(data->data + at, word, size))
			return data->data + at;
	}
	return NULL;
}

/* Change the last word FROM in the data of a sample to TO, which is as long, and compare. */
static struct compare_rows after_change(const char *sample, const char *from, const char *to)
{
	_image_ struct image image = sample_image(sample), other = {0};
	struct compare_rows rows = {0};
	struct side old, new;
	uint8_t *at;

	CHECK_INT(copy_image(&image, &other, &err), 0);
	at = last_word(&other.maps[0].value, from);
	if (CHECK(at))
		memcpy(at, to, strlen(from));
	if (CHECK(side_begin(&old, &image)) & CHECK(side_begin(&new, &other)))
		rows = differences(&old, &new);
	side_end(&old);
	side_end(&new);
	return rows;
}

TEST(what_the_kernel_fills_in_is_compared_by_its_names)
{
	struct compare_rows rows;

	NEED_CLANG();
	rows = after_change("externs", "no_such_symbol", "no_such_symbxl");
	CHECK(has_row(&rows, "kernel symbol", "no_such_symbol", "", NULL, NULL));
	CHECK(has_row(&rows, "kernel symbol", "no_such_symbxl", "", NULL, NULL));
	CHECK(has_row(&rows, "program", "use_symbols", "kernel names in its instructions", NULL,
		      NULL));
	compare_rows_free(&rows);
}

TEST(a_relocation_is_compared_by_what_it_is_of)
{
	struct compare_rows rows;

	NEED_CLANG();
	rows = after_change("relocated", "0:0", "0:1");
	CHECK(has_row(&rows, "program", "use", "CO-RE relocations", "struct kernel_thing 0:0 in 3",
		      "struct kernel_thing 0:1 in 3"));
	compare_rows_free(&rows);
}

/* A flag that has no name is a number. */
TEST(flags_of_a_map_are_compared)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical"), other = {0};
	_compare_rows_ struct compare_rows rows = {0};
	struct side old, new;

	CHECK_INT(copy_image(&image, &other, &err), 0);
	if (CHECK(side_begin(&old, &image))) {
		size_t at = old.loader.maps[0].max_entries_at -
			    offsetof(union bpf_attr, max_entries) +
			    offsetof(union bpf_attr, map_flags);

		put_u32(other.maps[0].value.data + at, 1u | 1u << 31, false);
		if (CHECK(side_begin(&new, &other)))
			rows = differences(&old, &new);
		side_end(&new);
	}
	side_end(&old);
	CHECK(has_row(&rows, "map", "counts", "flags", "none", "no_prealloc,0x80000000"));
}

/* A map or variable that has another name in BTF: the bytes of instructions stay. */
TEST(instructions_that_mean_another_variable_differ)
{
	struct compare_rows rows;

	NEED_CLANG();
	rows = after_change("typical", "total", "tutal");
	CHECK(has_row(&rows, "variable", "total", "", "3", NULL));
	CHECK(has_row(&rows, "variable", "tutal", "", NULL, "3"));
	CHECK(has_row(&rows, "program", "count_packets", "maps and variables in its instructions",
		      NULL, NULL));
	compare_rows_free(&rows);
}

/* A finding that is new, one that is gone, and one that is about another map. */
TEST(findings_are_compared)
{
	NEED_CLANG();
	_image_ struct image image = sample_image("typical");
	_compare_rows_ struct compare_rows rows = {0};
	struct side old, new;

	if (CHECK(side_begin(&old, &image)) & CHECK(side_begin(&new, &image))) {
		old.listing.findings[0] = loader_finding(LOADER_HOST_CPUS);
		old.listing.findings[1] = loader_finding(LOADER_RING_SIZE);
		new.listing.findings[0] = loader_finding(LOADER_HOST_CPUS);
		new.listing.findings[1] = loader_finding(LOADER_OPEN_SIZES);
		strcpy(old.listing.findings[0].where, "one");
		strcpy(new.listing.findings[0].where, "other");
		old.listing.nr_findings = new.listing.nr_findings = 2;
		rows = differences(&old, &new);
	}
	CHECK(has_row(&rows, "finding", "host-cpus", "place", "note in one", "note in other"));
	CHECK(has_row(&rows, "finding", "ring-buffer-size", "", "danger", ""));
	CHECK(has_row(&rows, "finding", "open-sizes", "", "", "danger"));
	side_end(&old);
	side_end(&new);
}

TEST(names_are_escaped)
{
	struct compare_rows rows;

	NEED_CLANG();
	rows = after_change("typical", "counts", "cou\nts");
	CHECK(has_row(&rows, "map", "cou\\x0ats", "", NULL, NULL));
	CHECK(has_row(&rows, "map", "counts", "", NULL, NULL));
	compare_rows_free(&rows);
}

UNIT_MAIN
