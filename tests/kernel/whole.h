/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * whole.h - the case file of the whole load: what NAME__load() of a header is to be made of.
 *
 * Shared by whole_guest.c, which reads it inside the virtual machine, and whole_make.c, which
 *writes it; both are x86-64, so numbers are in the machine's order. The file is struct whole_file,
 *then its cases, each of them:
 *
 *	struct whole_case
 *	size[i] bytes for each part that is present, in the order of enum whole_part
 *	nr_certs times u32 size, DER	what is put into the case's keyring, in this order
 *
 * Each of these is padded with zeros to a multiple of 8 bytes; whole_case.bytes is all of it.
 *
 * The guest answers with these lines for each case:
 *
 *	case ID certs ERRNO,... SCHEME STEP ERRNO ... final ERRNO
 *	map ID INDEX NAME TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS FROZEN CONTENTS
 *	prog ID INDEX NAME TYPE
 *
 * ERRNO is 0 or negative. "certs -" stands for none. Each SCHEME (chain, folded, insns, insns-hash,
 *in this order) has the answer of a header with that signature alone, and the last step that was
 *made: create, update, freeze, hash, load, run (the system call), and where the loader ran: loader
 *(0), check (it returned an error before it made anything), inside (the error of something that it
 *was to make); "- -" where it has no signature. "final" is the whole header's. Maps and programs
 *follow where that is 0. CONTENTS is element 0 of an array in hex, else "-"; FROZEN is 0 or 1.
 *"done COUNT" is the last line.
 */
#ifndef WHOLE_H
#define WHOLE_H

#include <stdint.h>

#define WHOLE_MAGIC  0x6c6f687730637362ull /* "bsc0whol" */
#define WHOLE_ALIGN  8
#define WHOLE_ABSENT UINT32_MAX /* in size[]: the header has no such array */

/* The arrays of a header, as members of struct bpf_chainsign_rt1_loader. */
enum whole_part {
	WHOLE_DATA,
	WHOLE_INSNS,
	WHOLE_INSNS_CHECKED,
	WHOLE_INSNS_HASH,
	WHOLE_EXCL_HASH,
	WHOLE_EXCL_HASH_CHECKED,
	WHOLE_EXCL_HASH_HASH,
	WHOLE_SIG_CHAIN,
	WHOLE_SIG_FOLDED,
	WHOLE_SIG_INSNS,
	WHOLE_SIG_INSNS_HASH,
	WHOLE_PART_NR,
};

struct whole_file {
	uint64_t magic;
	uint32_t nr_cases;
	uint32_t zero;
};

struct whole_case {
	uint32_t bytes;
	uint32_t id;
	uint32_t nr_maps; /* of the skeleton's struct */
	uint32_t nr_progs;
	uint32_t nr_certs;
	uint32_t size[WHOLE_PART_NR];
};
_Static_assert(sizeof(struct whole_case) % WHOLE_ALIGN == 0, "the parts are aligned");

#endif /* WHOLE_H */
