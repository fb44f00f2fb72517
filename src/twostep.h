/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * twostep.h - signing in two steps: a folder with the bytes to be signed, to which the signatures
 * are added.
 *
 * For each input the folder contains these files, NAME being the base name of its skeleton
 * (x.lskel.h):
 *
 *   NAME.json            the manifest: digests of the image and of the bytes to be signed
 *   NAME.SCHEME.content  the bytes to be signed
 *   NAME.SCHEME.digest   their digest, raw
 *   NAME.SCHEME.attrs    for a key that signs attributes (ML-DSA): the bytes to be signed instead
 *   NAME.SCHEME.p7s      added by the signer: a finished message (CMS, in DER or PEM),
 *   NAME.SCHEME.sig      or the raw signature of one key,
 *   NAME.SCHEME.N.sig    or those of several keys, N being 1, 2, ... in the order of certificates
 *
 * A manifest is not parsed, but made again and compared. So it contains nothing that depends on
 * when, where or by whom it was made.
 *
 * Does: define the names and contents of these files. Does not: verify (sign.h does), or write
 * skeletons.
 */
#ifndef TWOSTEP_H
#define TWOSTEP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/folder.h"
#include "hash.h"
#include "image/image.h"
#include "scheme.h"

/* What to sign of one input; all borrowed. */
struct twostep {
	const char *name;   /* see above */
	const char *object; /* the object's name in its skeleton; NULL for raw input */
	struct scheme_contents *contents; /* borrowed */
	scheme_set schemes;
	enum hash_alg hash;
};

/* What was written for each scheme. */
struct twostep_written {
	scheme_set schemes;
	enum hash_alg hash;
	struct {
		size_t size; /* of the content */
		uint8_t digest[HASH_SIZE_MAX];
		bool attrs; /* attributes are to be signed instead of the content */
	} of[SCHEME_NR];
};

/*
 * Write the files of STEP into FOLDER. CERT is the certificate (DER) of a signer whose key signs
 * attributes, or {NULL, 0}. -EEXIST: FOLDER already has files of this NAME; else as
 * scheme_content(), cms_to_be_signed() and folder_add().
 */
int twostep_request(const struct twostep *step, struct view cert, struct folder *folder,
		    struct twostep_written *ret, struct err *err);

/* The files for one NAME in a folder. */
struct twostep_found {
	bool manifest;
	scheme_set messages;   /* schemes with a .p7s */
	scheme_set signatures; /* schemes with a .sig, or a .1.sig */
};

/*
 * Find the files for NAME in DIR. -EEXIST: more than one of .p7s, .sig and .1.sig for one scheme;
 * else as folder_has(). Messages name the file.
 */
int twostep_find(const char *dir, const char *name, struct twostep_found *ret, struct err *err);

/*
 * Compare the manifest in DIR with that of STEP. -ESTALE: they differ, and the message names the
 * first member that does; else as scheme_content() and file_read(), with the file's name.
 */
int twostep_compare(const struct twostep *step, const char *dir, struct err *err);

/*
 * Read the message for SCHEME in DIR as DER. It is not verified. Errors as file_read() and
 * cms_decode(), without the file's name.
 */
int twostep_message(const struct twostep *step, const char *dir, enum scheme scheme,
		    struct buf *ret, struct err *err);

/*
 * Build the message for SCHEME from the raw signatures in DIR of the NR keys of CERTS (DER), which
 * are not verified. Errors as file_read() and cms_assemble(); messages name one of several files by
 * "N.sig".
 */
int twostep_assemble(const struct twostep *step, const char *dir, enum scheme scheme,
		     const struct view *certs, size_t nr, struct buf *ret, struct err *err);

/* DIR/NAME.SCHEME.SUFFIX, or DIR/NAME.SUFFIX for SCHEME_NR. Owned; NULL: no memory. */
char *twostep_file(const char *dir, const char *name, enum scheme scheme, const char *suffix);

#endif /* TWOSTEP_H */
