// SPDX-License-Identifier: BSD-2-Clause
/*
 * Every function of a skeleton, as a program calls it: compiled, not run. -DNAME=thing
 * -DHEADER='"thing.lskel.h"'; OTHER_NAME and OTHER_HEADER are a second skeleton beside it.
 */
/* Types of the BPF program, which its user has to declare. */
struct point {
	char tag;
	long long x __attribute__((aligned(8)));
	short y;
};

#include HEADER
#ifdef OTHER_HEADER
#include OTHER_HEADER
#endif

#include <stdio.h>

#define PASTE_(name, func) name##func
#define PASTE(name, func)  PASTE_(name, func)

/* Headers of LSKEL_RUNTIME_LIBBPF do not have it. */
#ifdef HAS_ENFORCE
#define ENFORCE(skel) ((skel)->enforce = 0)
#else
#define ENFORCE(skel) ((void)0)
#endif

#define USE(name, keyring)                                                            \
	do {                                                                          \
		struct name *skel = PASTE(name, __open)();                            \
                                                                                      \
		if (!skel)                                                            \
			return 1;                                                     \
		skel->keyring_id = (keyring);                                         \
		ENFORCE(skel);                                                        \
		if (PASTE(name, __load)(skel) < 0 || PASTE(name, __attach)(skel) < 0) \
			fprintf(stderr, "%s\n", strerror(errno));                     \
		PASTE(name, __detach)(skel);                                          \
		PASTE(name, __destroy)(skel);                                         \
		skel = PASTE(name, __open_and_load)();                                \
		PASTE(name, __destroy)(skel);                                         \
	} while (0)

int main(int argc, char **argv)
{
	(void)argv;
	USE(NAME, argc);
#ifdef OTHER_NAME
	USE(OTHER_NAME, argc);
#endif
	return 0;
}
