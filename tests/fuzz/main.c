// SPDX-License-Identifier: BSD-2-Clause
/*
 * main.c - a fuzz target without libFuzzer: run it over files.
 *
 *	fuzz_NAME [-OPTION...] FILE|FOLDER...
 *
 * Options are libFuzzer's, and are passed over. What is found ends the program by a signal.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "fuzz.h"

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc _unused_, char ***argv _unused_)
{
	return 0;
}

size_t LLVMFuzzerMutate(uint8_t *data _unused_, size_t size, size_t max _unused_)
{
	return size;
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
	int nr = 0;

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc && nr >= 0; i++) {
		int more = argv[i][0] == '-' ? 0 : run(argv[i]);

		nr = more < 0 ? -1 : nr + more;
	}
	if (nr < 0)
		return 2;
	printf("%d inputs\n", nr);
	return 0;
}
