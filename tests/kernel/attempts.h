/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempts.h - what is tried with a signed skeleton; shared by load.c, which tries it in the
 * virtual machine, and predict.c, which says beforehand how it will end.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <stddef.h>

/* What is changed on the way from the skeleton to the kernel: a bit of a part, or else. */
enum part {
	PART_NONE,
	PART_DATA,
	PART_INSNS,
	PART_SIGNATURE,
	PART_EXCL_HASH,
	PART_HOST_VALUES,   /* the host asks for other initial values and sizes */
	PART_NOT_FROZEN,    /* the map is not frozen */
	PART_NOT_EXCLUSIVE, /* the map is not bound to the loader */
};

struct attempt {
	const char *name;
	const char *cert; /* the only certificate of the keyring; NULL: it is empty */
	enum part part;
	unsigned int percent; /* how far into the part */
};

#define SIGNER "cert.der"
#define OTHER  "other.der"

static const struct attempt attempts[] = {
	{"as signed", SIGNER, PART_NONE, 0},
	{"other values and sizes asked for by the host", SIGNER, PART_HOST_VALUES, 0},
	{"first byte of data", SIGNER, PART_DATA, 0},
	{"byte in the middle of data", SIGNER, PART_DATA, 50},
	{"last byte of data", SIGNER, PART_DATA, 100},
	{"first byte of instructions", SIGNER, PART_INSNS, 0},
	{"byte in the middle of instructions", SIGNER, PART_INSNS, 50},
	{"last byte of instructions", SIGNER, PART_INSNS, 100},
	{"first byte of the signature", SIGNER, PART_SIGNATURE, 0},
	{"byte in the middle of the signature", SIGNER, PART_SIGNATURE, 50},
	{"last byte of the signature", SIGNER, PART_SIGNATURE, 100},
	{"first byte of the exclusive hash", SIGNER, PART_EXCL_HASH, 0},
	{"last byte of the exclusive hash", SIGNER, PART_EXCL_HASH, 100},
	{"map not frozen", SIGNER, PART_NOT_FROZEN, 0},
	{"map not exclusive", SIGNER, PART_NOT_EXCLUSIVE, 0},
	{"another certificate", OTHER, PART_NONE, 0},
	{"no certificate", NULL, PART_NONE, 0},
	{"as signed, once more", SIGNER, PART_NONE, 0},
};

/* The byte of SIZE that is changed: its lowest bit. */
static inline size_t attempt_offset(const struct attempt *attempt, size_t size)
{
	return (size - 1) * attempt->percent / 100;
}

#endif /* ATTEMPTS_H */
