/* SPDX-License-Identifier: MIT */
/*
 * hostmap.h - the firmware's memory map, from entries in any order, as the
 * blob wants it. What overlaps is repaired as Linux does
 * (e820__update_table()): the higher type wins, so that RAM is what nobody
 * else claims.
 */
#ifndef CORE_HOSTMAP_H
#define CORE_HOSTMAP_H

#include "blob.h"
#include "e820.h"
#include "room.h"

/* Room for a settled map, and all of EFI's on top. */
#define HOSTMAP_RAW_MAX	(2 * HO_MEMORY_RANGES_MAX + \
			 HO_EFI_MAP_BYTES_MAX / HO_EFI_DESC_BYTES_MIN)

struct hostmap {
	uint32_t raw_count;
	struct e820_entry raw[HOSTMAP_RAW_MAX];
	/* made by hostmap_settle(), as in struct blob */
	uint32_t memory_count;
	struct range memory[HO_MEMORY_RANGES_MAX];
	uint32_t firmware_count;
	struct blob_firmware_range firmware[HO_MEMORY_RANGES_MAX];
	/* its scratch: where entries begin and end */
	uint64_t edges[2 * HOSTMAP_RAW_MAX];
};

/* [start, end) of an E820 type; unknown types are reserved, soft-reserved is
 * known. Empty ones are ignored. HO_EMEMORY: too many, or it ends before it
 * starts. */
int hostmap_add(struct hostmap *m, uint64_t start, uint64_t end,
		uint32_t type, struct diag_log *diag);
/*
 * `count` entries of {u64 start, u64 bytes, u32 type}, `stride` bytes apart: an
 * E820 map, of the zero page, multiboot2 or PVH. HO_EMEMORY.
 */
int hostmap_add_e820(struct hostmap *m, const void *entries, uint64_t count,
		     uint32_t stride, struct diag_log *diag);
/*
 * EFI's memory map after boot services have ended (UEFI specification 2.10,
 * section 7.2.3): RAM is what was theirs, the loader's, or free. HO_EMEMORY.
 */
int hostmap_add_efi(struct hostmap *m, const struct efi *efi,
		    struct diag_log *diag);
/* What the firmware runs in, reserved: E820 does not always say so, and a
 * kernel reserves more later. HO_EMEMORY. */
int hostmap_reserve_efi(struct hostmap *m, const struct efi *efi,
			struct diag_log *diag);
/* The ranges of a settled map, to be settled again. HO_EMEMORY. */
int hostmap_add_settled(struct hostmap *m, const struct blob *b,
			struct diag_log *diag);
/* Sorted and apart; RAM in whole pages, neighbours of one type joined.
 * HO_EMEMORY: no RAM, or too many pieces. O(n^2). */
int hostmap_settle(struct hostmap *m, struct diag_log *diag);
/* True when a single range of RAM covers this. The map must be settled. */
bool hostmap_is_ram(const struct hostmap *m, struct range r);
/* Of a settled one: where a region of `bytes` bytes may begin, in whole 2 MiB, as
 * high as possible below 4 GiB, else below `limit`. 0: nowhere. */
uint64_t hostmap_region_place(const struct hostmap *m, uint64_t bytes,
			      uint64_t limit, room_taken_fn taken,
			      const void *context);

#endif /* CORE_HOSTMAP_H */
