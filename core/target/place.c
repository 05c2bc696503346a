// SPDX-License-Identifier: MIT
/*
 * place.c - room for the target's pieces in free frames.
 */
#include "place.h"

#include "checked.h"
#include "room.h"

void place_init(struct place *p, const struct e820_map *map,
		const struct efi *efi)
{
	*p = (struct place){ .map = map, .efi = efi };
}

/* A piece, or what the firmware has. */
static bool is_taken(const void *context, struct range want, struct range *at)
{
	const struct place *p = context;
	struct room_list pieces = { p->taken, p->taken_count };
	uint32_t i;

	for (i = 0; i < efi_count(p->efi); i++) {
		struct efi_descriptor d = efi_descriptor(p->efi, i);

		if (efi_is_taken(p->efi, &d) && range_overlaps(d.place, want)) {
			*at = d.place;
			return true;
		}
	}
	return room_listed(&pieces, want, at);
}

uint64_t place_take(struct place *p, uint64_t bytes, uint64_t align,
		    uint64_t min, uint64_t max)
{
	uint64_t start = 0;
	uint32_t i;

	if (!min)
		min = HO_PAGE_BYTES;
	for (i = 0; i < p->map->count && !start; i++) {
		struct range entry = p->map->entries[i].place;

		if (entry.start < min)
			entry.start = min;
		if (entry.end > max)
			entry.end = max;
		if (p->map->entries[i].type == E820_RAM &&
		    entry.start < entry.end)
			start = room_lowest(entry, bytes, align, is_taken, p);
	}
	if (!start || p->taken_count == PLACE_MAX)
		return 0;
	p->taken[p->taken_count++] = (struct range){ start, start + bytes };
	return start;
}

bool place_take_at(struct place *p, uint64_t start, uint64_t bytes)
{
	uint64_t end;

	return checked_add(start, bytes, &end) &&
	       place_take(p, bytes, 1, start, end) == start;
}
