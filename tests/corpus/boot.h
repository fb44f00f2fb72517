/* SPDX-License-Identifier: BSD-2-Clause */
/* boot.h - what boot_one.c defines for each object, and boot.c calls. */
#ifndef BOOT_H
#define BOOT_H

/* What load_btf() returns if there is no BTF. */
#define BOOT_NO_BTF 1

struct boot_object {
	const char *name;
	int (*load_btf)(void);	      /* 0 or the negative errno of BPF_BTF_LOAD */
	int (*load)(int keyring);     /* 0 or the negative errno of NAME__load() */
	void (*explain)(int keyring); /* load again, and print how the verifier's log ends */
};

#endif /* BOOT_H */
