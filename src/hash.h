/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hash.h - message digests, and the hash chain over a loader.
 *
 * Does: compute digests of bytes in one or several places, the hash that the kernel reports for an
 * array map, and the chain of the "BPF signature hash chains" patch set.
 * Does not: know images or files, or decide which algorithm a kernel has.
 *
 * One of the rooms that may use OpenSSL (here: EVP digests).
 */
#ifndef HASH_H
#define HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum hash_alg {
	HASH_SHA1,
	HASH_SHA224,
	HASH_SHA256,
	HASH_SHA384,
	HASH_SHA512,
	HASH_SHA3_256,
	HASH_SHA3_384,
	HASH_SHA3_512,
	HASH_NR,
};

#define HASH_SIZE_MAX	 64
#define HASH_SHA256_SIZE 32

/* The name of ALG in the kernel's crypto API: "sha256". Static. */
const char *hash_name(enum hash_alg alg);

/* The size of a digest in bytes. */
size_t hash_size(enum hash_alg alg);

/*
 * The digest of the concatenation of NR parts. RET has room for hash_size(ALG) bytes. -ENOTSUP:
 * OpenSSL does not have the algorithm, or its policy forbids it; -ENOMEM.
 */
int hash_parts(enum hash_alg alg, const struct view *parts, size_t nr, uint8_t *ret);

/* SHA-256 of one view; -ENOMEM or -ENOTSUP as hash_parts(). */
int hash_sha256(struct view data, uint8_t ret[HASH_SHA256_SIZE]);

/* The same, with *err filled. */
int hash_sha256_err(struct view data, uint8_t ret[HASH_SHA256_SIZE], struct err *err);

/* The member KEY of a JSON object: the SHA-256 of BYTES in hex. Errors as hash_sha256_err(). */
int hash_sha256_json(struct json *json, const char *key, struct view bytes, struct err *err);

/* Instructions, and up to IMAGE_MAPS_MAX maps. */
#define HASH_PARTS_MAX 65

/*
 * Bytes that lie in several places and are digested as if they lay one behind the other. A digest
 * of each algorithm is computed once, when it is first asked for, and kept. The parts are borrowed
 * and must stay as they are. Zero-initialized: no bytes. Not for several threads at once.
 */
struct hash_input {
	struct view parts[HASH_PARTS_MAX];
	size_t nr;
	struct hash_digest {
		bool known;
		uint8_t bytes[HASH_SIZE_MAX];
	} digests[HASH_NR];
};

/* INPUT with one part. */
struct hash_input hash_input_of(struct view part);

/* Append a part. At most HASH_PARTS_MAX, before any digest is asked for. */
void hash_input_add(struct hash_input *input, struct view part);

/* Bytes of all parts. */
size_t hash_input_size(const struct hash_input *input);

/* The digest, hash_size(ALG) bytes within INPUT, to *ret. Errors as hash_parts(). */
int hash_input_digest(struct hash_input *input, enum hash_alg alg, struct view *ret);

/*
 * All bytes in one place: the only part itself, or a copy in *SPACE, which is empty. Returns
 * {NULL, 0} and sets SPACE->failed without memory.
 */
struct view hash_input_join(const struct hash_input *input, struct buf *space);

/*
 * The hash a kernel reports for a frozen BPF_MAP_TYPE_ARRAY: SHA-256 over MAX_ENTRIES elements,
 * each padded with zeros to a multiple of 8 bytes (Linux 6.18, kernel/bpf/arraymap.c:
 * array_map_get_hash). VALUE holds the elements without padding: VALUE_SIZE * MAX_ENTRIES bytes;
 * -EINVAL otherwise, and for zero sizes.
 */
int hash_array_map(struct view value, uint32_t value_size, uint32_t max_entries,
		   uint8_t ret[HASH_SHA256_SIZE]);

/* How many bytes hash_array_map() hashes, padding included. */
uint64_t hash_array_map_size(uint32_t value_size, uint32_t max_entries);

/* A link of the chain: a map's hash, and h(n), which covers this map and all maps after it. */
struct hash_link {
	uint8_t map[HASH_SHA256_SIZE];
	uint8_t h[HASH_SHA256_SIZE];
};

/*
 * The hash chain (patch set "BPF signature hash chains", v2 2025-09-29, kernel/bpf/syscall.c:
 * bpf_prog_verify_signature). LINKS[n].map is given for all NR > 0 links in chain order;
 * LINKS[n].h is filled in, from the last to the first: h(last) = map(last),
 * h(n) = sha256(h(n+1) || map(n)). RET = sha256(PROGRAM || h(0)), PROGRAM being the sha256 of the
 * loader's instructions. Errors as hash_parts(); -EINVAL if NR is 0.
 */
int hash_chain(const uint8_t program[HASH_SHA256_SIZE], struct hash_link *links, size_t nr,
	       uint8_t ret[HASH_SHA256_SIZE]);

#endif /* HASH_H */
