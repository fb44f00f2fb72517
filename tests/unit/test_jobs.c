// SPDX-License-Identifier: BSD-2-Clause
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/jobs.h"
#include "unit.h"

/* What a run does, counted. */
struct count {
	atomic_int begun, working, most_working;
	atomic_int ahead; /* the most that begun pieces were before finished ones */
	bool settled[1000];
	size_t finished;
	bool in_order;
	size_t stop_at;
};

static void raise_to(atomic_int *most, int value)
{
	int before = atomic_load(most);

	while (value > before && !atomic_compare_exchange_weak(most, &before, value))
		;
}

static void work(void *arg, size_t n)
{
	struct count *count = arg;

	raise_to(&count->most_working, atomic_fetch_add(&count->working, 1) + 1);
	atomic_fetch_add(&count->begun, 1);
	usleep(n % 7 * 100); /* so that they do not end in the order they began */
	atomic_fetch_sub(&count->working, 1);
}

static void settle(void *arg, size_t n)
{
	struct count *count = arg;

	count->settled[n] = true;
}

static bool finish(void *arg, size_t n)
{
	struct count *count = arg;

	count->in_order &= n == count->finished && count->settled[n];
	raise_to(&count->ahead, atomic_load(&count->begun) - (int)count->finished);
	count->finished++;
	return n != count->stop_at;
}

static size_t run(struct count *count, size_t nr, unsigned int workers, size_t stop_at)
{
	struct jobs jobs = {nr, workers, work, settle, finish, count};

	*count = (struct count){.in_order = true, .stop_at = stop_at};
	return jobs_run(&jobs);
}

TEST(pieces_are_finished_in_order_once_whatever_the_number_of_workers)
{
	static const unsigned int workers[] = {1, 2, 3, 16, JOBS_WORKERS_MAX};
	struct count count;

	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		CHECK_INT(run(&count, 1000, workers[i], SIZE_MAX), 1000);
		CHECK(count.in_order);
		CHECK_INT(count.finished, 1000);
		CHECK_INT(count.begun, 1000);
	}
}

TEST(no_more_pieces_are_worked_on_than_there_are_workers)
{
	struct count count;

	run(&count, 300, 1, SIZE_MAX);
	CHECK_INT(count.most_working, 1);
	run(&count, 300, 3, SIZE_MAX);
	CHECK(count.most_working <= 3);
}

TEST(no_piece_is_begun_that_is_further_ahead_than_the_window)
{
	struct count count;

	run(&count, 1000, JOBS_WORKERS_MAX, SIZE_MAX);
	CHECK(count.ahead <= JOBS_WINDOW);
}

TEST(nothing_is_finished_behind_a_stop)
{
	struct count count;

	for (unsigned int workers = 1; workers <= 16; workers *= 4) {
		CHECK_INT(run(&count, 500, workers, 17), 18);
		CHECK_INT(count.finished, 18);
		CHECK(count.begun <= 18 + JOBS_WINDOW);
	}
	CHECK_INT(run(&count, 500, 4, 499), 500);
}

TEST(one_piece_and_no_piece)
{
	struct count count;

	CHECK_INT(run(&count, 1, 8, SIZE_MAX), 1);
	CHECK(count.in_order);
	CHECK_INT(run(&count, 0, 8, SIZE_MAX), 0);
}

UNIT_MAIN
