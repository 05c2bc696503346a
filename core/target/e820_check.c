// SPDX-License-Identifier: MIT
/*
 * e820_check.c - checks the target's map. Looks at it anew, with nothing of
 * what e820.c made it by. See e820.h.
 */
#include "e820.h"

#include "checked.h"
#include "free.h"

uint64_t e820_owned_frames(const struct blob *blob,
			   const struct e820_report *report)
{
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < blob->memory_count; i++)
		bytes += range_bytes(blob->memory[i]);
	for (i = 0; i < blob->region_count; i++)
		bytes -= range_bytes(blob->region[i]);
	return (bytes >> HO_PAGE_SHIFT) - report->plugged_frames -
	       report->unplugged_frames;
}

/* A RAM entry must lie inside one free gap. */
static bool ram_is_free(const struct e820_entry *e, struct free_walk *w,
			struct free_gap *gap, int *more)
{
	while (*more > 0 && gap->place.end <= e->place.start)
		*more = free_next(w, gap);
	return *more > 0 && range_covers(gap->place, e->place);
}

/* Sorted, separate, none empty, and all of RAM and of the firmware's entries
 * are in it. */
static bool map_is_whole(const struct e820_map *map, const struct blob *blob)
{
	uint64_t memory_bytes = 0, covered = 0, end = 0;
	uint32_t i, firmware = 0;

	for (i = 0; i < blob->memory_count; i++)
		memory_bytes += range_bytes(blob->memory[i]);
	for (i = 0; i < map->count; i++) {
		const struct e820_entry *e = &map->entries[i];

		if (e->place.start < end || e->place.start >= e->place.end)
			return false;
		end = e->place.end;
		if (firmware < blob->firmware_count &&
		    blob->firmware[firmware].place.start == e->place.start)
			firmware++;
		else
			covered += range_bytes(e->place);
	}
	return covered == memory_bytes && firmware == blob->firmware_count;
}

bool e820_check(const struct e820_map *map, const struct blob *blob,
		const struct frametable_view *view)
{
	struct free_gap gap = { 0 };
	struct free_walk w;
	int more = free_walk_init(&w, blob, view) ? 0 : 1;
	uint32_t i;

	if (more)
		more = free_next(&w, &gap);
	for (i = 0; i < map->count; i++)
		if (map->entries[i].type == E820_RAM &&
		    !ram_is_free(&map->entries[i], &w, &gap, &more))
			return false;
	return map_is_whole(map, blob);
}

static bool ram_is_of_region(struct range ram, const struct blob *blob)
{
	uint32_t i;

	if (ram.end <= E820_LOW_END)
		return true;
	for (i = 0; i < blob->region_count; i++)
		if (range_covers(blob->region[i], ram))
			return true;
	return false;
}

bool e820_check_region(const struct e820_map *map, const struct blob *blob)
{
	uint32_t i;

	for (i = 0; i < map->count; i++)
		if (map->entries[i].type == E820_RAM &&
		    !ram_is_of_region(map->entries[i].place, blob))
			return false;
	return map_is_whole(map, blob);
}
