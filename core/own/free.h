/* SPDX-License-Identifier: MIT */
/*
 * free.h - the visitor of free ranges: RAM of the firmware map that nobody
 * owns and that is not of the region, in address order, one RAM range at a
 * time, without allocation.
 *
 *	struct free_walk w;
 *	free_walk_init(&w, blob, view);
 *	while ((rc = free_next(&w, &gap)) > 0)
 */
#ifndef CORE_FREE_H
#define CORE_FREE_H

#include "frametable.h"

struct free_gap {
	struct range place;		/* never empty */
	uint32_t memory;		/* index of its RAM range */
};

struct free_walk {
	const struct blob *blob;
	struct frametable_walk owned;
	struct range ahead;		/* next owned bytes, start ~0: none */
	uint32_t memory;
	uint64_t at;
};

/* 0, or -HO_EBLOBTREE from a damaged table. */
int free_walk_init(struct free_walk *w, const struct blob *blob,
		   const struct frametable_view *view);
/* 1 and *out, 0 at the end, -HO_EBLOBTREE. O(owned spans) in all. */
int free_next(struct free_walk *w, struct free_gap *out);

#endif /* CORE_FREE_H */
