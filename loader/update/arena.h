/* SPDX-License-Identifier: MIT */
/*
 * arena.h - memory of this process that poses as the region: a piece for each
 * range, however far apart they are. Only what is touched costs memory.
 */
#ifndef LOADER_ARENA_H
#define LOADER_ARENA_H

#include "region.h"

struct arena {
	uint32_t count;			/* of pieces that there are */
	struct range places[HO_REGION_RANGES_MAX];
	uint8_t *pieces[HO_REGION_RANGES_MAX];
	uint64_t tail_bytes;		/* of pieces[0], behind its range */
	/* Room that is not there, to find out how much is missing: far from the
	 * region, or behind its first range. Addresses there stand for nothing
	 * and are never used. */
	struct range spare;
	uint8_t *spare_piece;		/* NULL: none, or behind pieces[0] */
};

/* HO_ENOMEM */
int arena_open(struct arena *a, const struct blob *blob,
	       struct diag_log *diag);
/* `bytes` where no range of the region is. false: there is no such place. */
bool arena_add_spare(struct arena *a, uint64_t bytes);
/* Instead: the first range is longer by up to so much; false: another is in
 * the way. arena_set_tail() says by how much. */
bool arena_add_tail(struct arena *a, uint64_t bytes);
/* Use so many bytes of the tail, at most what arena_add_tail() was given. */
void arena_set_tail(struct arena *a, uint64_t bytes);
/* Unmap all pieces. */
void arena_close(struct arena *a);

/* What `r` hands out is in the arena, and the spare room comes last. */
void arena_lend(const struct arena *a, struct region *r);
/* Bytes that had to be taken of the spare room. */
uint64_t arena_spare_used(const struct arena *a, const struct region *r);

#endif /* LOADER_ARENA_H */
