/* SPDX-License-Identifier: MIT */
/*
 * frametable.h - ownership of every frame. Layout: handover/frametable.h.
 *
 * Setting a range is also the check: a frame that is already owned is a
 * double owner. A leaf therefore never needs to be split: it covers only
 * frames that were set, so whatever lands inside it is a conflict.
 *
 * Cost of setting an extent: one entry per whole GiB, per whole 2 MiB, and
 * for the rest one run, or one entry per frame where the 2 MiB span holds
 * more than eight runs. Counted in struct frametable_work.
 */
#ifndef CORE_FRAMETABLE_H
#define CORE_FRAMETABLE_H

#include "region.h"
#include "handover/frametable.h"

/* 4 TiB: their level 2 tables are found by one load, at 8 bytes each */
#define FRAMETABLE_NEAR_GIB 4096

struct frametable_work {
	uint64_t entries;		/* u64 entries and runs written */
	uint64_t tables;		/* 4 KiB tables taken, with the root */
	uint64_t nodes;			/* 64-byte run nodes taken */
	uint64_t overflows;		/* nodes turned into tables */
};

struct frametable {
	struct region *region;
	uint64_t root;			/* physical address */
	struct frametable_work work;
	/* level 2 tables by GiB, NULL: none. The way down is two loads, each
	 * with the question where the region lies. */
	uint64_t *near[FRAMETABLE_NEAR_GIB];
};

/* Who owns a run of frames: [mfn, mfn + count). */
struct frametable_span {
	uint64_t mfn;
	uint64_t count;
	uint32_t domid;
	uint32_t type;
};

/* HO_EFULL */
int frametable_init(struct frametable *ft, struct region *region);

/*
 * Give [mfn, mfn + count) to domid as type. Returns 0, -HO_EFULL,
 * -HO_EFRAMEHIGH, or -HO_EDOUBLE with *conflict (may be NULL) naming the
 * first owned frame in the way (count 1) and its owner; frames before it may
 * have been set. Records nothing.
 */
int frametable_set(struct frametable *ft, uint64_t mfn, uint64_t count,
		   uint32_t domid, uint32_t type,
		   struct frametable_span *conflict);

/* L1..L4, pinned or not, as bits. */
#define FRAMETABLE_PAGE_TABLES \
	((1u << HO_TYPE_L1 | 1u << HO_TYPE_L2 | 1u << HO_TYPE_L3 | \
	  1u << HO_TYPE_L4) * (1 + (1u << HO_TYPE_PINNED)))

/* type: below HO_TYPE_COUNT, as four bits are. */
static inline bool is_page_table(uint32_t type)
{
	return FRAMETABLE_PAGE_TABLES >> type & 1;
}

/*
 * The common cases on their own, at a few ns each: frame words (as in a FRAMES
 * record) that are each one free, aligned 2 MiB span inside frames
 * [start, end), of a valid type that is no page table's. Stops at the first
 * word that is not, or that continues the one before it (a run is cheaper).
 * Returns how many were set, and adds their frames to those of d.
 */
uint32_t frametable_set_spans(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d);
/* The same for words of one free page each. Stops before one that the next
 * continues. */
uint32_t frametable_set_pages(struct frametable *ft, const uint8_t *words,
			      uint32_t count, uint64_t start, uint64_t end,
			      struct ho_domain *d);

/* Ask the CPU for the level 2 entry of mfn, and for what it points to. Only a
 * hint; reads the table, writes nothing. */
void frametable_prefetch_entry(const struct frametable *ft, uint64_t mfn);
/* The same for what the level 2 entry points to. The entry itself is read. */
void frametable_prefetch_node(const struct frametable *ft, uint64_t mfn);

/*
 * Read access, for the stub, the loader and whoever finds the table in the
 * region of an earlier run. `load` of a table goes through `bias` as in
 * struct region; `limit` bounds what a table address may be, so that a
 * damaged table cannot lead out of the region.
 */
struct frametable_view {
	uint64_t root;
	uintptr_t bias;
	struct region_far far;
	uint32_t range_count;		/* tables and nodes lie in these */
	struct range ranges[HO_REGION_RANGES_MAX + 1];
};

/* Fill *view for a table of this run. `blob` names the region's ranges. What is
 * read is the table alone, as whoever comes next will: not `near`. */
void frametable_view(const struct frametable *ft, const struct blob *blob,
		     struct frametable_view *view);

/* The owner of one frame: true and *out (count 1), or false: nobody. */
bool frametable_lookup(const struct frametable_view *view, uint64_t mfn,
		       struct frametable_span *out);

/*
 * The walk: owned spans in address order, neighbours of the same owner and
 * type merged. O(entries visited), no allocation.
 *
 *	struct frametable_walk w = frametable_walk(&view);
 *	while ((rc = frametable_next(&w, &span)) > 0)
 *
 * Returns 1, 0 at the end, -HO_EBLOBTREE if an entry is malformed or points
 * outside `ranges`.
 */
struct frametable_walk {
	const struct frametable_view *view;
	uint64_t mfn;			/* next frame to look at */
	uint64_t gib;			/* mfn >> 18 of the table below */
	const uint64_t *level2;		/* NULL: that GiB has none */
	struct frametable_span ahead;	/* read but not yet returned */
	bool has_ahead;
};

/* A walk that begins at frame 0. `view` must live as long. */
struct frametable_walk frametable_walk(const struct frametable_view *view);
/* Who owns mfn, and up to where at least the same entry says so: 1 and *out
 * (mfn first), 0: nobody, for out->count frames, -HO_EBLOBTREE. Faster than
 * frametable_lookup() for frames near each other; does not move the walk. */
int frametable_at(struct frametable_walk *w, uint64_t mfn,
		  struct frametable_span *out);
/* The next owned span. 1 and *out, 0 at the end, -HO_EBLOBTREE as above. */
int frametable_next(struct frametable_walk *w, struct frametable_span *out);
/* The same for those who only ask whether: neighbours are merged whoever owns
 * them, domid and type of *out mean nothing. A few instructions for each 2 MiB
 * entry. Not to be mixed with frametable_next() in one walk. */
int frametable_next_taken(struct frametable_walk *w,
			  struct frametable_span *out);

#endif /* CORE_FRAMETABLE_H */
