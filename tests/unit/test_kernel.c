// SPDX-License-Identifier: BSD-2-Clause
/* Versions of kernels, ranges of them, and what sets of kernels are called. */
#include "kernel.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static kernel_set parsed(const char *text)
{
	kernel_set set = 0;
	struct err err;

	CHECK_INT(kernel_parse(text, &set, &err), 0);
	return set;
}

/* The newest release line of the table; a test that means it asks here, so that a new one breaks
 * none. */
static enum kernel newest(void)
{
	enum kernel last = 0;

	for (enum kernel kernel = 0; kernel < KERNEL_NR; kernel++) {
		if (kernel_rules(kernel)->major)
			last = kernel;
	}
	return last;
}

/* As parsed(), of the newest line's MAJOR.MINOR with BEFORE and AFTER around it. */
static kernel_set parsed_newest(const char *before, const char *after)
{
	const struct kernel_rules *rules = kernel_rules(newest());
	char text[64];

	snprintf(text, sizeof(text), "%s%u.%u%s", before, rules->major, rules->minor, after);
	return parsed(text);
}

static bool is_called(kernel_set set, const char *want)
{
	char text[KERNEL_TEXT_MAX];

	return !strcmp(kernel_set_text(set, text), want);
}

TEST(a_version_with_a_patch_level_is_one_kernel)
{
	CHECK_INT(parsed("6.18.0"), KERNEL_BIT(KERNEL_6_18));
	CHECK_INT(parsed("6.18.15+deb13-cloud-amd64"), KERNEL_BIT(KERNEL_6_18));
	CHECK_INT(parsed("6.18.39"), KERNEL_BIT(KERNEL_6_18));
	CHECK_INT(parsed("6.18.40"), KERNEL_BIT(KERNEL_6_18_40));
	CHECK_INT(parsed("6.18.300"), KERNEL_BIT(KERNEL_6_18_40));
	CHECK_INT(parsed("6.19.14"), KERNEL_BIT(KERNEL_6_19));
	CHECK_INT(parsed("7.0.99"), KERNEL_BIT(KERNEL_7_0));
	CHECK_INT(parsed("7.1.4"), KERNEL_BIT(KERNEL_7_1));
	CHECK_INT(parsed("7.1.5"), KERNEL_BIT(KERNEL_7_1_5));
	CHECK_INT(parsed("7.4.0"), KERNEL_BIT(KERNEL_7_4));
	CHECK_INT(parsed_newest("", ".9999"), KERNEL_BIT(newest()));
	CHECK_INT(parsed("9999.12.1"), KERNEL_BIT(newest()));
}

TEST(a_version_without_is_both_sides_of_a_fix)
{
	CHECK_INT(parsed("6.18"), KERNEL_BIT(KERNEL_6_18) | KERNEL_BIT(KERNEL_6_18_40));
	CHECK_INT(parsed("7.1-rc3"), KERNEL_BIT(KERNEL_7_1) | KERNEL_BIT(KERNEL_7_1_5));
	CHECK_INT(parsed("7.0"), KERNEL_BIT(KERNEL_7_0));
	CHECK_INT(parsed("9999.0"), KERNEL_BIT(newest()));
}

TEST(a_range_is_all_kernels_from_one_to_the_other)
{
	CHECK_INT(parsed_newest("6.18..", ""), KERNEL_ALL & ~KERNEL_BIT(KERNEL_CHAIN));
	CHECK_INT(parsed("6.18.40..7.1.4"), KERNEL_BIT(KERNEL_6_18_40) | KERNEL_BIT(KERNEL_6_19) |
						    KERNEL_BIT(KERNEL_7_0) |
						    KERNEL_BIT(KERNEL_7_1));
	CHECK_INT(parsed("7.1.5..7.2"), KERNEL_BIT(KERNEL_7_1_5) | KERNEL_BIT(KERNEL_7_2));
	CHECK_INT(parsed("7.3.1..7.3.4"), KERNEL_BIT(KERNEL_7_3));
	CHECK_INT(parsed("7.2,chain,7.4"),
		  KERNEL_BIT(KERNEL_7_2) | KERNEL_BIT(KERNEL_7_4) | KERNEL_BIT(KERNEL_CHAIN));
	CHECK_INT(parsed("all"), KERNEL_ALL);
}

TEST(what_is_no_version_is_refused)
{
	static const char *const wrong[] = {"",	    "7",	"7.",	      "x",	   "7.3x",
					    "7.3.", "7.3.4x",	"7.4..7.3",   "7.3..",	   "..7.3",
					    "7.3,", "7.3..all", "chain..7.3", "12345.1.1", "7.3 ",
					    "6.17", "5.4..7.3", "seven",      "7.2x",	   "-7.2",
					    "7.-2", "Chain",	" 7.2"};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		kernel_set set = 0;
		struct err err;

		CHECK_INT(kernel_parse(wrong[i], &set, &err), -EINVAL);
		CHECK_INT(set, 0);
	}
}

TEST(sets_are_called_by_versions)
{
	CHECK(is_called(parsed_newest("7.3..", ""), "Linux 7.3 and later"));
	CHECK(is_called(parsed("7.3"), "Linux 7.3"));
	CHECK(is_called(parsed("6.18"), "Linux 6.18"));
	CHECK(is_called(parsed("6.18.40"), "Linux 6.18 from 6.18.40"));
	CHECK(is_called(parsed("6.18.0"), "Linux 6.18 before 6.18.40"));
	CHECK(is_called(parsed("6.18..7.2"), "Linux 6.18 to 7.2"));
	CHECK(is_called(parsed("6.19..7.1.4"), "Linux 6.19 to 7.1.4"));
	CHECK(is_called(parsed("6.18.40,7.1.5..7.2"), "Linux 6.18 from 6.18.40, 7.1.5 to 7.2"));
	CHECK(is_called(parsed("chain"), "hash-chain kernels"));
	CHECK(is_called(parsed("7.3,chain"), "Linux 7.3 and hash-chain kernels"));
	CHECK(is_called(parsed("all"), "Linux 6.18 and later and hash-chain kernels"));
}

UNIT_MAIN
