/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jobs.h - many pieces of one work, done by several threads, finished in order.
 *
 * A piece goes through three steps. WORK is what keeps a processor busy: at most WORKERS pieces are
 * in it at the same time. SETTLE waits for a disk: more pieces do that at the same time, because
 * disks are fastest when they are asked for many things at once. FINISH is called by the thread
 * that called jobs_run(), one piece after the other, in their order.
 *
 * Does: threads. Does not: know what the pieces are.
 */
#ifndef JOBS_H
#define JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* Pieces that have begun and are not finished are within that many: they need not all be kept. */
#define JOBS_WINDOW 64

/* The most workers that make sense. */
#define JOBS_WORKERS_MAX (JOBS_WINDOW / 2)

struct jobs {
	size_t nr; /* pieces */
	unsigned int workers;
	void (*work)(void *arg, size_t n);
	void (*settle)(void *arg, size_t n); /* by the thread that has done WORK; may be NULL */
	bool (*finish)(void *arg, size_t n); /* false: begin no more, finish no more */
	void *arg;
};

/*
 * Do all pieces, and return how many were finished. Pieces behind these may have been worked on.
 * Without a second thread, or if none can be had, the caller's thread does everything.
 */
size_t jobs_run(const struct jobs *jobs);

/* How many processors this process may use, at least 1 and at most JOBS_WORKERS_MAX. */
unsigned int jobs_processors(void);

#endif /* JOBS_H */
