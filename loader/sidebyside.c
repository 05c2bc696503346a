// SPDX-License-Identifier: MIT
/*
 * sidebyside.c - see sidebyside.h.
 */
#include "sidebyside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 64

struct crowd {
	uint32_t count;
	atomic_uint next;
	void (*work)(void *context, uint32_t i);
	void *context;
};

static void *run(void *crowd)
{
	struct crowd *c = crowd;
	uint32_t i;

	while ((i = atomic_fetch_add(&c->next, 1)) < c->count)
		c->work(c->context, i);
	return NULL;
}

void side_by_side(uint32_t count, void (*work)(void *context, uint32_t i),
		  void *context)
{
	struct crowd c = { .count = count, .work = work,
			   .context = context };
	long wanted = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[THREADS_MAX];
	int started = 0;

	/* this one works as well */
	while (started + 1 < wanted && started + 1 < (long)count &&
	       started < THREADS_MAX &&
	       !pthread_create(&threads[started], NULL, run, &c))
		started++;
	run(&c);
	while (started)
		pthread_join(threads[--started], NULL);
}
