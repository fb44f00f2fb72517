// SPDX-License-Identifier: BSD-2-Clause
/*
 * main.c - a fuzz target without libFuzzer: run it over files.
 *
 *	fuzz_NAME [-runs=N] [-OPTION...] FILE|FOLDER...
 *
 * With -runs, a target that mutates its inputs itself is also run over N that are made of these,
 *one after the other, the same in every run. Other options are libFuzzer's, and are ignored.
 *What is found ends the program by a signal.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../kernel/der.h"
#include "base/file.h"
#include "fuzz.h"

/* Inputs that are mutated; larger ones, and more, are not. */
#define ROOM	   65536
#define KEPT_MAX   256
#define ROUNDS_MAX 8

static struct buf kept[KEPT_MAX];
static uint32_t nr_kept;
static struct rng rng = {1};

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc _unused_, char ***argv _unused_)
{
	return 0;
}

__attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max,
						     unsigned int seed);

/* A bit. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max _unused_)
{
	if (size)
		data[rng_below(&rng, (uint32_t)size)] ^= (uint8_t)(1 << rng_below(&rng, 8));
	return size;
}

/* COUNT inputs, each of a few mutations of one that is kept. */
static int mutate(unsigned long count)
{
	static uint8_t data[ROOM];

	if (!LLVMFuzzerCustomMutator || !nr_kept)
		return -1;
	for (unsigned long i = 0; i < count; i++) {
		const struct buf *from = &kept[rng_below(&rng, nr_kept)];
		uint32_t rounds = 1 + rng_below(&rng, ROUNDS_MAX);
		size_t size = from->size;

		memcpy(data, from->data, size);
		while (rounds--)
			size = LLVMFuzzerCustomMutator(data, size, ROOM,
						       rng_below(&rng, UINT32_MAX));
		LLVMFuzzerTestOneInput(data, size);
	}
	return 0;
}

/* How many files were run, or -1. */
static int run(const char *path);

static int run_file(const char *path)
{
	_buf_ struct buf file = {0};
	struct err err = {0};

	if (file_read(path, FILE_SIZE_MAX, &file, &err)) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		return -1;
	}
	LLVMFuzzerTestOneInput(file.data ?: (const uint8_t *)"", file.size);
	if (nr_kept < KEPT_MAX && file.size && file.size <= ROOM)
		kept[nr_kept++] = buf_take(&file);
	return 1;
}

static int run_folder(const char *path)
{
	char name[PATH_MAX];
	DIR *folder = opendir(path);
	struct dirent *entry;
	int nr = 0;

	if (!folder) {
		perror(path);
		return -1;
	}
	while (nr >= 0 && (entry = readdir(folder))) {
		int more = 0;

		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.')
			more = run(name);
		nr = more < 0 ? -1 : nr + more;
	}
	closedir(folder);
	return nr;
}

static int run(const char *path)
{
	struct stat status;

	return !stat(path, &status) && S_ISDIR(status.st_mode) ? run_folder(path) : run_file(path);
}

int main(int argc, char **argv)
{
	unsigned long runs = 0;
	int nr = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc && nr >= 0; i++) {
		int more = argv[i][0] == '-' ? 0 : run(argv[i]);

		if (!strncmp(argv[i], "-runs=", strlen("-runs=")))
			runs = strtoul(argv[i] + strlen("-runs="), NULL, 10);
		nr = more < 0 ? -1 : nr + more;
	}
	if (nr < 0 || (runs && mutate(runs)))
		return 2;
	for (uint32_t i = 0; i < nr_kept; i++)
		buf_free(&kept[i]);
	printf("%lu inputs\n", (unsigned long)nr + runs);
	return 0;
}
