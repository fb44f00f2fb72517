/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scheme.h - the ways to sign a loader: which bytes are covered, which kernels take them.
 *
 * Does: names, sets of schemes, and the exact bytes a signature is over.
 * Does not: sign, verify, or know a file format.
 */
#ifndef SCHEME_H
#define SCHEME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "hash.h"
#include "image.h"

/*
 * A set of schemes: bit (1u << enum scheme). SCHEME_ALL is "all" of the command line: one signature
 * for each kind of kernel; insns-hash is only for those who ask for it.
 */
typedef unsigned int scheme_set;
#define SCHEME_BIT(scheme) (1u << (scheme))
#define SCHEME_ALL	   (SCHEME_BIT(SCHEME_FOLDED) | SCHEME_BIT(SCHEME_CHAIN) | SCHEME_BIT(SCHEME_INSNS))

/* "folded", "chain", "insns", "insns-hash": as on the command line and in reports. */
const char *scheme_name(enum scheme scheme);

/* What the signed bytes are, for people: "sha256 of content", "digest". */
const char *scheme_digest_label(enum scheme scheme);

/* LIST is "all" or names with commas between them; -EINVAL with the names that exist. */
int scheme_parse(const char *list, scheme_set *ret, struct err *err);

/* The schemes that IMAGE has a signature of, by name. */
scheme_set scheme_signed(const struct image *image);

/* How the hash chain over an image is built; links as many as image->nr_maps. */
struct scheme_chain {
	uint8_t program[HASH_SHA256_SIZE];
	uint8_t final[HASH_SHA256_SIZE];
	struct hash_link links[IMAGE_MAPS_MAX];
};

/*
 * What signatures over one image are over, as views of its bytes, and the hashes of them. Each is
 * made when it is first asked for and kept; so what was asked for must not change afterwards. Views
 * and pointers that are handed out point into the image and into this, which hence stays where it
 * is. Nothing is to be freed. Not for several threads at once.
 */
struct scheme_contents {
	const struct image *image;	    /* borrowed */
	struct hash_input insns[SCHEME_NR]; /* of a form; at its first scheme */
	struct hash_input folded, digest;
	struct scheme_chain chain;
	bool has_chain, has_map[IMAGE_MAPS_MAX], has_excl_hash[SCHEME_NR];
	uint8_t excl_hash[SCHEME_NR][HASH_SHA256_SIZE];
};

/* Begin RET for IMAGE. */
void scheme_begin(struct scheme_contents *ret, const struct image *image);

/*
 * The bytes a signature of SCHEME is over (Linux 7.3, Documentation/bpf/signing.rst; 7.2,
 * kernel/bpf/syscall.c: bpf_prog_verify_signature; patch set "BPF signature hash chains"):
 *   chain   32 bytes, see hash_chain()
 *   folded  instructions, then value_size bytes of each map in order, no padding
 *   insns   the instructions
 * -EINVAL for chain without maps, and for folded with a map of several elements; else as
 * hash_parts().
 */
int scheme_content(struct scheme_contents *contents, enum scheme scheme, struct hash_input **ret,
		   struct err *err);

/* The instructions of the form that is for SCHEME. */
struct hash_input *scheme_insns(struct scheme_contents *contents, enum scheme scheme);

/* A copy of what scheme_content() gives of IMAGE, in one place. Errors also -ENOMEM. */
int scheme_content_copy(enum scheme scheme, const struct image *image, struct buf *ret,
			struct err *err);

/* hash_array_map() of map number MAP. -EINVAL, -ENOMEM or -ENOTSUP as that. */
int scheme_map_hash(struct scheme_contents *contents, size_t map, const uint8_t **ret,
		    struct err *err);

/* -EINVAL for an image without maps; else as scheme_map_hash(). */
int scheme_chain(struct scheme_contents *contents, const struct scheme_chain **ret,
		 struct err *err);

/*
 * What makes a map exclusive to this loader: the sha256 of the instructions that SCHEME is for, but
 * for file descriptors of maps, which count as zero (Linux 6.18, kernel/bpf/core.c:
 * bpf_prog_calc_tag()). -ENOMEM or -ENOTSUP as hash_parts().
 */
int scheme_excl_hash(struct scheme_contents *contents, enum scheme scheme, const uint8_t **ret,
		     struct err *err);

/*
 * Give IMAGE, which CONTENTS are of, the exclusive hash of each form of its instructions, in place
 * of what it has. Errors as scheme_excl_hash().
 */
int scheme_set_excl_hashes(struct scheme_contents *contents, struct image *image, struct err *err);

/*
 * A map whose hashed size is exactly 64 bytes can stand for two maps of another chain and the
 * other way round: chain has no leaf/node separation. Returns the first such map, or NULL.
 */
const struct image_map *scheme_ambiguous_map(const struct image *image);

#endif /* SCHEME_H */
