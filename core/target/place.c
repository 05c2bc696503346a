// SPDX-License-Identifier: MIT
/*
 * place.c - room for the target's pieces in free frames.
 */
#include "place.h"

#include "checked.h"

void place_init(struct place *p, const struct e820_map *map,
		const struct efi *efi)
{
	*p = (struct place){ .map = map, .efi = efi };
}

/* The end of a taken piece, or of one of the firmware's, in the way of `want`;
 * 0: none. */
static uint64_t taken_end(const struct place *p, struct range want)
{
	uint32_t i;

	for (i = 0; i < efi_count(p->efi); i++) {
		struct efi_descriptor d = efi_descriptor(p->efi, i);

		if (efi_is_taken(p->efi, &d) && range_overlaps(d.place, want))
			return d.place.end;
	}

	for (i = 0; i < p->taken_count; i++)
		if (range_overlaps(p->taken[i], want))
			return p->taken[i].end;
	return 0;
}

/* Lowest room inside one entry, 0: none. */
static uint64_t room_in(const struct place *p, struct range entry,
			uint64_t bytes, uint64_t align)
{
	struct range want = { .start = entry.start };

	for (;;) {
		uint64_t taken;

		if (!checked_align(want.start, align, &want.start) ||
		    !checked_add(want.start, bytes, &want.end) ||
		    want.end > entry.end)
			return 0;
		taken = taken_end(p, want);
		if (!taken)
			return want.start;
		want.start = taken;
	}
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
			start = room_in(p, entry, bytes, align);
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
