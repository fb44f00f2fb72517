/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scheme.h - the schemes, which are the ways to sign a loader: the bytes that each covers.
 *
 * Does: name schemes, make sets of them, and give the exact bytes that a signature covers.
 * Does not: sign, verify, or know a file format.
 */
#ifndef SCHEME_H
#define SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "image/image.h"

/*
 * A set of schemes: bit (1u << enum scheme). SCHEME_ALL is "all" on the command line: one signature
 * for each kind of kernel, without insns-hash, which must be requested.
 */
typedef unsigned int scheme_set;
#define SCHEME_BIT(scheme) (1u << (scheme))
#define SCHEME_ALL	   (SCHEME_BIT(SCHEME_FOLDED) | SCHEME_BIT(SCHEME_CHAIN) | SCHEME_BIT(SCHEME_INSNS))

static inline bool scheme_is_in(enum scheme scheme, scheme_set set)
{
	return set & SCHEME_BIT(scheme);
}

/* For each SCHEME of SET, in the order of reports. */
#define for_each_scheme(scheme, set)                               \
	for (enum scheme scheme = 0; scheme < SCHEME_NR; scheme++) \
		if (scheme_is_in(scheme, set))

/* "folded", "chain", "insns", "insns-hash": as on the command line and in reports. */
const char *scheme_name(enum scheme scheme);

/* What the number beside a scheme is, in output: "sha256", "digest". */
const char *scheme_digest_label(enum scheme scheme);

/*
 * Parse LIST: "all", or names separated by commas. -EINVAL: an unknown name; the message lists the
 * known ones.
 */
int scheme_parse(const char *list, scheme_set *ret, struct err *err);

/* The schemes for which IMAGE has a signature, except one whose scheme is not named. */
scheme_set scheme_signed(const struct image *image);

/* The steps of the hash chain over an image; as many links as image->nr_maps. */
struct scheme_chain {
	uint8_t program[HASH_SHA256_SIZE];
	uint8_t final[HASH_SHA256_SIZE];
	struct hash_link links[IMAGE_MAPS_MAX];
};

/*
 * The bytes of an image that signatures cover, as views of the image, and their hashes. Each is
 * computed at its first use and kept, so the image must not change after that. Returned views and
 * pointers point into the image and into this struct, which must therefore not be moved. Nothing
 * needs to be freed. Not thread-safe.
 */
struct scheme_contents {
	const struct image *image;	    /* borrowed */
	struct hash_input insns[SCHEME_NR]; /* for each form, at the first scheme that signs it */
	struct hash_input folded, digest;
	struct scheme_chain chain;
	bool has_chain, has_map[IMAGE_MAPS_MAX], has_excl_hash[SCHEME_NR];
	uint8_t excl_hash[SCHEME_NR][HASH_SHA256_SIZE];
};

/* Initialize RET for IMAGE. */
void scheme_begin(struct scheme_contents *ret, const struct image *image);

/*
 * The bytes that a signature of SCHEME covers (Linux 7.3, Documentation/bpf/signing.rst; 7.2,
 * kernel/bpf/syscall.c: bpf_prog_verify_signature; patch set "BPF signature hash chains"):
 *
 *   chain   32 bytes, see hash_chain()
 *   folded  the instructions, then value_size bytes of each map in order, no padding
 *   insns   the instructions
 *
 * -EINVAL: chain without maps, or folded with a map of several elements; else as hash_parts().
 */
int scheme_content(struct scheme_contents *contents, enum scheme scheme, struct hash_input **ret,
		   struct err *err);

/* The instructions of the form that SCHEME signs. */
struct hash_input *scheme_insns(struct scheme_contents *contents, enum scheme scheme);

/* The bytes of scheme_content(), copied into one buffer. Errors as that; -ENOMEM. */
int scheme_content_copy(enum scheme scheme, const struct image *image, struct buf *ret,
			struct err *err);

/* hash_array_map() of map number MAP. -EINVAL, -ENOMEM or -ENOTSUP as that. */
int scheme_map_hash(struct scheme_contents *contents, size_t map, const uint8_t **ret,
		    struct err *err);

/* -EINVAL for an image without maps; else as scheme_map_hash(). */
int scheme_chain(struct scheme_contents *contents, const struct scheme_chain **ret,
		 struct err *err);

/*
 * The exclusive hash, which makes a map exclusive to this loader: the sha256 of the instructions of
 * SCHEME, in which file descriptors of maps count as zero (Linux 6.18, kernel/bpf/core.c:
 * bpf_prog_calc_tag()). -ENOMEM or -ENOTSUP as hash_parts().
 */
int scheme_excl_hash(struct scheme_contents *contents, enum scheme scheme, const uint8_t **ret,
		     struct err *err);

/*
 * Compute the exclusive hash of each form of IMAGE, whose CONTENTS these are, replacing those it
 * has. Errors as scheme_excl_hash().
 */
int scheme_set_excl_hashes(struct scheme_contents *contents, struct image *image, struct err *err);

/*
 * A map whose hashed size is exactly 64 bytes can be mistaken for two maps of another chain and
 * vice versa, because the chain does not separate leaves from nodes. Returns the first such map, or
 * NULL.
 */
const struct image_map *scheme_ambiguous_map(const struct image *image);

#endif /* SCHEME_H */
