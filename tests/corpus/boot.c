// SPDX-License-Identifier: BSD-2-Clause
/*
 * boot.c - /init of the virtual machine: load every skeleton of a list once, each in a process of
 * its own (tests/corpus/boot).
 *
 * LIST is a file with a line OBJECT(NAME) for each; boot_one.c defines what it names. The signer's
 * certificate is cert.der in the root folder. Prints "load NAME BTF LOAD LOG": the errno's name, or
 * ok, of BPF_BTF_LOAD of the loader's BTF ("none": it has none), and of NAME__load(); if that
 * fails, what the kernel's verifier wrote last: nothing if the loader found a name missing
 * (ENOENT).
 */
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../kernel/keyring.h"
#include "boot.h"

#define OBJECT(name) extern const struct boot_object name##_object;
#include LIST
#undef OBJECT

static const struct boot_object *const objects[] = {
#define OBJECT(name) &name##_object,
#include LIST
#undef OBJECT
};

/* The kernel's own, which no C library knows. */
#define KERNEL_ENOTSUPP 524

static const char *outcome(int result)
{
	static char number[16];

	if (!result)
		return "ok";
	if (result == BOOT_NO_BTF)
		return "none";
	if (result == -KERNEL_ENOTSUPP)
		return "ENOTSUPP";
	if (strerrorname_np(-result))
		return strerrorname_np(-result);
	snprintf(number, sizeof(number), "%d", result);
	return number;
}

static void load(const struct boot_object *object, int keyring)
{
	int err;

	printf("load %s %s", object->name, outcome(object->load_btf()));
	err = object->load(keyring);
	printf(" %s ", outcome(err));
	if (err)
		object->explain(keyring);
	printf("\n");
	fflush(stdout);
}

int main(void)
{
	const struct rlimit no_limit = {RLIM_INFINITY, RLIM_INFINITY};
	int keyring = keyring_with("cert.der"), status;

	setrlimit(RLIMIT_NOFILE, &(const struct rlimit){4096, 4096});
	setrlimit(RLIMIT_MEMLOCK, &no_limit);
	for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++) {
		pid_t child;

		fflush(stdout);
		child = fork();
		if (!child) {
			load(objects[i], keyring);
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child || status)
			printf("\nload %s died died\n", objects[i]->name);
	}
	printf("done\n");
	fflush(stdout);
	reboot(RB_AUTOBOOT);
	return 1;
}
