// SPDX-License-Identifier: MIT
/*
 * work.c - see work.h. Guests of a kind may be saved side by side.
 */
#include "work.h"

#include <string.h>

static uint64_t done[WORK_KINDS];

void work_add(enum work kind, uint64_t amount)
{
	__atomic_add_fetch(&done[kind], amount, __ATOMIC_RELAXED);
}

void work_begin(void)
{
	memset(done, 0, sizeof(done));
}

uint64_t work_done(enum work kind)
{
	return __atomic_load_n(&done[kind], __ATOMIC_RELAXED);
}
