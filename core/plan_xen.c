// SPDX-License-Identifier: MIT
/*
 * plan_xen.c - see plan_xen.h.
 */
#include "plan_xen.h"

#include "bzimage.h"

#define MIB		(1024ull * 1024)

static bool is_ram(const struct e820_map *map, struct range r)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		if (map->entries[i].type == E820_RAM &&
		    range_covers(map->entries[i].place, r))
			return true;
	return false;
}

int plan_xen_check_dom0(const struct e820_map *map, const void *kernel,
			uint64_t bytes, struct diag_log *diag)
{
	struct range r = { 16 * MIB, 74 * MIB };
	struct diag_log scratch;
	struct bzimage bz;

	diag_init(&scratch, HO_STAGE_PLUG);
	if (!bzimage_parse(&bz, kernel, bytes, &scratch))
		r = (struct range){ bz.pref_address,
				    bz.pref_address + bz.init_size };
	if (is_ram(map, r))
		return 0;
	return diag_add(diag, HO_ENOROOM,
			"dom0's kernel: 0x%llx..0x%llx must be free, and outside the region",
			(unsigned long long)r.start,
			(unsigned long long)r.end);
}
