/* SPDX-License-Identifier: MIT */
/*
 * no_gaps.h - for proofs of parts of e820.c: no gaps, and no region.
 */
#ifndef PROOFS_NO_GAPS_H
#define PROOFS_NO_GAPS_H

#include "core/own/free.h"

int free_walk_init(struct free_walk *w, const struct blob *b,
		   const struct frametable_view *v)
{
	(void)w, (void)b, (void)v;
	return 0;
}
int free_next(struct free_walk *w, struct free_gap *gap)
{
	(void)w, (void)gap;
	return 0;
}
uint64_t region_alloc(struct region *r, uint64_t bytes, uint64_t align)
{
	(void)r, (void)bytes, (void)align;
	return 0;
}

#endif /* PROOFS_NO_GAPS_H */
