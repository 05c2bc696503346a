/* SPDX-License-Identifier: MIT */
/*
 * frametable_find.h - what the files of the frametable's writer share, and nobody
 * else needs.
 */
#ifndef CORE_FRAMETABLE_FIND_H
#define CORE_FRAMETABLE_FIND_H

#include "frametable.h"
#include "frametable_entry.h"
#include "stream.h"

/* A leaf entry; also a run's bits but for where it is. */
static inline uint64_t frametable_leaf(uint32_t domid, uint32_t type)
{
	return HO_FT_LEAF | (uint64_t)domid << HO_FT_DOMID_SHIFT |
	       (uint64_t)type << HO_FT_TYPE_SHIFT;
}

/* Where an entry says that there is a table. */
static inline uint64_t *frametable_table(const struct frametable *ft,
					 uint64_t entry)
{
	return region_va(ft->region, entry & HO_FT_TABLE_MASK);
}

/* The level 2 table of a GiB that is not near, NULL while there is none. */
uint64_t *frametable_far_level2(const struct frametable *ft, uint64_t mfn);

/* The level 2 table of a GiB, NULL while there is none. */
static inline uint64_t *frametable_level2(const struct frametable *ft,
					  uint64_t mfn)
{
	return mfn >> 18 < FRAMETABLE_NEAR_GIB ? ft->near[mfn >> 18] :
						 frametable_far_level2(ft, mfn);
}

/* The level 2 entry of mfn, NULL while there is no table for it. */
static inline uint64_t *frametable_entry(const struct frametable *ft,
					 uint64_t mfn)
{
	uint64_t *table = frametable_level2(ft, mfn);

	return table ? &table[mfn >> 9 & 511] : NULL;
}

/*
 * Frames [mfn, mfn + count) of one 2 MiB span become `leaf`. `entry`: of its
 * level 2. Returns 0, -HO_EFULL or -HO_EDOUBLE as frametable_set() does.
 */
int frametable_set_small(struct frametable *ft, uint64_t *entry, uint64_t mfn,
			 uint32_t count, uint64_t leaf,
			 struct frametable_span *conflict);

#endif /* CORE_FRAMETABLE_FIND_H */
