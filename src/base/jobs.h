/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * jobs.h - process many pieces with several threads, and finish them in order.
 *
 * Each piece has three steps. WORK keeps a processor busy; at most WORKERS pieces are in it at the
 * same time. SETTLE waits for the disk; more pieces may do so at the same time, because disks are
 * fastest with many requests. FINISH is called in the thread that called jobs_run(), for one piece
 * after the other, in order.
 *
 * Does: manage threads. Does not: interpret the pieces.
 */
#ifndef JOBS_H
#define JOBS_H

#include <stdbool.h>
#include <stddef.h>

/* The most pieces that are begun but not finished, which limits memory. */
#define JOBS_WINDOW 64

/* The largest number of workers. */
#define JOBS_WORKERS_MAX (JOBS_WINDOW / 2)

struct jobs {
	size_t nr; /* pieces */
	unsigned int workers;
	void (*work)(void *arg, size_t n);
	void (*settle)(void *arg, size_t n); /* called in the same thread as WORK; may be NULL */
	bool (*finish)(void *arg, size_t n); /* false: stop; no more pieces are begun or finished */
	void *arg;
};

/*
 * Process all pieces, and return how many were finished. After a stop, WORK may also have been
 * called for later pieces. If no thread can be started, the caller's thread does everything.
 */
size_t jobs_run(const struct jobs *jobs);

/* How many processors this process may use, at least 1 and at most JOBS_WORKERS_MAX. */
unsigned int jobs_processors(void);

#endif /* JOBS_H */
