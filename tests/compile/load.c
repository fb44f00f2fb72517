// SPDX-License-Identifier: BSD-2-Clause
/*
 * Load a skeleton against the stub in stub/: what it hands to the kernel is left in files, what
 * it returns is the last line, with the number of descriptors it left open.
 */
#include <dirent.h>
#include <stdio.h>

struct point {
	char tag;
	long long x __attribute__((aligned(8)));
	short y;
};

#include HEADER

#define PASTE_(name, func) name##func
#define PASTE(name, func)  PASTE_(name, func)

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int nr = 0;

	while (dir && readdir(dir))
		nr++;
	if (dir)
		closedir(dir);
	return nr;
}

int main(void)
{
	struct NAME *skel = PASTE(NAME, __open)();
	int before = open_fds(), err;

	if (!skel)
		return 1;
#ifdef KEYRING
	skel->keyring_id = KEYRING;
#endif
#ifdef ENFORCE
	skel->enforce = ENFORCE;
#endif
	errno = 0;
	err = PASTE(NAME, __load)(skel);
	printf("err %d errno %d fds %d\n", err, err ? errno : 0, open_fds() - before);
#ifdef SAY
	printf("as %s, %s\n", skel->loaded_as ? skel->loaded_as : "nothing",
	       skel->why ? skel->why : "no reason");
#endif
	PASTE(NAME, __destroy)(skel);
	return 0;
}
