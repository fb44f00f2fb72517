// SPDX-License-Identifier: BSD-2-Clause
/*
 * load.c - the program around any signed skeleton: HEADER is its file, NAME its name. Compiled as C
 * and as C++ to see that the header is whole; what it does when run is what every loader does.
 */
#include <errno.h> /* as any user of bpf/skel_internal.h must */

#include HEADER

#define JOIN(a, b)  JOIN_(a, b)
#define JOIN_(a, b) a##b

int main(void)
{
	struct NAME *skel = JOIN(NAME, __open)();
	int err;

	if (!skel)
		return 1;
	skel->keyring_id = -3; /* KEY_SPEC_SESSION_KEYRING */
	err = JOIN(NAME, __load)(skel);
	if (!err)
		err = JOIN(NAME, __attach)(skel);
	JOIN(NAME, __detach)(skel);
	JOIN(NAME, __destroy)(skel);
	return err != 0;
}
