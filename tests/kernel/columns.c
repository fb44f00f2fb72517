// SPDX-License-Identifier: BSD-2-Clause
/*
 * columns.c - /init of the virtual machine: load example.bpf.c as it was signed in each way.
 *
 * COLUMNS is a file with a line COLUMN(NAME) for each way; column.c defines its function, and
 * NAME.der, in the root folder, is the signer's certificate. Prints "load ERRNO: NAME, CERTIFICATE"
 * for that and for another certificate.
 */
#include <sys/reboot.h>

#include "keyring.h"

#define COLUMN(name) int name(int keyring);
#include COLUMNS
#undef COLUMN

static const struct {
	const char *name, *cert;
	int (*load)(int keyring);
} columns[] = {
#define COLUMN(name) {#name, #name ".der", name},
#include COLUMNS
#undef COLUMN
};

int main(void)
{
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const char *certs[] = {columns[i].cert, "other.der"};

		for (size_t n = 0; n < 2; n++)
			printf("load %d: %s, %s\n", columns[i].load(keyring_with(certs[n])),
			       columns[i].name, certs[n]);
	}
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
