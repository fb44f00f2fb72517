/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * report.h - results as text a person reads, or as one JSON document; messages on stderr.
 *
 * The only writer of stdout, apart from argp's --help and --version, and of stderr, apart from
 * argp's usage errors. What is said of an input is collected in a part, and written when the part
 * is joined to the whole: both in the order in which the parts are joined.
 *
 * Does: layout, escaping. Does not: decide anything.
 *
 * Threads: each may fill a report of its own.
 */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "cli.h"
#include "image.h"
#include "judge.h"
#include "kverify/kverify.h"
#include "lint.h"
#include "loader/loader.h"
#include "object/object.h"
#include "scheme.h"
#include "sign.h"
#include "twostep.h"

/* "version" of the JSON documents: raised when a member goes, or means something else. */
#define REPORT_JSON_VERSION 2

struct report {
	bool as_json;
	bool lines; /* with AS_JSON: each result a line of its own */
	bool quiet; /* no results; warnings and errors only */
	bool verbose;
	int error;	     /* of the first failure to write, an errno; 0: none */
	struct buf text;     /* for stdout */
	struct buf messages; /* for stderr */
	struct buf record;   /* lines of a record (record.h), for batch_run() */
	struct json json;
	bool looked_through; /* folders were: PASSED_OVER things in them are no inputs */
	size_t passed_over;
	bool summed;	 /* the summary is there */
	bool sealed;	 /* report_sealed() */
	struct buf said; /* by report_warning_once() */
	char *failure;	 /* for JSON: the first error that is not about an input; owned */
	long long shown; /* the time of the progress line, in milliseconds; 0: there is none */
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

/* Begin; the flags are set by the caller before. */
void report_begin(struct report *report);

/* Write the rest. STATUS is returned, or CLI_UNKNOWN if stdout did not take everything. */
enum cli_status report_end(struct report *report, enum cli_status status);

/*
 * Begin *ret, the part of WHOLE that is about one input. It can be filled by another thread than
 * the one that fills WHOLE.
 */
void report_part(const struct report *whole, struct report *ret);

/* Forget PART. */
void report_free(struct report *part);

/* Leave out what PART has for stdout and for a record so far; its messages stay. */
void report_drop(struct report *part);

/* Write what WHOLE holds, then what PART does, which is empty afterwards. */
void report_join(struct report *whole, struct report *part);

/* Input FILE was skipped: an entry in the JSON document. */
void report_skipped(struct report *whole, const char *file);

/*
 * FILE was found in a folder, and is WHAT and no input: a warning if that MATTERS, else an entry in
 * the JSON document or a line. How many there are is for report_summary().
 */
void report_passed_over(struct report *whole, const char *file, const char *what, bool matters);

/*
 * "3 signed, 1 failed": how many inputs there are of each outcome, which is called WORDS[OUTCOME],
 * or cannot be where that is NULL. As text only IN_TEXT; in JSON always, as the last member.
 */
void report_summary(struct report *whole, const char *const words[REPORT_OUTCOME_NR],
		    const size_t counts[REPORT_OUTCOME_NR], bool in_text);

/* A line on a terminal that comes and goes: DONE inputs of NR are finished. */
void report_progress(struct report *whole, size_t done, size_t nr);

/*
 * "bpf-chainsign: FILE[:LINE]: text" on stderr, and an entry in the JSON document. FILE may be
 * NULL: then it is the document's own "error".
 */
void report_error(struct report *report, const char *file, const struct err *err);

/* "bpf-chainsign: warning: [FILE: ]text" on stderr. */
void report_warning(struct report *report, const char *file, const char *text);

/* The same, unless a part that was joined before has said so. */
void report_warning_once(struct report *part, const char *file, const char *text);

/* What people should know about a certificate, or a signature. */
struct report_advice {
	const char *cert; /* where it was read, or NULL; borrowed */
	struct lint_advice advice;
};

/* "bpf-chainsign: warning: CERT, or FILE: [id] what; remedy" on stderr. */
void report_advise(struct report *report, const char *file, const struct report_advice *advice);

/* What was signed, by the signers of SIGN, and for JSON, what was advised. */
void report_signed(struct report *report, const char *file, const char *output,
		   const struct sign *sign, const struct sign_made *signatures, size_t nr,
		   const struct report_advice *advice, size_t nr_advice);

/* "bpf-chainsign: warning: FILE: [id] what; remedy" on stderr. */
void report_finding(struct report *report, const char *file, const struct loader_finding *finding);

/* Sealing has changed something for the program that loads: a note behind all results. */
void report_sealed(struct report *report);

/* What was taken out of a header: signatures of SCHEMES, or one that does not name its scheme. */
void report_stripped(struct report *report, const char *file, const char *output, bool was_signed,
		     scheme_set schemes);

/* What is in the folder DIR now, to be signed elsewhere for NAME, which FILE is to become. */
void report_requested(struct report *report, const char *file, const char *dir, const char *name,
		      const struct twostep_asked *asked);

/* What to do with all of it: lines below the last one's. */
void report_requests_end(struct report *report, const char *dir);

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
void report_judged(struct report *report, const char *file, const struct report_judged *judged);

/* "accepted", "rejected", "unsigned", "could not tell": the verdict on an input. */
const char *report_verdict_name(enum report_outcome outcome);

/* The entries of an array "findings" in JSON. */
void report_findings_json(struct json *json, const struct loader_finding *findings, size_t nr);

/* Whether FINDING is of what the machine that a loader was built on has left in its bytes. */
bool report_is_of_host(const struct loader_finding *finding);

/* A signature that is there, and who the message says made it. */
struct report_signer {
	const char *scheme;	   /* "not said" for a header that does not name it */
	struct kv_signers signers; /* none: the message cannot be read */
};

void report_chain(struct report *report, const char *file, const struct image *image,
		  const struct scheme_chain *chain, const struct report_signer *signers, size_t nr);

/* What a loader installs, and what was found in it. */
struct report_listing {
	const struct loader *loader;
	enum loader_check second; /* of the form for the scheme insns; NONE: no such form */
	const struct object_values *values; /* one for each map; empty: types are not known */
	struct loader_finding findings[LOADER_FINDING_NR];
	size_t nr_findings;
	const struct err *why; /* a finding is refused; NULL: none */
};

/* In report_inspect.c. */
void report_listing(struct report *report, const char *file, const struct report_listing *listing);

#endif /* REPORT_H */
