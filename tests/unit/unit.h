/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * unit.h - the frame of a unit test program: TAP on stdout, exit status 1 if anything failed.
 *
 *	TEST(name) { CHECK(condition); CHECK_INT(got, want); CHECK_STR(got, want); }
 *	UNIT_MAIN
 *
 * Tests run in the order they stand in the file. A check that fails says where, and the test goes
 * on. SKIP(reason) leaves a test that cannot run here; it is counted and named.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define UNIT_TESTS_MAX 256

struct unit_test {
	const char *name;
	void (*run)(void);
};

static struct unit_test unit_tests[UNIT_TESTS_MAX];
static int unit_nr_tests, unit_failures;
static const char *unit_skipped;

#define TEST(name)                                                                    \
	static void test_##name(void);                                                \
	__attribute__((constructor)) static void add_##name(void)                     \
	{                                                                             \
		unit_tests[unit_nr_tests++] = (struct unit_test){#name, test_##name}; \
	}                                                                             \
	static void test_##name(void)

static inline bool unit_check(bool fine, const char *file, int line, const char *what)
{
	if (!fine) {
		unit_failures++;
		printf("# %s:%d: %s\n", file, line, what);
	}
	return fine;
}

static inline bool unit_check_int(long long got, long long want, const char *file, int line,
				  const char *what)
{
	if (got != want)
		printf("# got %lld, want %lld\n", got, want);
	return unit_check(got == want, file, line, what);
}

static inline bool unit_check_str(const char *got, const char *want, const char *file, int line,
				  const char *what)
{
	bool same = got && want && !strcmp(got, want);

	if (!same)
		printf("# got \"%s\", want \"%s\"\n", got ? got : "(null)", want ? want : "(null)");
	return unit_check(same, file, line, what);
}

#define CHECK(condition)     unit_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_INT(got, want) unit_check_int((got), (want), __FILE__, __LINE__, #got " is " #want)
#define CHECK_STR(got, want) unit_check_str((got), (want), __FILE__, __LINE__, #got " is " #want)

#define SKIP(reason)                     \
	do {                             \
		unit_skipped = (reason); \
		return;                  \
	} while (0)

static inline int unit_run(void)
{
	int failed = 0;

	printf("1..%d\n", unit_nr_tests);
	for (int i = 0; i < unit_nr_tests; i++) {
		unit_failures = 0;
		unit_skipped = NULL;
		unit_tests[i].run();
		printf("%sok %d %s%s%s\n", unit_failures ? "not " : "", i + 1, unit_tests[i].name,
		       unit_skipped ? " # skip " : "", unit_skipped ? unit_skipped : "");
		failed += unit_failures > 0;
	}
	return failed > 0;
}

#define UNIT_MAIN                  \
	int main(void)             \
	{                          \
		return unit_run(); \
	}

#endif /* UNIT_H */
