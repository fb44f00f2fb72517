/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyring.h - for the programs of the virtual machine: a new keyring with one certificate.
 */
#ifndef KEYRING_H
#define KEYRING_H

#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The certificate in the file CERT (DER) alone; NULL: none. One that is not taken is named. */
static inline int keyring_with(const char *cert)
{
	static unsigned char der[1 << 16];
	long keyring = syscall(SYS_add_key, "keyring", "test", NULL, 0, KEY_SPEC_PROCESS_KEYRING);
	ssize_t size;
	int fd;

	if (!cert)
		return (int)keyring;
	fd = open(cert, O_RDONLY);
	size = fd < 0 ? -1 : read(fd, der, sizeof(der));
	if (size < 0 || syscall(SYS_add_key, "asymmetric", NULL, der, size, keyring) < 0)
		printf("%s: not added: errno %d\n", cert, errno);
	close(fd);
	return (int)keyring;
}

#endif /* KEYRING_H */
