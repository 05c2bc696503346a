/* SPDX-License-Identifier: MIT */
/*
 * sidebyside.h - the same work for many, a few at a time.
 */
#ifndef LOADER_SIDEBYSIDE_H
#define LOADER_SIDEBYSIDE_H

#include <stdint.h>

/* Call work(context, i) for each i below count, on as many threads as there
 * are CPUs; back when all are done. One thread after the other where no more
 * can be started. */
void side_by_side(uint32_t count, void (*work)(void *context, uint32_t i),
		  void *context);

/* The same on a thread each, for work that waits: one that waits long keeps none
 * of the others waiting. */
void all_at_once(uint32_t count, void (*work)(void *context, uint32_t i),
		 void *context);

#endif /* LOADER_SIDEBYSIDE_H */
