/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - what was signed, and what was verified, for an audit log: in-toto statements.
 *
 * One statement for each input, each a line of JSON (docs/record.md, docs/record.schema.json). Its
 * subjects are files and the parts of the loader, by sha256. Its predicate says what was found and
 * nothing more: an input that is rejected or unsigned, or could not be told, is recorded as that.
 *
 * Does: the text of statements. Does not: decide anything, sign statements, or write files.
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "image.h"
#include "input.h"
#include "prepare.h"
#include "report/report.h"
#include "sign.h"
#include "trust.h"

/* "2026-11-22T12:00:00Z"; years of more digits do not happen. */
#define RECORD_TIME_SIZE 24

/* What all statements of a run have in common; texts are borrowed. */
struct record {
	char time[RECORD_TIME_SIZE]; /* that of SOURCE_DATE_EPOCH; "": none is recorded */
	/* verification: */
	const struct trust *trust;
	const char *config; /* the file of --kernel-config, or NULL */
	const uint8_t *config_sha256;
};

/* Begin *ret, with the time. -EINVAL: SOURCE_DATE_EPOCH is set, and is not a time. */
int record_begin(struct record *ret, struct err *err);

/* A file as it is named, and what it holds. */
struct record_file {
	const char *name;
	struct input_digest digest;
};

/* Signatures that were made, or taken, for one input. */
struct record_signing {
	struct record_file input;
	struct record_file output; /* the skeleton; NULL: detached signatures, see MADE */
	const struct image *image;
	const struct prepare_result *prepared;
	const struct sign *sign;
	const struct sign_made *made;
	size_t nr_made;
};

/* Append the statement on a signing to LINES. -ENOTSUP: OpenSSL has no sha256; -ENOMEM. */
int record_signing(const struct record *record, const struct record_signing *signing,
		   struct buf *lines, struct err *err);

/* What became of one input. */
struct record_verification {
	struct record_file input;
	const struct image *image; /* NULL: it could not be read */
	enum report_outcome outcome;
	const char *reason; /* what the rows do not say, or NULL */
	const struct judge_rows *rows;
	const struct report_findings *findings; /* or NULL */
};

/*
 * Append the statement on a verification to LINES; nothing for an input whose bytes could not be
 * read, which a statement cannot name. Errors as record_signing().
 */
int record_verification(const struct record *record, const struct record_verification *verification,
			struct buf *lines, struct err *err);

#endif /* RECORD_H */
