/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * cmd_batch.h - the walk over a command's inputs.
 *
 * Does: give each input a report of its own, put these together in the order of the inputs, find
 * the worst status.
 * Does not: know what a command does with an input.
 */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include "cli.h"
#include "cmd_common.h"
#include "err.h"
#include "report.h"

/* One input on its way. */
struct batch_job {
	int i;			     /* for common_read() */
	const char *file;	     /* its name for reports */
	struct report report;	     /* what is said of it */
	enum report_outcome outcome; /* REPORT_DONE, unless it is set */
};

/*
 * What a command does with an input. Touches nothing of ARG that another job touches, unless a lock
 * is held. An error is reported, with the name of the input, in place of what the job has said on
 * stdout; its outcome is REPORT_FAILED.
 */
typedef int (*batch_work)(void *arg, struct batch_job *job, struct err *err);

/* Do WORK for each input, join the reports to REPORT, and return the worst status. */
enum cli_status batch_run(const struct common *common, struct report *report, batch_work work,
			  void *arg);

#endif /* CMD_BATCH_H */
