// SPDX-License-Identifier: MIT
/*
 * plan_xen.c - see plan_xen.h.
 */
#include "plan_xen.h"

#include <string.h>

#include "bzimage.h"
#include "checked.h"

#define RSDP_OLD_BYTES	20		/* of ACPI 1.0, with a checksum */
#define RSDP_REVISION	15

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
	bool sane = true;

	diag_init(&scratch, HO_STAGE_PLUG);
	if (!bzimage_parse(&bz, kernel, bytes, &scratch)) {
		r.start = bz.pref_address;
		sane = checked_add(r.start, bz.init_size, &r.end);
	}
	if (sane && is_ram(map, r))
		return 0;
	return diag_add(diag, HO_ENOROOM,
			"dom0's kernel: 0x%llx..0x%llx must be free, and outside the region",
			(unsigned long long)r.start,
			(unsigned long long)r.end);
}

bool plan_xen_plants_rsdp(const struct blob *blob)
{
	return blob->target.kind == TARGET_XEN && blob->acpi_rsdp >= MIB;
}

static struct range ebda_page(void)
{
	uint64_t start = align_down(PLAN_XEN_EBDA, HO_PAGE_BYTES);

	return (struct range){ start, start + HO_PAGE_BYTES };
}

int plan_xen_check_acpi(const struct blob *blob, struct diag_log *diag)
{
	struct range rsdp = { .start = blob->acpi_rsdp };
	uint32_t i, hint = 0;
	bool sane = checked_add(rsdp.start, PLAN_XEN_RSDP_BYTES, &rsdp.end);

	if (!plan_xen_plants_rsdp(blob))
		return 0;
	for (i = 0; i < blob->firmware_count; i++)
		if (sane && range_covers(blob->firmware[i].place, rsdp))
			break;
	if (i == blob->firmware_count)
		return diag_add(diag, HO_EXENACPI,
				"the RSDP at 0x%llx is not in the firmware's memory",
				(unsigned long long)rsdp.start);
	if (blob_in_memory(blob, ebda_page(), &hint) &&
	    blob_in_memory(blob, (struct range){ 0, HO_PAGE_BYTES }, &hint))
		return 0;
	return diag_add(diag, HO_EXENACPI,
			"the RSDP is at 0x%llx, and the pages at 0 and 0x%x are not RAM: no place for a copy",
			(unsigned long long)rsdp.start, PLAN_XEN_EBDA);
}

static void insert(struct e820_map *map, uint32_t at, struct range place,
		   uint32_t type)
{
	memmove(&map->entries[at + 1], &map->entries[at],
		(map->count++ - at) * sizeof(map->entries[0]));
	map->entries[at] = (struct e820_entry){ place, type };
}

void plan_xen_reserve_ebda(struct e820_map *map)
{
	struct range page = ebda_page(), whole;
	uint32_t i = 0;

	while (i < map->count && map->entries[i].place.end <= page.start)
		i++;
	/* it may have been left out of the map, for the budget's sake */
	if (i == map->count || map->entries[i].type != E820_RAM ||
	    !range_covers(map->entries[i].place, page))
		return;
	whole = map->entries[i].place;
	map->entries[i] = (struct e820_entry){ page, E820_RESERVED };
	if (page.end < whole.end)
		insert(map, i + 1, (struct range){ page.end, whole.end },
		       E820_RAM);
	if (whole.start < page.start)
		insert(map, i, (struct range){ whole.start, page.start },
		       E820_RAM);
}

static uint8_t sum(const uint8_t *bytes, uint32_t count)
{
	uint8_t total = 0;

	while (count)
		total += bytes[--count];
	return total;
}

int plan_xen_check_rsdp(const void *bytes, struct diag_log *diag)
{
	const uint8_t *rsdp = bytes;

	if (!memcmp(rsdp, "RSD PTR ", 8) && rsdp[RSDP_REVISION] >= 2 &&
	    !sum(rsdp, RSDP_OLD_BYTES) && !sum(rsdp, PLAN_XEN_RSDP_BYTES))
		return 0;
	return diag_add(diag, HO_EXENACPI, "what is at acpi-rsdp is no RSDP");
}
