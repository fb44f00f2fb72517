/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_batch.h - process a command's inputs, with several threads if the command allows it.
 *
 * Does: find inputs in folders; give each input a separate report and stage; join these in the
 * order of the inputs; stop after failures; count; return the worst status.
 * Does not: handle an input (the command does).
 */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/stage.h"
#include "cli.h"
#include "cmd_shared.h"
#include "output.h"
#include "report/report.h"

/* The options of commands that accept folders and many files. */
struct batch_options {
	bool recursive;
	bool keep_going, fail_fast;
	const char *record;	   /* a file, or NULL */
	unsigned int workers;	   /* 0: the default */
	bool objects;		   /* the command accepts objects */
	enum output_format format; /* what it makes of them */
	bool writes; /* the command writes next to inputs or replaces them, so links are not
			followed */
	struct {
		char **list;
		size_t nr;
		size_t links, links_end; /* the range of those that are symbolic links */
	} found;			 /* names allocated by batch_find() */
	struct {
		struct batch_passed *list;
		size_t nr;    /* how many are in LIST */
		size_t count; /* how many there are, but for programs */
		size_t programs;
	} passed; /* files that are not inputs, and programs without a signed image */
};

/* A file in a folder that is not an input. */
struct batch_passed {
	char *file;
	const char *what;
	bool matters; /* it is reported even without --verbose */
};

/* A child parser for a command's argp; its input is a struct batch_options. */
extern const struct argp batch_argp;

/* Whether the command line may name more than one input. */
bool batch_is_many(const struct batch_options *options, const struct shared_options *shared);

/*
 * With --recursive, replace each folder among SHARED's files by the inputs in it, at any depth:
 * files that could be light skeletons (skim.h) and, with OPTIONS->objects, BPF objects, but not a
 * header that is the output of such an object; with SHARED->programs, programs with signed images.
 * A file with the name of an input (.lskel.h, .bpf.o) is always one. Other files are ignored and
 * counted. Errors are left among the files, to be reported in order: what cannot be read, and a
 * folder without inputs. Without OPTIONS->writes, a symbolic link to a file that is not an input by
 * another name becomes an input, after all others; a link to a folder that is not searched, a
 * dangling link, a pipe or a device becomes an error. With OPTIONS->writes all these are ignored
 * and reported. -E2BIG, -ENAMETOOLONG, -ENOMEM; the message names the folder. batch_end() frees
 * what SHARED borrows after this.
 */
int batch_find(struct batch_options *options, struct shared_options *shared, struct err *err);
void batch_end(struct batch_options *options);

/* The processing of one input. */
struct batch_job {
	int i;			   /* for shared_read() */
	const char *file;	   /* its name in reports */
	struct report_part report; /* its results and messages */
	struct buf record;	   /* lines for the file of --record */
	struct stage stage; /* its output files, moved to their places when all inputs before it are
			       done */
	enum report_outcome outcome; /* REPORT_DONE by default */
};

/*
 * Process an input, in any thread. It must not change what other jobs read of ARG, except under a
 * lock. If it fails, the error is reported with the name of the input instead of the job's results,
 * none of its files is moved to its place, and its outcome is REPORT_FAILED.
 */
typedef int (*batch_work)(void *arg, struct batch_job *job, struct err *err);

struct batch {
	const struct shared_options *shared;
	const struct batch_options *options; /* NULL: one input after the other, without stopping */
	bool serial;			     /* inputs are also processed in order, one at a time */
	bool stop; /* the default: stop at the first input whose outcome is not REPORT_DONE */
	/* Protect, with places_keep(), the files that are read besides the inputs. NULL: none. */
	int (*keep)(void *arg, struct places *places, struct err *err);
	/*
	 * Check the file of --record. -EEXIST: RECORD would replace an output of input I, or a file
	 * that is read for it. NULL: no such files.
	 */
	int (*spare)(void *arg, int i, const struct file_new *record, struct err *err);
	bool judges; /* an input that fails also has a verdict */
	bool counts; /* for several inputs, the last line of text counts the outcomes */
	struct report_output *report;
	batch_work work;
	void *arg;
};

/*
 * Process all inputs, join the reports, and return the worst status. Files and reports do not
 * depend on the number of threads. The statements of all jobs are written to the record, even if
 * other jobs failed.
 */
enum cli_status batch_run(const struct batch *batch);

#endif /* CMD_BATCH_H */
