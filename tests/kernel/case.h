/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * case.h - the case file: what the guest is to put to its kernel.
 *
 * Shared by guest.c, which reads it inside the virtual machine, and lab.c, which writes it. Both
 * are x86-64, so numbers are in the machine's order. The file is struct case_file, then its cases
 * one behind the other, each of them:
 *
 *	struct case_head
 *	insns_size bytes		the program, BPF_PROG_TYPE_SYSCALL; or the content
 *	signature_size bytes
 *	nr_chain times u32		signature_maps
 *	nr_maps times struct case_map, each followed by its contents
 *	nr_certs times u32 size, DER	what is put into the case's keyring, in this order
 *
 * Every part is padded with zeros to a multiple of 8 bytes; head.size is all of it.
 *
 * The guest answers with one line per case:
 *
 *	case ID certs ERRNO,... load ERRNO [TEXT]
 *
 * where an ERRNO is 0 or negative, "certs -" stands for none, and TEXT is the last line of the
 * verifier's log, if it has one. A step before the load that fails gives "case ID failed STEP
 *ERRNO" instead. "done COUNT" is the last line.
 */
#ifndef CASE_H
#define CASE_H

#include <stdint.h>

#define CASE_MAGIC 0x6573616330637362ull /* "bsc0case" */
#define CASE_ALIGN 8

struct case_file {
	uint64_t magic;
	uint32_t nr_cases;
	uint32_t zero;
};

/* In case_head.keyring: the keyring with the case's certificates; other values are passed on. */
#define CASE_KEYRING INT32_MIN

enum case_flags {
	CASE_UNSIGNED = 1 << 0, /* no signature at all, as opposed to one of size 0 */
	/* Nothing is loaded: the signature over "insns", which may be anything of any length, is
	 * put to bpf_verify_pkcs7_signature() with the case's keyring (see content.h). */
	CASE_CONTENT = 1 << 1,
};

struct case_head {
	uint32_t size;
	uint32_t id;
	uint32_t flags;
	int32_t keyring;
	uint32_t insns_size;
	uint32_t signature_size;
	uint32_t fd_array_cnt;
	uint32_t nr_chain;
	uint32_t nr_maps;
	uint32_t nr_certs;
	uint8_t excl_hash[32]; /* for maps with CASE_MAP_EXCLUSIVE */
};

enum case_map_flags {
	CASE_MAP_FROZEN = 1 << 0,
	CASE_MAP_EXCLUSIVE = 1 << 1,
	CASE_MAP_HASHED = 1 << 2, /* its hash is asked for before the load */
	CASE_MAP_AGAIN = 1 << 3,  /* not a new one: the map before it once more */
};

/* Created in this order, which is fd_array's. Contents: value_size bytes for each of nr_values. */
struct case_map {
	uint32_t type;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t max_entries;
	uint32_t nr_values; /* elements that are updated, with keys 0, 1, ... */
	uint32_t flags;
};

#endif /* CASE_H */
