/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.h - in-toto statements about what was signed or verified, for audit logs.
 *
 * There is one statement for each input, in one line of JSON (docs/record.md,
 * docs/record.schema.json). Its subjects are files and the parts of the loader, by sha256. Its
 * predicate contains the result: rejected, unsigned and undecided inputs are recorded as such.
 *
 * Does: write the text of statements. Does not: decide anything, sign statements, or write files.
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

/* The size of "2026-11-22T12:00:00Z" with its NUL; years have four digits. */
#define RECORD_TIME_SIZE 24

/* What all statements of a run share; texts are borrowed. */
struct record {
	char time[RECORD_TIME_SIZE]; /* from SOURCE_DATE_EPOCH; "": no time is recorded */
	/* verification: */
	const struct trust *trust;
	const char *config; /* the file of --kernel-config; NULL: none */
	const uint8_t *config_sha256;
};

/* Initialize *ret with the time. -EINVAL: SOURCE_DATE_EPOCH is set, but is not a valid time. */
int record_begin(struct record *ret, struct err *err);

/* A file: its name as given, and its digest. */
struct record_file {
	const char *name;
	struct input_digest digest;
};

/* The signatures that were made or attached for one input. */
struct record_signing {
	struct record_file input;
	struct record_file output; /* the skeleton; NULL: detached signatures, see MADE */
	const struct image *image;
	const struct prepare_result *prepared;
	const struct sign *sign;
	const struct sign_made *made;
	size_t nr_made;
};

/*
 * Append the statement about a signing to LINES. -ENOTSUP: OpenSSL does not support sha256;
 * -ENOMEM.
 */
int record_signing(const struct record *record, const struct record_signing *signing,
		   struct buf *lines, struct err *err);

/* The result for one input. */
struct record_verification {
	struct record_file input;
	const struct image *image; /* NULL: the input could not be read */
	enum report_outcome outcome;
	const char *reason; /* a reason that is not in the rows; NULL: none */
	const struct judge_rows *rows;
	const struct report_findings *findings; /* or NULL */
};

/*
 * Append the statement about a verification to LINES. An input whose bytes could not be read has no
 * digest, and so no statement. Errors as record_signing().
 */
int record_verification(const struct record *record, const struct record_verification *verification,
			struct buf *lines, struct err *err);

#endif /* RECORD_H */
