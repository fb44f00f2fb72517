// SPDX-License-Identifier: BSD-2-Clause
#include "cmd_batch.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/jobs.h"
#include "base/temporary.h"
#include "base/util.h"
#include "object/object.h"

static const struct argp_option options[] = {
	{NULL, 0, NULL, 0, "Many inputs:", 80},
	{"recursive", 'r', NULL, 0,
	 "Process the inputs in folders, at any depth; they are recognized by content", 80},
	{"jobs", 'j', "N", 0, "Process N inputs at the same time (default: one per processor)", 80},
	{"keep-going", SHARED_KEY_KEEP_GOING, NULL, 0,
	 "Continue after an input that fails (default of verify)", 80},
	{"fail-fast", SHARED_KEY_FAIL_FAST, NULL, 0,
	 "Stop at the first input that fails (default of sign)", 80},
	{"record", SHARED_KEY_RECORD, "FILE", 0,
	 "Write an audit record to FILE: one in-toto statement for each input", 91},
	{0},
};

static unsigned int parse_workers(const char *text, struct argp_state *state)
{
	unsigned long nr;
	char *end;

	errno = 0;
	nr = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || !nr)
		argp_error(state, "--jobs '%s': expected a number, at least 1", text);
	return nr > JOBS_WORKERS_MAX ? JOBS_WORKERS_MAX : (unsigned int)nr;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct batch_options *batch = state->input;

	switch (key) {
	case 'r':
		batch->recursive = true;
		return 0;
	case 'j':
		if (batch->workers)
			argp_error(state, "--jobs is given twice");
		batch->workers = parse_workers(arg, state);
		return 0;
	case SHARED_KEY_KEEP_GOING:
		batch->keep_going = true;
		return 0;
	case SHARED_KEY_FAIL_FAST:
		batch->fail_fast = true;
		return 0;
	case SHARED_KEY_RECORD:
		shared_once(state, &batch->record, arg, "--record");
		if (!strcmp(arg, "-"))
			argp_error(state, "--record cannot be written to stdout: pass a file name");
		return 0;
	case ARGP_KEY_END:
		if (batch->keep_going && batch->fail_fast)
			argp_error(state, "--keep-going and --fail-fast exclude each other");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp batch_argp = {.options = options, .parser = parse};

bool batch_is_many(const struct batch_options *batch, const struct shared_options *shared)
{
	return batch->recursive || shared_nr_inputs(shared) > 1;
}

/* --- the run --- */

struct run {
	const struct batch *batch;
	struct batch_job jobs[JOBS_WINDOW];
	struct places places;
	struct buf record; /* the statements of finished jobs */
	enum cli_status worst;
};

static struct batch_job *job_of(struct run *run, size_t n)
{
	return &run->jobs[n % JOBS_WINDOW];
}

static void job_end(struct batch_job *job)
{
	report_part_free(&job->report);
	buf_free(&job->record);
	stage_end(&job->stage);
}

/* A failed job reports its error and messages, but no result. */
static void fail(const struct batch *batch, struct batch_job *job, const struct err *err)
{
	static const struct judge_rows no_rows;
	static const struct report_findings no_findings;
	const struct report_judged judged = {REPORT_FAILED, &no_rows, &no_findings, err};

	report_part_drop(&job->report);
	buf_free(&job->record);
	if (batch->judges)
		report_judged(&job->report, job->file, &judged);
	else
		report_error(&job->report, job->file, err);
	stage_end(&job->stage);
	job->outcome = REPORT_FAILED;
}

/* Why a folder is still among the inputs: it was not searched, or has no inputs in it. */
static int refuse_folder(const struct batch *batch, const struct batch_job *job, struct err *err)
{
	const struct batch_options *from = batch->options;
	const size_t origin = (size_t)shared_origin(batch->shared, job->i);

	if (!from->recursive)
		return err_set(err, -EISDIR,
			       "is a folder: add --recursive to process the inputs in it");
	if (origin >= from->found.links && origin < from->found.links_end)
		return err_set(err, -ELOOP,
			       "is a link to a folder that is not searched: also name that folder");
	if (access(job->file, R_OK | X_OK))
		return err_set(err, -errno, "cannot read the folder");
	return err_set(err, -ENOENT, "contains no %s at any depth",
		       from->objects ? "BPF object, light skeleton or signed image"
				     : "light skeleton or signed image");
}

/*
 * Refuse what is not a regular file: opening a device or pipe that a search found could have side
 * effects.
 */
static int refuse_kind(const struct batch *batch, const struct batch_job *job, struct err *err)
{
	struct stat st;

	if (!batch->options || stat(shared_input_file(batch->shared, job->i), &st) ||
	    S_ISREG(st.st_mode))
		return 0;
	if (S_ISDIR(st.st_mode))
		return refuse_folder(batch, job, err);
	if (!batch->options->recursive)
		return 0;
	return err_set(err, -EINVAL,
		       "not a regular file: move this pipe or device out of the folder, or name "
		       "the files instead of the folder");
}

static void work(void *arg, size_t n)
{
	struct run *run = arg;
	const struct batch *batch = run->batch;
	struct batch_job *job = job_of(run, n);
	struct err err;

	*job = (struct batch_job){.i = (int)n, .file = shared_input_name(batch->shared, (int)n)};
	report_part_begin(batch->report, &job->report);
	if (refuse_kind(batch, job, &err) || batch->work(batch->arg, job, &err))
		fail(batch, job, &err);
}

static void settle(void *arg, size_t n)
{
	const struct batch *batch = ((struct run *)arg)->batch;
	struct batch_job *job = job_of(arg, n);
	struct err err;

	if (stage_sync(&job->stage, &err))
		fail(batch, job, &err);
}

static enum cli_status status_of(enum report_outcome outcome)
{
	static const enum cli_status statuses[REPORT_OUTCOME_NR] = {
		[REPORT_REJECTED] = CLI_REJECTED,
		[REPORT_UNSIGNED] = CLI_REJECTED,
		[REPORT_FAILED] = CLI_UNKNOWN,
	};

	return statuses[outcome];
}

static bool stops(const struct batch *batch)
{
	if (batch->options && (batch->options->keep_going || batch->options->fail_fast))
		return batch->options->fail_fast;
	return batch->stop;
}

static bool finish(void *arg, size_t n)
{
	struct run *run = arg;
	const struct batch *batch = run->batch;
	struct batch_job *job = job_of(run, n);
	struct err err;

	if (places_take(&run->places, &job->stage, job->file, &err))
		fail(batch, job, &err);
	report_join(batch->report, &job->report, job->outcome);
	buf_move(&run->record, &job->record);
	report_progress(batch->report, n + 1, (size_t)shared_nr_inputs(batch->shared));
	if (status_of(job->outcome) > run->worst)
		run->worst = status_of(job->outcome);
	job_end(job);
	return job->outcome == REPORT_DONE || !stops(batch);
}

/* Report the inputs that were not started, in their order. */
static void skip(struct run *run, size_t done)
{
	const struct batch *batch = run->batch;
	size_t nr = (size_t)shared_nr_inputs(batch->shared);

	for (size_t i = 0; i < JOBS_WINDOW; i++)
		job_end(&run->jobs[i]);
	for (size_t n = done; n < nr; n++)
		report_skipped(batch->report, shared_input_name(batch->shared, (int)n));
}

/*
 * Before anything is written, check that the record would replace neither an input nor an output.
 * (An output may replace its input.)
 */
static int spare_inputs(const struct batch *batch, const struct file_new *record, struct err *err)
{
	int rc = 0;

	for (int i = 0; !rc && i < shared_nr_inputs(batch->shared); i++) {
		if (file_new_is_for(record, shared_input_file(batch->shared, i)))
			return err_set(err, -EEXIST,
				       "it is an input and will not be overwritten: choose "
				       "another file");
		if (batch->spare)
			rc = batch->spare(batch->arg, i, record, err);
	}
	return rc;
}

/* Check in advance that the record can be written, so that nothing is signed without one. */
static int try_record(struct run *run, const char *record, struct err *err)
{
	_cleanup_(file_new_drop) struct file_new file = FILE_NEW_NONE;
	int rc = file_new(record, (struct view){0}, &file, err);

	if (!rc)
		rc = spare_inputs(run->batch, &file, err);
	if (!rc)
		rc = places_reserve(&run->places, file.target, "the record", err);
	if (rc)
		return err_prefix(err, "%s", record);
	return output_may_replace(record, err);
}

/* No output may replace a file that is read, or the record. */
static int begin_places(struct run *run, struct err *err)
{
	const struct batch *batch = run->batch;
	int rc = batch->keep ? batch->keep(batch->arg, &run->places, err) : 0;

	if (!rc && batch->options && batch->options->record)
		rc = try_record(run, batch->options->record, err);
	return rc;
}

/* Write the record, whole or not at all. Failing to do so is an error of the run. */
static void write_record(struct run *run)
{
	const char *file = run->batch->options->record;
	struct err err;

	if (buf_done(&run->record, &err) || file_replace(file, buf_view(&run->record), &err)) {
		report_error(&run->batch->report->run, file, &err);
		run->worst = CLI_UNKNOWN;
	}
	buf_free(&run->record);
}

/* Report files in folders that are not inputs. */
static void report_passed(const struct batch *batch)
{
	const struct batch_options *from = batch->options;

	if (!from || !from->recursive)
		return;
	for (size_t i = 0; i < from->passed.nr; i++) {
		const struct batch_passed *passed = &from->passed.list[i];

		report_ignored(batch->report, passed->file, passed->what, passed->matters);
	}
	report_searched(batch->report, from->passed.count, from->passed.programs);
}

enum cli_status batch_run(const struct batch *batch)
{
	_cleanup_(freep) struct run *run = calloc(1, sizeof(*run));
	struct jobs jobs = {
		.nr = (size_t)shared_nr_inputs(batch->shared),
		.workers = 1,
		.work = work,
		.finish = finish,
		.arg = run,
	};
	struct err err;
	int rc;

	if (batch->options) {
		jobs.workers = batch->serial ? 1 : batch->options->workers ?: jobs_processors();
		jobs.settle = batch->options->writes ? settle : NULL;
	}
	if (run) {
		run->batch = batch;
		rc = begin_places(run, &err);
	} else {
		rc = err_nomem(&err);
	}
	/* The process for objects must be forked before threads are started. */
	if (!rc && jobs.nr > 1)
		rc = object_start(&err);
	else if (!rc && batch->options)
		rc = object_start_once(&err);
	if (rc) {
		report_failure(batch->report, &err);
		if (run)
			places_end(&run->places);
		return CLI_UNKNOWN;
	}
	if (batch->options)
		temporary_guard();
	report_passed(batch);
	skip(run, jobs_run(&jobs));
	places_sync(&run->places);
	places_end(&run->places);
	if (batch->options && batch->options->record)
		write_record(run);
	if (batch->counts && batch->options)
		report_summary(batch->report, jobs.nr > 1 || batch->options->recursive);
	return run->worst;
}
