/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * image.h - the image: a loader, its maps, and the signatures over both. All rooms use it. And the
 * signed image, a file that has all of it with the names of maps and programs (docs/image.md).
 *
 * Does: own the bytes; read and write the file's format.
 * Does not: know other formats, compare names with the loader (header.h does), or know which bytes
 * a signature covers (scheme.h does).
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "skel.h"

/* Size of one BPF instruction slot (struct bpf_insn, linux/bpf.h). */
#define IMAGE_INSN_SIZE 8

/*
 * Limits. Instructions: BPF_COMPLEXITY_LIMIT_INSNS of Linux 6.18 (include/linux/bpf.h). All bytes:
 * the size of a dynptr, which limits what a 7.3 kernel can verify (kernel/bpf/helpers.c:
 * DYNPTR_MAX_SIZE). Maps: MAX_USED_MAPS (include/linux/bpf_verifier.h). Signature: larger than any
 * kernel accepts, so that too large a signature still gets the kernel's verdict.
 */
#define IMAGE_INSNS_MAX	    1000000
#define IMAGE_SIZE_MAX	    ((size_t)(1u << 24) - 1)
#define IMAGE_MAPS_MAX	    64
#define IMAGE_SIGNATURE_MAX ((size_t)1 << 20)

/* The schemes, by what a signature covers; in the order of output. */
enum scheme {
	SCHEME_FOLDED, /* Linux 7.3 and later: instructions || map contents */
	SCHEME_CHAIN,  /* "BPF signature hash chains" patch set: 32-byte digest */
	SCHEME_INSNS,  /* Linux 6.18 to 7.2: instructions alone, which check their map themselves */
	SCHEME_INSNS_HASH, /* as insns, but with a form for kernels without struct bpf_map.excl */
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
 * A loader has a first form and may have two more, with the same maps. The checked form is for the
 * scheme insns: its instructions check the map's hash and exclusivity themselves. Without one,
 * insns signs the first form. The hash-only form checks only the hash and has a separate signature
 * (insns-hash); the run-time part tries it last, after the checked form was refused.
 *
 * An image owns all that it contains; zero-initialized, it is empty. An absent signature has size 0
 * and data NULL; an empty one has size 0 and data that is not NULL.
 */
struct image {
	struct buf insns;
	struct buf insns_checked; /* the checked form; may be absent */
	struct buf insns_hash;	  /* the hash-only form; may be absent */
	struct image_map *maps;	  /* in the order of fd_array, which is the order of the chain */
	size_t nr_maps;
	struct buf excl_hash; /* the first form's exclusive hash in the input; may be absent */
	struct buf excl_hash_checked; /* the same for the checked form */
	struct buf excl_hash_hash;    /* the same for the hash-only form */
	struct buf sig[SCHEME_NR];    /* detached PKCS#7 by scheme */
	struct buf sig_unnamed;	      /* the signature of a header that does not say its scheme */
};

#define _image_ _cleanup_(image_free)

void image_free(struct image *image);

/*
 * Append a map: NAME is copied; *value is taken over, and left empty, on success. -EINVAL: the
 * sizes do not match or are zero; -E2BIG: more than the limits above; -ENOMEM.
 */
int image_add_map(struct image *image, const char *name, struct buf *value, uint32_t value_size,
		  uint32_t max_entries, struct err *err);

/* Set the instructions, taking *insns: a positive multiple of 8 bytes, within the limits. */
int image_set_insns(struct image *image, struct buf *insns, struct err *err);

/* Remove all signatures from IMAGE. */
void image_unsign(struct image *image);

/* The instructions of SCHEME, and their exclusive hash in the input. */
const struct buf *image_insns(const struct image *image, enum scheme scheme);
const struct buf *image_excl_hash(const struct image *image, enum scheme scheme);

/* --- the signed image --- */

/* The parts of an image that are bytes of IMAGE; a signature is IMAGE_PART_SIG and its scheme. */
enum image_part {
	IMAGE_PART_DATA,
	IMAGE_PART_INSNS,
	IMAGE_PART_INSNS_CHECKED,
	IMAGE_PART_INSNS_HASH,
	IMAGE_PART_SIG,
	IMAGE_PART_NR = IMAGE_PART_SIG + SCHEME_NR,
};

/* Owns all that it contains. Zero-initialized, it is empty. */
struct image_file {
	struct image image; /* one map, "__loader.map"; no exclusive hashes */
	struct skel skel;   /* values of sections are zeros, of the right size; no variables */
	bool big;	    /* its byte order */
	bool has_unknown;   /* records that may be passed over were */
	size_t size;	    /* in bytes */
	/* Where each part begins in the bytes; 0: absent. */
	size_t at[IMAGE_PART_NR];
};

#define _image_file_ _cleanup_(image_file_free)

void image_file_free(struct image_file *file);

/* Whether BYTES begin like a signed image. */
bool image_file_is(struct view bytes);

/*
 * Write IMAGE, with its signatures but for sig_unnamed, and the names of SKEL. BIG: the loader's
 * byte order. AT: where each part begins, as in struct image_file; or NULL. -EBADMSG: something has
 * no place in the format (a name that is too long); -ENOMEM.
 */
int image_file_write(const struct image *image, const struct skel *skel, bool big, struct buf *ret,
		     size_t at[IMAGE_PART_NR], struct err *err);

/*
 * Read the image at the start of BYTES, which may have more bytes after it. -EBADMSG, with the
 * offset: it is not exactly as docs/image.md says; -E2BIG, -EINVAL: as image_set_insns(); -ENOMEM.
 */
int image_file_parse(struct view bytes, struct image_file *ret, struct err *err);

/* What an image says at its beginning; NAME is in its bytes, without the NUL. */
struct image_file_head {
	size_t size; /* of the whole image, in bytes */
	struct view name;
};

/* The most bytes up to the end of the name. */
#define IMAGE_FILE_HEAD_SIZE 88

/*
 * Read the head of an image, up to its name, of which BYTES are the first IMAGE_FILE_HEAD_SIZE or
 * more. ROOM: how many bytes there are for the whole image. What comes after the name is not read.
 * -EBADMSG, with the offset: it is not the head of an image that fits.
 */
int image_file_head(struct view bytes, uint64_t room, struct image_file_head *ret, struct err *err);

#endif /* IMAGE_H */
