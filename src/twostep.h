/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * twostep.h - signing in two steps: a folder with what is to be signed, and the signatures that
 * come back into it.
 *
 * Of each input, NAME being the base name of its skeleton (x.lskel.h), the folder holds
 *
 *   NAME.json            the manifest: what is to be signed, in digests
 *   NAME.SCHEME.content  the bytes to be signed
 *   NAME.SCHEME.digest   their digest, raw
 *   NAME.SCHEME.attrs    for a certificate whose key signs attributes (ML-DSA): these bytes are
 *                        to be signed instead
 *   NAME.SCHEME.p7s      what comes back: a finished message (CMS, in DER or PEM),
 *   NAME.SCHEME.sig      or the raw signature of one key
 *
 * A manifest is not read: it is made again and compared. So it says nothing that depends on when,
 * where or by whom it was made.
 *
 * Does: the names and contents of these files. Does not: verify (sign.h), or write skeletons.
 */
#ifndef TWOSTEP_H
#define TWOSTEP_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/folder.h"
#include "hash.h"
#include "image.h"
#include "scheme.h"

/* What is to be signed, of one input; borrowed. */
struct twostep {
	const char *name;   /* see above */
	const char *object; /* the object's name in its skeleton; NULL: raw parts have none */
	struct scheme_contents *contents; /* borrowed */
	scheme_set schemes;
	enum hash_alg hash;
};

/* What was asked for, by scheme. */
struct twostep_asked {
	scheme_set schemes;
	enum hash_alg hash;
	struct {
		size_t size; /* of the content */
		uint8_t digest[HASH_SIZE_MAX];
		bool attrs; /* attributes are to be signed */
	} of[SCHEME_NR];
};

/*
 * Add the request to FOLDER. CERT is the certificate (DER) of a signer whose key signs attributes,
 * or {NULL, 0}. -EEXIST: FOLDER has one of that name; else as scheme_content(), cms_to_be_signed()
 * and folder_add().
 */
int twostep_request(const struct twostep *step, struct view cert, struct folder *folder,
		    struct twostep_asked *ret, struct err *err);

/* What the folder DIR holds for a NAME. */
struct twostep_found {
	bool manifest;
	scheme_set messages;   /* schemes with a .p7s */
	scheme_set signatures; /* schemes with a .sig */
};

/* -EEXIST: both for one scheme; else as folder_has(). Messages name the file. */
int twostep_find(const char *dir, const char *name, struct twostep_found *ret, struct err *err);

/*
 * Compare the manifest in DIR with the one that STEP gives. -ESTALE: they differ, the message names
 * the first member that does; else as scheme_content() and file_read(), with the file's name.
 */
int twostep_compare(const struct twostep *step, const char *dir, struct err *err);

/*
 * The signature in FILE for SCHEME, as the message that a kernel takes, into *ret: as it came, or,
 * IS_RAW, put together with CERT (DER). It is not verified. Errors as file_read(), cms_decode() and
 * cms_assemble().
 */
int twostep_answer(const struct twostep *step, const char *file, bool is_raw, enum scheme scheme,
		   struct view cert, struct buf *ret, struct err *err);

/* DIR/NAME.SCHEME.SUFFIX, or DIR/NAME.SUFFIX for SCHEME_NR. Owned; NULL: no memory. */
char *twostep_file(const char *dir, const char *name, enum scheme scheme, const char *suffix);

#endif /* TWOSTEP_H */
