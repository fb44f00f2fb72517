/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * attempts.h - what is tried with a signed skeleton; shared by load.c, which tries it in the
 * virtual machine, and predict.c, which says beforehand how it will end.
 */
#ifndef ATTEMPTS_H
#define ATTEMPTS_H

#include <stddef.h>
#include <string.h>

/* What is changed on the way from the skeleton to the kernel: a bit of a part, or else. */
enum part {
	PART_NONE,
	PART_DATA,
	PART_INSNS,
	PART_SIGNATURE,
	PART_EXCL_HASH,
	PART_NAME,	    /* a letter of a name in the data, which changes nothing else */
	PART_SIZE,	    /* the host asks for another size of a map */
	PART_VARIABLES,	    /* and sets variables that it may set */
	PART_RODATA,	    /* and one that it may not, without the compiler noticing */
	PART_NOT_FROZEN,    /* the map is not frozen */
	PART_NOT_EXCLUSIVE, /* the map is not bound to the loader */
};

/* skel->enforce; 1 if nothing is said. */
enum mode {
	MODE_STRICT,
	MODE_OBSERVE, /* 0: a signature is tried first */
	MODE_IF_KNOWN /* 2: without one only where the kernel knows none */
};

struct attempt {
	const char *name;
	const char *cert; /* the only certificate of the keyring; NULL: it is empty */
	enum part part;
	unsigned int percent; /* how far into the part */
	enum mode mode;
};

#define SIGNER "cert.der"
#define OTHER  "other.der"

static const struct attempt attempts[] = {
	{"as signed", SIGNER, PART_NONE, 0, MODE_STRICT},
	{"another size asked for by the host", SIGNER, PART_SIZE, 0, MODE_STRICT},
	{"variables set by the host", SIGNER, PART_VARIABLES, 0, MODE_STRICT},
	{"a signed variable set by the host", SIGNER, PART_RODATA, 0, MODE_STRICT},
	{"first byte of data", SIGNER, PART_DATA, 0, MODE_STRICT},
	{"byte in the middle of data", SIGNER, PART_DATA, 50, MODE_STRICT},
	{"last byte of data", SIGNER, PART_DATA, 100, MODE_STRICT},
	{"first byte of instructions", SIGNER, PART_INSNS, 0, MODE_STRICT},
	{"byte in the middle of instructions", SIGNER, PART_INSNS, 50, MODE_STRICT},
	{"last byte of instructions", SIGNER, PART_INSNS, 100, MODE_STRICT},
	{"first byte of the signature", SIGNER, PART_SIGNATURE, 0, MODE_STRICT},
	{"byte in the middle of the signature", SIGNER, PART_SIGNATURE, 50, MODE_STRICT},
	{"last byte of the signature", SIGNER, PART_SIGNATURE, 100, MODE_STRICT},
	{"first byte of the exclusive hash", SIGNER, PART_EXCL_HASH, 0, MODE_STRICT},
	{"last byte of the exclusive hash", SIGNER, PART_EXCL_HASH, 100, MODE_STRICT},
	{"map not frozen", SIGNER, PART_NOT_FROZEN, 0, MODE_STRICT},
	{"map not exclusive", SIGNER, PART_NOT_EXCLUSIVE, 0, MODE_STRICT},
	{"another certificate", OTHER, PART_NONE, 0, MODE_STRICT},
	{"no certificate", NULL, PART_NONE, 0, MODE_STRICT},
	{"a name", SIGNER, PART_NAME, 0, MODE_STRICT},
	{"enforce 0, as signed", SIGNER, PART_NONE, 0, MODE_OBSERVE},
	{"enforce 0, another certificate", OTHER, PART_NONE, 0, MODE_OBSERVE},
	{"enforce 0, no certificate", NULL, PART_NONE, 0, MODE_OBSERVE},
	{"enforce 0, byte in the middle of the signature", SIGNER, PART_SIGNATURE, 50,
	 MODE_OBSERVE},
	{"enforce 0, first byte of the exclusive hash", SIGNER, PART_EXCL_HASH, 0, MODE_OBSERVE},
	{"enforce 0, a name", SIGNER, PART_NAME, 0, MODE_OBSERVE},
	{"enforce 0, another size asked for by the host", SIGNER, PART_SIZE, 0, MODE_OBSERVE},
	{"enforce 0, variables set by the host", OTHER, PART_VARIABLES, 0, MODE_OBSERVE},
	{"enforce 0, a signed variable set by the host", OTHER, PART_RODATA, 0, MODE_OBSERVE},
	{"enforce 2, as signed", SIGNER, PART_NONE, 0, MODE_IF_KNOWN},
	{"enforce 2, another certificate", OTHER, PART_NONE, 0, MODE_IF_KNOWN},
	{"enforce 2, a name", SIGNER, PART_NAME, 0, MODE_IF_KNOWN},
	{"as signed, once more", SIGNER, PART_NONE, 0, MODE_STRICT},
};

/* The byte of SIZE that is changed: its lowest bit. */
static inline size_t attempt_offset(const struct attempt *attempt, size_t size)
{
	return (size - 1) * attempt->percent / 100;
}

/* Whether the loader's data is changed. */
static inline int attempt_is_data(const struct attempt *attempt)
{
	return attempt->part == PART_DATA || attempt->part == PART_NAME;
}

/* Where in the SIZE bytes of PART: the first letter of a name is the first that is found. */
static inline size_t attempt_place(const struct attempt *attempt, const void *part, size_t size)
{
	const char *name = attempt->part == PART_NAME ? memmem(part, size, "count", 5) : NULL;

	return name ? (size_t)(name - (const char *)part) : attempt_offset(attempt, size);
}

#endif /* ATTEMPTS_H */
