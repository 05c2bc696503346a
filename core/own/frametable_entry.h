/* SPDX-License-Identifier: MIT */
/*
 * frametable_entry.h - taking entries and runs of the frametable apart. Bits:
 * handover/frametable.h.
 */
#ifndef CORE_FRAMETABLE_ENTRY_H
#define CORE_FRAMETABLE_ENTRY_H

#include "handover/frametable.h"

#define PAGES_2M	512ull
#define PAGES_1G	(512ull * 512)

/* The first 4 KiB frame of a run, counted in its 2 MiB span. */
static inline uint32_t run_first(uint64_t run)
{
	return run >> HO_FT_RUN_FIRST_SHIFT & HO_FT_RUN_INDEX_MASK;
}

/* The frame behind the last one, counted as in run_first(); at most 512. */
static inline uint32_t run_end(uint64_t run)
{
	return run_first(run) +
	       (run >> HO_FT_RUN_COUNT_SHIFT & HO_FT_RUN_INDEX_MASK) + 1;
}

/* Owner and type of a run, as the bits of a leaf entry. */
static inline uint64_t run_leaf(uint64_t run)
{
	return run & (HO_FT_KIND_MASK |
		      (uint64_t)HO_FT_DOMID_MASK << HO_FT_DOMID_SHIFT |
		      0xfull << HO_FT_TYPE_SHIFT);
}

#endif /* CORE_FRAMETABLE_ENTRY_H */
