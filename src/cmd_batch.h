/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_batch.h - the walk over a command's inputs, by several threads where the command allows it.
 *
 * Does: find inputs in folders; give each input a report and outputs of its own; put these
 * together in the order of the inputs; stop, count, find the worst status.
 * Does not: know what a command does with an input.
 */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "base/stage.h"
#include "cli.h"
#include "cmd_shared.h"
#include "report/report.h"

/* The options of commands that take folders and many files. */
struct batch_options {
	bool recursive;
	bool keep_going, fail_fast;
	const char *record;   /* a file, or NULL */
	unsigned int workers; /* 0: not given */
	bool objects;	      /* of the command: batch_find() takes them */
	bool writes; /* of the command: beside inputs, or in their places; no links are followed */
	struct {
		char **list;
		size_t nr;
		size_t links, links_end; /* those from and up to which are symbolic links */
	} found;			 /* names that batch_find() has made */
	struct {
		struct batch_passed *list;
		size_t nr;    /* of those that are named */
		size_t count; /* of all */
	} passed;	      /* what it has found and does not take */
};

/* Something in a folder that is no input. */
struct batch_passed {
	char *file;
	const char *what;
	bool matters; /* it is named without --verbose, too */
};

/* To be a child of a command's argp; its input is a struct batch_options. */
extern const struct argp batch_argp;

/* Whether the command line can mean more than one input. */
bool batch_is_many(const struct batch_options *options, const struct shared_options *shared);

/*
 * Replace each folder among SHARED's files by the inputs below it, if --recursive says so: headers
 * that could be light skeletons (skim.h) and, with OPTIONS->objects, BPF objects; then the header
 * that an object would be made into is passed over. Whatever has the name of one (.lskel.h, .bpf.o)
 * is one. A symbolic link to a file is an input, behind all others, if the file is not; a link to a
 * folder that is not looked through is one, and is refused. Unless OPTIONS->writes: then links to
 * such things are passed over, and matter. What cannot be read stays, and so does a folder in which
 * nothing is, and a link that leads nowhere, a pipe or a device: an error when it is its turn, but
 * the last three are passed over, and matter, with OPTIONS->writes. Everything else is passed over,
 * and counted. -E2BIG, -ENAMETOOLONG, -ENOMEM; the message names the folder. What SHARED then
 * borrows is freed by batch_end().
 */
int batch_find(struct batch_options *options, struct shared_options *shared, struct err *err);
void batch_end(struct batch_options *options);

/* One input on its way. */
struct batch_job {
	int i;			     /* for shared_read() */
	const char *file;	     /* its name for reports */
	struct report_part report;   /* what is said of it */
	struct buf record;	     /* lines for the file of --record */
	struct stage stage;	     /* what is written for it; in place once it is its turn */
	enum report_outcome outcome; /* REPORT_DONE, unless it is set */
};

/*
 * What a command does with an input, in any thread. Changes nothing of ARG that another job looks
 * at, unless a lock is held. An error is reported, with the name of the input, in place of what the
 * job has said on stdout; nothing is written for it, and its outcome is REPORT_FAILED.
 */
typedef int (*batch_work)(void *arg, struct batch_job *job, struct err *err);

struct batch {
	const struct shared_options *shared;
	const struct batch_options *options; /* NULL: one input after the other, and all of them */
	bool serial;			     /* the work is done in the order of the inputs, too */
	bool stop; /* at the first input whose outcome is not REPORT_DONE, unless OPTIONS differ */
	/* By places_keep(): what is read beside the inputs. NULL: nothing. */
	int (*keep)(void *arg, struct places *places, struct err *err);
	/*
	 * -EEXIST: RECORD, the file of --record, would take the place of what is made of input I,
	 * or read for it. NULL: nothing is.
	 */
	int (*spare)(void *arg, int i, const struct file_new *record, struct err *err);
	bool judges; /* an input that fails has a verdict, too */
	bool counts; /* several inputs are counted in the last line of text */
	struct report_output *report;
	batch_work work;
	void *arg;
};

/*
 * Do the work for each input, join the reports, and return the worst status. What comes out, in
 * files and in the report, does not depend on the number of threads. What the jobs have put into
 * their record is written, too, whatever became of the others.
 */
enum cli_status batch_run(const struct batch *batch);

#endif /* CMD_BATCH_H */
