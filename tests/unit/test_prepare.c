// SPDX-License-Identifier: BSD-2-Clause
/*
 * From the loader that came in to the one that is signed: sealing, forms, values and sizes, what is
 * dangerous, which schemes. Loaders are made of tests/data by clang.
 */
#include "prepare.h"

#include <errno.h>
#include <linux/bpf.h>

#include "lskel_sample.h"
#include "signed_sample.h"

#define FOLDED	   SCHEME_BIT(SCHEME_FOLDED)
#define CHAIN	   SCHEME_BIT(SCHEME_CHAIN)
#define INSNS	   SCHEME_BIT(SCHEME_INSNS)
#define INSNS_HASH SCHEME_BIT(SCHEME_INSNS_HASH)

static struct err err;

/* prepare_image() of an object with these options, whose pairs begin with "map " or "var ". */
static int prepare(struct made *made, struct prepare_options options, struct prepare_result *ret)
{
	int rc;

	memset(&err, 0, sizeof(err));
	*ret = (struct prepare_result){.sealed = false};
	rc = prepare_image(&made->sample.subject, &made->skel, LOADER_PROGS_UNKNOWN, &options, ret,
			   &err);
	CHECK(!rc == !err.code && (!rc || *err.text));
	return rc;
}

static int prepare_pair(const char *name, const char *size, const char *value)
{
	struct prepare_result result;
	_made_ struct made made = {0};

	made_of(&made, name);
	return prepare(&made,
		       (struct prepare_options){.schemes = FOLDED,
						.set.sizes = {.list = &size, .nr = size != NULL},
						.set.values = {.list = &value, .nr = value != NULL},
						.set.names = &made.skel},
		       &result);
}

static bool has_finding(const struct prepare_result *result, enum loader_finding_id id)
{
	for (size_t i = 0; i < result->nr_findings; i++) {
		if (result->findings[i].id == id)
			return true;
	}
	return false;
}

/* The check of the form that SCHEME is over. */
static enum loader_check check_of(const struct sample *sample, enum scheme scheme)
{
	struct image form = sample->image; /* borrows */
	struct loader_checked checked;

	form.insns = *image_insns(&sample->image, scheme);
	CHECK_INT(loader_read_check(&form, &checked, &err), 0);
	CHECK(checked.fits);
	return checked.check;
}

/* --- forms --- */

TEST(what_is_asked_for_nothing_is_sealed_for_every_kind_of_kernel)
{
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typical");
	CHECK(made.sample.loader.open_values || made.sample.loader.open_sizes);
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = 0}, &result), 0);
	CHECK_INT(result.schemes, SCHEME_ALL);
	CHECK(result.sealed && result.closed);
	CHECK(!made.sample.loader.open_values && !made.sample.loader.open_sizes);
	CHECK_INT(made.sample.loader.check, LOADER_CHECK_NONE);
	CHECK_INT(check_of(&made.sample, SCHEME_FOLDED), LOADER_CHECK_NONE);
	CHECK_INT(check_of(&made.sample, SCHEME_INSNS), LOADER_CHECK_EXCL_HASH);
	CHECK(!made.sample.image.insns_hash.data);
	/* a second time there is nothing left to take from the caller */
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = 0}, &result), 0);
	CHECK(result.sealed && !result.closed);
}

TEST(sizes_alone_or_values_alone_are_taken_from_the_caller)
{
	struct prepare_result result;

	NEED_CLANG();
	for (int i = 0; i < 2; i++) {
		_made_ struct made made = {0};

		made_of(&made, "typical");
		*(i ? &made.sample.loader.open_values : &made.sample.loader.open_sizes) = false;
		CHECK_INT(prepare(&made, (struct prepare_options){.schemes = FOLDED}, &result), 0);
		CHECK(result.closed);
	}
}

TEST(what_has_no_map_takes_nothing_from_its_caller)
{
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "tiny");
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = 0}, &result), 0);
	CHECK(result.sealed && !result.closed);
}

TEST(forms_are_made_for_the_schemes_that_use_them)
{
	static const struct {
		struct prepare_options options;
		scheme_set schemes;
		enum loader_check checked; /* NONE: there is no such form */
		bool has_hash;
	} cases[] = {
		{{.schemes = FOLDED}, FOLDED, LOADER_CHECK_NONE, false},
		{{.schemes = FOLDED | CHAIN, .also_hash = true},
		 FOLDED | CHAIN,
		 LOADER_CHECK_NONE,
		 false},
		{{.schemes = INSNS}, INSNS, LOADER_CHECK_EXCL_HASH, false},
		{{.schemes = INSNS, .hash_only = true}, INSNS, LOADER_CHECK_HASH, false},
		{{.schemes = INSNS, .also_hash = true},
		 INSNS | INSNS_HASH,
		 LOADER_CHECK_EXCL_HASH,
		 true},
		{{.also_hash = true}, SCHEME_ALL | INSNS_HASH, LOADER_CHECK_EXCL_HASH, true},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct prepare_result result;
		_made_ struct made made = {0};
		const struct image *image = &made.sample.image;

		made_of(&made, "tiny");
		/* what is left of another signing goes */
		buf_add_str(&made.sample.image.insns_checked, "old form");
		buf_add_str(&made.sample.image.insns_hash, "old form");
		CHECK_INT(prepare(&made, cases[i].options, &result), 0);
		CHECK_INT(result.schemes, cases[i].schemes);
		CHECK((image->insns_checked.data != NULL) ==
		      (cases[i].checked != LOADER_CHECK_NONE));
		CHECK((image->insns_hash.data != NULL) == cases[i].has_hash);
		CHECK_INT(check_of(&made.sample, SCHEME_INSNS), cases[i].checked);
		if (cases[i].has_hash)
			CHECK_INT(check_of(&made.sample, SCHEME_INSNS_HASH), LOADER_CHECK_HASH);
	}
}

TEST(a_form_is_over_the_data_with_the_values_that_are_set)
{
	const char *size = "counts=77", *value = "step=9";
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typical");
	if (!CHECK_INT(prepare(&made,
			       (struct prepare_options){.set.sizes = {&size, 1},
							.set.values = {&value, 1}},
			       &result),
		       0)) {
		printf("# %s\n", err.text);
		return;
	}
	CHECK_INT(check_of(&made.sample, SCHEME_INSNS), LOADER_CHECK_EXCL_HASH);
}

/* --- values --- */

TEST(a_value_is_set_in_the_loader_and_in_the_skeleton)
{
	const char *values[] = {"custom=7", "second=-3", "name=hello"};
	struct prepare_result result;
	size_t nr = 0;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typed");
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.schemes = FOLDED,
						   .set.values = {values, ARRAY_SIZE(values)}},
			  &result),
		  0);
	sample_again(&made.sample);
	if (!CHECK_INT((long long)made.sample.loader.nr_maps, (long long)made.skel.nr_maps))
		return;
	for (size_t i = 0; i < made.sample.loader.nr_maps; i++) {
		const struct loader_map *map = &made.sample.loader.maps[i];
		const struct skel_map *copy = &made.skel.maps[i];

		if (!map->has_value)
			continue;
		CHECK(copy->value.size <= map->value.size);
		CHECK(!memcmp(copy->value.data, map->value.data, copy->value.size));
		if (!strcmp(copy->ident, "data_custom")) {
			CHECK_INT(map->value.data[0], 7);
			nr++;
		} else if (!strcmp(copy->ident, "rodata")) {
			CHECK(memmem(map->value.data, map->value.size, "hello", 6));
			CHECK(memmem(map->value.data, map->value.size,
				     "\xfd\xff\xff\xff\xff\xff\xff\xff", 8));
			nr++;
		}
	}
	CHECK_INT((long long)nr, 2);
}

TEST(a_value_that_cannot_be_set_says_why)
{
	static const struct {
		const char *pair;
		int code;
		const char *text;
	} cases[] = {
		{"custom", -EINVAL, "--set custom: 'custom' is not NAME=VALUE"},
		{"=7", -EINVAL, "--set =7: '=7' is not NAME=VALUE"},
		{"", -EINVAL, "--set : '' is not NAME=VALUE"},
		{"nobody=7", -ENOENT, NULL},
		{"custom=x", -EINVAL, NULL},
		{"custom=4294967296", -ERANGE, NULL},
		{"origin=1", -ENOTSUP, NULL},
		{"LICENSE=MIT", -ENOTSUP,
		 "--set LICENSE=MIT: the variable's section is not in the loader"},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!CHECK_INT(prepare_pair("typed", NULL, cases[i].pair), cases[i].code))
			printf("# %s: %s\n", cases[i].pair, err.text);
		if (cases[i].text)
			CHECK_STR(err.text, cases[i].text);
		CHECK(!strncmp(err.text, "--set ", 6));
	}
	/* the first that fails ends it */
	CHECK_INT(prepare_pair("typed", "custom=1", "nobody=7"), -ENOENT);
	CHECK(!strncmp(err.text, "--max-entries custom=1: ", 24));
}

TEST(values_do_not_share_bytes)
{
	static const struct {
		const char *values[2];
		int code;
	} cases[] = {
		{{"custom=7", "custom=7"}, -EINVAL},
		{{"origin.x=1", "origin.x=2"}, -EINVAL},
		/* in other sections, or side by side */
		{{"custom=7", "byte=2"}, 0},
		{{"origin.x=1", "origin.y=2"}, 0},
		{{"origin.y=1", "origin.x=2"}, 0},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *values[] = {cases[i].values[0], cases[i].values[1]};
		struct prepare_result result;
		_made_ struct made made = {0};

		made_of(&made, "typed");
		if (!CHECK_INT(prepare(&made,
				       (struct prepare_options){.schemes = FOLDED,
								.set.values = {values, 2}},
				       &result),
			       cases[i].code))
			printf("# %s: %s\n", values[0], err.text);
		CHECK(!cases[i].code || strstr(err.text, "already sets these bytes"));
	}
}

TEST(values_need_an_object_and_what_its_skeleton_shows)
{
	const char *value = "custom=7";
	const struct prepare_options options = {.schemes = FOLDED, .set.values = {&value, 1}};
	struct prepare_result result;
	_made_ struct made made = {0}, less = {0}, shorter = {0};
	size_t nr;

	NEED_CLANG();
	made_of(&made, "typed");
	CHECK_INT(prepare_image(&made.sample.subject, NULL, LOADER_PROGS_UNKNOWN, &options, &result,
				&err),
		  -ENOTSUP);
	CHECK_STR(err.text,
		  "--set custom=7: the values of a header cannot be set: pass the object");
	made_of(&less, "typed");
	nr = less.skel.nr_maps;
	while (strcmp(less.skel.maps[less.skel.nr_maps - 1].ident, "data_custom"))
		less.skel.nr_maps--;
	less.skel.nr_maps--;
	CHECK_INT(prepare(&less, options, &result), -ENOTSUP);
	CHECK_STR(err.text, "--set custom=7: the variable is not visible in the skeleton");
	less.skel.nr_maps = nr;
	made_of(&shorter, "typed");
	for (size_t i = 0; i < shorter.skel.nr_maps; i++) {
		if (!strcmp(shorter.skel.maps[i].ident, "data_custom")) {
			shorter.skel.maps[i].value.size = 3; /* of an int's 4 bytes */
			CHECK_INT(prepare(&shorter, options, &result), -ENOTSUP);
			shorter.skel.maps[i].value.size = 4;
			CHECK_INT(prepare(&shorter, options, &result), 0);
		}
	}
}

/* --- sizes --- */

TEST(a_size_is_a_number_of_entries)
{
	static const struct {
		const char *pair;
		int code;
		uint32_t size;
	} cases[] = {
		{"counts=1", 0, 1},
		{"counts=9", 0, 9},
		{"counts=4294967295", 0, UINT32_MAX},
		{"counts=0x10", 0, 16},
		{"counts=010", 0, 8},
		{"counts=4294967296", -EINVAL, 0},
		{"counts=99999999999999999999", -EINVAL, 0},
		{"counts=0", -EINVAL, 0},
		{"counts=-1", -EINVAL, 0},
		{"counts=+1", -EINVAL, 0},
		{"counts= 1", -EINVAL, 0},
		{"counts=1 ", -EINVAL, 0},
		{"counts=9x", -EINVAL, 0},
		{"counts=", -EINVAL, 0},
		{"counts=:", -EINVAL, 0},
		{"counts=/", -EINVAL, 0},
		{"counts", -EINVAL, 0},
		{"=1", -EINVAL, 0},
		{"nobody=1", -ENOENT, 0},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *pair = cases[i].pair;
		struct prepare_result result;
		_made_ struct made made = {0};
		uint32_t size = 0;

		made_of(&made, "typical");
		if (!CHECK_INT(prepare(&made,
				       (struct prepare_options){.schemes = FOLDED,
								.set.sizes = {&pair, 1}},
				       &result),
			       cases[i].code))
			printf("# %s: %s\n", pair, err.text);
		CHECK(cases[i].code != -EINVAL || strncmp(pair, "counts=", 7) ||
		      strstr(err.text, "is not a valid number of entries"));
		if (cases[i].code)
			continue;
		sample_again(&made.sample);
		for (size_t map = 0; map < made.sample.loader.nr_maps; map++) {
			if (!strcmp(made.sample.loader.maps[map].name, "counts"))
				size = made.sample.loader.maps[map].max_entries;
		}
		CHECK_INT(size, cases[i].size);
	}
}

TEST(maps_are_called_by_their_whole_names_or_by_what_the_kernel_knows_if_that_is_one)
{
	static const struct {
		const char *pair;
		int code;
		const char *text; /* what the message has */
	} cases[] = {
		{"my_long_counter_map_alpha=3", 0, NULL},
		{"my_long_counter_map_beta=3", 0, NULL},
		{"another_long_map_name=3", 0, NULL},
		{"another_long_ma=3", 0, NULL},
		{"another_long_m=3", -ENOENT,
		 "no map is called another_long_m: inspect lists them"},
		{"another_long_map=3", -ENOENT,
		 "no map is called another_long_map: similar names are another_long_map_name"},
		{"my_long_counter=3", -ENOENT,
		 "the names of several maps begin with my_long_counter: pass one of them in full: "
		 "my_long_counter_map_alpha, my_long_counter_map_beta"},
		{"my_long_counter_map=3", -ENOENT,
		 "similar names are my_long_counter_map_alpha, my_long_counter_map_beta"},
		{"my_long_counteX=3", -ENOENT, "inspect lists them"},
	};

	NEED_CLANG();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!CHECK_INT(prepare_pair("long_names", cases[i].pair, NULL), cases[i].code) ||
		    !CHECK(!cases[i].text || strstr(err.text, cases[i].text)))
			printf("# %s: %s\n", cases[i].pair, err.text);
	}
}

TEST(without_a_skeleton_the_loaders_own_names_count)
{
	const char *pair = "another_long_ma=3", *both = "my_long_counter=3",
		   *whole = "another_long_map_name=3";
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "long_names");
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.schemes = FOLDED, .set.sizes = {&pair, 1}},
			  &result),
		  0);
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.schemes = FOLDED, .set.sizes = {&both, 1}},
			  &result),
		  -ENOENT);
	CHECK(strstr(err.text, "the names of several maps"));
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.schemes = FOLDED, .set.sizes = {&whole, 1}},
			  &result),
		  -ENOENT);
	CHECK(strstr(err.text, "similar names are another_long_ma"));
}

TEST(a_map_with_a_value_keeps_its_size)
{
	NEED_CLANG();
	CHECK_INT(prepare_pair("typed", ".data.custom=2", NULL), -ENOENT);
	CHECK_INT(prepare_pair("typed", "data_custom=2", NULL), -EINVAL);
}

/* --- bytes that are kept --- */

TEST(without_sealing_the_bytes_are_kept_and_their_dangers_refused)
{
	const unsigned int open = 1u << LOADER_OPEN_VALUES | 1u << LOADER_OPEN_SIZES;
	_buf_ struct buf before = {0};
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typical");
	buf_add_view(&before, buf_view(&made.sample.image.insns));
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true}, &result), ERR_REFUSED);
	CHECK(strstr(err.text, "or sign it anyway with --allow=open-values"));
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.no_seal = true,
						   .allowed = 1u << LOADER_OPEN_VALUES},
			  &result),
		  ERR_REFUSED);
	CHECK(strstr(err.text, "or sign it anyway with --allow=open-sizes"));
	CHECK_INT(
		prepare(&made, (struct prepare_options){.no_seal = true, .allowed = open}, &result),
		0);
	CHECK(!result.sealed && !result.closed);
	CHECK(has_finding(&result, LOADER_OPEN_VALUES) && has_finding(&result, LOADER_OPEN_SIZES));
	CHECK(view_equal(buf_view(&before), buf_view(&made.sample.image.insns)));
	CHECK(!made.sample.image.insns_checked.data);
}

TEST(values_cannot_be_set_in_bytes_that_are_kept)
{
	const char *size = "counts=7", *value = "step=7";
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typical");
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true, .set.sizes = {&size, 1}},
			  &result),
		  -EINVAL);
	CHECK_INT(prepare(&made, (struct prepare_options){.raw = true, .set.values = {&value, 1}},
			  &result),
		  -EINVAL);
}

TEST(a_kept_loader_is_for_the_schemes_that_its_check_is_for)
{
	struct prepare_result result;
	_made_ struct made made = {0};
	struct buf checked;

	NEED_CLANG();
	made_of(&made, "tiny");
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = 0}, &result), 0);
	/* the sealed form without a check, as it is */
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true}, &result), 0);
	CHECK_INT(result.schemes, FOLDED | CHAIN);
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true, .schemes = INSNS},
			  &result),
		  ERR_REFUSED);
	CHECK(strstr(err.text, "[data-uncovered] "));
	/* and the one with a check */
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = INSNS}, &result), 0);
	checked = buf_take(&made.sample.image.insns_checked);
	buf_free(&made.sample.image.insns);
	made.sample.image.insns = checked;
	sample_again(&made.sample);
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true}, &result), 0);
	CHECK_INT(result.schemes, CHAIN | INSNS);
	CHECK(!has_finding(&result, LOADER_DATA_UNCOVERED));
}

/* Instructions of no libbpf, with a map. */
static void make_unknown(struct made *ret)
{
	_buf_ struct buf insns = {0}, value = {0};

	*ret = (struct made){.skel = {.name = NULL}};
	buf_add_str(&insns, "insn 0..insn 1..");
	buf_add_str(&value, "contents");
	SAMPLE_MUST(image_set_insns(&ret->sample.image, &insns, &sample_err));
	SAMPLE_MUST(image_add_map(&ret->sample.image, "m", &value, 8, 1, &sample_err));
	sample_again(&ret->sample);
}

/* The same as a header's, or as raw parts. */
static int prepare_header(struct made *made, struct prepare_options options,
			  struct prepare_result *ret)
{
	return prepare_image(&made->sample.subject, NULL, LOADER_PROGS_UNKNOWN, &options, ret,
			     &err);
}

TEST(an_unknown_loader_is_not_sealed)
{
	struct prepare_result result = {.schemes = 99};
	_made_ struct made made = {0};

	make_unknown(&made);
	CHECK_INT(prepare_header(&made, (struct prepare_options){.schemes = 0}, &result), -EBADMSG);
	CHECK(!strncmp(err.text, "cannot seal the loader (--no-seal signs it as it is): ", 54));
	/* what is made of an object is known, or something is wrong */
	CHECK_INT(
		prepare(&made, (struct prepare_options){.no_seal = true, .allowed = ~0u}, &result),
		-EBADMSG);
	CHECK(!strncmp(err.text, "the loader generated for this object is not recognized", 54));
}

TEST(an_unknown_loader_of_a_header_is_signed_if_that_is_allowed)
{
	const unsigned int unknown = 1u << LOADER_UNKNOWN, uncovered = 1u << LOADER_DATA_UNCOVERED;
	struct prepare_result result;
	_made_ struct made made = {0};

	make_unknown(&made);
	CHECK_INT(prepare_header(&made, (struct prepare_options){.no_seal = true}, &result),
		  ERR_REFUSED);
	CHECK(strstr(err.text, "--allow=unknown-loader"));
	CHECK_INT(prepare_header(&made,
				 (struct prepare_options){.no_seal = true, .allowed = unknown},
				 &result),
		  0);
	CHECK_INT(result.schemes, FOLDED | CHAIN);
	CHECK_INT((long long)result.nr_findings, 1);
	CHECK_INT(result.findings[0].id, LOADER_UNKNOWN);
	CHECK(*result.findings[0].where);
	CHECK_INT(prepare_header(&made,
				 (struct prepare_options){
					 .no_seal = true, .schemes = INSNS, .allowed = unknown},
				 &result),
		  ERR_REFUSED);
	CHECK_INT(prepare_header(&made,
				 (struct prepare_options){.no_seal = true,
							  .schemes = INSNS,
							  .allowed = unknown | uncovered},
				 &result),
		  0);
	CHECK_INT((long long)result.nr_findings, 2);
	CHECK_INT(result.findings[1].id, LOADER_DATA_UNCOVERED);
}

TEST(raw_parts_need_not_be_a_loader)
{
	struct prepare_result result;
	_made_ struct made made = {0}, bare = {0};

	make_unknown(&made);
	CHECK_INT(prepare_header(&made, (struct prepare_options){.raw = true}, &result), 0);
	CHECK_INT(result.schemes, FOLDED | CHAIN);
	CHECK_INT((long long)result.nr_findings, 0);
	CHECK_INT(prepare_header(&made,
				 (struct prepare_options){.raw = true, .schemes = SCHEME_ALL},
				 &result),
		  ERR_REFUSED);
	CHECK(strstr(err.text, "[data-uncovered] "));
	/* without a map there is nothing that could be uncovered */
	make_unknown(&bare);
	image_free(&bare.sample.image);
	bare.sample.image = (struct image){.nr_maps = 0};
	buf_add_str(&bare.sample.image.insns, "insn 0..insn 1..");
	sample_again(&bare.sample);
	CHECK_INT(prepare_header(&bare, (struct prepare_options){.raw = true, .schemes = INSNS},
				 &result),
		  0);
	CHECK_INT((long long)result.nr_findings, 0);
}

TEST(options_of_the_kernel_cannot_be_set_in_a_loader_that_is_kept)
{
	struct prepare_options options = {
		.no_seal = true, .set.host = true, .allowed = 1u << LOADER_HOST_CONFIG};
	struct prepare_result result;
	_made_ struct made kernel = {0}, typical = {0};

	NEED_CLANG();
	made_of(&kernel, "kernel");
	options.allowed |= 1u << LOADER_OPEN_VALUES | 1u << LOADER_OPEN_SIZES;
	CHECK_INT(prepare(&kernel, options, &result), -EINVAL);
	CHECK(strstr(err.text, "can be set only in a sealed loader (not with --no-seal)"));
	/* the first that is wrong is what is said */
	options.allowed = 1u << LOADER_HOST_CONFIG;
	CHECK_INT(prepare(&kernel, options, &result), ERR_REFUSED);
	options.allowed |= 1u << LOADER_OPEN_VALUES | 1u << LOADER_OPEN_SIZES;
	made_of(&typical, "typical");
	CHECK_INT(prepare(&typical, options, &result), 0);
	/* a header's have the values that they were given when it was made */
	CHECK_INT(prepare_header(&kernel, options, &result), 0);
}

TEST(options_that_were_approved_are_not_judged)
{
	struct prepare_options options = {.schemes = FOLDED};
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "kernel");
	CHECK_INT(prepare(&made, options, &result), ERR_REFUSED);
	CHECK(strstr(err.text, "[host-config]"));
	options.approved = true;
	CHECK_INT(prepare(&made, options, &result), 0);
	CHECK(!has_finding(&result, LOADER_HOST_CONFIG));
}

/* --- what is dangerous --- */

TEST(who_asks_for_the_form_without_exclusivity_has_been_told)
{
	static const struct prepare_options told[] = {
		{.schemes = INSNS, .hash_only = true},
		{.also_hash = true},
	};
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "tiny");
	for (size_t i = 0; i < ARRAY_SIZE(told); i++) {
		CHECK_INT(prepare(&made, told[i], &result), 0);
		CHECK(has_finding(&result, LOADER_NOT_EXCLUSIVE));
	}
	/* who did not ask for it is refused it */
	CHECK_INT(prepare(&made, (struct prepare_options){.also_hash = true}, &result), 0);
	buf_free(&made.sample.image.insns_checked);
	buf_free(&made.sample.image.insns);
	made.sample.image.insns = buf_take(&made.sample.image.insns_hash);
	sample_again(&made.sample);
	CHECK_INT(prepare(&made, (struct prepare_options){.no_seal = true, .schemes = INSNS},
			  &result),
		  ERR_REFUSED);
	CHECK(strstr(err.text, "--allow=not-exclusive"));
	CHECK_INT(prepare(&made,
			  (struct prepare_options){.no_seal = true,
						   .schemes = INSNS,
						   .allowed = 1u << LOADER_NOT_EXCLUSIVE},
			  &result),
		  0);
}

TEST(a_danger_that_sealing_does_not_mend_is_refused)
{
	struct prepare_options options = {.schemes = FOLDED};
	struct prepare_result result;
	_made_ struct made made = {0};

	NEED_CLANG();
	made_of(&made, "typical");
	made.sample.loader.maps[0].type = BPF_MAP_TYPE_RINGBUF;
	made.sample.loader.maps[0].max_entries = 4096;
	made.sample.loader.maps[0].key_size = made.sample.loader.maps[0].value_size = 0;
	CHECK_INT(prepare(&made, options, &result), 0);
	made.sample.loader.maps[0].max_entries = 4097;
	CHECK_INT(prepare(&made, options, &result), ERR_REFUSED);
	CHECK(!strncmp(err.text, "[ring-buffer-size] ", 19));
	options.allowed = 1u << LOADER_RING_SIZE;
	CHECK_INT(prepare(&made, options, &result), 0);
	CHECK(has_finding(&result, LOADER_RING_SIZE));
}

TEST(sealing_mends_a_stack_that_is_too_small)
{
	struct prepare_options options = {.schemes = FOLDED | INSNS, .no_seal = true};
	struct prepare_result result;
	_made_ struct made made = {.sample = {.image = {.nr_maps = 0}}};

	NEED_CLANG();
	made.sample.image = sample_build_many(64, &made.skel);
	sample_again(&made.sample);
	options.allowed = ~(1u << LOADER_TOO_MANY_PROGS);
	CHECK_INT(prepare(&made, options, &result), ERR_REFUSED);
	CHECK(!strncmp(err.text, "[too-many-programs] ", 20));
	options = (struct prepare_options){.schemes = FOLDED | INSNS};
	CHECK_INT(prepare(&made, options, &result), 0);
	CHECK(!has_finding(&result, LOADER_TOO_MANY_PROGS));
	CHECK_INT(check_of(&made.sample, SCHEME_INSNS), LOADER_CHECK_EXCL_HASH);
}

TEST(too_many_programs_are_not_advised_to_be_signed_as_they_are)
{
	struct prepare_result result;
	_made_ struct made made = {.sample = {.image = {.nr_maps = 0}}};

	NEED_CLANG();
	made.sample.image = sample_build_many(64, &made.skel);
	sample_again(&made.sample);
	made.sample.loader.nr_progs = LOADER_PROGS_MAX + 1;
	CHECK_INT(prepare(&made, (struct prepare_options){.schemes = FOLDED}, &result), -ERANGE);
	CHECK(strstr(err.text, "the loader loads 121 programs, but can hold at most 120"));
	CHECK(!strstr(err.text, "--no-seal"));
	CHECK_INT(prepare_header(&made, (struct prepare_options){.schemes = FOLDED}, &result),
		  -ERANGE);
	CHECK(!strstr(err.text, "--no-seal"));
	made.sample.loader.nr_progs = 64;
}

TEST(each_form_is_judged_for_its_own_scheme_and_each_finding_told_once)
{
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr = 99;
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	sample_whole(&sample, "typical");
	CHECK_INT(prepare_judge(&sample.subject, SCHEME_ALL, LOADER_PROGS_UNKNOWN, findings, &nr,
				&err),
		  0);
	CHECK_INT((long long)nr, 0);
	CHECK_INT(prepare_judge(&sample.subject, SCHEME_ALL | INSNS_HASH, LOADER_PROGS_UNKNOWN,
				findings, &nr, &err),
		  0);
	CHECK_INT((long long)nr, 1);
	CHECK_INT(findings[0].id, LOADER_NOT_EXCLUSIVE);
	/* more programs than are loaded: of every form, and told once */
	CHECK_INT(prepare_judge(&sample.subject, SCHEME_ALL | INSNS_HASH, 9, findings, &nr, &err),
		  0);
	CHECK_INT((long long)nr, 2);
	/* without forms of their own the loader that is there is the one that is judged */
	buf_free(&sample.image.insns_checked);
	buf_free(&sample.image.insns_hash);
	CHECK_INT(prepare_judge(&sample.subject, INSNS, LOADER_PROGS_UNKNOWN, findings, &nr, &err),
		  0);
	CHECK_INT((long long)nr, 1);
	CHECK_INT(findings[0].id, LOADER_DATA_UNCOVERED);
	/* and a form that is not there is not judged */
	CHECK_INT(prepare_judge(&sample.subject, INSNS_HASH, LOADER_PROGS_UNKNOWN, findings, &nr,
				&err),
		  0);
	CHECK_INT((long long)nr, 0);
}

TEST(an_unknown_loader_or_form_is_not_judged)
{
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr = 99;
	_made_ struct made made = {0};
	_sample_ struct sample sample = {0};

	NEED_CLANG();
	make_unknown(&made);
	CHECK_INT(prepare_judge(&made.sample.subject, FOLDED, LOADER_PROGS_UNKNOWN, findings, &nr,
				&err),
		  -EBADMSG);
	CHECK_STR(err.text, made.sample.loader.why);
	sample_whole(&sample, "tiny");
	sample.image.insns_checked.data[sample.image.insns_checked.size - 1] ^= 1;
	CHECK_INT(prepare_judge(&sample.subject, FOLDED, LOADER_PROGS_UNKNOWN, findings, &nr, &err),
		  0);
	CHECK_INT((long long)nr, 0);
	nr = 99;
	CHECK_INT(prepare_judge(&sample.subject, FOLDED | INSNS, LOADER_PROGS_UNKNOWN, findings,
				&nr, &err),
		  -EBADMSG);
	CHECK_INT((long long)nr, 99);
}

/* --- programs of a header --- */

/* What prepare_header_progs() says of a header with a descriptor for each of NAMES (NULL ends). */
static size_t header_progs(const struct loader *loader, const char *const *names)
{
	_buf_ struct buf text = {0};
	_lskel_ struct lskel lskel = {0};
	const char *at = strstr(sample_s2, "\t\tstruct bpf_prog_desc one;\n");

	buf_add(&text, sample_s2, (size_t)(at - sample_s2));
	for (; *names; names++)
		buf_printf(&text, "\t\tstruct bpf_prog_desc %s;\n", *names);
	buf_add_str(&text, strchr(at, '\n') + 1);
	CHECK_INT(lskel_parse(buf_view(&text), &lskel, &err), 0);
	return prepare_header_progs(&lskel, loader);
}

#define PROGS(...) ((const char *const[]){__VA_ARGS__, NULL})

TEST(programs_of_a_header_are_counted_where_they_are_not_the_loaders)
{
	_sample_ struct sample sample = {0}, optional = {0};
	_made_ struct made unknown = {0};

	NEED_CLANG();
	sample_read(&sample, "long_names");
	/* whole names, from BTF; the kernel's 15 characters are no name of a program in a header */
	CHECK(header_progs(&sample.loader, PROGS("my_long_program_alpha",
						 "my_long_program_beta")) == LOADER_PROGS_UNKNOWN);
	CHECK(header_progs(&sample.loader, PROGS("my_long_program_alpha")) == LOADER_PROGS_UNKNOWN);
	CHECK(header_progs(&sample.loader,
			   PROGS("my_long_program_beta", "my_long_program_alpha")) == 2);
	CHECK(header_progs(&sample.loader, PROGS("other")) == 1);
	CHECK(header_progs(&sample.loader, PROGS("my_long_program_alpha", "my_long_program_beta",
						 "third")) == LOADER_PROGS_UNKNOWN);
	CHECK(header_progs(&sample.loader, PROGS("other", "my_long_program_beta", "third")) == 3);
	sample_read(&optional, "optional");
	CHECK(header_progs(&optional.loader, PROGS("optional", "plain")) == 2);
	make_unknown(&unknown);
	CHECK(header_progs(&unknown.sample.loader, PROGS("other")) == LOADER_PROGS_UNKNOWN);
}

UNIT_MAIN
