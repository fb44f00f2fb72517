/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * casefile.h - write and read case files (see case.h) on the host.
 *
 * Does: the format. Does not: know what is in a case, or run one.
 */
#ifndef CASEFILE_H
#define CASEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "case.h"
#include "hash.h"

#define CASE_MAPS_MAX  4
#define CASE_CERTS_MAX 20

/* One case; everything is borrowed. */
struct load_case {
	uint32_t id;
	uint32_t flags;
	int32_t keyring; /* CASE_KEYRING, or a keyring id that is passed on */
	struct view insns;
	struct view signature;
	uint8_t excl_hash[HASH_SHA256_SIZE];
	uint32_t fd_array_cnt;
	uint32_t chain[CASE_MAPS_MAX];
	uint32_t nr_chain;
	struct case_map maps[CASE_MAPS_MAX];
	struct view values[CASE_MAPS_MAX];
	uint32_t nr_maps;
	struct view certs[CASE_CERTS_MAX];
	uint32_t nr_certs;
};

/* FILE starts empty and is complete after every addition; failures stick in it. */
void casefile_add(struct buf *file, const struct load_case *test);

/*
 * The case at *offset of FILE, which is moved to the next; *offset is 0 at the start. 0: *ret is a
 * case; -ENOENT: there are no more; -EBADMSG with *err: not a case file, or one that is cut off.
 */
int casefile_next(struct view file, size_t *offset, struct load_case *ret, struct err *err);

#endif /* CASEFILE_H */
