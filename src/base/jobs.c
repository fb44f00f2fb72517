// SPDX-License-Identifier: BSD-2-Clause
#include "base/jobs.h"

#include <pthread.h>
#include <sched.h>

#include "base/util.h"

/* Extra threads that may wait for the disk; more would not make a disk faster. */
#define SETTLERS 8

struct pool {
	const struct jobs *jobs;
	pthread_mutex_t lock; /* protects the members below */
	pthread_cond_t free;  /* another piece may be begun, or no more will be */
	pthread_cond_t ready; /* a piece can be finished */
	size_t next;	      /* the next piece to begin */
	size_t finished;
	unsigned int working;
	bool stopped;
	bool is_ready[JOBS_WINDOW];
};

static bool over(const struct pool *pool)
{
	return pool->stopped || pool->next == pool->jobs->nr;
}

/* The next piece for this thread; false: no more pieces. */
static bool begin(struct pool *pool, size_t *ret)
{
	bool got;

	pthread_mutex_lock(&pool->lock);
	while (!over(pool) &&
	       (pool->working == pool->jobs->workers || pool->next - pool->finished == JOBS_WINDOW))
		pthread_cond_wait(&pool->free, &pool->lock);
	got = !over(pool);
	if (got) {
		*ret = pool->next++;
		pool->working++;
	}
	if (over(pool))
		pthread_cond_broadcast(&pool->free);
	pthread_mutex_unlock(&pool->lock);
	return got;
}

static void worked(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	pool->working--;
	pthread_cond_signal(&pool->free);
	pthread_mutex_unlock(&pool->lock);
}

static void settled(struct pool *pool, size_t n)
{
	pthread_mutex_lock(&pool->lock);
	pool->is_ready[n % JOBS_WINDOW] = true;
	if (n == pool->finished)
		pthread_cond_signal(&pool->ready);
	pthread_mutex_unlock(&pool->lock);
}

static void *thread(void *arg)
{
	struct pool *pool = arg;
	const struct jobs *jobs = pool->jobs;
	size_t n;

	while (begin(pool, &n)) {
		jobs->work(jobs->arg, n);
		worked(pool);
		if (jobs->settle)
			jobs->settle(jobs->arg, n);
		settled(pool, n);
	}
	return NULL;
}

static void wait_ready(struct pool *pool)
{
	bool *is_ready = &pool->is_ready[pool->finished % JOBS_WINDOW];

	pthread_mutex_lock(&pool->lock);
	while (!*is_ready)
		pthread_cond_wait(&pool->ready, &pool->lock);
	*is_ready = false;
	pthread_mutex_unlock(&pool->lock);
}

/* Only this thread changes FINISHED; others only read it. */
static void finish_all(struct pool *pool)
{
	const struct jobs *jobs = pool->jobs;
	bool stop = false;

	for (size_t n = 0; !stop && n < jobs->nr; n++) {
		wait_ready(pool);
		stop = !jobs->finish(jobs->arg, n);
		pthread_mutex_lock(&pool->lock);
		pool->finished++;
		pool->stopped = stop;
		pthread_cond_signal(&pool->free);
		pthread_mutex_unlock(&pool->lock);
	}
}

/* Without other threads. */
static size_t run_alone(const struct jobs *jobs)
{
	bool stop = false;
	size_t n;

	for (n = 0; !stop && n < jobs->nr; n++) {
		jobs->work(jobs->arg, n);
		if (jobs->settle)
			jobs->settle(jobs->arg, n);
		stop = !jobs->finish(jobs->arg, n);
	}
	return n;
}

size_t jobs_run(const struct jobs *jobs)
{
	struct pool pool = {
		.jobs = jobs,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.free = PTHREAD_COND_INITIALIZER,
		.ready = PTHREAD_COND_INITIALIZER,
	};
	pthread_t threads[JOBS_WORKERS_MAX + SETTLERS];
	size_t wanted = jobs->workers + (jobs->settle ? SETTLERS : 0);
	size_t nr = 0;

	if (wanted > ARRAY_SIZE(threads))
		wanted = ARRAY_SIZE(threads);
	if (wanted > jobs->nr)
		wanted = jobs->nr;
	if (wanted < 2)
		return run_alone(jobs);
	while (nr < wanted && !pthread_create(&threads[nr], NULL, thread, &pool))
		nr++;
	if (!nr)
		return run_alone(jobs);
	finish_all(&pool);
	for (size_t i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
	return pool.finished;
}

unsigned int jobs_processors(void)
{
	cpu_set_t set;
	int nr = sched_getaffinity(0, sizeof(set), &set) ? 1 : CPU_COUNT(&set);

	return nr > JOBS_WORKERS_MAX ? JOBS_WORKERS_MAX : (unsigned int)nr;
}
