// SPDX-License-Identifier: BSD-2-Clause
/*
 * text - how fast header text is read and written: text RUNS MIB [FILE]
 *
 * Makes a signed header (embedded run-time) around a map of MIB MiB, of which a third is zeros as
 * in real ones, writes and parses it RUNS times in memory, and prints on one line: bytes of text,
 * median microseconds of lskel_write(), of lskel_parse(). The header goes to FILE.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/util.h"
#include "lskel/lskel.h"

#define RUNS_MAX 100

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long median(long *values, int nr)
{
	qsort(values, nr, sizeof(*values), compare);
	return values[nr / 2];
}

/* SIZE bytes that look like nothing, the same every time; every third a zero. */
static void fill(uint8_t *bytes, size_t size)
{
	uint64_t state = 1;

	for (size_t i = 0; i < size; i++) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = state % 3 ? (uint8_t)(state >> 56) : 0;
	}
}

/* A loader "r0 = 0; exit" around a map of SIZE bytes, with a signature. */
static int make(size_t size, struct lskel *ret, struct err *err)
{
	static const uint8_t insns[] = {0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0};
	/* The header that is made refers to them. */
	static char one[] = "one", large[] = "large";
	static struct skel_prog prog = {.ident = one};
	static const struct skel skel = {.name = large, .progs = &prog, .nr_progs = 1};
	_buf_ struct buf code = {0}, value = {0};
	_image_ struct image image = {0};
	uint8_t *bytes = buf_space(&value, size);
	int rc;

	buf_add(&code, insns, sizeof(insns));
	buf_add(&image.sig[SCHEME_FOLDED], insns, sizeof(insns));
	if (!bytes)
		return err_nomem(err);
	fill(bytes, size);
	rc = image_set_insns(&image, &code, err);
	if (!rc)
		rc = image_add_map(&image, "__loader.map", &value, (uint32_t)size, 1, err);
	return rc ? rc : lskel_new(&skel, LSKEL_RUNTIME_EMBEDDED, &image, ret, err);
}

/* One round; *text is the header. */
static int once(const struct lskel *lskel, struct buf *text, long *written, long *read,
		struct err *err)
{
	_lskel_ struct lskel parsed = {0};
	long start = now();
	int rc;

	buf_free(text);
	rc = lskel_write(lskel, LSKEL_RUNTIME_EMBEDDED, text, err);
	*written = now() - start;
	start = now();
	if (!rc)
		rc = lskel_parse(buf_view(text), &parsed, err);
	*read = now() - start;
	return rc;
}

int main(int argc, char **argv)
{
	int runs = argc > 2 ? atoi(argv[1]) : 0, mib = argc > 2 ? atoi(argv[2]) : 0;
	long written[RUNS_MAX], read[RUNS_MAX];
	_lskel_ struct lskel lskel = {0};
	_buf_ struct buf text = {0};
	struct err err;
	int rc;

	if (runs < 1 || runs > RUNS_MAX || mib < 1) {
		fprintf(stderr, "usage: text RUNS MIB [FILE]\n");
		return 2;
	}
	/* The limit of an image is 16 MiB less a byte, the loader's instructions included. */
	rc = make(((size_t)mib << 20) - 64, &lskel, &err);
	for (int run = 0; !rc && run < runs; run++)
		rc = once(&lskel, &text, &written[run], &read[run], &err);
	if (!rc && argc > 3)
		rc = file_replace(argv[3], buf_view(&text), &err);
	if (rc) {
		fprintf(stderr, "text: %s\n", err.text);
		return 1;
	}
	printf("%zu %ld %ld\n", text.size, median(written, runs), median(read, runs));
	return 0;
}
