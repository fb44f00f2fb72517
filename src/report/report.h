/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - results as text a person reads, as one JSON document, or as a record; messages on
 * stderr.
 *
 * The only writer of stdout, apart from argp's --help and --version, and of stderr, apart from
 * argp's usage errors. What is said of an input is collected in a part, and written when the part
 * is joined to the output: in the order in which parts are joined.
 *
 * Does: layout, escaping. Does not: decide anything.
 *
 * Threads: each may fill parts of its own; the output is one thread's.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "advice.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli.h"
#include "image.h"
#include "input.h"
#include "judge.h"
#include "kverify/kverify.h"
#include "loader/loader.h"
#include "object/object.h"
#include "prepare.h"
#include "scheme.h"
#include "sign.h"
#include "trust.h"
#include "twostep.h"

/* "version" of the JSON documents: raised when a member goes, or means something else. */
#define REPORT_JSON_VERSION 2

/* What the options ask for. */
struct report_form {
	bool as_json;
	bool lines; /* with AS_JSON: each result a line of its own */
	bool quiet; /* no results; warnings and errors only */
	bool verbose;
};

/* What is said of one input. */
struct report_part {
	struct report_form form;
	struct buf text;     /* for stdout */
	struct buf messages; /* for stderr */
	struct buf once;     /* for stderr, each line unless a part before has had it */
	struct json json;    /* onto TEXT */
	bool sealed;	     /* report_sealed() */
};

/* What has become of an input. */
enum report_outcome {
	REPORT_DONE, /* signed, accepted, shown */
	REPORT_REJECTED,
	REPORT_UNSIGNED,
	REPORT_FAILED,	/* could not be handled, or not be told */
	REPORT_SKIPPED, /* the run ended before */
	REPORT_OUTCOME_NR,
};

/* How many inputs there are of each outcome, and what that is called. */
struct report_counts {
	const char *const
		*outcome_names; /* of REPORT_OUTCOME_NR; NULL: no input can have that outcome */
	size_t inputs[REPORT_OUTCOME_NR];
	bool searched; /* folders were, in which PASSED_OVER things are no inputs */
	size_t passed_over;
};

/* What stdout and stderr get. */
struct report_output {
	struct report_part run; /* what is said of the run, not of an input */
	struct report_counts counts;
	struct buf reported_once; /* what parts had in ONCE */
	char *failure;		  /* for JSON: the first report_failure(); owned */
	int error;		  /* of the first failure to write, an errno; 0: none */
	long long shown; /* the time of the progress line, in milliseconds; 0: there is none */
};

/* --- the output --- */

/*
 * Begin *ret, which report_end() ends. Inputs of each outcome are called OUTCOME_NAMES[OUTCOME],
 * which stays; NULL: no input can have it.
 */
void report_begin(const struct report_form *form,
		  const char *const outcome_names[REPORT_OUTCOME_NR], struct report_output *ret);

/*
 * Write the rest, in JSON with a summary of all inputs, and free what OUTPUT holds. STATUS is
 * returned, or CLI_UNKNOWN if stdout did not take everything.
 */
enum cli_status report_end(struct report_output *output, enum cli_status status);

/* Write what OUTPUT holds, then what PART does, which is empty afterwards; count its input. */
void report_join(struct report_output *output, struct report_part *part,
		 enum report_outcome outcome);

/* "bpf-chainsign: text" on stderr; in JSON the document's own "error", if it is the first. */
void report_failure(struct report_output *output, const struct err *err);

/* Input FILE was skipped: counted, and an entry in the JSON document. */
void report_skipped(struct report_output *output, const char *file);

/*
 * FILE was found in a folder, and is WHAT and no input: a warning if that MATTERS, else an entry in
 * the JSON document or a line.
 */
void report_passed_over(struct report_output *output, const char *file, const char *what,
			bool matters);

/* Folders were searched, and NR things in them passed over. */
void report_searched(struct report_output *output, size_t nr);

/* As text, what follows for all inputs, and if they are COUNTED, "3 signed, 1 failed". */
void report_summary(struct report_output *output, bool counted);

/* A line on a terminal that comes and goes: DONE inputs of NR are finished. */
void report_progress(struct report_output *output, size_t done, size_t nr);

/* --- a part --- */

/* Begin *ret, a part of OUTPUT; report_part_free() forgets it. */
void report_part_begin(const struct report_output *output, struct report_part *ret);
void report_part_free(struct report_part *part);

/* Leave out what PART has for stdout so far; its messages stay. */
void report_part_drop(struct report_part *part);

/* DOCUMENT, which is taken, goes to stdout as it is. */
void report_document(struct report_part *part, struct buf *document);

/* "bpf-chainsign: FILE[:LINE]: text" on stderr, and an entry in the JSON document. */
void report_error(struct report_part *part, const char *file, const struct err *err);

/* "bpf-chainsign: warning: [FILE: ]text" on stderr. */
void report_warning(struct report_part *part, const char *file, const char *text);

/* The same, unless a part that was joined before has said so. */
void report_warning_once(struct report_part *part, const char *file, const char *text);

/* "bpf-chainsign: warning: FILE: [id] what; remedy" on stderr. */
void report_finding(struct report_part *part, const char *file,
		    const struct loader_finding *finding);

/* --- sign --- */

/* What people should know about a certificate, or a signature. */
struct report_advice {
	const char *cert; /* where it was read, or NULL; borrowed */
	struct advice advice;
};

/* "bpf-chainsign: warning: CERT, or FILE: [id] what; remedy" on stderr. */
void report_advise(struct report_part *part, const char *file, const struct report_advice *advice);

/* What was signed, by the signers of SIGN, and for JSON, what was advised. */
void report_signed(struct report_part *part, const char *file, const char *output,
		   const struct sign *sign, const struct sign_signature *signatures, size_t nr,
		   const struct report_advice *advice, size_t nr_advice);

/* Sealing has changed something for the program that loads: a note behind all results. */
void report_sealed(struct report_part *part);

/* What was taken out of a header: signatures of SCHEMES, or one that does not name its scheme. */
void report_stripped(struct report_part *part, const char *file, const char *output,
		     bool was_signed, scheme_set schemes);

/* What is in the folder DIR now, to be signed elsewhere for NAME, which FILE is to become. */
void report_requested(struct report_part *part, const char *file, const char *dir, const char *name,
		      const struct twostep_written *written);

/* What to do with all of it: lines below the last one's. */
void report_requests_end(struct report_part *part, const char *dir);

/* --- verify --- */

/* What is to be known of a loader and the text around it, beside the rows. */
struct report_findings {
	struct loader_finding list[LOADER_FINDING_NR];
	size_t nr;
};

/* The verdict on one input, and what it follows from. All of it is borrowed. */
struct report_judged {
	enum report_outcome outcome;
	const struct judge_rows *rows;
	const struct report_findings *findings;
	const struct err *why; /* what is against it beside the rows; NULL: nothing */
};

/* WHY goes to stderr as report_error() says it, the rest to stdout. */
void report_judged(struct report_part *part, const char *file, const struct report_judged *judged);

/* "accepted", "rejected", "unsigned", "could not tell", "not looked at": verdicts on inputs. */
extern const char *const report_verdict_names[REPORT_OUTCOME_NR];

/* --- chain --- */

/* A signature that is there, and who the message says made it. */
struct report_signer {
	const char *scheme;	   /* "not said" for a header that does not name it */
	struct kv_signers signers; /* none: the message cannot be read */
};

/* CHAIN is IMAGE's; the NR signers are those of its signatures. */
void report_chain(struct report_part *part, const char *file, const struct image *image,
		  const struct scheme_chain *chain, const struct report_signer *signers, size_t nr);

/* --- inspect --- */

/* What a loader installs, and what was found in it. */
struct report_listing {
	const struct loader *loader;
	enum loader_check second; /* of the form for the scheme insns; NONE: no such form */
	const struct object_values *values; /* one for each map; empty: types are not known */
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr_findings;
	const struct err *text_why; /* the first difference of a header's text; NULL: none */
	const struct err *why;	    /* a finding is refused; NULL: none */
};

void report_listing(struct report_part *part, const char *file,
		    const struct report_listing *listing);

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
