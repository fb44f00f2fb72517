/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - print results as text or JSON, write the statements of a record, and print messages.
 *
 * Nothing else writes to stdout, except argp's --help and --version, or to stderr, except argp's
 * usage errors. The results and messages of one input are collected in a part. report_join() writes
 * them, so output has the order in which parts are joined.
 *
 * Does: lay out and escape text. Does not: decide anything.
 *
 * Threads: several may fill different parts; only one uses the output.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "advice.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli.h"
#include "compare.h"
#include "image/image.h"
#include "input.h"
#include "judge.h"
#include "kverify/kverify.h"
#include "listing.h"
#include "loader/loader.h"
#include "object/object.h"
#include "prepare.h"
#include "scheme.h"
#include "sign.h"
#include "signers.h"
#include "trust.h"
#include "twostep.h"

/* "version" of the JSON documents: increased when a member is removed or changes its meaning. */
#define REPORT_JSON_VERSION 2

/* When words have colors. */
enum report_color {
	REPORT_COLOR_AUTO, /* on a terminal, unless NO_COLOR is set or it is a dumb one */
	REPORT_COLOR_ALWAYS,
	REPORT_COLOR_NEVER,
};

/* The form of output, from the options. */
struct report_form {
	enum report_color color;
	bool as_json;
	bool lines; /* with AS_JSON: one line for each result */
	bool quiet; /* print warnings and errors only */
	bool verbose;
	bool colored, colored_messages; /* set by report_begin(): on stdout, on stderr */
};

/* The results and messages of one input. */
struct report_part {
	struct report_form form;
	struct buf text;     /* for stdout */
	struct buf messages; /* for stderr */
	struct buf once;     /* for stderr: lines that are written once in a run */
	struct json json;    /* writes to TEXT */
	bool sealed;	     /* report_sealed() was called */
	bool as_is;	     /* TEXT is a document, whose lines are not broken */
};

/* The result of an input. */
enum report_outcome {
	REPORT_DONE, /* signed, accepted, listed and so on */
	REPORT_REJECTED,
	REPORT_UNSIGNED,
	REPORT_FAILED,	/* an error, or no answer */
	REPORT_SKIPPED, /* the run ended before it */
	REPORT_OUTCOME_NR,
};

/* How many inputs have each outcome. */
struct report_counts {
	const char *const
		*outcome_names; /* REPORT_OUTCOME_NR names; NULL: no input can have that outcome */
	size_t inputs[REPORT_OUTCOME_NR];
	bool searched; /* folders were searched; PASSED_OVER files in them are not inputs */
	size_t ignored;
	size_t programs; /* and as many programs have no signed image */
};

/* The output of a run. */
struct report_output {
	struct report_part run; /* results and messages that belong to no input */
	struct report_counts counts;
	struct buf reported_once; /* the lines of all parts' ONCE */
	char *failure;		  /* for JSON: the text of the first report_failure(); owned */
	int error;		  /* the errno of the first failure to write; 0: none */
	size_t columns, message_columns; /* of the terminals of stdout and stderr; 0: none */
	long long
		shown; /* when the progress line was printed, in milliseconds; 0: it is not there */
};

/* --- the output --- */

/*
 * Initialize *ret. OUTCOME_NAMES must stay valid until report_end(); NULL is the name of an outcome
 * that no input can have.
 */
void report_begin(const struct report_form *form,
		  const char *const outcome_names[REPORT_OUTCOME_NR], struct report_output *ret);

/*
 * Write what is left, in JSON with the summary, and free OUTPUT's memory. Returns STATUS, or
 * CLI_UNKNOWN if something could not be written to stdout.
 */
enum cli_status report_end(struct report_output *output, enum cli_status status);

/* Write OUTPUT's own text and messages, then PART's, and count OUTCOME. PART is empty afterwards.
 */
void report_join(struct report_output *output, struct report_part *part,
		 enum report_outcome outcome);

/* Report an error of the whole run. In JSON, the first one is the document's "error". */
void report_failure(struct report_output *output, const struct err *err);

/* Count the input FILE as skipped, and in JSON add an entry for it. */
void report_skipped(struct report_output *output, const char *file);

/*
 * Report that FILE, found in a folder, is not an input because it is WHAT: as a warning if that
 * MATTERS, otherwise as a line of text or an entry in JSON. It is not counted here.
 */
void report_ignored(struct report_output *output, const char *file, const char *what, bool matters);

/*
 * Report that folders were searched, and how many files in them are not inputs: IGNORED ones, and
 * PROGRAMS without a signed image.
 */
void report_searched(struct report_output *output, size_t ignored, size_t programs);

/* Unless in JSON: print notes about all inputs and, if COUNTED, "3 signed, 1 failed". */
void report_summary(struct report_output *output, bool counted);

/* On a terminal, show in a temporary line that DONE of NR inputs are finished. */
void report_progress(struct report_output *output, size_t done, size_t nr);

/* --- a part --- */

/* Initialize *ret, a part of OUTPUT, to be freed by report_part_free(). */
void report_part_begin(const struct report_output *output, struct report_part *ret);
void report_part_free(struct report_part *part);

/* Remove PART's text for stdout. Its messages stay. */
void report_part_drop(struct report_part *part);

/* Write DOCUMENT to stdout as it is. It is empty afterwards. */
void report_document(struct report_part *part, struct buf *document);

/* Print "bpf-chainsign: FILE[:LINE]: text" to stderr, and in JSON add an entry for FILE. */
void report_error(struct report_part *part, const char *file, const struct err *err);

/* Print "bpf-chainsign: warning: [FILE: ]text" to stderr. */
void report_warning(struct report_part *part, const char *file, const char *text);

/* The same, but only once for all parts of an output. */
void report_warning_once(struct report_part *part, const char *file, const char *text);

/* Print "bpf-chainsign: warning: FILE: [id] what; remedy" to stderr; a note as "note", unless
 * quiet. */
void report_finding(struct report_part *part, const char *file,
		    const struct loader_finding *finding);

/* --- sign --- */

/* Advice about a certificate or a signature. */
struct report_advice {
	const char *cert; /* the certificate's file; NULL: none; borrowed */
	struct advice advice;
};

/* Print "bpf-chainsign: warning: CERT or FILE: [id] what; remedy" to stderr. */
void report_advise(struct report_part *part, const char *file, const struct report_advice *advice);

/* Report the SIGNATURES that the signers of SIGN made, and in JSON the advice. */
void report_signed(struct report_part *part, const char *file, const char *output,
		   const struct sign *sign, const struct sign_signature *signatures, size_t nr,
		   const struct report_advice *advice, size_t nr_advice);

/* Print a note after all results: the loading program can no longer set values and sizes. */
void report_sealed(struct report_part *part);

/* Report that the key KEY, a file or a URI, signs for SIGNER's certificate. */
void report_key(struct report_part *part, const char *key, const struct key_signer *signer);

/*
 * Report that the signatures of SCHEMES were removed. WAS_SIGNED without any of them: the header
 * did not name the scheme of its signature.
 */
void report_stripped(struct report_part *part, const char *file, const char *output,
		     bool was_signed, scheme_set schemes);

/* Report that OUTPUT was written for FILE without a signature. */
void report_unsigned(struct report_part *part, const char *file, const char *output);

/* Report what was WRITTEN to the folder DIR for FILE, whose signed header will be NAME. */
void report_requested(struct report_part *part, const char *file, const char *dir, const char *name,
		      const struct twostep_written *written);

/* Print how to continue, after the last request. */
void report_requests_end(struct report_part *part, const char *dir);

/* --- verify --- */

/* Findings in a loader and in the text of its header. */
struct report_findings {
	struct loader_finding list[LOADER_FINDING_NR];
	size_t nr;
};

/* The verdict on one input and the reasons for it; borrowed. */
struct report_judged {
	enum report_outcome outcome;
	const struct judge_rows *rows;
	const struct report_findings *findings;
	const struct err *why; /* why it is not accepted, apart from ROWS; NULL: no other reason */
};

/* Print WHY to stderr, as report_error() does, and the rest to stdout. */
void report_judged(struct report_part *part, const char *file, const struct report_judged *judged);

/* "accepted", "rejected", "unsigned", "could not tell", "skipped". */
extern const char *const report_verdict_names[REPORT_OUTCOME_NR];

/* --- chain --- */

/* Report the CHAIN of IMAGE, and the signatures in FILE. */
void report_chain(struct report_part *part, const char *file, const struct image *image,
		  const struct scheme_chain *chain, const struct signers *signers);

/* --- inspect --- */

void report_listing(struct report_part *part, const char *file, const struct listing *listing);

/* Report that FILE differs from OLD as ROWS say, or that nothing changed. */
void report_comparison(struct report_part *part, const char *old, const char *file,
		       const struct compare_rows *rows);

/* --- the record: statements for --record --- */

/*
 * In-toto statements about what was signed or verified, for audit logs. There is one statement for
 * each input, in one line of JSON (docs/record.md, docs/record.schema.json). Its subjects are files
 * and the parts of the loader, by sha256. Its predicate contains the result: rejected, unsigned and
 * undecided inputs are recorded as such. Statements are not signed.
 */

/* The size of "2026-11-22T12:00:00Z" with its NUL; years have four digits. */
#define REPORT_RECORD_TIME_SIZE 24

/* What all statements of a run share; texts are borrowed. */
struct report_record {
	char time[REPORT_RECORD_TIME_SIZE]; /* from SOURCE_DATE_EPOCH; "": no time is recorded */
	/* verification: */
	const struct trust *trust;
	const char *config; /* the file of --kernel-config; NULL: none */
	const uint8_t *config_sha256;
};

/* Initialize *ret with the time. -EINVAL: SOURCE_DATE_EPOCH is set, but is not a valid time. */
int report_record_begin(struct report_record *ret, struct err *err);

/* A file: its name as given, and its digest. */
struct report_record_file {
	const char *name;
	struct input_digest digest;
};

/* The signatures that were made or attached for one input. */
struct report_record_signing {
	struct report_record_file input;
	struct report_record_file
		output; /* the skeleton; NULL: detached signatures, see SIGNATURES */
	const struct image *image;
	const struct prepare_result *prepared;
	const struct sign *sign;
	const struct sign_signature *signatures;
	size_t nr_signatures;
	/* what changed the loader that the object alone would give: */
	const char *name; /* of --name; NULL: none */
	const struct object_choice *choice;
	const struct prepare_options *preparation;
	struct report_record_file values, kconfig; /* without a name: none */
};

/*
 * Append the statement about a signing to LINES. -ENOTSUP: OpenSSL does not support sha256;
 * -ENOMEM.
 */
int report_record_signing(const struct report_record *record,
			  const struct report_record_signing *signing, struct buf *lines,
			  struct err *err);

/* The result for one input. */
struct report_record_verification {
	struct report_record_file input;
	const struct image *image; /* NULL: the input could not be read */
	enum report_outcome outcome;
	const char *reason; /* a reason that is not in the rows; NULL: none */
	const struct judge_rows *rows;
	const struct report_findings *findings; /* or NULL */
};

/*
 * Append the statement about a verification to LINES. An input whose bytes could not be read has no
 * digest, and so no statement. Errors as report_record_signing().
 */
int report_record_verification(const struct report_record *record,
			       const struct report_record_verification *verification,
			       struct buf *lines, struct err *err);

#endif /* REPORT_H */
