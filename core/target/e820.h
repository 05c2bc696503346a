/* SPDX-License-Identifier: MIT */
/*
 * e820.h - the target's memory map: RAM of the firmware map minus owned
 * frames minus region, within a budget of entries.
 *
 * Invariants (e820_check): sorted, separate, no empty entry; no RAM entry
 * covers a frame with an owner or of the region; every byte of RAM is in an
 * entry, as RAM or as reserved. What does not fit the budget is left out by
 * not plugging the smallest free gaps, never by plugging an owned frame.
 */
#ifndef CORE_E820_H
#define CORE_E820_H

#include "frametable.h"

#define E820_RAM		1
#define E820_RESERVED		2
#define E820_ACPI		3
#define E820_NVS		4
#define E820_UNUSABLE		5
#define E820_PMEM		7	/* what ACPI's NFIT describes */
#define E820_PRAM		12	/* persistent: nobody's, can be mapped */
#define E820_SOFT_RESERVED	HO_E820_SOFT_RESERVED /* for a purpose */

#define E820_LOW_END		0x100000 /* below: nobody's frames (README rule 10) */

struct e820_entry {
	struct range place;
	uint32_t type;
};

struct e820_map {
	struct e820_entry *entries;
	uint32_t count;
	uint32_t capacity;
	uint32_t ram_max;		/* RAM entries; 0: as many as fit */
};

struct e820_report {
	uint64_t plugged_frames;	/* RAM in the map */
	uint64_t unplugged_frames;	/* free, but left out */
	uint64_t unplugged_ranges;	/* how many such gaps */
	uint32_t listed;		/* the largest of them, in address
					 * order */
	struct range list[HO_NOT_PLUGGED_MAX];
};

/*
 * Build `map` (entries and capacity given; at most min(capacity, budget)
 * entries are used). Scratch for the budget comes from `region`. Two walks
 * over the frametable, O(owned spans * log budget).
 * HO_ETOOMANYRANGES when even one entry per RAM and firmware range, or one
 * RAM entry per RAM range, does not fit; HO_EFULL.
 */
int e820_build(struct e820_map *map, const struct blob *blob,
	       const struct frametable_view *view, struct region *region,
	       uint32_t budget, struct e820_report *report,
	       struct diag_log *diag);

/*
 * The map of a fallback: the first MiB and what `region` has not handed out
 * are RAM, everything else is reserved. O(chunks^2).
 * HO_ETOOMANYRANGES when the capacity is too small.
 */
int e820_build_region(struct e820_map *map, const struct blob *blob,
		      const struct region *region,
		      struct e820_report *report, struct diag_log *diag);

/* Frames of RAM that are neither in `report` nor of the region: as many as
 * the pass gave owners to, or the table is not what the pass made. */
uint64_t e820_owned_frames(const struct blob *blob,
			   const struct e820_report *report);

/* True when the invariants hold; for tests and fuzzers, and run once by the
 * stub before the jump. */
bool e820_check(const struct e820_map *map, const struct blob *blob,
		const struct frametable_view *view);
/* The same for a fallback's map: no RAM but the region and the first MiB. */
bool e820_check_region(const struct e820_map *map, const struct blob *blob);

#endif /* CORE_E820_H */
