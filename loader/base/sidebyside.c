// SPDX-License-Identifier: MIT
/*
 * sidebyside.c - see sidebyside.h.
 */
#include "sidebyside.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK_BYTES	(1u << 20)

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

/* On so many threads, of which this is one. */
static void spread(struct crowd *c, uint32_t wanted)
{
	pthread_t *threads = calloc(wanted, sizeof(*threads));
	pthread_attr_t small;
	uint32_t started = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	while (threads && started + 1 < wanted &&
	       !pthread_create(&threads[started], &small, run, c))
		started++;
	run(c);
	while (started)
		pthread_join(threads[--started], NULL);
	pthread_attr_destroy(&small);
	free(threads);
}

void side_by_side(uint32_t count, void (*work)(void *context, uint32_t i),
		  void *context)
{
	struct crowd c = { .count = count, .work = work,
			   .context = context };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (cpus < 1)
		cpus = 1;
	spread(&c, count < cpus ? count : cpus);
}

void all_at_once(uint32_t count, void (*work)(void *context, uint32_t i),
		 void *context)
{
	struct crowd c = { .count = count, .work = work,
			   .context = context };

	spread(&c, count);
}
