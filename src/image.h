/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * image.h - the noun all rooms share: a loader, its maps, and the signatures over both.
 *
 * Does: own the bytes.
 * Does not: parse or write any format, or know which bytes a signature covers (scheme.h does).
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* Size of one BPF instruction slot (struct bpf_insn, linux/bpf.h). */
#define IMAGE_INSN_SIZE 8

/*
 * Limits. Instructions: BPF_COMPLEXITY_LIMIT_INSNS of Linux 6.18 (include/linux/bpf.h). All
 * bytes: what a dynptr holds, hence what a 7.3 kernel can verify (kernel/bpf/helpers.c:
 * DYNPTR_MAX_SIZE). Maps: MAX_USED_MAPS (include/linux/bpf_verifier.h). Signature: larger than
 * any kernel takes, so that the verdict is still the kernel's.
 */
#define IMAGE_INSNS_MAX	    1000000
#define IMAGE_SIZE_MAX	    ((size_t)(1u << 24) - 1)
#define IMAGE_MAPS_MAX	    64
#define IMAGE_SIGNATURE_MAX ((size_t)1 << 20)

/* What a signature covers; the order is the order of reports. */
enum scheme {
	SCHEME_FOLDED, /* Linux 7.3 and later: instructions || map contents */
	SCHEME_CHAIN,  /* "BPF signature hash chains" patch set: 32-byte digest */
	SCHEME_INSNS,  /* Linux 6.18 to 7.2: instructions alone, which check their map themselves */
	SCHEME_INSNS_HASH, /* as insns, over a form that kernels without struct bpf_map.excl run */
	SCHEME_NR,
};

/* A BPF_MAP_TYPE_ARRAY with its initial contents: value_size * max_entries bytes, no padding. */
struct image_map {
	char *name;
	struct buf value;
	uint32_t value_size;
	uint32_t max_entries;
};

/*
 * A loader may have a second form for the scheme insns: instructions that check the map themselves,
 * over the same maps. Without one, that scheme is over the same instructions as the others. Beside
 * a second form that demands an exclusive map there may be a third one, which checks the hash alone
 * and has a signature of its own (insns-hash): a run-time tries it last, where the second was
 * refused, and an EACCES to the second does not tell what is wrong where there is a third.
 *
 * All of it is owned; zero-initialised is empty. A signature that is not there has size 0 and
 * data NULL; one that is there but empty has size 0 and data that is not NULL.
 */
struct image {
	struct buf insns;
	struct buf insns_checked; /* the second form; may be absent */
	struct buf insns_hash;	  /* the third form; may be absent */
	struct image_map *maps;	  /* in the order of fd_array, which is chain order */
	size_t nr_maps;
	struct buf excl_hash;	      /* the exclusive hash as the input gives it; may be absent */
	struct buf excl_hash_checked; /* the same for the second form */
	struct buf excl_hash_hash;    /* the same for the third form */
	struct buf sig[SCHEME_NR];    /* detached PKCS#7 by scheme */
	struct buf sig_unnamed;	      /* the one of a header that does not say its scheme */
};

#define _image_ _cleanup_(image_free)

void image_free(struct image *image);

/*
 * Append a map: NAME is copied, *value is taken (and left empty) on success. -EINVAL where the
 * sizes do not fit together or are zero, -E2BIG over the limits above, -ENOMEM.
 */
int image_add_map(struct image *image, const char *name, struct buf *value, uint32_t value_size,
		  uint32_t max_entries, struct err *err);

/* Set the instructions, taking *insns: a positive multiple of 8 bytes, within the limits. */
int image_set_insns(struct image *image, struct buf *insns, struct err *err);

/* Leave IMAGE without signatures of any kind. */
void image_unsign(struct image *image);

/* The instructions, and the exclusive hash as the input gives it, that belong to SCHEME. */
const struct buf *image_insns(const struct image *image, enum scheme scheme);
const struct buf *image_excl_hash(const struct image *image, enum scheme scheme);

#endif /* IMAGE_H */
