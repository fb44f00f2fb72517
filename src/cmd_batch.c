// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_batch.h"

static enum cli_status status_of(enum report_outcome outcome)
{
	static const enum cli_status statuses[] = {
		[REPORT_DONE] = CLI_OK,
		[REPORT_REJECTED] = CLI_REJECTED,
		[REPORT_UNSIGNED] = CLI_REJECTED,
		[REPORT_FAILED] = CLI_UNKNOWN,
	};

	return statuses[outcome];
}

/* What failed leaves its error and its messages, no result. */
static void run_job(struct batch_job *job, batch_work work, void *arg)
{
	struct err err;

	if (!work(arg, job, &err))
		return;
	report_drop(&job->report);
	report_error(&job->report, job->file, &err);
	job->outcome = REPORT_FAILED;
}

enum cli_status batch_run(const struct common *common, struct report *report, batch_work work,
			  void *arg)
{
	enum cli_status worst = CLI_OK;

	for (int i = 0; i < common_nr_inputs(common); i++) {
		struct batch_job job = {.i = i, .file = common_input_name(common, i)};

		report_part(report, &job.report);
		run_job(&job, work, arg);
		report_join(report, &job.report);
		if (status_of(job.outcome) > worst)
			worst = status_of(job.outcome);
	}
	return worst;
}
