// SPDX-License-Identifier: BSD-2-Clause
/* Which word is taken for another one. */
#include "base/similar.h"

#include <string.h>

#include "unit.h"

/* The best of three words for WORD, or "". */
static const char *meant(const char *word)
{
	struct similar similar = {.word = word, .size = strlen(word)};

	similar_try(&similar, "verify");
	similar_try(&similar, "sign");
	similar_try(&similar, "recursive");
	return similar.best ?: "";
}

TEST(letters_that_are_wrong_missing_too_many_or_swapped)
{
	CHECK_STR(meant("sigm"), "sign");
	CHECK_STR(meant("sgn"), "sign");
	CHECK_STR(meant("siggn"), "sign");
	CHECK_STR(meant("isgn"), "sign");
	CHECK_STR(meant("vrefiy"), "verify");
	CHECK_STR(meant("rekursiv"), "recursive");
}

TEST(the_beginning_of_a_word_is_enough)
{
	CHECK_STR(meant("ver"), "verify");
	CHECK_STR(meant("rec"), "recursive");
	CHECK_STR(meant("ve"), "");
}

TEST(what_is_too_different_is_nothing)
{
	CHECK_STR(meant(""), "");
	CHECK_STR(meant("s"), "");
	CHECK_STR(meant("gnsi"), "");
	CHECK_STR(meant("inspect"), "");
	CHECK_STR(meant("verifyverifyverifyverifyverifyveri"), "");
}

TEST(the_most_similar_word_wins_and_a_candidate_may_be_long)
{
	struct similar similar = {.word = "kernel-confg", .size = strlen("kernel-confg")};

	similar_try(&similar, "a-name-that-is-longer-than-any-word-may-be");
	similar_try(&similar, "kernel");
	CHECK(!similar.best);
	similar_try(&similar, "kernel-conf");
	similar_try(&similar, "kernel-config");
	similar_try(&similar, "kernel-conf");
	CHECK(similar.errors == 1);
}

TEST(only_the_letters_of_the_word_count)
{
	struct similar similar = {.word = "kee=value", .size = 3};

	similar_try(&similar, "key");
	CHECK_STR(similar.best, "key");
}

UNIT_MAIN
